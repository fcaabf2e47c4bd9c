"""How a home that has run is made fresh: its folders are renamed, never deleted, and keys are not touched."""

from __future__ import annotations

from collections.abc import Iterator

from ..changes import Change, MoveAside, WriteFile
from ..finding import Finding, Refusal, error
from ..keys.sign_state import SignState, fresh_sign_state
from .history import OTHER_KEY, History
from .model import Home


def may_set_aside(history: History, state: SignState | None, new_chain_id: str) -> tuple[Finding, ...]:
    """Why the data folder may not be set aside; empty where it may.

    A fresh sign state lets the key sign low heights again: that is safe exactly on a chain it never signed on.
    """
    return (
        *_not_while_running(history),
        *history.obstacles,
        *_not_same_chain(history, state, new_chain_id),
        *_not_an_earlier_chain(history, new_chain_id),
    )


def plan_set_aside(home: Home, history: History, new_chain_id: str) -> tuple[Change, ...]:
    """The changes that make a home that has run fresh. Keys are not touched.

    Raises Refusal with the findings of :func:`may_set_aside` where it may not be.
    """
    refused = may_set_aside(history, history.sign_state, new_chain_id)
    if refused:
        raise Refusal(*refused)
    return tuple(_changes(home, history))


def _not_while_running(history: History) -> Iterator[Finding]:
    if history.running != "no":
        known = (
            "A node runs on this home" if history.running == "yes" else "Whether a node runs on this home is unknown"
        )
        code = "home-running" if history.running == "yes" else "home-running-unknown"
        fix = "Stop the node and whatever restarts it (systemd, Monit, Docker), then do it again."
        yield error(code, "data", f"{known}; its data is set aside only while it is stopped.", fix)
    if history.frozen_genesis == "unreadable":
        said = "Whether the data folder holds a chain cannot be read."
        yield error("home-data-unreadable", "data", said, "Run quorate as the owner of the home.")


def _not_same_chain(history: History, state: SignState | None, new_chain_id: str) -> Iterator[Finding]:
    if history.remote_signer:
        return
    if state is None:
        said = "There is no sign state that can be read: which chain this key signed on is unknown."
        fix = f"Restore the sign state from the machine where this key signed last. {OTHER_KEY}"
        yield error("home-sign-state-unknown", "data", said, fix)
    elif state.sign_bytes == "read" and state.chain_id == new_chain_id:
        said = f"This key signed height {state.height} on {state.chain_id}, which is the new chain id."
        fix = "Choose a chain id that was never used: a fresh sign state would let the key sign a height twice."
        yield error("home-same-chain", "chain_id", said, fix)
    elif state.sign_bytes == "unreadable" or (state.height > 0 and state.sign_bytes != "read"):
        said = f"This key signed height {state.height}, and on which chain cannot be read."
        fix = f"Restore a sign state that names the chain, from your backup. {OTHER_KEY}"
        yield error("home-signed-chain-unknown", "data", said, fix)


def _not_an_earlier_chain(history: History, new_chain_id: str) -> Iterator[Finding]:
    """The sign state names only the last chain; the folders that were set aside name those before."""
    for path, state in history.older:
        if state.sign_bytes == "read" and state.chain_id == new_chain_id:
            said = f"A key of this home signed height {state.height} on {state.chain_id}, the new chain id: see {path}."
            fix = "Choose a chain id that was never used: a fresh sign state would let the key sign a height twice."
            yield error("home-same-chain", "chain_id", said, fix)


def _changes(home: Home, history: History) -> Iterator[Change]:
    aside = f".aside-{history.next_aside}"
    data, state = home.files.data, home.files.sign_state
    fresh = None
    if state is not None and not history.remote_signer:
        before = None if data in state.parents else history.state_content
        content = fresh_sign_state(round_quoted=home.profile.state_round_quoted)
        fresh = WriteFile(state, before, content, "on the new chain the key has signed nothing yet", mode=0o600)
    # Elsewhere it is written before the folder is set aside; inside, it is the first file of the new one.
    if fresh is not None and data not in fresh.path.parents:
        yield fresh
    if history.data_exists:
        why = f"it holds {f'chain {history.chain_id}' if history.chain_id else 'an older chain'}; nothing is deleted"
        yield MoveAside(data, data.with_name(data.name + aside), why, only_stopped=True)
    for path, why in (
        (home.files.write_ahead, "the node would replay the older chain's log"),
        (home.files.address_book, "its addresses are of the older chain"),
    ):
        if path in history.signs and data not in path.parents:
            yield MoveAside(path, path.with_name(path.name + aside), why)
    if fresh is not None and data in fresh.path.parents:
        yield fresh
