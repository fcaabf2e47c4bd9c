"""Sign states of every generation, public keys as people give them, and what the sign bytes tell."""

from __future__ import annotations

import json
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.keys.model import DamagedState, fresh_sign_state, parse_public, parse_sign_state, sign_state
from core.keys.signbytes import Unreadable, chain_of

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
    ("round_", "expected"), [('"0"', b'"round": "0"'), ("0", b'"round": 0')], ids=["0.28 to 0.33", "since 0.34"]
)
def test_a_fresh_state_is_read_back_as_nothing_signed(round_: str, expected: bytes) -> None:
    content = fresh_sign_state(round_quoted=round_.startswith('"'))
    assert expected in content and not content.endswith(b"\n")
    state = parse_sign_state(content)
    assert (state.height, state.round, state.step, state.chain_id, state.has_signed) == (0, 0, 0, "", False)


def test_a_state_that_has_signed_names_its_chain() -> None:
    content = {"height": "7", "round": 1, "step": 3, "signature": "AA==", "signbytes": vote("old-1").hex().upper()}
    state = parse_sign_state(json.dumps(content).encode())
    assert (state.height, state.round, state.step, state.chain_id, state.sign_bytes) == (7, 1, 3, "old-1", "read")


def test_a_state_of_0_22_names_its_chain() -> None:
    signed = b'{"@chain_id":"test-chain-la6HSr","@type":"vote","height":"3","round":"0"}'
    state = sign_state("3", "0", 3, signed.hex().upper())
    assert (state.height, state.chain_id) == (3, "test-chain-la6HSr")


def test_unreadable_sign_bytes_are_told_apart_from_none() -> None:
    assert sign_state("3", 0, 3, "").sign_bytes == "none"
    assert sign_state("3", 0, 3, "zz").sign_bytes == "unreadable"
    assert sign_state("3", 0, 3, 5).sign_bytes == "unreadable"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 5000,
        b'{"height":0,"round":0,"step":0}',
        b'{"height":"-1","round":0,"step":0}',
        b'{"height":"9223372036854775808","round":0,"step":0}',
        b'{"height":"x","round":0,"step":0}',
        b'{"height":"0","round":true,"step":0}',
        b'{"height":"0","step":0}',
        '{"height":"٣","round":0,"step":0}'.encode(),
    ],
)
def test_a_damaged_state_is_refused_in_our_words(content: bytes) -> None:
    with pytest.raises(DamagedState, match=r"^it"):
        parse_sign_state(content)


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
