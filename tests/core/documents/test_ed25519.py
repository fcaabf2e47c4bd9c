"""Keys that others could sign for are refused, and names are those of the node."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from core.documents.ed25519 import address, forget, from_base64, is_good_point, node_id, to_base64, verify
from core.finding import Refusal
from tests.builders import a_key

LOW_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
"""Every encoding of every point of small order (C2SP/CCTV, ed25519)."""
MIXED_ORDER = "06903bfea2a1ddc586e78a189513f47ac6ae27e4e7803a1c2fb94c94b18f3958"


@pytest.mark.parametrize("key", [*LOW_ORDER, MIXED_ORDER])
def test_points_of_small_or_mixed_order_are_no_keys(key: str) -> None:
    assert not is_good_point(bytes.fromhex(key))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_has_32_bytes(size: int) -> None:
    assert not is_good_point(bytes(size))


def test_the_identity_signs_nothing() -> None:
    identity = bytes.fromhex(LOW_ORDER[0])
    assert not verify(identity, b"anything", identity + bytes(32))


def test_a_good_signature_verifies_and_every_change_of_a_bit_does_not() -> None:
    key = a_key("alice")
    signature = key.signing.sign(b"text").signature
    assert verify(key.public, b"text", signature)
    assert not verify(key.public, b"texts", signature)
    assert not verify(a_key("bob").public, b"text", signature)
    for bit in range(0, 512, 7):
        assert not verify(key.public, b"text", (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big"))
    assert not verify(key.public, b"text", signature[:63])


def test_a_signature_made_malleable_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    key = a_key("alice")
    signature = key.signing.sign(b"text").signature
    more = int.from_bytes(signature[32:], "little") + order
    assert not verify(key.public, b"text", signature[:32] + more.to_bytes(32, "little"))


def test_a_libsodium_without_the_check_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings, "has_crypto_core_ed25519", False)
    forget()
    with pytest.raises(Refusal) as refused:
        is_good_point(a_key("nobody before").public)
    assert refused.value.findings[0].code == "ed25519-no-point-check"


def test_names_are_those_that_the_node_prints() -> None:
    # Seed of 32 zero bytes; confirmed with show-node-id and show-validator of Tendermint 0.34.24.
    key = base64.b64decode("O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=")
    assert address(key) == "139E3940E64B5491722088D9A0D741628FC826E0"
    assert node_id(key) == "139e3940e64b5491722088d9a0d741628fc826e0"


@given(st.binary(min_size=32, max_size=32))
def test_base64_of_a_key_reads_back(key: bytes) -> None:
    assert from_base64(to_base64(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2il=",
        "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=\n",
        " O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=",
        "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik",
        "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2i==",
        "",
        "\u00e9" * 44,
        "====",
    ],
)
def test_base64_has_one_spelling(text: str) -> None:
    assert from_base64(text) is None
