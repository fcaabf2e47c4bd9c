"""The step ``genesis``: read what was agreed, accept it, and install the genesis.json that follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from ..agreement.acceptance import acceptance_body
from ..agreement.record import NetworkRecord
from ..changes import Change, Sign, WriteFile
from ..documents.ed25519 import to_base64
from ..documents.words import eight_words
from ..finding import Finding, Refusal, Severity, error, has_error, info, warning
from ..home.set_aside import may_set_aside, plan_set_aside
from ..network.checks import review_record
from ..network.handover import handed_over, own_move
from ..network.heard import check_heard
from ..peers.roster import roster_findings
from ..plan import Plan
from ..step import Answers, Field, Files, Inspection, Progress, Report, UsualStep, silent
from ..way import Blank, once, plan_of, way
from ..world import World
from .checks import check
from .facts import GenesisFacts, gather
from .model import Genesis
from .reading import parse


class GenesisStep(UsualStep):
    id = "genesis"
    title = "Genesis"
    purpose = "Read what was agreed, accept it with your signature, and install genesis.json."
    of_a_home = True
    fields = (
        Field(
            "word",
            "Word 8",
            "The last of the 8 words of the record, typed so that no stray Enter signs. It compares nothing: your "
            "acceptance says that the words were compared once you noted of another member that they read the same.",
            once=True,
        ),
        Field(
            "aside",
            "Set aside",
            "yes: where this home has already run, its data folder is renamed and a fresh sign state made, because the "
            "node would go on with its old genesis. Nothing is deleted. Only with the node stopped.",
            once=True,
        ),
        Field(
            "file",
            "Foreign file",
            "A genesis.json from a coordinator without quorate, to be installed instead of one from a record. Empty: "
            "the one that follows from the record.",
        ),
    )

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[GenesisFacts]:
        """Raises Refusal, as the files, the state and the key process do."""
        report(Progress("reading the record and the home"))
        facts = await gather(world, answers)
        return Inspection(facts, facts.current.findings)

    def suggest(self, facts: GenesisFacts) -> Answers:
        return {}

    def plan(self, facts: GenesisFacts, answers: Answers) -> Plan:
        try:
            wanted = facts.wanted()
        except Refusal as refusal:
            return Plan(self.id, findings=refusal.findings)
        if wanted is None:
            return Plan(self.id, findings=(_nothing(facts),))
        if facts.home is None:
            return Plan(self.id, findings=(*_review(facts), _no_home()))
        if handed_over(facts.current):
            return Plan(self.id, findings=(_handed_over(facts),))
        if own_move(facts.current) is not None:
            return Plan(self.id, findings=tuple(_moves(facts)), way=way("network", "handover"))
        install, told = _install(facts, wanted, answers) if not facts.is_installed else ([], [])
        findings = [*_review(facts), *_judge(facts, wanted), *_words(facts, answers), *_moves(facts)]
        findings += [*_unclear(answers), *told]
        mark = [facts.mark] if facts.mark is not None else []
        # The files that stay where they are come before the folders that are set aside.
        changes = [] if has_error(findings) else [*install[:1], *mark, *install[1:], *_accept(facts)]
        return Plan(self.id, tuple(changes), tuple(findings), tuple(_restarts(facts, changes)))

    def files_elsewhere(
        self, facts: GenesisFacts, answers: Answers, planned: Files
    ) -> tuple[Files, tuple[Finding, ...]]:
        wanted = facts.wanted()
        return planned if wanted is None else {**planned, "genesis.json": wanted}, ()

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        facts = (await self.inspect(world, answers, silent)).facts
        wanted = facts.wanted()
        if facts.home is None or wanted is None or facts.is_installed:
            return facts.current.findings
        path = facts.home.files.genesis
        return (error("genesis-not-installed", path, "the genesis.json in the home is not the agreed one"),)


_CHOOSE = (
    "Compare the 8 words of both with the coordinator, over another channel, then choose: "
    "`quorate plan network --set record=ID`"
)
_SETTLE = "Accept none of them. Let their owners tell, on a call, which one holds; `quorate network show` shows both."


def _nothing(facts: GenesisFacts) -> Finding:
    succession = facts.current.exchange.succession
    if succession.rivals:
        choice = succession.is_open
        return error(
            "genesis-record-disputed",
            "record",
            "records came that exclude each other; none of them is in force",
            _CHOOSE if choice else _SETTLE,
            way=plan_of("network", Blank("record=ID")) if choice else way("network", "show"),
        )
    if facts.current.record is not None:
        return error(
            "genesis-record-waiting",
            "record",
            "the record is not in force yet: owners have still to sign it",
            "Ask the coordinator; see quorate network show.",
            way=once("the owners of the record", "network", "show"),
        )
    return error(
        "genesis-no-record",
        "record",
        "no record has come yet",
        "Import the coordinator's record (quorate import FILE), or name a foreign genesis.json: --set file=PATH",
        way=once("the record of your coordinator", "import", Blank("FILE")),
    )


def _no_home() -> Finding:
    return info(
        "genesis-no-home", "home", "you have no node here: nothing is installed, and nobody waits for your word"
    )


def _review(facts: GenesisFacts) -> Iterator[Finding]:
    record, own = facts.record, facts.own
    if record is None:
        return
    reviewed = review_record(
        record,
        facts.current.signatures,
        own=own.node_id if own else None,
        own_validator=own.validator_key if own else None,
        own_card=facts.current.own_card,
        now=facts.now,
        known_chain_ids=facts.current.chain_ids_besides(record),
        before=facts.current.before(record),
        known_genesis=facts.current.knows_genesis(record, own.node_key if own else None),
        introduction=facts.current.introduction(record),
        coordinator=facts.current.exchange.local.role == "coordinator",
    )
    # Who made the record valid is settled; of a first version, the owners' acceptances did or will.
    yield from (one for one in reviewed if one.code != "record-signatures")
    yield from roster_findings(record, facts.current.exchange)


def _judge(facts: GenesisFacts, wanted: bytes) -> Iterator[Finding]:
    """A foreign file as the node would judge it; one of ours is judged with the record."""
    assert facts.home is not None
    if facts.record is None:
        yield from _beside_record(facts)
        yield from check(wanted, facts.home.profile, now=facts.now)
        yield from _own_line(facts, wanted)
        return
    if facts.own is None:
        yield error(
            "genesis-no-keys",
            "home",
            f"the home {facts.home.path} has no node key that could sign your acceptance",
            "Make or mend the keys first: quorate plan keys",
            way=plan_of("keys"),
        )
    if facts.record.profile != facts.home.profile.name:
        yield error(
            "genesis-other-profile",
            "profile",
            f"the record is for {facts.record.profile}, this home is one of {facts.home.profile.name}",
            "Install the node software that was agreed, or answer the right profile: quorate home --profile NAME",
            way=way("home", "--profile", Blank("NAME")),
        )


def _beside_record(facts: GenesisFacts) -> Iterator[Finding]:
    """A foreign file is for those who have no record: with it a member would never accept the one in force."""
    record = facts.current.exchange.record
    if record is not None and facts.own is not None and record.member(facts.own.node_id) is not None:
        yield error(
            "genesis-file-beside-record",
            "file",
            f"{facts.given_name} is to be installed, and {_title(record)} has you in it; only one of them can count",
            "Follow the record: quorate plan genesis --set file=",
        )


def _own_line(facts: GenesisFacts, wanted: bytes) -> Iterator[Finding]:
    assert facts.home is not None
    genesis = parse(wanted, facts.home.profile).genesis
    own = facts.own.validator_key if facts.own else None
    if genesis is None or own is None:
        return
    yield from _node_keys(facts, genesis)
    mine = [validator for validator in genesis.validators if validator.key == own]
    if len(mine) == 1:
        name, power = mine[0].name, mine[0].power
        yield info(
            "genesis-own-line", "validators", f'your validator key stands in it once, as "{name}", power {power}'
        )
    else:
        yield warning(
            "genesis-own-line",
            "validators",
            f"your validator key stands in it {len(mine)} times; a validator's stands in it once",
            "Where you are to be a validator, send the coordinator your public key again (quorate keys show).",
        )


def _node_keys(facts: GenesisFacts, genesis: Genesis) -> Iterator[Finding]:
    """A node key has the node id as its address; in the place of a validator's it votes for nobody."""
    own = facts.own
    monikers = {member.node_id: member.moniker for member in facts.current.exchange.members}
    for index, one in enumerate(genesis.validators):
        if own is not None and own.validator_key is not None and one.key == own.node_key != own.validator_key:
            message = "the key there is your node key; your node votes with its validator key"
            fix = f"Ask the coordinator to put what your show-validator prints: {to_base64(own.validator_key)}"
            yield error("genesis-node-key", f"validators[{index}].pub_key", message, fix)
        elif one.address.lower() in monikers and (own is None or one.key != own.node_key):
            who = monikers[one.address.lower()]
            message = f"the key there is the node key of {who}, by their node id {one.address.lower()}"
            fix = f"Ask {who} for what show-validator prints, and the coordinator to put that."
            yield error("genesis-node-key", f"validators[{index}].pub_key", message, fix)


