"""``network``: the record. Create sets what it will be, publish signs it, share and export hand it on."""

from __future__ import annotations

import shlex
from argparse import Namespace
from dataclasses import replace

from ..agreement.current import Current, no_record
from ..agreement.exchange import known_members, moniker_of
from ..agreement.record import NetworkRecord
from ..documents.parts import MESSAGE, is_long, split
from ..documents.words import eight_words
from ..finding import Finding, Refusal, Severity, error, info
from ..genesis.review import review
from ..member_name import meant
from ..network.attest import can_attest, keep_draft, plan_attestation, plan_draft, ssh_owner
from ..network.facts import gather
from ..network.handout import handout, peers_of
from ..network.handover import plan_handover
from ..network.heard import check_heard, note_heard
from ..network.heard import heard as noted
from ..network.share import as_text, to_share
from ..network.step import require_coordinator
from ..peers.decide import find_named
from ..plan import Plan
from ..profiles import profile
from ..run import keep_answers, preview
from ..seen import seen
from ..steps import step
from .answer import Answer
from .export import write_file, write_files
from .plan import apply_plan, apply_step, plan_json, plan_lines, with_next
from .session import Session, absolute, settings


async def show(arguments: Namespace, session: Session) -> Answer:
    seen = await _current(session)
    record = _record(seen)
    told = review(record.genesis(), profile(record.profile), session.world.clock.now(), session.world.clock.zone())
    owners = ", ".join(owner.name for owner in record.owners)
    tally = seen.tally.sentence if seen.tally else ""
    lines = [
        f"Record version {record.version} of {record.network}, {seen.state}",
        f"owners {owners}; {record.threshold} must sign",
        f"record  {record.id}",
        *told.lines(),
        *([("QUORATE: " if seen.tally and seen.tally.quorate else "") + tally] if tally else []),
    ]
    return Answer(
        lines=tuple(lines),
        data={
            "network": record.network,
            "version": record.version,
            "record": record.id,
            "in_force": seen.in_force,
            "genesis_sha256": record.genesis_sha256,
            "chain_id": record.chain_id,
            "genesis_time": record.section.genesis_time,
            "profile": record.profile,
            "owners": [owner.name for owner in record.owners],
            "threshold": record.threshold,
            "members": [
                {"moniker": m.moniker, "node_id": m.node_id, "power": m.power, "signed": m.signed, "dial": list(m.dial)}
                for m in record.members
            ],
            "review": told.as_json(),
            "tally": _tally_json(seen),
        },
        findings=seen.findings,
    )


def _tally_json(seen: Current) -> dict[str, object]:
    if seen.tally is None:
        return {}
    tally = seen.tally
    return {
        "accepted": list(tally.accepted),
        "attested": list(tally.attested),
        "missing": list(tally.missing),
        "conflicting": list(tally.conflicting),
        "moved": list(tally.moved),
        "needed": tally.needed,
        "quorate": tally.quorate,
        "sentence": tally.sentence,
    }


async def create(arguments: Namespace, session: Session) -> Answer:
    """Keep the answers, and show what would be signed."""
    chosen = step("network")
    given = settings(arguments.set, [field.name for field in chosen.fields])
    require_coordinator(session.state, "network create")
    shown = await preview(chosen, session.at_state(), given)
    wrong = {finding.subject for finding in shown.plan.findings if finding.severity is Severity.ERROR}
    if wrong.isdisjoint(given):
        # The start time that was suggested is kept too: a plan that moves with the clock can not be approved elsewhere.
        keep_answers(session.state, "network", {"genesis_time": shown.answers.get("genesis_time", ""), **given})
    lines = [f"{name:<14} {value or '-'}" for name, value in shown.answers.items()]
    return Answer(
        lines=(*lines, "", *plan_lines(shown.plan)),
        data=plan_json(shown),
        findings=shown.plan.findings,
        next=f"quorate network publish --digest {shown.plan.digest}"
        if shown.plan.is_safe and shown.plan.changes
        else "",
    )


