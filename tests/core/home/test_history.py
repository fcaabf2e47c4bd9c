"""Whether a home has run, and when it may be set aside."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.changes import MoveAside, WriteFile
from core.finding import Refusal
from core.home.history import History, check, read_history
from core.home.model import Home
from core.home.set_aside import may_set_aside, plan_set_aside
from core.keys.sign_state import SignState
from core.keys.surroundings import read_sign_state
from core.world import FileStat
from tests.core.keys.key_homes import FRESH_STATE, b64, make_home, opened, put, this_world
from tests.core.keys.test_model import vote

FILES = this_world().files
NEW = "new-1"
FRESH = SignState(0, 0, 0, "", "none")
RAN = SignState(7, 0, 3, "old-1", "read")


def signed_state(chain: str, height: int = 7) -> bytes:
    state = {
        "height": str(height),
        "round": 0,
        "step": 3,
        "signature": b64(bytes(64)),
        "signbytes": vote(chain, height).hex().upper(),
    }
    return json.dumps(state).encode()


def home_that_ran(path: Path, chain: str = "old-1", config: str = "") -> Home:
    make_home(path, state=signed_state(chain))
    put(path / "config" / "config.toml", config.encode())
    for name in ("state.db", "blockstore.db", "cs.wal"):
        (path / "data" / name).mkdir(parents=True)
    put(path / "config" / "addrbook.json", b"{}")
    return opened(path)


def history_of(home: Home) -> History:
    return read_history(FILES, home, read_sign_state(FILES, home).state)


def codes(findings: object) -> set[str]:
    return {finding.code for finding in findings}  # type: ignore[attr-defined]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process that holds a database lock as goleveldb does."""
    code = (
        "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.flock(f,fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout and process.stdin
    process.stdout.readline()
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize(
    ("agreed", "code", "severity"),
    [("old-1", "home-runs-agreed", "info"), ("other-1", "home-has-run", "warning"), ("", "home-has-run", "warning")],
)
def test_only_the_agreed_chain_is_left_alone(tmp_path: Path, agreed: str, code: str, severity: str) -> None:
    home = home_that_ran(tmp_path)
    (found,) = check(home, history_of(home), agreed)
    assert (found.code, found.severity.word) == (code, severity) and "old-1" in found.message
    assert ("set aside" in found.fix) == (code == "home-has-run")


def test_where_the_key_signed_nothing_yet_the_node_is_asked_first(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path)
    put(tmp_path / "data" / "priv_validator_state.json", FRESH_STATE)
    (found,) = check(home, history_of(home), "example-1")
    assert (found.code, found.severity.word) == ("home-has-run", "warning")
    assert "network is example-1" in found.fix


def test_a_fresh_home_has_no_history(tmp_path: Path) -> None:
    history = history_of(opened(make_home(tmp_path)))
    assert not history.has_run and history.frozen_genesis == "no" and history.running == "no"
    assert list(check(opened(tmp_path), history)) == []


def test_databases_freeze_the_genesis_even_at_height_0(tmp_path: Path) -> None:
    home = opened(make_home(tmp_path))
    (tmp_path / "data" / "blockstore.db").mkdir()
    history = history_of(home)
    assert history.frozen_genesis == "yes" and history.height == 0
    assert codes(check(home, history)) == {"home-has-run"}


def test_a_database_elsewhere_is_seen(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    put(home / "config" / "config.toml", f'db_dir = "{tmp_path}/db"'.encode())
    (tmp_path / "db" / "state.db").mkdir(parents=True)
    assert history_of(opened(home)).frozen_genesis == "yes"


def test_what_can_not_be_read_is_not_taken_for_no(tmp_path: Path) -> None:
    class Locked:
        def stat(self, path: Path, *, follow: bool = False) -> FileStat | None:
            raise Refusal()

        def names(self, folder: Path, limit: int = 0) -> tuple[str, ...]:
            raise Refusal()

        def read(self, path: Path, limit: int = 0, *, follow: bool = True) -> bytes | None:
            raise Refusal()

        def real(self, path: Path) -> Path:
            return path

    history = read_history(Locked(), opened(tmp_path), None)
    assert history.frozen_genesis == "unreadable"
    assert "home-data-unreadable" in codes(may_set_aside(history, FRESH, NEW))


def test_a_running_node_is_seen_by_its_lock(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path)
    with held(tmp_path / "data" / "state.db" / "LOCK"):
        history = history_of(home)
        assert history.running == "yes"
        assert "home-running" in codes(may_set_aside(history, RAN, NEW))
        with pytest.raises(Refusal):
            plan_set_aside(home, history, NEW)
    assert history_of(home).running == "no"


def test_a_home_that_ran_is_set_aside_by_renaming(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path)
    data, book = tmp_path / "data", tmp_path / "config" / "addrbook.json"
    state = data / "priv_validator_state.json"
    changes = plan_set_aside(home, history_of(home), NEW)
    assert [type(change) for change in changes] == [MoveAside, MoveAside, WriteFile]
    first, second, third = changes
    assert isinstance(first, MoveAside) and (first.path, first.to) == (data, tmp_path / "data.aside-1")
    assert first.only_stopped and "old-1" in first.reason
    assert isinstance(second, MoveAside) and second.path == book
    assert isinstance(third, WriteFile) and (third.path, third.before, third.after) == (state, None, FRESH_STATE)
    keys = {home.files.validator_key, home.files.node_key}
    assert not keys & {change.path for change in changes if not isinstance(change, str)}  # type: ignore[attr-defined]


def test_the_next_free_number_is_taken(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path)
    (tmp_path / "data.aside-1").mkdir()
    put(tmp_path / "config" / "addrbook.json.aside-2", b"{}")
    first = plan_set_aside(home, history_of(home), NEW)[0]
    assert isinstance(first, MoveAside) and first.to.name == "data.aside-3"


def test_logs_and_states_outside_the_data_folder_are_thought_of(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path / "home", config=f'db_dir = "{tmp_path}/db"')
    (tmp_path / "db" / "state.db").mkdir(parents=True)
    changes = plan_set_aside(home, history_of(home), NEW)
    moved = {change.path for change in changes if isinstance(change, MoveAside)}
    assert moved == {tmp_path / "db", tmp_path / "home" / "data" / "cs.wal", home.files.address_book}
    (write,) = [change for change in changes if isinstance(change, WriteFile)]
    assert write.before == signed_state("old-1")


def test_a_data_folder_that_holds_the_keys_is_not_renamed(tmp_path: Path) -> None:
    for db_dir in (".", "config", ""):
        home = home_that_ran(tmp_path / f"h{db_dir}", config=f'db_dir = "{db_dir}"')
        found = codes(may_set_aside(history_of(home), RAN, NEW))
        assert found == (set() if db_dir == "" else {"home-data-holds-config"})


def test_a_state_inside_the_key_file_is_refused(tmp_path: Path) -> None:
    home = opened(make_home(tmp_path), "tendermint-0.22")
    assert "home-state-in-key-file" in codes(may_set_aside(history_of(home), RAN, NEW))


@pytest.fixture
def stopped(tmp_path: Path) -> History:
    return history_of(home_that_ran(tmp_path))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (FRESH, set()),
        (RAN, set()),
        (replace(RAN, chain_id=NEW), {"home-same-chain"}),
        (SignState(7, 0, 3, "", "none"), {"home-signed-chain-unknown"}),
        (SignState(7, 0, 3, "", "unreadable"), {"home-signed-chain-unknown"}),
        (SignState(0, 0, 0, "", "unreadable"), {"home-signed-chain-unknown"}),
        (None, {"home-sign-state-unknown"}),
    ],
)
def test_it_depends_on_what_the_key_signed(stopped: History, state: SignState | None, expected: set[str]) -> None:
    assert codes(may_set_aside(stopped, state, NEW)) == expected


