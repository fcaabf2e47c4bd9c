"""The step ``keys``: what keys the home has, and fresh ones where none are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..changes import Change, CreateSecret, WriteFile
from ..finding import Finding, Refusal, error
from ..home.model import Home, open_home
from ..home.recognise import profile_for
from ..plan import Plan
from ..safe import safe
from ..step import Answers, Field, Inspection, Progress, Report, UsualStep, silent
from ..way import Blank, way
from ..world import World
from .checks import check, check_public, generations, restore_state
from .client import inspect as inspect_keys
from .model import KeyFacts, parse_public
from .sign_state import fresh_sign_state

_MADE_BY_PLAN = frozenset({"key-missing", "key-state-missing"})


@dataclass(frozen=True, slots=True)
class KeysFacts:
    home: Home
    keys: KeyFacts


class KeysStep(UsualStep):
    id = "keys"
    title = "Keys"
    purpose = "See which keys this node has, and make those it has not."
    of_a_node = True
    of_a_home = True
    fields = (
        Field(
            "validator_key",
            "Validator public key",
            "Only with a remote signer (priv_validator_laddr): the public key it signs blocks with, as the JSON line "
            "of show-validator or as base64. Without one leave it empty: the key is read from the home.",
        ),
        Field(
            "sign_state",
            "Sign state",
            "Only where the validator key has no sign state: the word fresh makes a new one. Say it only of a key that "
            "has never signed on any machine, for the sign state is what keeps it from signing a height twice. It is "
            "refused where anything shows that the key belongs to a network that has started.",
            once=True,
        ),
    )

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[KeysFacts]:
        """Looks at the home of the answers (``home``, ``profile``), else of the state.

        Raises Refusal (``key-no-home``).
        """
        report(Progress("reading the public facts of the keys"))
        facts = await look(world, _home_path(world, answers), _profile_name(world, answers))
        return Inspection(facts, tuple(check(facts.keys, facts.home.profile)))

    def suggest(self, facts: KeysFacts) -> Answers:
        return {}

    def plan(self, facts: KeysFacts, answers: Answers) -> Plan:
        """Makes what is missing, and nothing where something is."""
        changes = tuple(_changes(facts, answers))
        made = {safe(change.path, 200) for change in changes if isinstance(change, CreateSecret | WriteFile)}
        left = (
            finding
            for finding in check(facts.keys, facts.home.profile)
            if not (finding.code in _MADE_BY_PLAN and finding.subject in made)
        )
        return Plan(self.id, changes, (*left, *_about_answers(facts, answers), *_about_old_state(facts, changes)))

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        return (await self.inspect(world, answers, silent)).findings


async def look(world: World, home: Path, profile: str = "") -> KeysFacts:
    """What the keys of ``home`` are; its profile as named, else as recognised. Raises Refusal."""
    opened = open_home(world.files, home, profile_for(world.files, home, profile))
    keys = await inspect_keys(world, opened)
    return KeysFacts(opened, keys)


def plan_new(home: Home, keys: KeyFacts) -> Plan:
    """Fresh key files where none are: what ``quorate keys new`` does. Nothing that exists is replaced.

    Findings of keys that stand already are no reason not to make the missing ones, and are left to ``keys show``.
    """
    facts = KeysFacts(home, keys)
    changes = tuple(_changes(facts, {}))
    return Plan("keys", changes, (*_about_generation(keys), *_about_old_state(facts, changes)))


def validator_key(facts: KeysFacts, answers: Answers) -> bytes | None:
    """The node's validator public key: from the home, or with a remote signer as the person gave it."""
    return parse_public(answers.get("validator_key", "")) if facts.keys.remote_signer else facts.keys.validator_key


def _home_path(world: World, answers: Answers) -> Path:
    said = answers.get("home") or (world.state.local.home if world.state else "")
    if not said:
        fix = "Say where the node's home is: quorate home --home DIR"
        to_home = way("home", "--home", Blank("DIR"))
        raise Refusal(error("key-no-home", "home", "No node home is known, and keys are in one.", fix, way=to_home))
    return Path(said)


def _profile_name(world: World, answers: Answers) -> str:
    return answers.get("profile") or (world.state.local.profile if world.state else "")


def _changes(facts: KeysFacts, answers: Answers) -> Iterator[Change]:
    keys, files = facts.keys, facts.home.files
    makes_validator = keys.validator is not None and not keys.validator.exists and keys.other_generation is None
    if makes_validator:
        yield CreateSecret(files.validator_key, "the validator key of this node, which signs blocks", "validator")
    if not keys.node.exists:
        yield CreateSecret(files.node_key, "the node key of this node, which names it among its peers", "node")
    fresh = answers.get("sign_state", "") == "fresh" and not keys.started and keys.validator is not None
    if files.sign_state and keys.signed.missing and (makes_validator or fresh):
        content = fresh_sign_state(round_quoted=facts.home.profile.state_round_quoted)
        yield WriteFile(files.sign_state, None, content, "a key that has signed nothing begins at height 0", mode=0o600)


def _about_generation(keys: KeyFacts) -> Iterator[Finding]:
    return (finding for finding in generations(keys) if keys.validator is not None and not keys.validator.exists)


def _about_answers(facts: KeysFacts, answers: Answers) -> Iterator[Finding]:
    said = answers.get("validator_key", "").strip()
    if facts.keys.remote_signer:
        yield from _about_signer(said)
    word = answers.get("sign_state", "")
    if word not in ("", "fresh"):
        yield error(
            "key-answer-unknown", "sign_state", f"sign_state is {word}; expected fresh, or nothing.", "Say fresh."
        )
    if word == "fresh" and facts.keys.started:
        message = f"This key belongs to a network that has started: {'; '.join(facts.keys.started)}."
        yield error("key-state-not-fresh", "sign_state", message, restore_state(facts.keys, facts.home.profile))


def _about_signer(said: str) -> Iterator[Finding]:
    key = parse_public(said)
    if not said:
        message = "A remote signer holds the validator key; its public key is not given yet."
        yield error("key-validator-not-given", "validator_key", message, "Give it: --set validator_key=BASE64")
    elif key is None:
        message = "What was given is no ed25519 public key: expected 32 bytes in base64, or show-validator's JSON line."
        yield error("key-validator-not-read", "validator_key", message, "Copy it again from your signer.")
    else:
        yield from check_public(key, "validator", "validator_key")


def _about_old_state(facts: KeysFacts, changes: tuple[Change, ...]) -> Iterator[Finding]:
    state = facts.keys.sign_state
    makes_validator = any(isinstance(change, CreateSecret) and change.kind == "validator" for change in changes)
    if makes_validator and state is not None and state.height > 0:
        message = (
            f"The sign state stands at height {state.height} of another key; expected 0 for a fresh one, "
            "which would not sign before that height."
        )
        yield error("key-state-of-another-key", facts.keys.state_path, message, "Set the data folder aside first.")
