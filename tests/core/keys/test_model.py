"""Public keys as people give them, and what the sign bytes tell."""

from __future__ import annotations

import json
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.keys.model import parse_public
from core.keys.signbytes import Unreadable, chain_of, height_of

KEY = "Y6M/Agd1RuQpOf/epKoQ+sUBMkLHMV2LDCJhcM4CkH4="
SHOWN = '{"type":"tendermint/PubKeyEd25519","value":"' + KEY + '"}'


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def delimited(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def whole(message: bytes) -> bytes:
    return varint(len(message)) + message


def vote(chain: str, height: int = 3, kind: int = 2, block: bytes = b"\x0a\x20" + bytes(32)) -> bytes:
    """CanonicalVote: type, height, round (left out when 0), block id (left out for nil), time, chain id."""
    start = varint(8) + varint(kind) + varint(0x11) + struct.pack("<q", height)
    nil_or_block = delimited(4, block) if block else b""
    return whole(start + nil_or_block + delimited(5, b"\x08\x80\x92\xb8\xc3\x98\xfe") + delimited(6, chain.encode()))


def proposal(chain: str) -> bytes:
    """CanonicalProposal: as a vote, with pol_round (-1, ten bytes) as field 4, and so the chain id as field 7."""
    start = varint(8) + varint(32) + varint(0x11) + struct.pack("<q", 3)
    pol = varint(4 << 3) + b"\xff" * 9 + b"\x01"
    time = delimited(6, b"\x08\x80\x92")
    return whole(start + pol + delimited(5, b"\x0a\x20" + bytes(32)) + time + delimited(7, chain.encode()))


@given(st.text(min_size=1, max_size=50).filter(lambda text: text.isprintable()), st.integers(1, 2**62))
def test_the_chain_id_is_read_from_votes_and_proposals(chain: str, height: int) -> None:
    assert chain_of(vote(chain, height)) == chain
    assert chain_of(vote(chain, height, block=b"")) == chain
    assert chain_of(proposal(chain)) == chain
    assert (height_of(vote(chain, height)), height_of(proposal(chain))) == (height, 3)
    assert chain_of(json.dumps({"@chain_id": chain, "@type": "vote", "height": "3"}).encode()) == chain


def test_a_chain_id_that_looks_like_a_field_is_read_whole() -> None:
    assert chain_of(vote("a2\x322\x05xy")) == "a2\x322\x05xy"


@given(st.binary(max_size=80))
def test_any_other_bytes_are_unreadable_and_nothing_else_happens(signed: bytes) -> None:
    with suppress(Unreadable):
        assert chain_of(signed)


@given(st.data())
def test_cut_sign_bytes_are_unreadable(data: st.DataObject) -> None:
    signed = vote("example-1")
    cut = data.draw(st.integers(0, len(signed) - 1))
    with pytest.raises(Unreadable):
        chain_of(signed[:cut])


@pytest.mark.parametrize("sign_bytes", [b"{}", b'{"@chain_id":5}', b'{"@chain_id":""}', vote(""), vote("a") + b"\0"])
def test_sign_bytes_without_a_chain_are_unreadable(sign_bytes: bytes) -> None:
    with pytest.raises(Unreadable):
        chain_of(sign_bytes)


@pytest.mark.parametrize(
    "text",
    [
        SHOWN,
        KEY,
        f'"{KEY}"',
        f"  {KEY}\n",
        f"Deprecated: snake_case commands will be replaced by hyphen-case commands in the next release\n{SHOWN}\n",
        SHOWN.replace(",", ",\n "),
    ],
)
def test_a_public_key_is_read_in_its_usual_forms(text: str) -> None:
    found = parse_public(text)
    assert found is not None and found.hex().startswith("63a33f02")


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "null", KEY[:-1], KEY[4:], KEY + "AAAA", SHOWN.replace("Ed25519", "Secp256k1"), "ключ", "[" * 9999],
)
def test_what_is_no_public_key_is_none(text: str) -> None:
    assert parse_public(text) is None


def test_a_private_key_given_as_a_public_one_is_none() -> None:
    assert (
        parse_public("CMK1iK3WeWhk3jOPlo7bUNTkdAGBVK0b1xytf4UyRnBjoz8CB3VG5Ck5/96kqhD6xQEyQscxXYsMImFwzgKQfg==") is None
    )