def test_with_a_remote_signer_the_local_state_does_not_count(stopped: History) -> None:
    assert may_set_aside(replace(stopped, remote_signer=True), None, NEW) == ()


@given(
    st.builds(
        SignState,
        st.integers(0, 9),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(["", NEW, "old-1"]),
        st.sampled_from(["none", "read", "unreadable"]),
    ),
    st.sampled_from(["no", "yes", "unreadable"]),
)
def test_never_on_the_same_chain_never_unknown_never_running(state: SignState, running: str) -> None:
    history = History("yes", (), state.height, state.chain_id, running, False, True, 1, state)  # type: ignore[arg-type]
    allowed = not may_set_aside(history, state, NEW)
    safe = (state.sign_bytes == "read" and state.chain_id != NEW) or (state.height == 0 and state.sign_bytes == "none")
    assert allowed == (safe and running == "no")


def test_our_own_look_leaves_no_lock_behind(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path)
    lock = put(tmp_path / "data" / "state.db" / "LOCK", b"")
    history_of(home)
    handle = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(handle)


def test_a_chain_before_the_last_one_is_known_by_the_folder_that_was_set_aside(tmp_path: Path) -> None:
    """The sign state names the last chain alone; a key that came back to the first would sign its heights twice."""
    home = home_that_ran(tmp_path, chain="second-1")
    home_that_ran(tmp_path / "older", chain="first-1")
    (tmp_path / "older" / "data").rename(tmp_path / "data.aside-1")
    history = history_of(home)
    refused = {chain: may_set_aside(history, history.sign_state, chain) for chain in ("first-1", "third-1")}
    assert [one.code for one in refused["first-1"]] == ["home-same-chain"] and refused["third-1"] == ()
    assert "data.aside-1" in refused["first-1"][0].message


def test_a_key_without_a_sign_state_is_not_said_to_have_never_run(tmp_path: Path) -> None:
    assert history_of(opened(make_home(tmp_path / "fresh"))).never_ran
    assert history_of(opened(tmp_path / "nothing")).never_ran
    for number, state in enumerate((b"", b"{}", b"{")):
        assert not history_of(opened(make_home(tmp_path / str(number), state=state))).never_ran


def test_no_advice_makes_a_new_key_where_the_old_one_may_be_in_a_genesis(tmp_path: Path) -> None:
    history = history_of(opened(make_home(tmp_path, state=b"")))
    (finding,) = may_set_aside(history, None, "new-1")
    assert "Restore" in finding.fix and "genesis names this one" in finding.fix
