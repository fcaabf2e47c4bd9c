"""Reading files: bounded, and never caught in a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.adapters import LocalFiles
from core.finding import Refusal

FILES = LocalFiles()


def code(path: Path, follow: bool = True, limit: int = 1 << 20) -> str:
    with pytest.raises(Refusal) as caught:
        FILES.read(path, limit, follow=follow)
    return caught.value.findings[0].code


def test_nothing_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for path in (tmp_path / "x", tmp_path / "file/x", tmp_path / "dangling"):
        assert FILES.read(path) is None
    assert FILES.stat(tmp_path / "x") is None is FILES.stat(tmp_path / "file/x")
    assert FILES.names(tmp_path / "x") == ()


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert FILES.read(path, 5) == b"12345" and code(path, limit=4) == "file-too-large"
    assert code(Path("/dev/zero")) == "file-not-regular" and len(FILES.read(Path("/proc/self/status")) or b"") > 0


def test_a_link_is_followed_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to("a")
    assert FILES.read(tmp_path / "link") == b"1" and code(tmp_path / "link", follow=False) == "file-not-regular"


def test_a_pipe_or_folder_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for follow in (True, False):
        assert code(tmp_path / "pipe", follow) == code(tmp_path, follow) == "file-not-regular"


def test_strange_paths_are_findings(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / ("x" * 300), Path("a\0b"), tmp_path / "loop"):
        assert code(path) == "file-unreadable"


def test_what_stands_there_is_told_without_following(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"123")
    path.chmod(0o640)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    seen = FILES.stat(path)
    assert seen is not None and (seen.kind, seen.mode, seen.size, seen.uid) == ("file", 0o640, 3, os.getuid())
    kinds = [found.kind for name in ("link", "pipe", ".") if (found := FILES.stat(tmp_path / name))]
    assert kinds == ["link", "other", "folder"]


def test_names_are_sorted_and_counted(tmp_path: Path) -> None:
    for name in "cab":
        (tmp_path / name).touch()
    assert FILES.names(tmp_path) == ("a", "b", "c")
    with pytest.raises(Refusal) as caught:
        FILES.names(tmp_path, 2)
    assert caught.value.findings[0].code == "folder-too-large"


def test_a_real_place_is_behind_every_link_and_need_not_exist(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert FILES.real(tmp_path / "link/a/b") == tmp_path / "folder/a/b"
    assert FILES.real(tmp_path / "dangling") == tmp_path / "nowhere"
    assert FILES.real(tmp_path / "folder/../link") == tmp_path / "folder"


@pytest.mark.parametrize("name", ["genesis.json", "config.toml"])
@pytest.mark.parametrize(
    "content",
    [
        b'{"address": "AA", "priv_key": {"type": "tendermint/PrivKeyEd25519", "value": "c2VjcmV0"}}',
        b'{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"c2VjcmV0"}}',
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n",
    ],
)
def test_p1_a_private_key_is_read_under_no_name(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refusal) as caught:
        LocalFiles().read(path)
    (finding,) = caught.value.findings
    assert finding.code == "file-private-key" and "c2VjcmV0" not in finding.message


def test_a_name_that_no_file_can_have_leads_nowhere() -> None:
    assert FILES.real(Path("a\0b")) == Path("a\0b")
