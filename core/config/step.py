"""The step ``config``: the settings of config.toml that make this node a member of the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..agreement.exchange import KnownCard, known_members
from ..changes import WriteFile
from ..counted import counted
from ..documents.toml import Value, edit_toml, read_toml
from ..finding import Finding, Refusal, Severity, error, info, warning
from ..home.recognise import profile_for
from ..keys.named import read_named
from ..plan import Plan
from ..profiles import DEFAULT, NAMES
from ..profiles import profile as profile_of
from ..profiles.profile import Profile
from ..step import Answers, Files, Inspection, Progress, Report, UsualStep
from ..world import World
from .answers import FIELDS, parse
from .answers import suggest as suggested
from .checks import check
from .facts import ConfigFacts, neighbours, of_cards, overriding
from .listening import forwarding
from .model import Place, as_value, by_place, read_config
from .names import astray, strays
from .repair import repair
from .settings import (
    LOG_LEVEL,
    Neighbour,
    Row,
    Setting,
    Wanted,
    as_environment,
    as_flags,
    as_text,
    planned,
    without_flag,
)
from .survey import survey

if TYPE_CHECKING:
    from ..agreement.current import Current

__all__ = ["ConfigFacts", "ConfigStep", "Mend", "Row", "as_environment", "as_flags", "mends", "rows", "without_flag"]

_SHADOWS = ("json", "toml", "yaml", "yml", "properties", "props", "prop", "hcl", "tfvars", "dotenv", "env", "ini")
"""Endings in the order in which viper looks for ``config.<ending>``, in the home first and in home/config then."""


class ConfigStep(UsualStep):
    id = "config"
    title = "Config"
    purpose = "Set in config.toml what makes this node a member of the network."
    of_a_node = True
    of_a_home = True
    fields = FIELDS

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[ConfigFacts]:
        """Reads the home of the answers or of the state, or the file that the answer ``base`` names. Raises Refusal."""
        report(Progress("reading config.toml"))
        facts = await _look(world, answers)
        return Inspection(facts, facts.seen)

    def suggest(self, facts: ConfigFacts) -> Answers:
        return suggested(facts)

    def plan(self, facts: ConfigFacts, answers: Answers) -> Plan:
        """One edit of config.toml; every line that is not a planned setting stays as it is."""
        parsed = parse(facts, answers)
        said = (*parsed.findings, *forwarding(facts, parsed.wanted.p2p_laddr))
        if facts.path is None:
            return Plan(self.id, findings=(*said, *_no_file()))
        try:
            after = _edited(facts, rows(facts, answers))
        except Refusal as refusal:
            return Plan(self.id, findings=(*said, *refusal.findings))
        findings = (*said, *_about_record(facts, parsed.wanted), *_left(facts, after, parsed.wanted.log_level))
        if after == facts.data:
            return Plan(self.id, findings=findings)
        change = WriteFile(facts.path, facts.data, after, "the settings of a member of the network")
        return Plan(self.id, (change,), findings, (_restart(facts.profile),))

    def files_elsewhere(
        self, facts: ConfigFacts, answers: Answers, planned: Files
    ) -> tuple[Files, tuple[Finding, ...]]:
        """config.toml as planned, or as it stands; and the same settings as flags and as environment variables."""
        settled, profile = rows(facts, answers), facts.profile
        flags = "\n".join(as_flags(settled, profile)) + "\n"
        environment = "\n".join(f"{name}={value}" for name, value in as_environment(settled, profile).items()) + "\n"
        file = next(iter(planned.values()), facts.data)
        files = {"flags.txt": flags.encode(), "environment.txt": environment.encode()}
        lacking = ", ".join(row.path for row in without_flag(settled, profile))
        message = (
            f"these settings have no flag: {lacking}; a variable of environment.txt counts for them only where "
            "config.toml has the line"
        )
        told = info("plan-without-flag", "flags.txt", message, "Set them in config.toml.")
        return files if file is None else {"config.toml": file, **files}, (told,) if lacking else ()

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        """Whether config.toml says what the kept answers, else the suggestions, plan; and what is wrong in it."""
        facts = await _look(world, answers)
        kept = dict(world.state.local.answers.get(self.id, {})) if world.state else {}
        answers = {**kept, **answers}
        expected = {(row.table, row.key): row.planned for row in rows(facts, answers)}
        if facts.path is None or facts.data is None:
            return (*facts.seen, *_no_file())
        found = check(facts.data, facts.profile, dict(facts.environ), expected=expected, around=facts.around)
        wanted = parse(facts, answers).wanted
        said = _without_suggested(found, wanted.log_level)
        return (*facts.seen, *said, *forwarding(facts, wanted.p2p_laddr))


def rows(facts: ConfigFacts, answers: Answers) -> tuple[Row, ...]:
    """Every planned setting: what the file says now, what is planned, and why."""
    wanted = parse(facts, answers).wanted
    now = _now(facts)
    return tuple(
        Row(
            setting.table,
            setting.key,
            now.get((setting.table, setting.key)),
            value,
            _reason(setting, value),
            setting.origin,
            facts.profile.config[setting.table][setting.key],
            setting.suggested is not None,
        )
        for setting, value in planned(wanted, facts.profile)
    )


def _reason(setting: Setting, value: Value) -> str:
    if setting.suggested in (None, value):
        return setting.reason
    return f"As you have it. The documents have {as_text(setting.suggested)}."


@dataclass(frozen=True, slots=True)
class Mend:
    """A line of the file that the plan takes out or writes anew, because the node does not read it as it was meant."""

    finding: Finding
    now: Value | None = None
    """What it says; None where that is told by the finding."""


def mends(facts: ConfigFacts) -> tuple[Mend, ...]:
    """Every such line; none where the file can not be read."""
    mended = repair(facts.data or b"")
    values = read_toml(mended.data).values or {}
    return (
        *(Mend(finding) for finding in mended.findings),
        *(Mend(finding, as_value(entry.value)) for entry, finding in astray(values, facts.profile)),
    )


# --- looking -----------------------------------------------------------------------------------------------------


async def _look(world: World, answers: Answers) -> ConfigFacts:
    from ..seen import seen_without_keys

    base = answers.get("base", "")
    home = answers.get("home") or (world.state.local.home if world.state else "")
    name = answers.get("profile") or (world.state.local.profile if world.state else "")
    now = (await seen_without_keys(world)).current if world.state else None
    record = now.exchange.succession.at_hand if now else None
    name = name or (record.profile if record else "")
    profile = profile_for(world.files, Path(home), name) if home else profile_of(name if name in NAMES else DEFAULT)
    path = Path(base) if base else Path(home) / "config" / "config.toml" if home else None
    data = await _data(world, path, named=bool(base))
    members = neighbours(record.members) if record else ()
    config, place = read_config(data, profile, world.environ), Path(home) if home else None
    others, source = (members, "the record") if members else (_on_cards(now), "a card")
    around = await survey(world, place, config, others, source)
    if base:
        # Such a file may be for another machine, whose files and addresses are not these.
        around = replace(around, home=None, bind_faults={})
    own = record.member(around.own_id) if record and around.own_id else None
    return ConfigFacts(
        path=path,
        data=data,
        profile=profile,
        environ=overriding(world.environ, profile),
        around=around,
        moniker=own.moniker if own else "",
        members=members,
        seen=tuple(_beside(world, Path(home))) if home and not base else (),
    )


async def _data(world: World, path: Path | None, *, named: bool) -> bytes | None:
    """The config.toml; ``named``: by a person, who can mistake another file for it."""
    if named and path is not None and world.files.stat(path) is None:
        fix = "Name the config.toml to start from, or leave --base out for that of the home."
        raise Refusal(error("config-base-missing", path, f"{path} does not exist; expected the file of --base", fix))
    if path is None or world.files.stat(path) is None:
        return None
    return await read_named(world, path, "Name the config.toml to start from.") if named else world.files.read(path)


def _on_cards(now: Current | None) -> tuple[Neighbour, ...]:
    """Whom the cards and entries at hand name."""
    known = known_members(now.exchange).values() if now else ()
    return of_cards(one.card if isinstance(one, KnownCard) else one.entry for one in known)


def _beside(world: World, home: Path) -> Iterator[Finding]:
    """Files that the node would read instead of config/config.toml."""
    for folder in (home, home / "config"):
        for ending in _SHADOWS:
            path = folder / f"config.{ending}"
            if folder != home and ending == "toml":
                return
            if world.files.stat(path) is not None:
                message = f"The node reads {path} instead of {home / 'config' / 'config.toml'}."
                yield error("config-shadowed", path, message, f"Move {path} out of the home.")


def _now(facts: ConfigFacts) -> dict[Place, Value | None]:
    values = read_toml(repair(facts.data or b"").data).values or {}
    return {place: as_value(entry.value) for place, entry in by_place(values, facts.profile).items()}


# --- planning ----------------------------------------------------------------------------------------------------


def _edited(facts: ConfigFacts, planned_rows: tuple[Row, ...]) -> bytes:
    """The file with the planned values; raises Refusal where it can not be read."""
    mended = repair(facts.data or b"").data
    read = read_toml(mended)
    if read.values is None:
        raise Refusal(*read.findings)
    spelt = {place: (entry.table, entry.key) for place, entry in by_place(read.values, facts.profile).items()}
    changes = {
        spelt.get((row.table, row.key), (row.table, row.key)): row.planned for row in planned_rows if row.changes
    }
    return edit_toml(mended, changes, strays(read.values, facts.profile))


def _left(facts: ConfigFacts, after: bytes, log_level: str) -> Iterator[Finding]:
    """What is still so after the edit, and for information what it mends."""
    environ = dict(facts.environ)
    left = check(after, facts.profile, environ, around=facts.around)
    before = check(facts.data, facts.profile, environ, around=facts.around) if facts.data is not None else ()
    still = {(finding.code, finding.subject) for finding in left}
    for finding in before:
        if finding.severity is Severity.ERROR and (finding.code, finding.subject) not in still:
            yield replace(finding, severity=Severity.INFO, message=f"{finding.message} The plan repairs it.", fix="")
    yield from _without_suggested(left, log_level)


def _without_suggested(findings: Iterable[Finding], log_level: str) -> Iterator[Finding]:
    """Without what is said of the log level where it is the one that quorate itself suggests: its row says it."""
    return (one for one in findings if (one.code, log_level) != ("config-log-level-hides", LOG_LEVEL))


def _about_record(facts: ConfigFacts, wanted: Wanted) -> Iterator[Finding]:
    if not facts.members and wanted.chosen:
        message = f"There is no record; persistent_peers is to have the {counted(len(wanted.chosen), 'node')} named."
        yield info("config-peers-named", "peers", message)
    elif not facts.members:
        message = "There is no record in force yet, so the peers are not known; persistent_peers stays as it is."
        yield warning("config-no-record", "peers", message, "Import the record, then plan config again.")
    elif facts.node_id and all(member.node_id != facts.node_id for member in facts.members):
        message = f"This node, {facts.node_id}, is not in the record; it is set up as a node that joins later."
        yield info("config-not-a-member", "peers", message, "Send your card to the coordinator to be admitted.")


def _no_file() -> tuple[Finding, ...]:
    fix = "Name a home (quorate home --home DIR) or a file (--base FILE); flags and variables need neither."
    return (
        error(
            "config-no-file",
            "config.toml",
            "Neither a home nor a base file is known, so no config.toml can be edited.",
            fix,
        ),
    )


def _restart(profile: Profile) -> str:
    return f"Restart the node ({profile.commands.programs[0]}): it reads config.toml only when it starts."
