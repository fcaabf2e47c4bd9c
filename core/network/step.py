"""The step ``network``: the coordinator makes the record, further owners sign it, members look at it."""

from __future__ import annotations

from collections.abc import Iterator

from ..agreement.changes import record_changes
from ..agreement.current import no_record
from ..agreement.owners import SignedRecord, signed_by, waits_for
from ..agreement.record import NetworkRecord, parse_record
from ..changes import Sign, Since, WriteFile
from ..finding import Finding, Refusal, error, has_error, warning
from ..peers.roster import roster_findings
from ..plan import Plan
from ..profiles import NAMES
from ..state import State
from ..step import Answers, Field, Inspection, Progress, Report, UsualStep, silent
from ..way import Blank, Way, once, plan_of
from ..world import World
from .adopt import answers_of
from .attest import waiting_drafts
from .facts import NetworkFacts, gather
from .outbox import asks_ssh, draft_path, ssh_owners, write_draft
from .proposal_checks import changes
from .propose import as_answers, default_owners, propose, review
from .settings import suggest_time

_SAID_AT = "version"
_CHOICE = "record"
_CHOOSE = plan_of("network", Blank("record=ID"))
_NEW = "new"
"""The records that are here are others'."""


def require_coordinator(state: State, what: str) -> None:
    """Raises Refusal (``network-not-coordinator``)."""
    role = state.local.role
    if role == "coordinator":
        return
    message = f"only a coordinator makes a record; your role is {role or 'not said yet'}, and nothing was kept"
    fix = "Leave it to the coordinator, and wait for the record: quorate import FILE"
    raise Refusal(error("network-not-coordinator", what, message, fix))


def _newest(state: State) -> int:
    """The highest version of the records that are here, in force or not."""
    records = (parse_record(one.payload)[0] for one in state.documents() if one.kind == "record")
    return max((record.version for record in records if record is not None), default=0)


