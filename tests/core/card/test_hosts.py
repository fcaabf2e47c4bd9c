"""Hosts and addresses have one spelling, and are known for what they are."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.card.hosts import Kind, classify, is_host, parse_address, parse_host_port

ID = "ab" * 20


@pytest.mark.parametrize(
    "host",
    [
        *("node.example.com", "n-1.example", "node0", "xn--mnchen-3ya.example", "192.0.2.7", "2001:db8::1", "::1"),
        *("a" * 63, ".".join(["a" * 49] * 5)),
    ],
)
def test_canonical_hosts_are_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", ".", "a.", ".a", "a..b", "Node.example", "-a.example", "a-.example", "a_b.example", "a b", "1.2.3"),
        *("1.2.3.4.5", "256.1.1.1", "01.2.3.4", "example.123", "2001:DB8::1", "2001:db8:0::1", "fe80::1%eth0", "[::1]"),
        *("a" * 64, ".".join(["a" * 51] * 5), "n\u00f6de.example", "node.example\n", "$(id).example", "a/b", "::g"),
        "\u0661.2.3.4",
    ],
)
def test_other_spellings_are_none(host: str) -> None:
    assert not is_host(host)


@given(st.ip_addresses())
def test_every_ip_address_as_python_writes_it_is_a_host(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if "%" not in str(ip):
        assert is_host(str(ip))
        assert classify(str(ip)) not in ("name", "bare")


@pytest.mark.parametrize(
    "text",
    ["node.example.com:26656", "192.0.2.7:1", "[2001:db8::1]:65535", f"{ID}@node.example.com:26656", f"{ID}@[::1]:1"],
)
def test_canonical_addresses_read_back(text: str) -> None:
    assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("node.example.com", "node.example.com:", "node.example.com:0", "node.example.com:65536", ":1", "[]:1"),
        *("node.example.com:026656", "2001:db8::1:26656", "[192.0.2.7]:26656", "[node.example.com]:26656"),
        *("tcp://a.b:1", "a.b:1,", " a.b:1", "a.b:1\n", "a.b\uff1a1", "a.b:\u0661", "@a.b:1"),
        *(f"{ID.upper()}@a.b:1", f"{ID[:-1]}@a.b:1", f"{ID}@{ID}@a.b:1"),
    ],
)
def test_other_addresses_are_none(text: str) -> None:
    assert parse_address(text) is None


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    for read in (parse_address, parse_host_port, is_host, classify):
        read(text)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("a.example", "a.example", 0),
        ("a.example:9984", "a.example", 9984),
        ("[::1]", "::1", 0),
        ("[::1]:80", "::1", 80),
    ],
)
def test_an_api_host_may_have_a_port(text: str, host: str, port: int) -> None:
    found = parse_host_port(text)
    assert found is not None and (found.host, found.port) == (host, port)


@pytest.mark.parametrize("text", ["::1", "[a.example]", f"{ID}@a.example:1", "http://a.example", ""])
def test_an_api_host_is_nothing_else(text: str) -> None:
    assert parse_host_port(text) is None


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("node.example.com", "name"),
        ("node0", "bare"),
        ("localhost", "loopback"),
        ("x.localhost", "loopback"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:7f00:1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd00::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("224.0.0.1", "unusable"),
        ("203.0.113.9", "unusable"),
        ("2001:db8::1", "unusable"),
        ("255.255.255.255", "unusable"),
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
    ],
)
def test_kinds_are_told_apart(host: str, kind: Kind) -> None:
    assert classify(host) == kind
