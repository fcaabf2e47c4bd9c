"""Whether a home has run, as its files tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..finding import Finding, Refusal, error, info, warning
from ..keys.sign_state import SignState
from ..keys.surroundings import older_data
from ..world import Files
from .model import Home

Answer = Literal["no", "yes", "unreadable"]

_DATABASES = ("state.db", "blockstore.db")
"""Either one, at any height, means that the genesis was stored or hashed (node.go, LoadStateFromDB...)."""
OTHER_KEY = (
    "A home with another validator key (quorate keys new --home DIR) is another validator: it helps only while no "
    "genesis names this one, or once all members have accepted a record with the other."
)
_TRACES = ("evidence.db", "tx_index.db", "mempool.wal", "snapshots")


@dataclass(frozen=True, slots=True)
class History:
    frozen_genesis: Answer
    signs: tuple[Path, ...]
    """What a run leaves behind, as far as it is there: databases, the consensus log, the address book."""
    height: int | None
    """Height that the key last signed; None where it is not known."""
    chain_id: str
    """Chain that the key last signed on; empty where it is not known."""
    running: Answer
    remote_signer: bool
    data_exists: bool
    next_aside: int
    """The first number that is free for ``data.aside-N`` and ``addrbook.json.aside-N``."""
    sign_state: SignState | None = None
    key_exists: bool = False
    """Whether there is a validator key file, which may have signed."""
    older: tuple[tuple[Path, SignState], ...] = ()
    """Data folders that were set aside, as far as their sign state can be read."""
    state_content: bytes | None = None
    """The sign state file where it lies outside the data folder, as it stands."""
    obstacles: tuple[Finding, ...] = ()
    """Why this layout can not be set aside whatever the chain is."""

    @property
    def has_run(self) -> bool:
        return self.frozen_genesis == "yes" or bool(self.signs) or bool(self.height)

    @property
    def never_ran(self) -> bool:
        """False also where that is not known: without a sign state a key may have signed on another machine."""
        knows = self.sign_state is not None or self.remote_signer or not self.key_exists
        return not self.has_run and self.frozen_genesis == "no" and knows


def read_history(files: Files, home: Home, state: SignState | None) -> History:
    """What the files of ``home`` tell. ``state`` is the sign state as the key facts have it. Never raises Refusal."""
    return History(
        frozen_genesis=_any(files, home.files.data, _DATABASES),
        signs=_signs(files, home),
        height=state.height if state else None,
        chain_id=state.chain_id if state else "",
        running=_running(home.files.data),
        remote_signer=bool(home.remote_signer),
        data_exists=_any(files, home.files.data.parent, (home.files.data.name,)) == "yes",
        next_aside=_next_aside(files, home),
        sign_state=state,
        key_exists=_any(files, home.files.validator_key.parent, (home.files.validator_key.name,)) != "no",
        older=tuple((path, found.state) for path, found in older_data(files, home) if found.state is not None),
        state_content=_state_outside(files, home),
        obstacles=(*_state_in_key_file(home), *_layout(home)),
    )


def check(home: Home, history: History, agreed_chain: str = "") -> Iterator[Finding]:
    """What a member should know before a genesis is installed; the refusals are in :mod:`.set_aside`.

    ``agreed_chain``: chain id of the record in force, where genesis.json in the home is that record's; else empty.
    """
    data = home.files.data
    if history.frozen_genesis == "unreadable":
        said = f"Whether {data} holds a chain can not be read."
        yield error("home-data-unreadable", data, said, "Run quorate as the owner of the home.")
    if history.has_run:
        yield _has_run(data, history, agreed_chain)
    if history.running == "yes":
        said = f"A running node holds a lock in {data}; expected a stopped one for anything that changes its files."
        yield info("home-running", data, said, "Stop the node before files are changed.")
    if history.running == "unreadable":
        said = f"Whether a node runs on {data} can not be told."
        yield warning("home-running-unknown", data, said, "Run quorate as the owner of the home.")


def _has_run(data: Path, history: History, agreed_chain: str) -> Finding:
    seen = ", ".join(path.name for path in history.signs) or f"a sign state at height {history.height}"
    if agreed_chain and history.chain_id == agreed_chain:
        said = f"This home runs the agreed chain {agreed_chain}, whose genesis.json it has: there is {seen}."
        return info("home-runs-agreed", data, said)
    if agreed_chain and not history.chain_id:
        said = (
            f"This home has run, and its key signed on no chain yet: there is {seen}; genesis.json is the agreed one."
        )
        fix = (
            f"Ask the node for its status: where its network is {agreed_chain} and it first started with this "
            "genesis.json, leave it as it is. Else set its data aside, with the node stopped."
        )
        return warning("home-has-run", data, said, fix)
    on = f" on chain {history.chain_id}" if history.chain_id else ""
    said = f"This home has run{on}: there is {seen}. The node keeps its old genesis; expected a home that never ran."
    fix = "Stop the node, then have the old data set aside by the step genesis; nothing is deleted."
    return warning("home-has-run", data, said, fix)


def _state_in_key_file(home: Home) -> Iterator[Finding]:
    if home.files.sign_state is None:
        name = home.files.validator_key.name
        said = f"The sign state of {home.profile.name} stands inside {name}, and key files are never edited."
        fix = f"Leave this home as it is, and make one for the new chain beside it. {OTHER_KEY}"
        yield error("home-state-in-key-file", home.files.validator_key, said, fix)


def _layout(home: Home) -> Iterator[Finding]:
    """A data folder that holds the keys or the configuration can not be renamed without them."""
    data, files = home.files.data, home.files
    held = [path for path in (files.config, files.validator_key, files.node_key, files.genesis) if data in path.parents]
    if held or data == home.path:
        inside = held[0] if held else home.path
        said = f"The data folder {data} holds {inside}, which must stay where it is."
        fix = "Give the databases a folder of their own: db_dir in config.toml."
        yield error("home-data-holds-config", data, said, fix)


def _any(files: Files, folder: Path, names: tuple[str, ...]) -> Answer:
    try:
        return "yes" if any(files.stat(folder / name) for name in names) else "no"
    except Refusal:
        return "unreadable"


def _signs(files: Files, home: Home) -> tuple[Path, ...]:
    databases = (home.files.data / name for name in (*_DATABASES, *_TRACES))
    places = (*databases, home.files.write_ahead, home.files.address_book)
    return tuple(path for path in places if _any(files, path.parent, (path.name,)) == "yes")


def _running(data: Path) -> Answer:
    from ..disk.running import held_locks

    try:
        return "yes" if held_locks(data) else "no"
    except Refusal:
        return "unreadable"


def _next_aside(files: Files, home: Home) -> int:
    taken = (home.files.data, home.files.write_ahead, home.files.address_book)
    number = 1
    while any(_any(files, path.parent, (f"{path.name}.aside-{number}",)) == "yes" for path in taken):
        number += 1
    return number


def _state_outside(files: Files, home: Home) -> bytes | None:
    state = home.files.sign_state
    if state is None or home.files.data in state.parents:
        return None
    try:
        return files.read(state)
    except Refusal:
        return None
