"""State is a function of the set of signed documents: order, duplicates and the way they travelled do not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain as chain_of

from ..card.model import NodeCard, UnsignedEntry
from ..documents.bulk import many_values
from ..documents.document import Document, Status
from ..documents.ed25519 import node_id
from ..finding import Finding, worst_first
from ..state import Decision, Local
from .acceptance import Acceptance, Attestation
from .checks import check_peers, two_cards
from .conflicts import conflict
from .content import Content
from .exchange import DocumentStatus, Exchange, KnownCard, KnownEntry
from .holders import holds
from .owners import SignedRecord, waits_for
from .reading import Read, read
from .succession import Succession, chain
from .tally import Tally, tally

Cards = dict[str, list[tuple[NodeCard, Document]]]


def reduce(
    documents: Iterable[Document], *, network: str, now: datetime, own: str | None = None, local: Local | None = None
) -> Exchange:
    """``now`` is aware; ``own`` is this operator's node id. The signatures are good already, as ``Document`` says.

    Raises Refusal as ``ed25519.is_good_point``, nothing else.
    """
    with many_values():
        return _reduced(documents, network, now, own, local or Local())


def _reduced(documents: Iterable[Document], network: str, now: datetime, own: str | None, said: Local) -> Exchange:
    reads = tuple(read(one, network) for one in merged(documents))
    cards = _by_node(reads)
    newest, disputed = _newest(cards, said.decisions, own if said.role == "coordinator" else None)
    unsigned, wrong = _unsigned(said, newest)
    acceptances = tuple(one.content for one in reads if isinstance(one.content, Acceptance))
    succession = chain(_records(reads, acceptances), trusted(reads, own), chosen(said))
    attestations = tuple(one.content for one in reads if isinstance(one.content, Attestation))
    bare = Exchange(
        network=network,
        now=now,
        own=own,
        local=said,
        documents=tuple(one.document for one in reads),
        cards=newest,
        unsigned=unsigned,
        disputed=disputed,
        succession=succession,
        acceptances=acceptances,
        attestations=attestations,
        contents=tuple(one.content for one in reads if one.content is not None),
        statuses=_statuses(reads, newest, disputed, succession),
    )
    bare = replace(bare, tally=_tally(bare))
    bare = replace(bare, agreement=_agreement(bare))
    told = chain_of.from_iterable(one.findings for one in reads)
    return replace(bare, findings=worst_first((*told, *wrong, *_disputes(cards), *bare.agreement, *check_peers(bare))))


def merged(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Each document once, with the signatures of all its copies, sorted by id."""
    whole: dict[tuple[str, str], Document] = {}
    for one in documents:
        key = (one.id, one.kind)
        known = whole.get(key)
        if known is None:
            whole[key] = one
        elif not one.signatures <= known.signatures:
            whole[key] = known.with_signatures(one.signatures)
    return tuple(whole[key] for key in sorted(whole))


def chosen(local: Local) -> frozenset[str]:
    """The record that this operator named in the step ``network``."""
    return frozenset(filter(None, (local.answers.get("network", {}).get("record", ""),)))


def trusted(reads: Iterable[Read], own: str | None) -> frozenset[str]:
    """The records that this operator accepted or signed with their node key."""
    found = set[str]()
    for one in reads:
        if own is None:
            break
        if isinstance(one.content, Acceptance) and one.content.node_id == own:
            found.add(one.content.record)
        if isinstance(one.content, SignedRecord) and any(node_id(by.key) == own for by in one.document.signatures):
            found.add(one.content.id)
    return frozenset(found)


def _by_node(reads: Iterable[Read]) -> Cards:
    """The cards of each node, the newest first."""
    cards: Cards = defaultdict(list)
    for one in reads:
        if isinstance(one.content, NodeCard):
            cards[one.content.node_id].append((one.content, one.document))
    for found in cards.values():
        found.sort(key=lambda pair: (-pair[0].serial, pair[1].id))
    return cards


def _newest(
    cards: Cards, decisions: Mapping[str, Decision], judge: str | None
) -> tuple[dict[str, KnownCard], dict[str, tuple[Document, ...]]]:
    """``judge``: node id of the coordinator, who need not approve the card that they signed themself."""
    newest: list[KnownCard] = []
    disputed: dict[str, tuple[Document, ...]] = {}
    for node, found in cards.items():
        same = tuple(other for one, other in found if one.serial == found[0][0].serial)
        if len(same) > 1:
            disputed[node] = same
            continue
        known = _in_use(found, decisions.get(node))
        own = node == judge and known.decision is None
        newest.append(replace(known, decision=Decision(known.document.id, "approve")) if own else known)
    newest.sort(key=lambda one: (one.card.moniker.casefold(), one.card.node_id))
    return {one.card.node_id: one for one in newest}, dict(sorted(disputed.items()))


def _in_use(found: list[tuple[NodeCard, Document]], decision: Decision | None) -> KnownCard:
    """Which of a node's cards, the newest first, counts: the newest, unless it was passed over."""
    at = next((at for at, (_, document) in enumerate(found) if decision and decision.card == document.id), None)
    used = at if at and decision and decision.over == found[0][1].id else 0
    card, document = found[used]
    return KnownCard(
        card,
        document,
        tuple(one for one, _ in found[used + 1 :]),
        decision if at == used else None,
        decision if at and not used else None,
        found[0][0] if used else None,
    )


