"""What there is to say of a proposed record beside what anybody would say of it: its members, its base, its fields."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from dataclasses import replace

from ..agreement.changes import record_changes
from ..agreement.exchange import KnownCard, KnownEntry, moniker_of, node_id_of
from ..agreement.record import NetworkRecord
from ..finding import Finding, Severity, error, info, warning
from ..way import Blank, once, way
from .facts import NEW, NetworkFacts
from .owner_words import default_threshold
from .settings import Settings

SEVERAL = 3
"""Members with quorate from which on one owner alone is not the usual answer."""
_MOST_CHANGES = 50
_FIELDS = (
    ("consensus_params", "parameters"),
    ("genesis.params", "parameters"),
    ("genesis.genesis_time", "genesis_time"),
    ("genesis.chain_id", "chain_id"),
    ("validators", "power"),
)
"""Where a finding's subject begins so, the field that it comes from."""


def changes(old: NetworkRecord, new: NetworkRecord) -> Iterator[Finding]:
    """What a next version changes, by meaning."""
    for one in record_changes(old, new)[:_MOST_CHANGES]:
        message = f"{one.field}: {one.old or 'none'} -> {one.new or 'none'}"
        yield info("network-change", one.subject, f"version {new.version} changes {message}")


def at_field(finding: Finding) -> Finding:
    """What is wrong with the payload, told at the field that it comes from."""
    field = next((field for begins, field in _FIELDS if finding.subject.startswith(begins)), None)
    return finding if field is None or finding.severity < Severity.WARNING else replace(finding, subject=field)


def about_base(facts: NetworkFacts, record: NetworkRecord) -> Iterator[Finding]:
    """What a next version changes, which voids what was signed, and whom it would exclude."""
    base = facts.base
    if base is None or record.id == base.id:
        return
    yield from changes(base, record)
    if record.section.canonical != base.section.canonical:
        tally = facts.current.tally
        have = f"; {tally.sentence} so far" if tally else ""
        yield warning(
            "network-new-genesis",
            "chain_id",
            f"version {record.version} has another genesis than version {base.version}, and so the chain id "
            f"{record.chain_id} instead of {base.chain_id}: no acceptance counts any more{have}",
            "Where the network runs already, leave power, time and parameters as they are, and give a new member "
            f"power 0: --set power=MONIKER=0{_who_left(base, record)}",
        )
    for one in facts.current.offered:
        if one.record.previous == base.id and one.id != record.id:
            yield warning(
                "network-version-waits",
                f"record {one.id[:8]}",
                f"another version {one.version} ({one.id[:8]}) waits for signatures already; with both signed neither "
                "is in force",
                "Settle with the owners which one it is to be, before you sign a second one.",
            )


def _who_left(base: NetworkRecord, record: NetworkRecord) -> str:
    names = [one.moniker for one in base.members if one.power and record.member(one.node_id) is None]
    if not names:
        return ""
    who = ", ".join(names)
    return (
        f"    A genesis keeps its validators: {who} must stay in the record of a network that runs (quorate peers "
        f"approve {shlex.join(names)}), also where the node no longer runs. Their power is taken on the chain."
    )


def about_choice(facts: NetworkFacts, chosen: str) -> Iterator[Finding]:
    known = {one.id: one for one in facts.current.records}
    if chosen and chosen != NEW and chosen not in known:
        ids = ", ".join(known) or "none"
        yield error("network-record", "record", f'"{chosen}" is no record that is here; there are: {ids}', "Name one.")
    elif facts.strange is not None and chosen != NEW:
        owners = ", ".join(owner.name for owner in facts.strange.owners)
        yield error(
            "network-other-founder",
            "record",
            f"record {facts.strange.id} of the owners {owners} came under the name of this network; you neither made, "
            "signed nor accepted it",
            f"Is it the agreed one, compare its 8 words and answer its id: --set record={facts.strange.id}    Do you "
            f"make the record, answer: --set record={NEW}",
        )


def about_owners(facts: NetworkFacts, settings: Settings, answered: str) -> Iterator[Finding]:
    """Where the loss of one key would leave the record as it is for ever. ``answered``: that this is meant."""
    signed = sum(one.node_key is not None for one in facts.members)
    if signed < SEVERAL or settings.threshold < len(settings.owners):
        return
    names = ", ".join(owner.name for owner in settings.owners)
    if len(settings.owners) > 1:
        yield warning(
            "network-all-owners",
            "threshold",
            f"all {len(settings.owners)} owners ({names}) must sign; if one of them loses the key, no later version "
            "can ever be made",
            f"Ask for fewer, such as more than half: --set threshold={default_threshold(len(settings.owners))}",
        )
        return
    message = f"{names} alone would own the record; if that key is lost, no later version can ever be made"
    fix = "Let all members own it: --set owners=members    Is one owner meant, answer: --set one_owner=yes"
    meant = answered.lower() == "yes" or (facts.base is not None and facts.base.owners == settings.owners)
    yield (warning if meant else error)("network-one-owner", "one_owner", message, fix)


def about_members(facts: NetworkFacts) -> Iterator[Finding]:
    if not facts.members:
        yield error(
            "network-no-members",
            "members",
            "no card is approved yet, and a network needs at least one member",
            "Import the members' cards and approve them: quorate import FILE, quorate peers approve MEMBER",
            way=once("the members' cards", "import", Blank("FILE")),
        )
    for name in facts.current.missing(facts.members):
        yield error(
            "network-member-missing",
            name,
            f"{name} is expected, and not approved; they would be left out",
            f"Approve their card: quorate peers approve {shlex.quote(name)}    Or take them off the list, and name all "
            "others: quorate peers expect MONIKER MONIKER",
            way=way("peers", "approve", name),
        )
    kept = {one.node_id for one in facts.members if one.kept}
    for one in facts.current.undecided:
        yield _undecided(one, kept)


def _undecided(one: KnownCard | KnownEntry, kept: Collection[str]) -> Finding:
    name, node_id = moniker_of(one), node_id_of(one)
    decide = way(
        "peers", "approve", name, then=f"Or: {way('peers', 'refuse', name, '--reason', Blank('TEXT')).command}"
    )
    reason = f" ({one.decision.reason})" if one.decision and one.decision.reason else ""
    state = f"held{reason}" if one.decision and one.decision.verdict == "hold" else "neither approved nor refused"
    if node_id not in kept:
        message = f"the card of {name} is here, and {state}; it would be left out"
        return warning("network-member-undecided", name, message, way=decide)
    message = f"the card of {name} has changed and is {state}; the record would keep the one it has"
    return warning("network-member-kept", name, message, way=decide)