async def publish(arguments: Namespace, session: Session) -> Answer:
    return await apply_step(session, "network", [], arguments.digest)


async def share(arguments: Namespace, session: Session) -> Answer:
    """Everything that others need to stand where this operator stands: the record and all words about it."""
    seen = await _current(session)
    _record(seen)
    documents = to_share(seen)
    sent = "quorate network share"
    text = as_text(documents)
    data = {"documents": [{"kind": d.kind, "id": d.id} for d in documents], "armour": text}
    if arguments.out is not None:
        path = write_file(absolute(arguments.out), text.encode(), home=session.local.home)
        return await with_next(Answer(lines=(str(path),), data={**data, "file": str(path)}), session, sent=sent)
    shown = "\n".join(split(text)) if arguments.parts else text
    lines = tuple(shown.rstrip("\n").split("\n"))
    long = (_long(text),) if is_long(text) and not arguments.parts else ()
    return await with_next(Answer(lines=lines, data=data, findings=long), session, sent=sent)


def _long(text: str) -> Finding:
    message = f"The text has {len(text)} characters; many chats cut a message at {MESSAGE} or fewer."
    fix = "Send it as a file: quorate network share --out FILE    Or in several messages: quorate network share --parts"
    return info("share-long", "text", message, fix)


async def words(arguments: Namespace, session: Session) -> Answer:
    record = _record(await _current(session))
    eight = eight_words(bytes.fromhex(record.id), "record")
    genesis = eight_words(bytes.fromhex(record.genesis_sha256), "genesis")
    return Answer(
        lines=(
            "The record, to compare with every member; all eight count:",
            f"  {' '.join(eight)}",
            f"  {record.id}",
            "genesis.json, to compare with members without quorate, who read its SHA-256:",
            f"  {' '.join(genesis)}",
            f"  {record.genesis_sha256}",
        ),
        data={
            "record": record.id,
            "words": list(eight),
            "genesis_sha256": record.genesis_sha256,
            "genesis_words": list(genesis),
        },
    )


async def heard(arguments: Namespace, session: Session) -> Answer:
    """Note of one member; then tell who holds the same, who another one, and who is still open."""
    seen = await _current(session)
    record = _record(seen)
    node_id = _member(seen, record, arguments.member)
    word = None if arguments.word == "not-yet" else arguments.word
    now = session.world.clock.now()
    session.state.change(lambda local: note_heard(local, record, node_id, word, now))
    told = noted(session.local, record)
    lines = tuple(
        f"{member.moniker:<16} {told[member.node_id].word if member.node_id in told else 'not yet'}"
        for member in record.members
        if member.node_id != seen.exchange.own
    )
    return Answer(
        lines=lines,
        data={"record": record.id, "heard": {node_id: one.word for node_id, one in told.items()}},
        findings=tuple(check_heard(record, told, seen.exchange.own)),
        judges=True,
    )


async def attest(arguments: Namespace, session: Session) -> Answer:
    """Say, as an owner, how a member without quorate confirmed the hash: signed with the node key or by ssh-keygen."""
    facts = await gather(session.at_state())
    record = _record(facts.current)
    node_id = _member(facts.current, record, arguments.member)
    said, owner = (node_id, arguments.member, arguments.how), arguments.owner or ""
    named = ("--owner", owner) if owner else ()
    again = shlex.join(("quorate", "network", "attest", "--how", arguments.how, *named, "--", arguments.member))
    if not owner and not can_attest(record, facts.own):
        return await apply_plan(session, plan_attestation(record, facts.own, *said), arguments.digest, again=again)
    planned = plan_draft(facts, record, *said, ssh_owner(facts.current, record, facts.own, owner))
    return await _draft(session, planned, arguments.digest, again)