def _words(facts: GenesisFacts, answers: Answers) -> Iterator[Finding]:
    record, typed = facts.record, answers.get("word", "").strip().lower()
    if record is None or facts.accepted:
        return
    own = facts.own.node_id if facts.own else None
    if facts.heard:
        yield from check_heard(record, facts.heard, own)
    expected = eight_words(bytes.fromhex(record.id), "record")[7]
    if typed and typed != expected:
        yield error(
            "genesis-word-differs",
            "word",
            f'the 8th word of this record is not "{typed}"',
            "Compare all 8 words again (quorate network words). If one differs, stop: somebody holds another record.",
        )
    if not facts.compared and any(member.node_id != own for member in record.members):
        yield warning(
            "genesis-words-not-compared",
            "word",
            "you noted of no other member that they read the same 8 words; your acceptance says so",
            "Compare them on a call (quorate network words), then note it: quorate network heard MEMBER same",
        )


def _moves(facts: GenesisFacts) -> Iterator[Finding]:
    """Power that goes to a different node: an error until this member has compared the words of this version."""
    told = (one for one in facts.current.findings if one.code == "record-power-moved")
    compared = facts.compared and own_move(facts.current) is None
    yield from (replace(one, severity=Severity.WARNING) if compared else one for one in told)


def _handed_over(facts: GenesisFacts) -> Finding:
    return info(
        "genesis-handed-over",
        "home",
        f"the node key of this home has handed its power over in {_title(facts.record)}" if facts.record else "",
        "Send what it signed to all (quorate network share), and stop this node before the other one is started.",
    )


