"""A record of a network that runs already: what its genesis.json answers, and whether both are one chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..agreement.current import Admitted
from ..agreement.record import NetworkRecord
from ..agreement.roster import member_of
from ..documents.ed25519 import to_base64
from ..finding import Finding, Refusal, error, info
from ..genesis.diff import diff
from ..genesis.model import Genesis, default_params
from ..profiles import profile as profile_of
from ..profiles.profile import Profile
from ..safe import safe
from ..way import Blank, way
from .powers import power_text
from .settings import parameters_text


def answers_of(genesis: Genesis, members: Sequence[Admitted], profile: Profile) -> dict[str, str]:
    """The answers of the step network that describe this genesis. Who is no validator in it has power 0."""
    powers = {one.key: one.power for one in genesis.validators}
    return {
        "chain_id": genesis.chain_id,
        "genesis_time": _seconds(genesis.genesis_time),
        "power": power_text((one.node_id, str(powers.get(_key(one), 0))) for one in members),
        "parameters": parameters_text(genesis.params or default_params(profile)),
    }


def time_of(genesis: Genesis) -> str:
    """As a record has it: without zeros at the end of a fraction (RFC 3339, as Go writes it)."""
    whole, dot, fraction = genesis.genesis_time.removesuffix("Z").partition(".")
    return f"{whole}.{fraction.rstrip('0')}Z" if dot and fraction.rstrip("0") else f"{whole}Z"


def _seconds(time: str) -> str:
    return time.partition(".")[0].removesuffix("Z").replace("T", " ")


def about_adopted(genesis: Genesis, record: NetworkRecord, members: Sequence[Admitted]) -> Iterator[Finding]:
    """Whether nodes that run with ``genesis`` and nodes that take theirs from ``record`` are on one chain."""
    yield from _validators(genesis, members)
    try:
        differences = diff(genesis, record.genesis(), profile_of(record.profile))
    except Refusal as refusal:
        yield from refusal.findings
        return
    wrong = [one for one in differences if not one.harmless and not one.path.startswith("validators")]
    for each in wrong:
        message = f"the network that runs has another {each.path} than the record would have: {each.message}"
        fix = "Leave the fields as they were taken from its genesis.json. What a record cannot hold is not adopted."
        yield error("network-adopt-differs", "adopt", message, fix)
    powers = {one.validator_key: one.power for one in record.voters}
    known = {one.key: one.power for one in genesis.validators}
    for one in members:
        here, there = powers.get(_key(one), 0), known.get(_key(one), 0)
        if here != there:
            message = f"{one.moniker} has power {there} in the network that runs, and would have {here} in the record"
            yield error("network-adopt-differs", "power", message, "Leave the powers as they were taken from there.")
    if not wrong:
        message = f"the record describes {safe(genesis.chain_id, 50)}, which runs already; no chain is changed by it"
        yield info("network-adopts", "adopt", message)


def _validators(genesis: Genesis, members: Sequence[Admitted]) -> Iterator[Finding]:
    here = {_key(one) for one in members}
    for one in genesis.validators:
        if one.key in here:
            continue
        named = f' "{safe(one.name, 60)}"' if one.name else ""
        message = f"the validator{named} {to_base64(one.key)} with power {one.power} is none of the approved members"
        values = ("--moniker", Blank("NAME"), "--address", Blank("HOST:26656"), "--node-id", Blank("ID"))
        enter = way("peers", "add", *values, "--key", to_base64(one.key))
        fix = f"Ask them for a card, or enter what show-node-id prints for them: {enter.command}    Then approve it."
        yield error("network-adopt-missing", "adopt", message, fix, way=enter)


def _key(member: Admitted) -> bytes:
    return member_of(member.source, 0).validator_key
