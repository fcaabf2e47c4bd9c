"""The one place of the command line that writes files: exports that were asked for by path. Never over a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..finding import Refusal, error


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write new files into ``folder``, made where missing. Names are ours, never foreign text.

    A file that is there with the same content is left; with another, Refusal (``export-exists``).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise _unwritable(folder, failure) from failure
    return tuple(write_file(folder / name, content) for name, content in files.items())


def write_file(path: Path, content: bytes) -> Path:
    """Write one new file, 0644. Raises Refusal (``export-exists``, ``export-unwritable``)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
            return path
        raise Refusal(
            error("export-exists", path, "a file with another content stands there", "Name another place, or move it.")
        ) from None
    except OSError as failure:
        raise _unwritable(path, failure) from failure
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), 0o644)
    return path


def _unwritable(path: Path, failure: OSError) -> Refusal:
    return Refusal(error("export-unwritable", path, f"can not be written: {failure.strerror}", "Name another place."))
