"""Every finding about keys, from the facts of real files."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from core.finding import Severity
from core.keys.checks import check, check_public
from core.keys.client import inspect
from core.keys.published import KEYS
from core.profiles import profile
from tests.core.keys.key_homes import (
    PRIVATE,
    PUBLIC,
    b64,
    make_home,
    node_file,
    opened,
    public_of,
    put,
    seed_of,
    this_world,
    validator_file,
)

SEED, OTHER = seed_of("validator"), seed_of("other")
SOUND = validator_file(SEED)
LOW_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
PUBLISHED_SEEDS = (
    bytes(32),
    bytes(range(32)),
    b"\xff" * 32,
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
    bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
    bytes.fromhex("f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5"),
    bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
    base64.b64decode("AHBiZXdZhkVZoPUAiMzClxhl0VvUp7Xl3YT6GvCc93A="),
)


def private(value: bytes, kind: str = PRIVATE) -> dict[str, object]:
    return {"priv_key": {"type": kind, "value": b64(value)}}


async def codes(home: Path, name: str = "tendermint-0.34") -> set[str]:
    facts = await inspect(this_world(), opened(home, name))
    return {finding.code for finding in check(facts, profile(name))}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (private(SEED + public_of(OTHER)), {"key-halves-disagree"}),
        (private(public_of(SEED) + SEED), {"key-halves-disagree"}),
        (private(SEED + bytes(32)), {"key-halves-disagree"}),
        ({"pub_key": {"type": PUBLIC, "value": b64(public_of(OTHER))}}, {"key-public-not-derived"}),
        ({"pub_key": {"type": PUBLIC, "value": "YOUR_KEY"}}, {"key-public-not-derived"}),
        ({"pub_key": None}, {"key-public-not-derived"}),
        ({"address": "0" * 40}, {"key-address-not-derived"}),
        ({"address": ""}, {"key-address-not-derived"}),
        ({"address": str(SOUND["address"]).lower()}, set()),
        (private(SEED), {"key-file-other-form"}),
        (private(SEED) | {"pub_key": {"type": PUBLIC, "value": b64(public_of(OTHER))}}, {"key-length"}),
        (private(SEED + public_of(SEED) + b"x"), {"key-length"}),
        (private(b""), {"key-length"}),
        (private(b"\1" * 32, "tendermint/PrivKeySecp256k1"), {"key-type-unknown"}),
        (private(SEED + public_of(SEED), "954568A3288910"), {"key-file-other-form"}),
        (private(SEED + public_of(SEED), "tendermint/privkeyed25519"), {"key-file-other-form"}),
        ({"priv_key": {"type": PRIVATE, "value": "YOUR_KEY"}}, {"key-file-damaged"}),
        ({"priv_key": {"type": PRIVATE, "value": b64(SEED + public_of(SEED)).rstrip("=")}}, {"key-file-damaged"}),
        ({"priv_key": None}, {"key-file-damaged"}),
        ({"id": "extra fields are ignored by the node"}, set()),
    ],
)
async def test_what_a_validator_key_file_can_have_wrong(
    tmp_path: Path, change: dict[str, object], expected: set[str]
) -> None:
    assert await codes(make_home(tmp_path, validator=SOUND | change)) == expected


@pytest.mark.parametrize(
    "content", [b"x", b"{", b"[]", b"null", b"\xef\xbb\xbf{}", b"\xff\xfe", b'{"a":1,"a":1}', b"[" * 70_000]
)
async def test_a_file_that_is_no_key_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert await codes(make_home(tmp_path, node=content)) == {"key-file-damaged"}


async def test_an_empty_key_file_is_damaged_and_not_missing(tmp_path: Path) -> None:
    put(make_home(tmp_path) / "config" / "node_key.json", b"")
    assert await codes(tmp_path) == {"key-file-damaged"}


async def test_line_ends_inside_base64_are_skipped_as_go_skips_them(tmp_path: Path) -> None:
    text = b64(SEED + public_of(SEED))
    folded = {"priv_key": {"type": PRIVATE, "value": text[:44] + "\r\n" + text[44:]}}
    assert await codes(make_home(tmp_path, validator=SOUND | folded)) == set()


@pytest.mark.parametrize("seed", PUBLISHED_SEEDS, ids=lambda seed: seed[:4].hex())
async def test_a_published_key_is_refused(tmp_path: Path, seed: bytes) -> None:
    assert public_of(seed) in KEYS
    assert await codes(make_home(tmp_path, validator=validator_file(seed))) == {"key-published-sample"}
    assert await codes(make_home(tmp_path / "b", node=node_file(seed))) == {"key-published-sample"}


def test_every_published_key_of_the_list_is_a_key() -> None:
    assert len(KEYS) == 10 and all(len(key) == 32 for key in KEYS)


@pytest.mark.parametrize("encoded", LOW_ORDER)
def test_a_low_order_key_is_refused(encoded: str) -> None:
    assert [finding.code for finding in check_public(bytes.fromhex(encoded), "validator", "x")] == ["key-weak-point"]


def test_a_mixed_order_key_is_refused() -> None:
    from nacl.bindings import crypto_core_ed25519_add

    mixed = crypto_core_ed25519_add(public_of(SEED), bytes.fromhex(LOW_ORDER[4]))
    assert [finding.code for finding in check_public(mixed, "node", "x")] == ["key-weak-point"]
    assert not list(check_public(public_of(SEED), "node", "x"))


async def test_one_key_for_both_is_refused(tmp_path: Path) -> None:
    assert await codes(make_home(tmp_path, node=node_file(SEED))) == {"key-validator-is-node"}
    assert await codes(make_home(tmp_path, node=SOUND)) == {"key-validator-is-node"}
    assert await codes(make_home(tmp_path, node=validator_file(OTHER))) == {"key-node-has-validator-shape"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (b"", {"key-state-missing"}),
        (b"{", {"key-state-damaged"}),
        (b'{"height":5,"round":0,"step":0}', {"key-state-other-form", "key-home-has-run"}),
        (b'{"height":"0","round":"0","step":0}', {"key-state-other-form"}),
        (b'{"Height":"5","round":0,"step":0}', {"key-state-damaged"}),
        (b'{"height":"5","round":0,"step":3}', {"key-home-has-run"}),
        (b'{"height":"5","round":0,"step":3,"signbytes":"00"}', {"key-home-has-run", "key-state-damaged"}),
        (b'{"height":"0","round":0,"step":0,"note":1}', {"key-state-unknown-field"}),
    ],
)
async def test_the_sign_state_is_judged(tmp_path: Path, state: bytes, expected: set[str]) -> None:
    assert await codes(make_home(tmp_path, state=state)) == expected


async def test_every_finding_carries_an_order_and_both_values(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=SOUND | {"pub_key": {"type": PUBLIC, "value": b64(public_of(OTHER))}})
    facts = await inspect(this_world(), opened(home))
    (finding,) = check(facts, profile("tendermint-0.34"))
    assert finding.severity is Severity.ERROR and finding.fix
    assert b64(public_of(SEED)) in finding.message and b64(public_of(OTHER)) in finding.message


async def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=SOUND | {"address": "0" * 40}, node=private(SEED), state=b"{")
    (home / "config" / "node_key.json").chmod(0o666)
    expected = {"key-address-not-derived", "key-length", "key-state-damaged", "key-mode-loose"}
    assert await codes(home) == expected


async def test_no_finding_shows_the_seed(tmp_path: Path) -> None:
    bad = SOUND | private(SEED + public_of(OTHER)) | {"pub_key": {"type": b64(SEED), "value": b64(SEED)}}
    facts = await inspect(this_world(), opened(make_home(tmp_path, validator=bad)))
    text = json.dumps([finding.as_json() for finding in check(facts, profile("tendermint-0.34"))]) + repr(facts)
    assert b64(SEED)[:40] not in text and SEED.hex() not in text
