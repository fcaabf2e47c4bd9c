"""Slips seen in real launches are put right and told, or refused with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.card.hosts import parse_address
from core.card.typed import read_address, read_addresses, wrong_port

ID = "ab" * 20


def outcome(text: str) -> tuple[str, list[str]]:
    typed = read_address(text, "host")
    assert all(finding.subject == "host" for finding in typed.findings)
    return str(typed.address or ""), [finding.code for finding in typed.findings]


@pytest.mark.parametrize(
    ("text", "address", "codes"),
    [
        ("node.example.com:26656", "node.example.com:26656", []),
        ("Node.Example.COM:26656", "node.example.com:26656", []),
        ("node.example.com", "node.example.com:26656", ["address-port-assumed"]),
        ("node.example.com:26656,", "node.example.com:26656", ["address-tidied"]),
        ("node.example.com:26656,\\", "node.example.com:26656", ["address-tidied"]),
        ('  "node.example.com:26656" ', "node.example.com:26656", ["address-tidied"]),
        ("node.example.com\uff1a26656", "node.example.com:26656", ["address-tidied"]),
        ("node.example.com: 26656", "node.example.com:26656", []),
        ("tcp://node.example.com:26656", "node.example.com:26656", ["address-tidied"]),
        ("https://node.example.com/", "node.example.com:26656", ["address-port-assumed", "address-tidied"]),
        ("node.example.com.:26656", "node.example.com:26656", []),
        ("m\u00fcnchen.example:26656", "xn--mnchen-3ya.example:26656", ["address-idna"]),
        (f"{ID}@192.0.2.1:26656", f"{ID}@192.0.2.1:26656", []),
        ("2001:DB8::1", "[2001:db8::1]:26656", ["address-port-assumed"]),
        ("[2001:db8:0:0::1]:26656", "[2001:db8::1]:26656", []),
        ("2001:db8::1:26656", "[2001:db8::1]:26656", ["address-tidied"]),
        ("n\u200bode.example:26656", "node.example:26656", ["address-idna"]),
        ("[2001:db8::1]", "[2001:db8::1]:26656", ["address-port-assumed"]),
    ],
)
def test_what_was_meant_is_read_and_told(text: str, address: str, codes: list[str]) -> None:
    assert outcome(text) == (address, codes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "address-empty"),
        (" , ", "address-empty"),
        (f"{ID[:-1]}@node.example.com:26656", "address-node-id"),
        ("someone@node.example.com:26656", "address-node-id"),
        (f"{'xy' * 20}@node.example.com:26656", "address-node-id"),
        (f"{ID.upper()}@node.example.com:26656", "address-node-id"),
        ("node.example.com:0", "address-port"),
        ("node.example.com:99999", "address-port"),
        ("node.example.com:", "address-port"),
        ("node.example.com:p2p", "address-port"),
        ("node_1.example.com:26656", "address-host"),
        ("a:b:c", "address-host"),
        ("1.2.3:26656", "address-host"),
        ("\u202enode.example:26656", "address-host"),
        ("x" * 1_000_000, "address-host"),
        ("node.example.com/path:26656", "address-host"),
        ("\x1b[2Jnode.example:1", "address-host"),
    ],
)
def test_what_can_not_be_read_is_refused(text: str, code: str) -> None:
    assert outcome(text) == ("", [code])


@given(st.text(max_size=60))
def test_any_text_gives_a_canonical_address_or_an_error(text: str) -> None:
    for typed in (read_address(text, "host"), *read_addresses(text, "more")):
        if typed.address is None:
            assert [finding.severity.word for finding in typed.findings] == ["error"]
        else:
            assert parse_address(str(typed.address)) == typed.address
        assert all(finding.message.isprintable() for finding in typed.findings)


def test_the_documents_peer_string_is_read_entry_by_entry() -> None:
    text = f"{ID}@a.example.com:26656,\\\n{ID}@b.example.com:26656,\\\n"
    assert [str(typed.address) for typed in read_addresses(text, "more")] == [
        f"{ID}@a.example.com:26656",
        f"{ID}@b.example.com:26656",
    ]


def test_a_port_in_a_field_of_its_own_is_told_as_a_number() -> None:
    alone, within = wrong_port("p2p", "port"), read_address("node.example.com:p2p", "host").findings[0]
    assert alone is not None and alone.fix == "Enter a number from 1 to 65535." and "host:port" in within.fix