def _decision(decisions: Mapping[str, Decision], node: str, card: str) -> Decision | None:
    decision = decisions.get(node)
    return decision if decision is not None and decision.card == card else None


def _unsigned(local: Local, cards: Mapping[str, KnownCard]) -> tuple[dict[str, KnownEntry], tuple[Finding, ...]]:
    """The entries of the state, without those whose node has sent a card."""
    entries: list[KnownEntry] = []
    findings: list[Finding] = []
    for node, body in local.unsigned.items():
        entry, wrong = UnsignedEntry.parse(body.encode("utf-8", "surrogatepass"))
        findings.extend(wrong)
        if entry is not None and entry.node_id not in cards:
            entries.append(KnownEntry(entry, _decision(local.decisions, node, entry.id)))
    entries.sort(key=lambda one: (one.entry.moniker.casefold(), one.entry.node_id))
    return {one.entry.node_id: one for one in entries}, tuple(findings)


def _records(reads: Iterable[Read], acceptances: Iterable[Acceptance]) -> Iterator[SignedRecord]:
    """The records, each with the node keys that accepted exactly it."""
    accepted: defaultdict[str, list[Acceptance]] = defaultdict(list)
    for word in acceptances:
        accepted[word.record].append(word)
    for one in (found.content for found in reads if isinstance(found.content, SignedRecord)):
        keys = frozenset(word.node_key for word in accepted[one.id] if holds(word, one.record))
        yield replace(one, accepted=keys)


def _tally(exchange: Exchange) -> Tally | None:
    record, succession = exchange.record, exchange.succession
    if record is None:
        return None
    opening = None if succession.lineage else succession.opening
    return tally(
        record,
        exchange.acceptances,
        exchange.attestations,
        earlier=(one.record for one in succession.lineage),
        own=exchange.own,
        signers=exchange.cards,
        waits=waits_for(opening, None) if opening else "",
    )


def _agreement(exchange: Exchange) -> tuple[Finding, ...]:
    told = exchange.tally.findings if exchange.tally else ()
    return (*exchange.succession.findings, *told, *_both_signed(exchange))


def _both_signed(exchange: Exchange) -> Iterator[Finding]:
    """Members who accepted more than one of the records that exclude one another, with both signatures (P5)."""
    for rivals in exchange.succession.rivals:
        records = {one.id: one.record for one in rivals}
        first: dict[str, Acceptance] = {}
        for word in (one for one in exchange.acceptances if one.record in records):
            record, other = records[word.record], first.setdefault(word.node_id, word)
            member = record.member(word.node_id)
            if other.record != word.record and member is not None:
                yield conflict(word, other, member, record)


def _disputes(cards: Cards) -> Iterator[Finding]:
    """Every serial of a node under which there is more than one card, also long ago."""
    for found in cards.values():
        if len(found) == 1:
            continue
        serials: defaultdict[int, list[tuple[NodeCard, Document]]] = defaultdict(list)
        for card, document in found:
            serials[card.serial].append((card, document))
        for serial, same in serials.items():
            if len(same) > 1:
                yield two_cards(serial, same, newest=serial == found[0][0].serial)


def _statuses(
    reads: tuple[Read, ...],
    newest: Mapping[str, KnownCard],
    disputed: Mapping[str, tuple[Document, ...]],
    succession: Succession,
) -> dict[str, DocumentStatus]:
    names = {node: one.card.moniker for node, one in newest.items()}
    records = {one.content.id: one.content.record for one in reads if isinstance(one.content, SignedRecord)}
    in_use = {one.document.id for one in newest.values()}
    twice = {one.id for same in disputed.values() for one in same}

    def subject(one: Read) -> str:
        """By moniker, also where no card came: as the record names the member that is accepted or attested for."""
        said = one.content
        if one.subject in names or not isinstance(said, Acceptance | Attestation) or said.record not in records:
            return names.get(one.subject, one.subject)
        member = records[said.record].member(said.node_id)
        return member.moniker if member is not None else one.subject

    def status(one: Read) -> Status:
        if one.document.id in twice:
            return "changed"
        if isinstance(one.content, NodeCard):
            return one.status if one.document.id in in_use else "older"
        return "older" if one.content is not None and _is_older(one.content, succession) else one.status

    return {
        one.document.id: DocumentStatus(one.document.id, one.document.kind, status(one), subject(one), one.findings)
        for one in reads
    }


def _is_older(content: Content, succession: Succession) -> bool:
    """Whether a record, or what was said about one, is of a version that something newer has replaced.

    Of another kind every document is in use.
    """
    record = succession.in_force
    if record is None:
        return False
    era = succession.era
    if isinstance(content, SignedRecord):
        return content.id != record.id and content.version <= record.version
    if not isinstance(content, Acceptance | Attestation):
        return False
    return content.version < min(one.version for one in era) and content.record not in {one.id for one in era}