def _accept(facts: GenesisFacts) -> Iterator[Change]:
    record, own = facts.record, facts.own
    if record is None or own is None or record.member(own.node_id) is None or facts.accepted:
        return
    body = acceptance_body(record, node_key=own.node_key, words_checked=facts.compared)
    yield Sign("acceptance", body, own.home, f"you hold exactly {_title(record)}")


def _title(record: NetworkRecord) -> str:
    return f"record version {record.version} of {record.network} and its genesis {record.genesis_sha256[:16]}.."


def _install(facts: GenesisFacts, wanted: bytes, answers: Answers) -> tuple[list[Change], list[Finding]]:
    home, history = facts.home, facts.history
    assert home is not None
    assert history is not None
    write = WriteFile(
        home.files.genesis, facts.installed, wanted, f"SHA-256 {hashlib.sha256(wanted).hexdigest()}", mode=0o644
    )
    changed = [_changed(facts, wanted)] if facts.accepted and facts.installed is not None else []
    if not history.has_run and history.frozen_genesis == "no":
        return [write], changed
    genesis = parse(wanted, home.profile).genesis
    chain_id = genesis.chain_id if genesis else ""
    if facts.accepted and history.chain_id == chain_id:
        # The node lives on the agreed chain and has its genesis in the database: only the file is another one.
        return [write], changed
    if history.frozen_genesis == "no" and not history.signs and history.chain_id == chain_id:
        return [write], [*changed, _without_data(facts, chain_id)]
    if _aside(answers) != "yes":
        return [], [_has_run(facts, chain_id), *may_set_aside(history, history.sign_state, chain_id)]
    try:
        return [write, *plan_set_aside(home, history, chain_id)], []
    except Refusal as refusal:
        return [], list(refusal.findings)


def _without_data(facts: GenesisFacts, chain_id: str) -> Finding:
    assert facts.history is not None
    return info(
        "genesis-key-moved-here",
        "genesis.json",
        f"the key of this home signed height {facts.history.height} on {chain_id}, and its data is not here: "
        "the node fetches it from its peers, and signs above that height only",
        "Make sure that no node on another machine uses this key.",
    )


def _aside(answers: Answers) -> str:
    return answers.get("aside", "").strip().lower()


def _unclear(answers: Answers) -> Iterator[Finding]:
    if _aside(answers) not in ("", "no", "yes"):
        message = f"aside is {answers['aside']!r}; expected yes or no"
        fix = "Say yes where the data of this home is to be renamed, and no where it is to stay."
        yield error("genesis-aside-unclear", "aside", message, fix)


def _changed(facts: GenesisFacts, wanted: bytes) -> Finding:
    now, agreed = (hashlib.sha256(data or b"").hexdigest() for data in (facts.installed, wanted))
    return warning(
        "genesis-changed",
        "genesis.json",
        f"the genesis.json in the home has SHA-256 {now}; you accepted {agreed}, and with that hash pinned the node "
        "does not start",
        "Find out who changed it; quorate apply genesis puts the agreed one back.",
    )


def _has_run(facts: GenesisFacts, chain_id: str) -> Finding:
    assert facts.history is not None
    on = f" on chain {facts.history.chain_id}" if facts.history.chain_id else ""
    what = "goes on with the old genesis and ignores the new file"
    if facts.home is not None and facts.home.profile.genesis_kept == "hashed":
        what = "refuses a changed genesis.json"
    return error(
        "genesis-home-has-run",
        "aside",
        f"this home has already run{on}: the node {what} ({chain_id})",
        "Stop the node, look at `quorate plan genesis --set aside=yes`, which renames its data and deletes nothing, "
        "and set aside the application's database with it.",
        way=plan_of("genesis", "aside=yes"),
    )


def _restarts(facts: GenesisFacts, changes: list[Change]) -> Iterator[str]:
    written = {change.path for change in changes if isinstance(change, WriteFile)}
    if facts.home is None or facts.home.files.genesis not in written:
        return
    digest = hashlib.sha256(facts.wanted() or b"").hexdigest()
    start = facts.home.profile.commands.start_line(str(facts.home.path), digest, facts.program)
    yield f"Start the node with {start}"
    if any(not isinstance(change, WriteFile | Sign) for change in changes):
        yield "Empty the application's database, which is of the old chain (Planetmint: planetmint drop, then init)."