class NetworkStep(UsualStep):
    id = "network"
    title = "Network"
    purpose = "Agree on one record of what the network is, signed by its owners."
    of_a_record = True
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
            "between them. All members own it, where at least three can sign. A member's acceptance of version 1 is "
            "their signature.",
        ),
        Field("threshold", "Owners needed", "How many owners must sign. Empty: more than half of them."),
        Field(
            "one_owner",
            "One owner",
            "yes: one owner alone is meant. No other key can change the record, and if it is lost nobody ever can.",
        ),
        Field("profile", "Node software", f"What all members run: one of {', '.join(NAMES)}."),
        Field("note", "Note", "For the members, kept in the record: up to 500 printable ASCII characters."),
        Field(
            "adopt",
            "Adopt",
            "The genesis.json of a network that runs already and has no record: the first record describes it, with "
            "its chain id, time, parameters and powers, and no chain is changed. Empty: a new network is formed.",
        ),
        Field(
            "record",
            "Record",
            "Only where records came that exclude one another: the id of the one that is yours, after its 8 words were "
            "compared with the coordinator. A coordinator who makes the first record although another came: new.",
        ),
    )

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[NetworkFacts]:
        report(Progress("reading cards, records and acceptances"))
        facts = await gather(world, answers.get("record"), answers.get("adopt", "").strip())
        record = facts.current.record
        beside = roster_findings(record, facts.current.exchange) if record is not None else ()
        return Inspection(facts, (*facts.current.findings, *beside))

    def suggest(self, facts: NetworkFacts) -> Answers:
        if facts.role != "coordinator":
            return {}
        if facts.base is not None:
            return as_answers(facts.base, without=facts.current.refused)
        return {
            "genesis_time": suggest_time(facts.now),
            **(answers_of(facts.adopted, facts.members, facts.profile) if facts.adopted else {}),
            "owners": default_owners(facts),
            "profile": facts.profile.name,
        }

    def plan(self, facts: NetworkFacts, answers: Answers) -> Plan:
        if facts.role != "coordinator" or facts.only_signs:
            return self._plan_owner(facts, ())
        body, findings = propose(facts, answers)
        if body is None:
            return Plan(self.id, findings=findings)
        if any(one.record.payload == body for one in facts.current.records):
            return self._plan_owner(facts, findings)
        return self._plan_sign(facts, body, findings)

    def refuse(self, given: Answers, state: State) -> None:
        """Only a coordinator says what a record is to be; everybody chooses between those that are here.

        Raises Refusal (``network-not-coordinator``): what a member said would be kept unchecked, and mean nothing.
        """
        said = sorted(set(given) - {_CHOICE})
        if said:
            require_coordinator(state, ", ".join(said))

    def holding(self, kept: Answers, given: Answers, state: State) -> frozenset[str]:
        """What is answered describes the next record. Once that is here it describes what is.

        Newer versions, also of other owners, must not be turned back by it.
        """
        chosen = (given or kept).get(_CHOICE, kept.get(_CHOICE))
        if chosen != _NEW and kept.get(_SAID_AT, "0") != str(_newest(state)):
            return frozenset({_CHOICE})
        return super().holding(kept, given, state) - {_SAID_AT}

    def noted(self, state: State) -> Answers:
        return {_SAID_AT: str(_newest(state))}

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        return (await self.inspect(world, answers, silent)).findings

    def _plan_owner(self, facts: NetworkFacts, findings: tuple[Finding, ...]) -> Plan:
        """An owner who has not signed the record that is there does so; nobody else has anything to do."""
        if facts.current.record is None:
            told = (*findings, *no_record(facts.current))
            following = _CHOOSE if facts.current.exchange.succession.rivals else told[-1].way
            return Plan(self.id, findings=told, way=following)
        waiting = facts.current.pending
        if waiting is None:
            return self._plan_attested(facts, findings)
        several = facts.current.awaiting(facts.own_key) if facts.own_key else ()
        asked = facts.current.awaits(facts.own_key) if facts.own_key else None
        if asked is None and len(several) > 1:
            return Plan(self.id, findings=(*findings, _which(several)), way=_CHOOSE)
        if asked is not None:
            return self._plan_sign(facts, asked.payload, (*findings, *_shown(facts, asked)))
        if _waits_for_ssh(facts):
            return self._plan_outbox(facts, waiting.record, (*findings, *_shown(facts, waiting.record)))
        if facts.current.in_force:
            return self._plan_attested(facts, findings)
        if facts.current.exchange.record is not None:
            return self._plan_attested(facts, (_waiting(waiting), *findings))
        return Plan(self.id, findings=(_waiting(waiting), *findings), way=_for_owners())

    def _plan_sign(self, facts: NetworkFacts, body: bytes, findings: tuple[Finding, ...]) -> Plan:
        record, _ = parse_record(body)
        assert record is not None
        before = facts.current.before(record)
        mine = _own_first(facts)
        if record.version == 1 and mine is not None and mine.id != record.id:
            return Plan(self.id, findings=(*findings, _second_first(mine)))
        owners = {owner.key for owner in (*record.owners, *(before.owners if before else ()))}
        if facts.own is not None and facts.own.node_key in owners:
            reason = f"version {record.version} of {record.network}, chain id {record.chain_id}"
            return Plan(
                self.id,
                (Sign("record", body, facts.own.home, reason, _since(before, record)),),
                tuple(dict.fromkeys(findings)),
            )
        return self._plan_outbox(facts, record, findings)

    def _plan_outbox(self, facts: NetworkFacts, record: NetworkRecord, findings: tuple[Finding, ...]) -> Plan:
        if not ssh_owners(record, facts.current.before(record)):
            return Plan(self.id, findings=(*findings, _not_yours(record)))
        path = draft_path(facts.folder, "record", record.id)
        before, reason = facts.current.outbox.get(path), "to be signed with ssh-keygen by its owners"
        write = write_draft(facts.folder, "record", record.id, record.payload, before, reason)
        changes = () if write.before == record.payload else (write,)
        asks = asks_ssh("record", path, _who_signs(record, facts.current.before(record)))
        told = tuple(dict.fromkeys((*findings, asks)))
        return Plan(self.id, changes, told, way=None if has_error(told) else asks.way)

    def _plan_attested(self, facts: NetworkFacts, findings: tuple[Finding, ...]) -> Plan:
        """The record is settled; what was attested with an OpenSSH key may still wait for its signature."""
        waiting = tuple(waiting_drafts(facts.current))
        asked = waiting[0].way if waiting else None
        return Plan(self.id, findings=(*findings, *(draft.finding for draft in waiting)), way=asked)


