"""A member's wizard on a network that all have agreed on: homes, cards and record, always with the same keys."""

from __future__ import annotations

from collections.abc import Sequence

from core.agreement.record import parse_record
from core.documents.document import Document
from tests.builders import MONIKERS, a_key, a_record
from tests.core.keys.key_homes import make_home, node_file, put, seed_of, validator_file

from .cards import came
from .driver import NETWORK, WizardDriver

INIT = b"""moniker = "machine-7"
log_level = "info"

[rpc]
laddr = "tcp://0.0.0.0:26657"

[p2p]
laddr = "tcp://0.0.0.0:26656"
external_address = ""
persistent_peers = ""
pex = true
send_rate = 5120000
recv_rate = 5120000

[mempool]
recheck = true

[consensus]
create_empty_blocks = true
"""
MISTAKES = INIT.replace(b'persistent_peers = ""\n', b'peristent_peers = "later"\n') + (
    b"\n[instrumentation]\ncreate_empty_blocks = false\n"
)
"""A key misspelt, and one of the documents' in the last table."""


def with_node(wizard: WizardDriver, moniker: str = "alice") -> WizardDriver:
    """The home of that member, whose keys are those of their card."""
    validator = validator_file(seed_of(f"key of {moniker} validator"))
    make_home(wizard.home, node=node_file(seed_of(f"key of {moniker}")), validator=validator)
    return wizard


def agreed(wizard: WizardDriver, config: bytes | None = INIT, members: Sequence[str] = MONIKERS[:4]) -> WizardDriver:
    """As alice, with the record of all in force, its genesis.json and that config.toml."""
    with_node(wizard).known()
    if config is not None:
        put(wizard.home / "config" / "config.toml", config, 0o644)
    record = the_record(members)
    wizard.state.add((record,))
    parsed, _ = parse_record(record.payload)
    assert parsed is not None
    put(wizard.home / "config" / "genesis.json", parsed.genesis_bytes(), 0o644)
    return wizard


def the_record(members: Sequence[str]) -> Document:
    return a_record([came(member) for member in members], network=NETWORK)


def id_of(moniker: str) -> str:
    return a_key(moniker).node_id
