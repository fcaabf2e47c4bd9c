"""The renames of a held folder: over nothing, and of two names at once; also where the kernel has neither."""

from __future__ import annotations

import os
import stat
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from core.disk.folder import Folder
from core.finding import Refusal
from tests.core.apply.ground import codes
from tests.core.apply.older_kernel import forbid_renameat2, is_possible

NOBODY = 65534


def _in_a_child(act: Callable[[], None]) -> None:
    child = os.fork()
    if not child:
        try:
            act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("older", [False, True], ids=["renameat2", "older"])
@pytest.mark.parametrize("taken", ["file", "folder", "dangling link"])
def test_p7_a_rename_replaces_nothing(tmp_path: Path, taken: str, older: bool) -> None:
    if older and not is_possible():
        pytest.skip("the number of renameat2 on this machine is not known: an older kernel was not tried")
    (tmp_path / "a").write_bytes(b"ours")
    match taken:
        case "file":
            (tmp_path / "b").write_bytes(b"theirs")
        case "folder":
            (tmp_path / "b").mkdir()
        case _:
            (tmp_path / "b").symlink_to("nowhere")
    before = os.lstat(tmp_path / "b")

    def rename() -> None:
        if older:
            forbid_renameat2()
        with Folder(tmp_path) as folder:
            with pytest.raises(Refusal) as caught:
                folder.rename_new("a", "b")
            assert codes(caught.value) == ["plan-stale"] and str(tmp_path / "b") in caught.value.findings[0].message
            folder.rename_new("a", "c")

    _in_a_child(rename)
    assert os.lstat(tmp_path / "b") == before
    assert (tmp_path / "c").read_bytes() == b"ours" and not (tmp_path / "a").exists()


@pytest.mark.parametrize("older", [False, True], ids=["renameat2", "older"])
def test_two_names_are_exchanged_or_nothing_is_done(tmp_path: Path, older: bool) -> None:
    if older and not is_possible():
        pytest.skip("the number of renameat2 on this machine is not known: an older kernel was not tried")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("nowhere")

    def exchange() -> None:
        if older:
            forbid_renameat2()
        with Folder(tmp_path) as folder:
            assert folder.exchange("a", "b") is not older

    _in_a_child(exchange)
    assert (tmp_path / "a").is_symlink() is not older and (tmp_path / "b").is_symlink() is older


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders to another user")
def test_a_new_folder_is_like_the_old_one_and_writable_for_nobody_else(tmp_path: Path) -> None:
    for name, owner, mode in (("a", NOBODY, 0o755), ("b", 0, 0o777)):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, owner, owner)
        (tmp_path / name).chmod(mode)
        with Folder(tmp_path) as folder:
            folder.make_folder_like(f"new {name}", name)
        seen = (tmp_path / f"new {name}").stat()
        assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (owner, owner, 0o755)
