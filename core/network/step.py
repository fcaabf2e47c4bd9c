"""The step ``network``: the coordinator makes the record, further owners sign it, members look at it."""

from __future__ import annotations

import shlex

from ..finding import Finding, info
from ..peers.current import no_record
from ..plan import Plan, Sign, WriteFile
from ..profiles import NAMES
from ..step import Answers, Field, Inspection, Progress, Report, silent
from ..world import World
from .facts import NetworkFacts, gather
from .propose import as_answers, propose, review
from .record import NetworkRecord, parse_record
from .settings import suggest_time


class NetworkStep:
    id = "network"
    title = "Network"
    purpose = "Agree on one record of what the network is, signed by its owners."
    fields = (
        Field(
            "chain_id",
            "Chain id",
            "Names the chain; never one that was used before, at most 20 characters. Empty: made from name and "
            "content, so that nodes with another genesis refuse each other.",
        ),
        Field(
            "genesis_time",
            "Start (UTC)",
            "When the first block may be made, such as 2026-11-26 12:00. Nodes that start earlier wait for it. Leave "
            "the members time to read, accept and install: a day or more.",
        ),
        Field(
            "notice",
            "Notice (hours)",
            "Hours that the members are to have between the record and the start, to read, accept and install. A "
            "start that is nearer is a warning. Empty: 24.",
        ),
        Field(
            "power",
            "Power",
            "Votes of each member, as alice=10 bob=10; who is not named has 10, and 0 makes a full node that does not "
            "vote. More than two thirds of all power must be online for blocks to be made.",
        ),
        Field(
            "parameters",
            "Parameters",
            "Consensus parameters that differ from the software's defaults, as block.max_bytes=1048576.",
        ),
        Field(
            "owners",
            "Owners",
            "Whose signatures make the record: me, members, monikers, or lines of OpenSSH ed25519 .pub files, with ; "
            "between them.",
        ),
        Field("threshold", "Owners needed", "How many owners must sign. Empty: more than half of them."),
        Field("profile", "Node software", f"What all members run: one of {', '.join(NAMES)}."),
        Field("note", "Note", "For the members, kept in the record: up to 500 printable ASCII characters."),
        Field(
            "record",
            "Record",
            "Only where several first records came under one network name: the id of the one that is yours, after its "
            "8 words were compared with the coordinator.",
        ),
    )

    async def inspect(self, world: World, report: Report) -> Inspection[NetworkFacts]:
        report(Progress("reading cards, records and acceptances"))
        facts = await gather(world)
        return Inspection(facts, facts.current.findings)

    def suggest(self, facts: NetworkFacts) -> Answers:
        if facts.role != "coordinator":
            return {}
        if facts.current.record is not None:
            return as_answers(facts.current.record)
        return {
            "genesis_time": suggest_time(facts.now),
            "owners": "me" if facts.own else "",
            "profile": facts.profile.name,
        }

    def plan(self, facts: NetworkFacts, answers: Answers) -> Plan:
        if facts.role != "coordinator" or facts.only_signs:
            return self._plan_owner(facts, ())
        body, findings = propose(facts, answers)
        if body is None:
            return Plan(self.id, findings=findings)
        known = (facts.current.signed, facts.current.pending)
        if any(one is not None and one.record.payload == body for one in known):
            return self._plan_owner(facts, findings)
        return self._plan_sign(facts, body, findings)

    async def verify(self, world: World) -> tuple[Finding, ...]:
        return (await self.inspect(world, silent)).findings

    def _plan_owner(self, facts: NetworkFacts, findings: tuple[Finding, ...]) -> Plan:
        """An owner who has not signed the record that is there does so; nobody else has anything to do."""
        if facts.current.record is None:
            return Plan(self.id, findings=(*findings, *no_record(facts.current)), next="quorate import FILE")
        waiting = facts.current.pending
        if waiting is None:
            return Plan(self.id, findings=findings)
        told = tuple(dict.fromkeys((*findings, *review(facts, waiting.record.payload))))
        if facts.own_key and facts.current.awaits(facts.own_key):
            return self._plan_sign(facts, waiting.record.payload, told)
        if _waits_for_ssh(facts):
            return self._plan_outbox(facts, waiting.record, told)
        return Plan(self.id, findings=findings)

    def _plan_sign(self, facts: NetworkFacts, body: bytes, findings: tuple[Finding, ...]) -> Plan:
        record, _ = parse_record(body)
        assert record is not None
        before = facts.current.before(record)
        owners = {owner.key for owner in (*record.owners, *(before.owners if before else ()))}
        if facts.own is not None and facts.own.node_key in owners:
            reason = f"version {record.version} of {record.network}, chain id {record.chain_id}"
            return Plan(self.id, (Sign("record", body, facts.own.home, reason),), findings)
        return self._plan_outbox(facts, record, findings)

    def _plan_outbox(self, facts: NetworkFacts, record: NetworkRecord, findings: tuple[Finding, ...]) -> Plan:
        body = record.payload
        path = facts.folder / "outbox" / f"record-{record.id[:16]}.json"
        write = WriteFile(
            path, facts.current.outbox.get(path), body, "to be signed with ssh-keygen by its owners", 0o600
        )
        changes = () if write.before == body else (write,)
        return Plan(self.id, changes, (*findings, _sign_with_ssh(str(path))), next=_sign_command(str(path)))


def record_of(plan: Plan) -> NetworkRecord | None:
    """The record that a plan of this step would have signed."""
    for change in plan.changes:
        body = change.body if isinstance(change, Sign) else change.after if isinstance(change, WriteFile) else b""
        record = parse_record(body)[0] if body else None
        if record is not None:
            return record
    return None


def _waits_for_ssh(facts: NetworkFacts) -> bool:
    """Whether the record waits for an owner without a node, and this operator is the one to have it signed."""
    waiting = facts.current.pending
    if waiting is None or (facts.own is not None and facts.role != "coordinator"):
        return False
    before = facts.current.before(waiting.record)
    owners = {owner.key for owner in (*waiting.record.owners, *(before.owners if before else ()))}
    nodes = {member.node_key for member in waiting.record.members}
    return bool(owners - nodes - {signature.key for signature in waiting.signatures})


def _sign_with_ssh(path: str) -> Finding:
    return info(
        "network-sign-with-ssh",
        path,
        "its owners sign it with an OpenSSH key, not with this node's key",
        f"{_sign_command(path)}    and then: quorate import {shlex.quote(path + '.sig')}",
    )


def _sign_command(path: str) -> str:
    return f"ssh-keygen -Y sign -n record.v1@quorate -f KEY {shlex.quote(path)}"
