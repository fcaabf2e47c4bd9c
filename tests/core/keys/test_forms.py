"""Keys in the spelling of other software are named as what they are: the key can stay, and nothing secret is told."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.finding import Finding
from core.keys.checks import check
from core.keys.client import inspect
from core.profiles import profile
from tests.core.keys.key_homes import (
    PRIVATE,
    PUBLIC,
    address_of,
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

SEED = seed_of("validator")
PUB = public_of(SEED)
WHOLE = SEED + PUB
SOUND = validator_file(SEED)
OLD_ADDRESS = "65E16A23CFF9DF2A9C762177CD93237BDC0127A4"
LAST = {"last_height": 0, "last_round": 0, "last_step": 0, "last_signature": None}
AMINO = bytes.fromhex("A328891040") + WHOLE
AMINO_PUBLIC = bytes.fromhex("1624DE6420") + PUB


def old(public: object, private: object, **more: object) -> dict[str, object]:
    return {"address": OLD_ADDRESS, "pub_key": public, **more, "priv_key": private}


FORMS: dict[str, tuple[Any, str]] = {
    "2016": (old([1, PUB.hex().upper()], [1, WHOLE.hex().upper()], **LAST), "2016"),
    "2017": (
        old({"type": "ed25519", "data": PUB.hex().upper()}, {"type": "ed25519", "data": WHOLE.hex().upper()}, **LAST),
        "up to 0.16",
    ),
    "0.19 to 0.21": (
        old({"type": "AC26791624DE60", "value": b64(PUB)}, {"type": "954568A3288910", "value": b64(WHOLE)}, **LAST),
        "0.19 to 0.21",
    ),
    "cosmos": (
        {
            "address": SOUND["address"],
            "pub_key": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": b64(PUB)},
            "priv_key": {"@type": "/cosmos.crypto.ed25519.PrivKey", "key": b64(WHOLE)},
        },
        "Cosmos SDK",
    ),
    "amino bytes": (
        old({"type": PUBLIC, "value": b64(AMINO_PUBLIC)}, {"type": PRIVATE, "value": b64(AMINO)}),
        "amino's prefix",
    ),
    "hex value": (old({"type": PUBLIC, "value": PUB.hex()}, {"type": PRIVATE, "value": WHOLE.hex()}), "in hex"),
    "text": (SOUND | {"priv_key": b64(WHOLE)}, "a text without a type"),
    "text in hex": (SOUND | {"priv_key": "0x" + WHOLE.hex()}, "a text without a type"),
    "bare hex": (WHOLE.hex().encode() + b"\n", "bare text"),
    "bare base64": (b64(WHOLE).encode(), "bare text"),
    "type in small letters": (SOUND | {"priv_key": {"type": PRIVATE.lower(), "value": b64(WHOLE)}}, "a type that no"),
    "another name": ({"privKey": {"type": PRIVATE, "value": b64(WHOLE)}}, "another name"),
    "seed": (SOUND | {"priv_key": {"type": PRIVATE, "value": b64(SEED)}}, "seed of 32 bytes"),
    "byte order mark": (b"\xef\xbb\xbf" + json.dumps(SOUND).encode(), "byte order mark"),
    "utf-16": (json.dumps(SOUND).encode("utf-16"), "UTF-16"),
}


async def found(home: Path, name: str = "tendermint-0.34") -> tuple[Finding, ...]:
    return tuple(check(await inspect(this_world(), opened(home, name)), profile(name)))


@pytest.mark.parametrize("form", FORMS)
async def test_a_sound_key_in_another_form_is_named_and_can_stay(form: str, tmp_path: Path) -> None:
    content, named = FORMS[form]
    (finding,) = await found(make_home(tmp_path, validator=content))
    assert finding.code == "key-file-other-form" and named in finding.message
    assert b64(PUB) in finding.message and address_of(PUB) in finding.message
    assert "can stay" in finding.message and "keys new" not in finding.fix and "backup" not in finding.fix


@pytest.mark.parametrize("form", FORMS)
async def test_the_same_for_a_node_key_and_no_secret_is_told(form: str, tmp_path: Path) -> None:
    content, _ = FORMS[form]
    home = make_home(tmp_path, node=content, validator=validator_file(seed_of("another")))
    facts = await inspect(this_world(), opened(home))
    told = repr((facts, await found(home))).lower()
    assert "key-file-other-form" in told and facts.node_key is None
    assert not [part for part in (SEED.hex(), b64(SEED)[:40].lower(), b64(AMINO)[:40].lower()) if part in told]


@pytest.mark.parametrize(
    ("form", "text"), [("2017", WHOLE.hex().upper()), ("hex value", WHOLE.hex()), ("amino bytes", b64(AMINO))]
)
async def test_the_command_that_the_finding_names_makes_the_value(form: str, text: str, tmp_path: Path) -> None:
    (finding,) = await found(make_home(tmp_path, validator=FORMS[form][0]))
    (command,) = re.findall(r"\(((?:tr|base64) .*base64 -w0)", finding.fix)
    made = await this_world().processes.run(("sh", "-c", command), stdin=text.encode())
    assert made.stdout.decode() == b64(WHOLE)
    private = {"type": re.findall(r"tendermint/PrivKey\w+", finding.fix)[0], "value": made.stdout.decode()}
    (address,) = re.findall(r"address becomes ([0-9A-F]{40})", finding.fix)
    put(tmp_path / "config" / "priv_validator_key.json", {"address": address, "priv_key": private})
    assert await found(tmp_path) == ()


@pytest.mark.parametrize(
    ("content", "named", "fix"),
    [
        (gzip.compress(json.dumps(SOUND).encode()), "gzip archive", "gunzip"),
        (b"PK\x03\x04rest", "zip archive", "Unpack"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 345\n", "git-lfs pointer", "git lfs pull"),
        (b"\n<!DOCTYPE html><html></html>", "web page", "download"),
        (b"404: Not Found", "server's error", "download"),
        (b"age-encryption.org/v1\n-> X25519", "encrypted", "Decrypt"),
        (b"Salted__\x00\x01", "encrypted", "Decrypt"),
        (b"-----BEGIN PRIVATE KEY-----\nMC4CAQ", "PEM", "never delete"),
    ],
)
async def test_another_thing_under_the_name_is_named(content: bytes, named: str, fix: str, tmp_path: Path) -> None:
    (finding,) = await found(make_home(tmp_path, validator=content))
    assert finding.code == "key-file-other-thing" and named in finding.message and fix in finding.fix


async def test_a_key_file_of_0_35_is_read_as_it_is(tmp_path: Path) -> None:
    named = {"id": "0" * 40, **node_file(seed_of("node"))}
    assert await found(make_home(tmp_path, node=named)) == ()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (b'{"height":"0","round":0,"step":0}', {"key-state-in-key-file"}),
        (b'{"height":"9","round":0,"step":3}', {"key-home-has-run"}),
        (b"", {"key-state-in-key-file", "key-state-missing"}),
    ],
)
async def test_a_sign_state_that_is_left_in_the_key_file_is_not_lost(
    state: bytes, expected: set[str], tmp_path: Path
) -> None:
    combined = SOUND | {"last_height": "9", "last_round": "0", "last_step": 3}
    findings = await found(make_home(tmp_path, validator=combined, state=state))
    assert {one.code for one in findings} == expected
    told = [one.fix for one in findings if one.code == "key-state-in-key-file"]
    assert all('{"height": "9", "round": 0, "step": 3}' in fix for fix in told)


async def test_a_file_of_0_22_without_its_state_does_not_say_nothing_yet(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=b"", state=b"")
    put(home / "config" / "priv_validator.json", SOUND)
    assert {one.code for one in await found(home, "tendermint-0.22")} == {"key-state-missing"}
    facts = await inspect(this_world(), opened(home, "tendermint-0.22"))
    assert facts.last_signed.startswith("unknown")


@pytest.mark.parametrize(
    "broken",
    [
        old({"type": "ed25519", "data": PUB.hex()}, {"type": "ed25519", "data": (SEED + bytes(32)).hex()}),
        {"priv_key": {"@type": "/cosmos.crypto.secp256k1.PrivKey", "key": b64(SEED)}},
        {"priv_key": [2, SEED.hex()]},
        {"priv_key": {"type": "tendermint/PrivKeySecp256k1", "value": b64(SEED)}},
        b64(SEED + bytes(32)).encode(),
    ],
)
async def test_what_is_no_sound_ed25519_key_is_not_called_one(broken: object, tmp_path: Path) -> None:
    codes = {one.code for one in await found(make_home(tmp_path, validator=broken))}
    assert codes and "key-file-other-form" not in codes
