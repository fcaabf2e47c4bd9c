"""What a path goes through, link by link and folder by folder: whoever owns one of them decides where it leads."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from ..finding import Refusal, error
from .errors import told
from .folder import Folder, is_folder, refuse_owner, refuse_writable

_MOST_LINKS = 40
"""As many as the kernel follows."""


def standing_folder(path: Path) -> Path:
    """The nearest folder at or above ``path`` that exists."""
    while not is_folder(path) and path != path.parent:
        path = path.parent
    return path


def refuse_foreign(path: Path) -> None:
    """As root, raise Refusal if another user decides where ``path`` leads.

    ``link-owner``: a link on the way that neither root nor this user owns. ``folder-owner``, ``folder-writable``: a
    folder on the way whose entries a third user can swap; the owner of the folder at its end may, who owns what is
    written there. Without root's rights a user can lose nothing that they do not own.
    """
    if os.geteuid() != 0:
        return
    with told(path):
        owner = os.lstat(standing_folder(Path(os.path.realpath(path)))).st_uid
        for at, seen in _passed(Path.cwd() / path):
            if stat.S_ISLNK(seen.st_mode):
                _refuse_link(at, seen.st_uid)
            elif stat.S_ISDIR(seen.st_mode):
                refuse_owner(at, seen.st_uid, owner)
                refuse_writable(at, stat.S_IMODE(seen.st_mode))


def hold(path: Path, mode: int = 0o700) -> Folder:
    """The folder to which ``path`` leads, held open; made with ``mode`` where it is missing.

    Raises Refusal as :func:`refuse_foreign`.
    """
    refuse_foreign(path)
    return made(Path(os.path.realpath(path)), mode)


def made(path: Path, mode: int = 0o700) -> Folder:
    """The folder ``path``, held open; made where it is missing. Raises Refusal if a link is on the way to it."""
    here = standing_folder(path)
    held = Folder(here)
    for name in path.relative_to(here).parts:
        with held:
            held.make_folder(name, mode)
            below = Folder(held.path / name)
        held = below
    return held


def _passed(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Every link and folder that the kernel goes through on the way to ``path``, itself included where it exists."""
    rest, at, links = list(reversed(path.parts[1:])), Path(path.anchor), 0
    while rest:
        name = rest.pop()
        if name == "..":
            at = at.parent
            continue
        here = at / name
        try:
            seen = os.lstat(here)
        except (FileNotFoundError, NotADirectoryError):
            return
        yield here, seen
        if not stat.S_ISLNK(seen.st_mode):
            at = here
            continue
        links += 1
        if links > _MOST_LINKS:
            return
        leads = Path(os.readlink(here))
        at = Path(leads.anchor) if leads.is_absolute() else at
        rest += reversed(leads.parts[1:] if leads.is_absolute() else leads.parts)


def _refuse_link(link: Path, uid: int) -> None:
    if uid in {0, os.geteuid()}:
        return
    who = f"user {uid}{_name(uid)}"
    message = f"{link} is a link of {who}, which leads to {os.readlink(link)}; expected root's: {who} can change it"
    fix = (
        f"Run quorate as user {uid}. Or check where the link leads, then make it root's: "
        f"`chown -h root {shlex.quote(str(link))}`"
    )
    raise Refusal(error("link-owner", link, message, fix))


def _name(uid: int) -> str:
    try:
        return f" ({pwd.getpwuid(uid).pw_name})"
    except KeyError:
        return ""
