"""Putting right what people type or paste as an address: the documents' own lines and chats are full of small slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..finding import Finding, error, info
from .hosts import P2P_PORT, Address, is_host
from .identifiers import looks_like_address, upper_case

_LIMIT = 400
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,10}://", re.IGNORECASE)
_EDGES = " \t\r\n\"'`<>(){},;\\/\u00a0\u200b\u2060\ufeff"
_WRITE = "Write it as host:port, an IPv6 host in brackets: node.example.com:26656, [2001:db8::1]:26656."


@dataclass(frozen=True, slots=True)
class Typed:
    """What was meant. ``address`` is None where it can not be told; then there is an error among the findings."""

    address: Address | None
    findings: tuple[Finding, ...] = ()


class _Wrong(Exception):  # noqa: N818
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def read_address(text: str, subject: str, port: int = P2P_PORT) -> Typed:
    """The address that somebody typed, with every correction told. ``port`` stands in for a missing one.

    Findings, on ``subject``: ``address-tidied``, ``address-idna``, ``address-port-assumed`` (info); ``address-empty``,
    ``address-node-id``, ``address-host``, ``address-port`` (error).
    """
    try:
        tidy = _tidy(text, subject)
        node_id, rest = _split_id(tidy, subject)
        host, own_port = _split_port(rest, subject)
        findings: list[Finding] = []
        address = Address(_host(host, subject, findings), own_port or port, node_id)
    except _Wrong as wrong:
        return Typed(None, (wrong.finding,))
    if own_port is None:
        findings.append(info("address-port-assumed", subject, f"{rest} names no port; {port} is taken."))
    bracketed = ":" in host and own_port is not None and not rest.startswith("[")
    if tidy.lower() != text.lower() or bracketed:
        findings.append(info("address-tidied", subject, f'"{text[:_LIMIT]}" is read as {address}.'))
    return Typed(address, tuple(findings))


def read_addresses(text: str, subject: str) -> Iterator[Typed]:
    """Each of several addresses with blanks, commas or lines between them."""
    for part in re.split(r"[\s,;，]+", text):
        if part.strip(_EDGES):
            yield read_address(part, subject)


def _tidy(text: str, subject: str) -> str:
    if len(text) > _LIMIT:
        raise _Wrong(error("address-host", subject, f"It has {len(text)} characters; an address is shorter.", _WRITE))
    tidy = _SCHEME.sub("", unicodedata.normalize("NFKC", text).strip(_EDGES), count=1).strip(_EDGES)
    if not tidy:
        raise _Wrong(error("address-empty", subject, "There is no address; a node needs one to be dialled.", _WRITE))
    return tidy


def _split_id(text: str, subject: str) -> tuple[str, str]:
    before, at, rest = text.rpartition("@")
    if at and not re.fullmatch(r"[0-9a-fA-F]{40}", before):
        message = f'"{before}" before the @ has {len(before)} characters; a node id is 40 hex digits.'
        raise _Wrong(error("address-node-id", subject, message, "Copy the node id again: show-node-id prints it."))
    if at and looks_like_address(before):
        fix = "Copy what show-node-id prints on that node."
        raise _Wrong(error("address-node-id", subject, f"{upper_case(before)}.", fix))
    return before, rest


def _split_port(text: str, subject: str) -> tuple[str, int | None]:
    if is_host(text.lower()) and ":" in text:
        return text, None
    host, _, port = text.rpartition(":")
    if ":" in host and is_host(host.lower()) and re.fullmatch(r"[0-9]{5}", port):
        # Five digits are no group of an IPv6 address, so that only the brackets are missing.
        return host, _port(port, subject)
    match = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*))(?::\s*([^:]*))?", text)
    if match is None:
        raise _Wrong(error("address-host", subject, f'"{text}" is not host:port.', _WRITE))
    found = match[1] if match[1] is not None else match[2]
    return found.strip(), None if match[3] is None else _port(match[3], subject)


def wrong_port(text: str, subject: str) -> Finding | None:
    """Why ``text`` is no port; None where it is one."""
    if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65536:
        return None
    fix = "Enter a number from 1 to 65535." if subject == "port" else _WRITE
    return error("address-port", subject, f'The port is "{text}"; expected a number from 1 to 65535.', fix)


def _port(text: str, subject: str) -> int:
    wrong = wrong_port(text, subject)
    if wrong is not None:
        raise _Wrong(wrong)
    return int(text)


def _host(text: str, subject: str, findings: list[Finding]) -> str:
    host = _compressed(text.lower().rstrip("."))
    if not host.isascii():
        host = _a_label(host, subject)
        findings.append(info("address-idna", subject, f"{text} is {host} in the DNS; that form travels."))
    if not is_host(host):
        fix = "Write a DNS name of letters, digits and hyphens, an IPv4 address, or an IPv6 address in brackets."
        raise _Wrong(error("address-host", subject, f'"{text}" is no host.', fix))
    return host


def _compressed(host: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_address(host)) if "%" not in host else host
    except ValueError:
        return host


def _a_label(host: str, subject: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        message = f'"{host}" can not be written as a DNS name.'
        raise _Wrong(error("address-host", subject, message, "Give the name in the form that the DNS has.")) from None
