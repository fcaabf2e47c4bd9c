"""What a card can be filled with: the home, the program, and the card that was signed before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..finding import Refusal
from ..home.model import Home
from ..keys.step import KeysFacts
from ..world import World
from .model import NodeCard
from .typed import read_address

if TYPE_CHECKING:
    from ..documents.document import Document

_VERSION = re.compile(rb"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card can be filled with."""

    network: str
    home: Home | None
    """None for a coordinator without a node, who has no card."""
    node_key: bytes | None
    validator_key: bytes | None
    """From the home; None with a remote signer until the answer tells it."""
    remote_signer: str
    told_key: str
    """The validator key as it was answered in the step keys."""
    latest: NodeCard | None
    """The newest card of this node that was signed for this network."""
    hostname: str
    """Where config.toml or the machine says that the node is; may be empty."""
    software: str
    signed: Document | None = None
    """``latest`` with its signature."""


async def gather(world: World, keys: KeysFacts) -> CardFacts:
    """Raises Refusal as ``State.documents``."""
    assert world.state is not None
    state, public = world.state, keys.keys
    found = own_document(state.documents(), state.network, public.node_key)
    return CardFacts(
        state.network,
        keys.home,
        public.node_key,
        public.validator_key,
        public.remote_signer,
        state.local.answers.get("keys", {}).get("validator_key", ""),
        found[1] if found else None,
        _machine_name(world),
        await _software(world, keys.home),
        found[0] if found else None,
    )


def _machine_name(world: World) -> str:
    try:
        name = (world.files.read(Path("/etc/hostname"), 1024) or b"").decode("ascii", "replace").strip().lower()
    except Refusal:
        return ""
    return name if "." in name and read_address(name, "host").address else ""


async def _software(world: World, home: Home) -> str:
    """``tendermint 0.34.24``, from the program's own ``version``, which touches no home."""
    for name in home.profile.commands.programs:
        program = world.processes.find(name)
        if program is None:
            continue
        try:
            done = await world.processes.run((str(program), "version"), seconds=5)
        except Refusal:
            continue
        lines = done.stdout.split()
        if done.code == 0 and lines and _VERSION.fullmatch(lines[-1]):
            return f"{name} {lines[-1].decode('ascii')}"
    return ""


def own_card(documents: tuple[Document, ...], network: str, node_key: bytes | None) -> NodeCard | None:
    """The newest card for ``network`` that ``node_key`` signed."""
    found = own_document(documents, network, node_key)
    return found[1] if found else None


def own_document(
    documents: tuple[Document, ...], network: str, node_key: bytes | None
) -> tuple[Document, NodeCard] | None:
    """As ``own_card``, with the document that holds it."""
    read = ((one, NodeCard.parse(one.payload)[0]) for one in documents if one.kind == "card")
    own = [(one, card) for one, card in read if card and card.network == network and card.node_public == node_key]
    return max(own, key=lambda pair: pair[1].serial, default=None)