def record_of(plan: Plan) -> NetworkRecord | None:
    """The record that a plan of this step would have signed."""
    for change in plan.changes:
        body = change.body if isinstance(change, Sign) else change.after if isinstance(change, WriteFile) else b""
        record = parse_record(body)[0] if body else None
        if record is not None:
            return record
    return None


def _since(before: NetworkRecord | None, record: NetworkRecord) -> tuple[Since, ...]:
    found = record_changes(before, record) if before is not None else ()
    return tuple(Since(f"{one.subject} {one.field}", one.old, one.new) for one in found)


def _own_first(facts: NetworkFacts) -> SignedRecord | None:
    """The first record that this operator's key has signed."""
    firsts = (one for one in facts.current.records if one.version == 1)
    return next(
        (one for one in firsts if any(by.key == facts.own_key for by in signed_by(one, one.record.owners))), None
    )


def _second_first(mine: SignedRecord) -> Finding:
    network = mine.record.network
    message = f"your key signed version 1 ({mine.id[:8]}) of {network} already; a second version 1 would exclude it"
    own = plan_of("network", f"record={mine.id}")
    fix = f"Make the next version of yours: {own.command}    For a different network, choose a new name."
    return error("network-second-first", "record", message, fix, way=own)


def _which(several: tuple[NetworkRecord, ...]) -> Finding:
    ids = " and ".join(f"version {one.version} {one.id} ({one.note or 'no note'})" for one in several)
    message = f"{len(several)} records wait for your signature and exclude one another: {ids}"
    fix = "Ask the other owners which one they sign, then name it: quorate plan network --set record=ID"
    return error("network-several-wait", "record", message, fix, way=_CHOOSE)


def _shown(facts: NetworkFacts, record: NetworkRecord) -> Iterator[Finding]:
    """What an owner has to know of a record that somebody else made."""
    before = facts.current.before(record)
    if before is not None:
        yield from changes(before, record)
    yield from review(facts, record.payload)


def _waits_for_ssh(facts: NetworkFacts) -> bool:
    """Whether the record waits for an owner without a node, and this operator is the one to have it signed."""
    waiting = facts.current.pending
    if waiting is None or (facts.own is not None and facts.role != "coordinator"):
        return False
    signed = {signature.key for signature in waiting.signatures}
    return any(owner.key not in signed for owner in ssh_owners(waiting.record, facts.current.before(waiting.record)))


def _who_signs(record: NetworkRecord, before: NetworkRecord | None) -> str:
    """Whose signature ``ssh-keygen`` makes, and whose their nodes do: also of the owners of the version ``before``."""
    with_ssh = ssh_owners(record, before)
    keys = {owner.key for owner in with_ssh}
    owners = (*record.owners, *(before.owners if before else ()))
    nodes = dict.fromkeys(owner.name for owner in owners if owner.key not in keys)
    said = f"with an OpenSSH key, not with this node's key, sign: {', '.join(owner.name for owner in with_ssh)}"
    if not nodes:
        return said
    return f"{said}; after that, with their nodes, once they imported it (quorate apply network): {', '.join(nodes)}"


def _not_yours(record: NetworkRecord) -> Finding:
    names = ", ".join(owner.name for owner in record.owners)
    return error(
        "network-owner-first",
        "owners",
        f"the owners would be {names}, who sign with their own nodes, and you are not one of them: nobody can begin "
        "on this machine",
        "Name yourself too: me, or without a node the line of your OpenSSH key, as "
        '--set "owners=members; ssh-ed25519 AAAA... NAME". Or let one of them make the record.',
    )


def _for_owners() -> Way:
    return once("the other owners", "import", Blank("FILE"))


def _waiting(signed: SignedRecord) -> Finding:
    return warning(
        "network-waits-for-owners",
        f"record {signed.id[:8]}",
        f"version {signed.version} is not in force yet: {waits_for(signed, None)}",
        "Send it to them (quorate network share), and import what they send back: quorate import FILE"
        + ("    A member who owns it signs by accepting it." if signed.version == 1 else ""),
    )