async def handover(arguments: Namespace, session: Session) -> Answer:
    """Sign, with the node key of this home, the version that gives its power to a different node."""
    facts = await gather(session.at_state())
    planned = plan_handover(facts.current, facts.own)
    return await apply_plan(session, planned, arguments.digest, again="quorate network handover")


async def _draft(session: Session, planned: Plan, digest: str | None, again: str) -> Answer:
    """Write the payload that ssh-keygen is to sign, and say how; where it is there already, only say how."""
    if not planned.changes:
        done = "it waits for its signature already" if planned.next else "it is signed, or another owner attested"
        nothing = info("attest-there", "attestation", done)
        return Answer(findings=(nothing, *planned.findings), next=planned.next, why=_SIGN_WHY if planned.way else "")
    if digest is None:
        session.state.change(lambda local: keep_draft(local, planned))
    answer = await apply_plan(session, planned, digest, again=again)
    if "receipt" not in answer.data:
        return answer
    session.state.change(lambda local: keep_draft(local, Plan("network")))
    return replace(answer, findings=(*answer.findings, *planned.findings), next=planned.next, why=_SIGN_WHY)


_SIGN_WHY = "KEY: the file of the owner's OpenSSH key, or its .pub where an agent holds it. Then import the .sig file."


async def export(arguments: Namespace, session: Session) -> Answer:
    """What a member without quorate needs: one text to follow, and from it genesis.json, its hash and the peers."""
    record = _record(await _current(session))
    named = None
    if arguments.member is not None:
        named = record.member(find_named({one.node_id: one.moniker for one in record.members}, arguments.member))
    peers = peers_of(record, named)
    written = write_files(
        absolute(arguments.out),
        {
            "genesis.json": record.genesis_bytes(),
            "genesis.json.sha256": f"{record.genesis_sha256}  genesis.json\n".encode(),
            "persistent_peers.txt": f"{peers}\n".encode(),
            "message.txt": handout(record, named).encode(),
        },
        home=session.local.home,
    )
    return Answer(
        lines=tuple(str(path) for path in written),
        data={
            "written": [str(path) for path in written],
            "genesis_sha256": record.genesis_sha256,
            "persistent_peers": peers,
        },
    )


async def _current(session: Session) -> Current:
    return (await seen(session.at_state())).current


def _member(seen: Current, record: NetworkRecord, name: str) -> str:
    """Node id of a member of the record. Raises Refusal (``member-not-in-record``, and as ``find_named``)."""
    monikers = {one.node_id: one.moniker for one in record.members}
    if not meant(name, ((moniker, node_id) for node_id, moniker in monikers.items())):
        _refuse_ahead(seen, record, name)
    return find_named(monikers, name)


def _refuse_ahead(seen: Current, record: NetworkRecord, name: str) -> None:
    """Who is known here, and in no record yet, or only in one that waits for signatures."""
    is_in = f"version {record.version}, which {'is in force' if seen.in_force else 'is at hand'}, does not have {name}"
    for later in seen.offered:
        if meant(name, ((one.moniker, one.node_id) for one in later.record.members)):
            message = f"{is_in}; version {later.version} has them, and waits for signatures"
            fix = (
                "Send it to its owners (quorate network share), and import what they send back. Once it is in force, "
                "repeat this."
            )
            raise Refusal(error("member-not-in-record", name, message, fix))
    if meant(name, ((moniker_of(one), node_id) for node_id, one in known_members(seen.exchange).items())):
        fix = "Import the next version (quorate import FILE); as the coordinator, make it: quorate plan network"
        raise Refusal(error("member-not-in-record", name, f"{is_in} yet", fix))


def _record(seen: Current) -> NetworkRecord:
    """In force, or waiting for its owners. Raises Refusal (``network-no-record``)."""
    if seen.record is None:
        raise Refusal(*dict.fromkeys((*no_record(seen), *seen.findings)))
    return seen.record
