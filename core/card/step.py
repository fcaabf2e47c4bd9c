"""The step ``card``: what this member shares with the others, signed by the node key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..changes import Sign, Since
from ..documents.ed25519 import to_base64
from ..finding import Finding, Refusal, error, info, warning
from ..home.model import Home
from ..keys.step import KeysFacts, look
from ..plan import Plan
from ..step import Answers, Field, Inspection, Progress, Report, UsualStep, silent
from ..way import Blank, plan_of, way
from ..world import World
from .answers import draft, suggest
from .changes import card_changes
from .facts import CardFacts, gather
from .model import NodeCard


class CardStep(UsualStep):
    id = "card"
    title = "Card"
    purpose = "Say how the others reach and name your node, and sign it."
    of_a_node = True
    of_a_record = True
    of_a_home = True
    fields = (
        Field("moniker", "Moniker", "The name of the node, which all members see: 1 to 64 printable ASCII characters."),
        Field("host", "Host", "DNS name or IP address at which the others reach yours. A DNS name can move later."),
        Field("port", "Port", "The p2p port, from [p2p] laddr of config.toml: usually 26656."),
        Field(
            "more",
            "More addresses",
            "Other ways to the node, with blanks between: host:port, or id@host:port of a sentry in front of it. With "
            "sentries only, leave the host empty.",
        ),
        Field("api", "HTTP API", "Host of the node's HTTP API, with a port where it is an unusual one. May be empty."),
        Field("contact", "Contact", "How people reach you when the node does not answer: mail, phone. May be empty."),
        Field("software", "Software", "What the node runs, so that all can see who runs something else. May be empty."),
        Field(
            "validator_key",
            "Validator public key",
            "Only with a remote signer (priv_validator_laddr): its public key, as show-validator prints it, or base64.",
        ),
    )

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[CardFacts]:
        """Raises Refusal (``card-no-network``, and as the step keys)."""
        if world.state is None:
            fix = "Name the network: --network NAME"
            raise Refusal(error("card-no-network", "network", "No network is chosen, and a card is for one.", fix))
        local = world.state.local
        home = answers.get("home") or local.home
        if not home and local.role == "coordinator":
            return Inspection(CardFacts(world.state.network, None, None, None, "", "", None, "", ""))
        report(Progress("reading the public facts of the keys"))
        keys = await look(world, Path(home), local.profile) if home else _no_home()
        facts = await gather(world, keys)
        return Inspection(facts, tuple(_about_latest(facts)))

    def suggest(self, facts: CardFacts) -> Answers:
        return suggest(facts) if facts.home else {}

    def plan(self, facts: CardFacts, answers: Answers) -> Plan:
        """One signature, unless the newest card of this node says the same already."""
        if facts.home is None:
            return Plan(self.id, findings=(info("card-no-node", "card", "You have no node here, and so no card."),))
        card, findings = draft(facts, answers)
        if card is None:
            return Plan(self.id, findings=findings)
        if facts.latest is not None and facts.latest.same_content(card):
            return Plan(self.id, findings=findings)
        return Plan(self.id, (_sign(card, facts.home, facts.latest),), findings)

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        inspection = await self.inspect(world, answers, silent)
        facts = inspection.facts
        if facts.home is not None and facts.latest is None:
            return (no_card(facts.network),)
        return inspection.findings


_PLAN = plan_of("card")


def no_card(network: str) -> Finding:
    message = f"There is no card of this node for {network} yet."
    return error("card-not-signed", "card", message, "`quorate plan card`, then `quorate apply card`", way=_PLAN)


def _no_home() -> KeysFacts:
    fix = "Say where the node's home is: quorate home --home DIR"
    to_home = way("home", "--home", Blank("DIR"))
    message = "No node home is known, and a card tells about a node."
    raise Refusal(error("card-no-home", "home", message, fix, way=to_home))


def _about_latest(facts: CardFacts) -> Iterator[Finding]:
    card = facts.latest
    if card is not None and facts.validator_key and card.validator_public != facts.validator_key:
        found = to_base64(facts.validator_key)
        message = f"Your card names the validator key {card.validator_key}; the home has {found}."
        yield warning("card-key-changed", "validator_key", message, "Sign a new card: quorate apply card")


def _sign(card: NodeCard, home: Home, latest: NodeCard | None) -> Sign:
    why = f"it replaces the card of serial {latest.serial}" if latest else "the others need it to know your node"
    found = card_changes(latest, card) if latest else ()
    return Sign("card", card.body, home.path, why, tuple(Since(one.field, one.old, one.new) for one in found))
