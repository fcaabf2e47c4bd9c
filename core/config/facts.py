"""What the step ``config`` found: plain values, from which its plan is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from ..card.model import NodeCard, UnsignedEntry
from ..finding import Finding
from ..profiles.profile import Profile
from .model import NodeConfig, read_config
from .peers import parse_dial
from .settings import Neighbour
from .surroundings import Surroundings


class Member(Protocol):
    """What is needed of a member of the record."""

    @property
    def moniker(self) -> str: ...
    @property
    def node_id(self) -> str: ...
    @property
    def node_key(self) -> bytes: ...
    @property
    def validator_key(self) -> bytes: ...
    @property
    def dial(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class ConfigFacts:
    path: Path | None
    """The config.toml at hand: the home's, or the one given instead; None where there is neither."""
    data: bytes | None
    """Its bytes; None where it is not there."""
    profile: Profile
    environ: tuple[tuple[str, str], ...]
    """The variables that could override it, sorted."""
    around: Surroundings
    """What the file refers to, as this machine has it."""
    moniker: str
    """As the record has it; empty where this node is not in it."""
    members: tuple[Neighbour, ...]
    """All members of the record in force, this one too; empty without a record."""
    seen: tuple[Finding, ...] = ()
    """What was noticed beside the file itself."""

    @cached_property
    def config(self) -> NodeConfig:
        """The values that the file says, without the environment."""
        return read_config(self.data, self.profile)

    @property
    def node_id(self) -> str:
        """Of this node; empty where it is not known."""
        return self.around.own_id

    @property
    def addresses(self) -> tuple[str, ...]:
        """``host:port`` of this node as its card has them, without sentries."""
        own = (peer for member in self.members if member.node_id == self.node_id for peer in member.peers)
        return tuple(peer.text.split("@")[1] for peer in own if peer.node_id == self.node_id)

    @property
    def dialled(self) -> int | None:
        """The port at which the others dial this node, of the first of ``addresses``; None without a card."""
        return int(self.addresses[0].rpartition(":")[2]) if self.addresses else None


def neighbours(members: Iterable[Member]) -> tuple[Neighbour, ...]:
    """The members of a record, with the addresses that can be dialled."""
    return tuple(
        Neighbour(
            member.moniker,
            member.node_id,
            tuple(peer for dial in member.dial if (peer := parse_dial(dial)) is not None),
            member.node_key,
            member.validator_key,
        )
        for member in members
    )


def of_cards(cards: Iterable[NodeCard | UnsignedEntry]) -> tuple[Neighbour, ...]:
    """Those whom cards or entries name, while there is no record."""
    return tuple(
        Neighbour(
            card.moniker,
            card.node_id,
            tuple(peer for dial in card.dial if (peer := parse_dial(dial)) is not None),
            card.node_public if isinstance(card, NodeCard) else b"",
            card.validator_public,
        )
        for card in cards
    )


def overriding(environ: Mapping[str, str], profile: Profile) -> tuple[tuple[str, str], ...]:
    """The variables that can matter, so that nothing else of the environment is kept."""
    return tuple(sorted((name, value) for name, value in environ.items() if name.startswith(profile.config_prefixes)))
