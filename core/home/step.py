"""The step ``home``: who the person is, where the node's home is, and which software it belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..apply.traces import is_in_use
from ..changes import UseHome
from ..finding import Finding, Refusal, Severity, error, unknown
from ..keys.surroundings import git_work_tree, read_sign_state
from ..network_name import EXPECTED, is_network_name
from ..place import typed_place
from ..plan import Plan
from ..profiles import NAMES
from ..profiles import profile as profile_of
from ..state import Local, State
from ..step import Answers, Field, Inspection, Progress, Report, UsualStep, silent
from ..world import Files, FileStat, World
from .checks import check_config, check_folder, check_profile, check_surroundings
from .claim import check as claims
from .history import History, read_history
from .history import check as check_history
from .model import GENESIS_LIMIT, Home, open_home
from .recognise import Recognised, candidates, recognise

if TYPE_CHECKING:
    from ..agreement.record import NetworkRecord

_ROLES = ("member", "coordinator")


@dataclass(frozen=True, slots=True)
class HomeLook:
    """What one folder is."""

    path: Path
    source: str
    """Why it is offered: ``$TMHOME``, ``~/.tendermint``, ``answer``."""
    recognised: Recognised
    home: Home | None
    """None where it can not be read."""
    history: History | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class HomeFacts:
    looks: tuple[HomeLook, ...]
    """The home that was answered first, then the others that can be offered."""
    role: str = ""
    profile: str = ""
    """As answered before; empty: as recognised."""
    network: str = ""
    used: str = ""
    """The home that the network has been formed with so far: another one is a change. Empty: none yet."""

    def of(self, path: str) -> HomeLook | None:
        return next((look for look in self.looks if str(look.path) == path), None)


class HomeStep(UsualStep):
    id = "home"
    title = "Home"
    purpose = "Say who you are, where your node's home is, and which software it belongs to."
    command = ("home",)
    fields = (
        Field("role", "Role", "member: you operate a node. coordinator: you gather the cards and publish the record."),
        Field(
            "home",
            "Node home",
            "The folder that holds config/ and data/ of your node, as an absolute path. "
            "A coordinator without a node leaves it empty.",
            word="DIR",
        ),
        Field(
            "profile",
            "Node software",
            f"One of {', '.join(NAMES)}. Empty: as recognised from the home.",
        ),
        Field("network", "Network", f"quorate's name for the network: {EXPECTED}.", word="NAME"),
    )

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[HomeFacts]:
        """Looks at the home that was answered, and at those that can be offered."""
        local = world.state.local if world.state else None
        said = answers.get("home") or (local.home if local else "")
        profile = answers.get("profile") or (local.profile if local else "")
        offered = {candidate.path: candidate.source for candidate in candidates(world)}
        places = {Path(said): "answer", **offered} if _absolute(said) else offered
        used = local.home if local and world.state and _is_used(world.state, local.home) else ""
        looks = []
        agreed = await _agreed(world)
        for done, (path, source) in enumerate(places.items()):
            report(Progress(f"looking at {path}", done, len(places)))
            found = look(world, path, source, profile if str(path) == said else "", agreed)
            looks.append(_in_place_of(used, found) if used and str(path) != used else found)
        network = world.state.network if world.state else ""
        facts = HomeFacts(tuple(looks), local.role if local else "", profile, network, used)
        chosen = facts.of(str(Path(said))) if said else None
        return Inspection(facts, chosen.findings if chosen else ())

    def suggest(self, facts: HomeFacts) -> Answers:
        first = next((one for one in facts.looks if one.home is not None), None)
        profile = facts.profile or (first.recognised.name if first and first.recognised.sure else "")
        known = {"role": facts.role, "home": str(first.path) if first else "", "profile": profile}
        return {name: value for name, value in {**known, "network": facts.network}.items() if value}

    def plan(self, facts: HomeFacts, answers: Answers) -> Plan:
        """Another home than one in use; otherwise the answers themselves are what this step gives."""
        home = answers.get("home", "")
        moves = bool(facts.used) and home != facts.used
        changes = (UseHome(facts.network, Path(facts.used), Path(home) if home else None),) if moves else ()
        return Plan(self.id, changes, tuple(_about_answers(facts, answers)))

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        return (await self.inspect(world, answers, silent)).findings

    def typed(self, answers: Answers, environ: Mapping[str, str]) -> dict[str, str]:
        home = answers.get("home", "").strip()
        if not (home == "~" or home.startswith("~/")) or "\0" in home:
            return dict(answers)
        return {**answers, "home": str(typed_place(home, environ))}

    def refuse(self, given: Answers, state: State) -> None:
        """Raises Refusal (``home-network-other``): the name is that of the state's folder, and no answer changes it."""
        said = given.get("network", state.network)
        if said and said != state.network:
            message = f"this network is called {state.network}; its name is not changed to {said!r}"
            fix = "Begin the other one apart: quorate home --network NAME --role ROLE --home DIR"
            raise Refusal(error("home-network-other", "network", message, fix))

    def settled(self, local: Local, answers: Answers, state: State) -> Local:
        """Role, home and profile are apart, because everything else is read by them.

        A home in use is not changed by an answer, but by a plan.
        """
        role, home, profile = (answers.get(name, getattr(local, name)) for name in ("role", "home", "profile"))
        if home != local.home and _is_used(state, local.home):
            home = local.home
        return replace(local, role=role, home=home, profile=profile)


