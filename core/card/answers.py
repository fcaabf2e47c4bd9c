"""From answers to a card and back: what each field means, and what it can be filled with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..documents.ed25519 import address, node_id, to_base64
from ..finding import Finding, error, has_error
from ..home.model import text_of
from ..keys.model import parse_public
from ..way import Blank, way
from .checks import check_addresses, check_content, to_yourself
from .facts import CardFacts
from .hosts import P2P_PORT, Address, parse_address, parse_host_port
from .identifiers import wrong_public_key
from .model import NodeCard, wrong_card
from .typed import read_address, read_addresses, wrong_port

_KEY_FIELDS = ("node_key", "validator_key", "node_id", "validator_address")


def suggest(facts: CardFacts) -> dict[str, str]:
    """What the newest card says; without one, what home and program tell."""
    return {**_from_config(facts), **_from_card(facts.latest)}


def draft(facts: CardFacts, answers: Mapping[str, str]) -> tuple[NodeCard | None, tuple[Finding, ...]]:
    """The card (serial 1) that the answers make, or why they make none. Subjects are the fields."""
    missing = tuple(_missing_keys(facts, answers))
    p2p, about_p2p = _addresses(answers)
    api, about_api = _api(answers.get("api", ""))
    card = _card(facts, answers, p2p, api)
    told = {finding.subject for finding in (*about_p2p, *about_api)} | set(_KEY_FIELDS if missing else ())
    told |= {"p2p"} if told & {"host", "port", "more"} else set()
    wrong = (one for one in wrong_card(card) if one.subject not in told)
    findings = (
        *(*missing, *about_p2p, *about_api),
        *(replace(one, fix=f"Correct your answer for {one.subject}.") for one in wrong),
        *_by_field(card, bool(answers.get("host", "").strip())),
    )
    findings = tuple(to_yourself(one) for one in findings)
    return None if has_error(findings) else card, findings


def _by_field(card: NodeCard, has_host: bool) -> Iterator[Finding]:
    """What ``check_content`` says, with the fields as subjects: the first address stands in host and port."""
    typed = card.addresses[:1] if has_host else ()
    for finding in check_addresses(typed, "host"):
        yield replace(finding, subject="port") if finding.code == "address-other-port" else finding
    yield from check_addresses(card.addresses[len(typed) :], "more")
    for finding in check_content(card):
        if finding.subject != "p2p":
            yield finding
        elif finding.code == "address-twice":
            yield replace(finding, subject="more")


def _from_config(facts: CardFacts) -> dict[str, str]:
    config = facts.home.config if facts.home else None
    external = read_address(text_of(config, "p2p", "external_address"), "host").address
    laddr = read_address(text_of(config, "p2p", "laddr"), "port").address
    return {
        "moniker": text_of(config, "", "moniker"),
        "host": _typed_host(external) if external else facts.hostname,
        "port": str((external or laddr or Address("", P2P_PORT)).port),
        "more": "",
        "api": "",
        "contact": "",
        "software": facts.software,
        "validator_key": facts.told_key,
    }


def _from_card(card: NodeCard | None) -> dict[str, str]:
    if card is None:
        return {}
    parsed = tuple(filter(None, map(parse_address, card.p2p)))
    first = parsed[0] if parsed and not parsed[0].node_id else None
    return {
        "moniker": card.moniker,
        "host": _typed_host(first) if first else "",
        "port": str(first.port if first else P2P_PORT),
        "more": " ".join(map(str, parsed[1:] if first else parsed)),
        "api": card.api,
        "contact": card.contact,
        "software": card.software,
    }


def _typed_host(address: Address) -> str:
    return f"[{address.host}]" if ":" in address.host else address.host


_SHOW = way("keys", "show", "--home", Blank("DIR"))


def _missing_keys(facts: CardFacts, answers: Mapping[str, str]) -> Iterator[Finding]:
    if facts.node_key is None:
        message = "The home has no sound node key, which signs the card."
        yield error("card-no-node-key", "node_key", message, way=_SHOW)
    given = answers.get("validator_key", "").strip()
    if _validator_key(facts, answers) is None and facts.remote_signer and given:
        yield wrong_public_key(given, "validator_key", "")
    elif _validator_key(facts, answers) is None and facts.remote_signer:
        message = f"The remote signer at {facts.remote_signer} holds the validator key; its public key is not given."
        yield error("card-no-validator-key", "validator_key", message, "Give it: --set validator_key=BASE64")
    elif _validator_key(facts, answers) is None:
        message = "The home has no sound validator key, which the card names."
        yield error("card-no-validator-key", "validator_key", message, way=_SHOW)


def _validator_key(facts: CardFacts, answers: Mapping[str, str]) -> bytes | None:
    if not facts.remote_signer:
        return facts.validator_key
    return parse_public(answers.get("validator_key", "") or facts.told_key)


def _addresses(answers: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    host, port, more = (answers.get(name, "").strip() for name in ("host", "port", "more"))
    wrong = wrong_port(port, "port") if port else None
    number = P2P_PORT if wrong or not port else int(port)
    typed = [read_address(host, "host", number)] if host or not more else []
    typed += read_addresses(more, "more")
    found = dict.fromkeys(str(one.address) for one in typed if one.address)
    # The port stands in a field of its own: that it is not in the host field goes without saying.
    findings = (finding for one in typed for finding in one.findings)
    kept = (one for one in findings if (one.code, one.subject) != ("address-port-assumed", "host"))
    return tuple(found), (*((wrong,) if wrong else ()), *kept)


def _api(text: str) -> tuple[str, tuple[Finding, ...]]:
    text = text.strip()
    if not text or parse_host_port(text):
        return text, ()
    typed = read_address(text, "api")
    if typed.address is None or typed.address.node_id:
        return text, typed.findings
    kept = tuple(one for one in typed.findings if one.code != "address-port-assumed")
    whole = typed.address.host_port if len(kept) == len(typed.findings) else _typed_host(typed.address)
    return whole, kept


def _card(facts: CardFacts, answers: Mapping[str, str], p2p: tuple[str, ...], api: str) -> NodeCard:
    node, validator = facts.node_key or b"", _validator_key(facts, answers) or b""
    return NodeCard(
        network=facts.network,
        serial=1,
        p2p=p2p,
        api=api,
        node_key=to_base64(node),
        validator_key=to_base64(validator),
        node_id=node_id(node),
        validator_address=address(validator),
        moniker=answers.get("moniker", "").strip(),
        contact=answers.get("contact", "").strip(),
        software=answers.get("software", "").strip(),
    )