def look(
    world: World, path: Path, source: str = "answer", profile: str = "", agreed: NetworkRecord | None = None
) -> HomeLook:
    """What the folder at ``path`` is, and everything there is to say of it. ``profile`` empty: as recognised.

    ``agreed``: the record that this operator accepts.
    """
    files = world.files
    recognised = recognise(files, path)
    try:
        stat, names = _folder(files, path)
    except Refusal as refusal:
        return HomeLook(path, source, recognised, None, None, refusal.findings)
    found = list(check_folder(path, stat, names, _names(files, path / "config"), _names(files, path / "data")))
    if stat is not None and stat.kind != "folder":
        return HomeLook(path, source, recognised, None, None, tuple(found))
    if names and "config" in names:
        found += check_profile(recognised, profile)
    try:
        home = open_home(files, path, profile_of(profile if profile in NAMES else recognised.name))
        git = git_work_tree(files, path)
    except Refusal as refusal:
        return HomeLook(path, source, recognised, None, None, (*found, *refusal.findings))
    history = read_history(files, home, read_sign_state(files, home).state)
    if names and "config" in names:
        found += check_config(home)
    chain = _agreed_chain(files, home, agreed) if history.has_run else ""
    found += [*check_history(home, history, chain), *check_surroundings(path, git, world.environ), *claims(world, path)]
    return HomeLook(path, source, recognised, home, history, tuple(found))


async def _agreed(world: World) -> NetworkRecord | None:
    """None also where the state cannot be read, which is reported where records matter."""
    from ..seen import seen_without_keys

    if world.state is None:
        return None
    try:
        return (await seen_without_keys(world)).current.exchange.succession.at_hand
    except Refusal:
        return None


def _agreed_chain(files: Files, home: Home, agreed: NetworkRecord | None) -> str:
    """The chain id of ``agreed``, where genesis.json in ``home`` is its genesis byte for byte; else empty."""
    try:
        same = agreed is not None and files.read(home.files.genesis, GENESIS_LIMIT) == agreed.genesis_bytes()
    except Refusal:
        return ""
    return agreed.chain_id if agreed is not None and same else ""


def _folder(files: Files, path: Path) -> tuple[FileStat | None, tuple[str, ...] | None]:
    """What stands there, a link to a folder taken for the folder; and its names, None where they can not be had."""
    stat = files.stat(path)
    if stat is None or stat.kind not in ("folder", "link"):
        return stat, None
    if stat.kind == "link":
        stat = FileStat("folder", 0o700, stat.uid, stat.size)
    try:
        return stat, files.names(path)
    except Refusal:
        return stat, None


def _names(files: Files, path: Path) -> tuple[str, ...]:
    """The names in a folder; none if it is not one, or cannot be listed, which other checks report."""
    try:
        return files.names(path) or ()
    except Refusal:
        return ()


def _in_place_of(used: str, found: HomeLook) -> HomeLook:
    """What can be made for a network that begins is wrong where it would take the place of a home in use."""
    fix = f"Give the folder to which {used} was moved, or keep {used}."
    return replace(
        found,
        findings=tuple(
            replace(one, severity=Severity.ERROR, fix=fix) if one.code in ("home-missing", "home-empty") else one
            for one in found.findings
        ),
    )


def _is_used(state: State, home: str) -> bool:
    return bool(home) and "\0" not in home and is_in_use(state.folder, Path(os.path.realpath(home)))


def _absolute(path: str) -> bool:
    return bool(path) and "\0" not in path and Path(path).is_absolute()


def _about_answers(facts: HomeFacts, answers: Answers) -> Iterator[Finding]:
    role, network, profile = (answers.get(name, "") for name in ("role", "network", "profile"))
    if role not in _ROLES:
        yield error(
            "home-role", "role", f"The role is {role or 'not given'}; expected {' or '.join(_ROLES)}.", "Say which."
        )
    if not is_network_name(network):
        said = f"The network's name is {network or 'not given'}; expected {EXPECTED}."
        yield error("home-network-name", "network", said, "Agree on one name with the other members.")
    if profile and profile not in NAMES:
        said = f"The profile is {profile}; expected one of {', '.join(NAMES)}."
        yield error("home-profile-unknown", "profile", said, "Ask your node's program for its version.")
    yield from _about_home(facts, role, answers.get("home", ""))


def _about_home(facts: HomeFacts, role: str, home: str) -> Iterator[Finding]:
    if not home:
        if role == "member":
            fix = "Say where it is, usually ~/.tendermint or ~/.cometbft; or make one: quorate keys new --home DIR"
            yield error("home-member-without", "home", "A member has a node, and its home is not given.", fix)
        return
    if not _absolute(home):
        yield error("home-not-absolute", "home", f"The home is {home}; expected an absolute path.", "Begin it with /.")
        return
    found = facts.of(str(Path(home)))
    if found is None:
        yield unknown(
            "home-not-looked-at", "home", f"{home} was not looked at yet.", "Have it looked at: inspect again."
        )
    else:
        yield from found.findings
