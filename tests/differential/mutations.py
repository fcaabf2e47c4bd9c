# ruff: noqa: E501  (the tables are read by column)
"""Geneses with something wrong in them, made from a good one: seeded, so that every case can be made again by its number."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from nacl.signing import SigningKey

from core.genesis.model import Genesis, Validator, default_params, render
from core.profiles import every_profile
from core.profiles.profile import Profile


class Object(list[tuple[str, "Tree"]]):
    """A JSON object that can hold a key twice."""


class Items(list["Tree"]):
    """A JSON array."""


@dataclass(frozen=True)
class Raw:
    """Text that stands in the file as it is."""

    text: str


Tree = Object | Items | Raw
Place = tuple[Object | Items, int]


@dataclass(frozen=True)
class Case:
    data: bytes
    story: str
    """What was done to the good genesis."""


VALUES = (
    'null', '""', '"0"', '0', '1', '-1', '"-1"', '"1"', '"2"', '"1e3"', '"010"', '" 10"', '"10 "', '"+1"', '"1.0"',
    '10.0', '1e3', 'true', 'false', '{}', '[]', '[null]', '"x"', '"null"', '"-0"', '"true"', '"9223372036854775807"',
    '"9223372036854775808"', '"-9223372036854775808"', '"1152921504606846975"', '"1152921504606846976"',
    '"18446744073709551615"', '"18446744073709551616"', '"\\u0031\\u0030"', '"1_000"', '"0x10"', '"\\u00b2"',
    '"104857600"', '"104857601"', '"800"', '"900"', '"1000000"', '["ed25519"]', '["secp256k1"]', '["sr25519"]',
    '["bls12_381"]', '["ed25519","x"]', '["ED25519"]', '"ed25519"', '"\U0001f600"', '"\\ud800"', '"a\\u0000b"',
    '"<Member 1 public key>"', '"' + "x" * 51 + '"', '"' + "ä" * 26 + '"', '"' + "x" * 50 + '"', '"' + "9" * 400 + '"',
)  # fmt: skip

TIMES = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "0001-01-01T00:00:01Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00",
    "2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00z", "2026-01-01t00:00:00Z", "2026-01-01 00:00:00Z", "2026-1-1T0:0:0Z",
    "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.1234567891Z", "2026-02-29T00:00:00Z",
    "2024-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z", "9999-12-31T23:59:59Z",
    "2099-01-01T00:00:00Z", "1969-12-31T00:00:00Z", "1600-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "Z", "", "2026-01-01Z",
    "2026-01-01T00:00Z", "2026-01-01T5:00:00Z", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00.Z", "2026\\u002d01-01T00:00:00Z",
    "20260-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ", "２026-01-01T00:00:00Z",
)  # fmt: skip

NAMES = (
    "Zoë",
    "a\\u202eb",
    "a\\nb",
    "\\u001b[2J",
    "\\ud800",
    "<b>&",
    "<Member 1 name>",
    "",
    " ",
    "x" * 300,
    "🙂",
    "\\u200b",
)
POWERS = (
    "1",
    "10",
    "1152921504606846975",
    "1152921504606846965",
    "1152921504606846966",
    "-5",
    "0",
    "9223372036854775807",
)
LOW_ORDER = (
    bytes([1]) + bytes(31),
    bytes(32),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("06903bfea2a1ddc586e78a189513f47ac6ae27e4e7803a1c2fb94c94b18f3958"),
    b"\xff" * 32,
)


def base(profile: Profile, key: bytes) -> Genesis:
    """A genesis that a node with that validator key runs alone."""
    return Genesis("differential", "2026-01-01T00:00:00Z", default_params(profile), (Validator(key, 10, "Alice"),))


def case(profile: Profile, key: bytes, seed: int, index: int) -> Case:
    """The ``index``-th case of a seed; the first one of each seed is the good genesis itself."""
    random = Random(f"{profile.name}/{seed}/{index}")
    good = render(base(profile, key), profile)
    if index == 0:
        return Case(good, "as it should be")
    if random.random() < 0.12:
        return _damaged(good, random)
    tree = _tree(json.loads(good, object_pairs_hook=Object))
    assert isinstance(tree, Object)
    stories = [_changed_once(tree, random, profile) for _ in range(1 + (random.random() < 0.2))]
    return Case(_text(tree).encode("utf-8", "surrogatepass"), "; ".join(stories))


def _changed_once(tree: Object, random: Random, profile: Profile) -> str:
    try:
        return random.choice(CHANGES)(tree, random, profile)
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return "nothing, as what was to be changed is gone"


def _tree(value: object) -> Tree:
    if isinstance(value, Object):
        return Object((key, _tree(inner)) for key, inner in value)
    if isinstance(value, list):
        return Items(_tree(item) for item in value)
    return Raw(json.dumps(value, ensure_ascii=False))


def _text(tree: Tree) -> str:
    if isinstance(tree, Raw):
        return tree.text
    if isinstance(tree, Items):
        return "[" + ",\n".join(_text(item) for item in tree) + "]"
    return "{" + ",\n".join(f'"{key}": {_text(value)}' for key, value in tree) + "}"


def _places(tree: Tree) -> list[Place]:
    found: list[Place] = []
    if isinstance(tree, Object):
        for index, (_, value) in enumerate(tree):
            found += [(tree, index), *_places(value)]
    elif isinstance(tree, Items):
        for index, item in enumerate(tree):
            found += [(tree, index), *_places(item)]
    return found


def _put(place: Place, value: Tree) -> str:
    inside, index = place
    if isinstance(inside, Object):
        inside[index] = (inside[index][0], value)
        return inside[index][0]
    inside[index] = value
    return f"[{index}]"


def _member(tree: Object, *path: str) -> Object:
    for key in path:
        inner = dict(tree)[key]
        tree = inner[0] if isinstance(inner, Items) else inner  # type: ignore[assignment]
    return tree


def _set(tree: Object, key: str, value: str) -> str:
    for index, (name, _) in enumerate(tree):
        if name == key:
            tree[index] = (key, Raw(value))
            return f"{key} = {value[:60]}"
    tree.append((key, Raw(value)))
    return f"{key} = {value[:60]}"


def _value(tree: Object, random: Random, profile: Profile) -> str:
    value = random.choice(VALUES)
    return f"{_put(random.choice(_places(tree)), Raw(value))} = {value[:60]}"


def _leaf(tree: Object, random: Random, profile: Profile) -> str:
    leaves = [(at, i) for at, i in _places(tree) if isinstance(at[i][1] if isinstance(at, Object) else at[i], Raw)]
    value = random.choice(VALUES)
    return f"{_put(random.choice(leaves), Raw(value))} = {value[:60]}"


def _gone(tree: Object, random: Random, profile: Profile) -> str:
    inside, index = random.choice(_places(tree))
    gone = inside.pop(index)
    return f"without {gone[0] if isinstance(gone, tuple) else index}"


def _twice(tree: Object, random: Random, profile: Profile) -> str:
    inside, index = random.choice([place for place in _places(tree) if isinstance(place[0], Object)])
    assert isinstance(inside, Object)
    key = inside[index][0]
    inside.insert(random.choice((index, index + 1)), (key, Raw(random.choice(VALUES))))
    return f"{key} twice"


def _case(tree: Object, random: Random, profile: Profile) -> str:
    inside, index = random.choice([place for place in _places(tree) if isinstance(place[0], Object)])
    assert isinstance(inside, Object)
    key, value = inside[index]
    other = random.choice((key.upper(), key.title(), key + "s", key.replace("_", ""), "ſ" + key[1:]))
    inside[index] = (other, value)
    return f"{key} written {other}"


def _time(tree: Object, random: Random, profile: Profile) -> str:
    return _set(tree, "genesis_time", f'"{random.choice(TIMES)}"')


def _generation(tree: Object, random: Random, profile: Profile) -> str:
    other = random.choice(every_profile())
    theirs = json.loads(render(base(other, bytes(32)), other), object_pairs_hook=Object)
    return _set(tree, "consensus_params", _text(_tree(dict(theirs)["consensus_params"]))) + f" of {other.name}"


def _wrapper(tree: Object, random: Random, profile: Profile) -> str:
    key = _member(tree, "validators", "pub_key")
    good = base64.b64encode(bytes(SigningKey(b"w" * 32).verify_key)).decode()
    extra = random.choice(
        (("VALUE", f'"{good}"'), ("Value", '"x"'), ("Type", '"x"'), ("TYPE", "null"), ("type", "null"), ("note", "1"))
    )
    key.insert(random.randrange(len(key) + 1), (extra[0], Raw(extra[1])))
    return f"pub_key with {extra[0]}"


def _key(tree: Object, random: Random, profile: Profile) -> str:
    key = _member(tree, "validators", "pub_key")
    text = str(json.loads(_text(dict(key)["value"])))
    raw = base64.b64decode(text)
    other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    spelled = text[:-2] + other[(other.index(text[-2]) & 0x3C) + random.randrange(4)] + "="
    forms = (
        text[:-1], text + "=", text + "\\n", "\\r\\n" + text, text + " ", spelled, text.replace("+", "-").replace("/", "_"),
        raw.hex(), base64.b64encode(raw[:31]).decode(), base64.b64encode(raw + b"x").decode(), base64.b64encode(raw * 2).decode(),
        "<Member 1 public key>", text[:20] + "\\u003d" + text[21:],
    )  # fmt: skip
    return "key " + _set(key, "value", f'"{random.choice(forms)}"')


def _type(tree: Object, random: Random, profile: Profile) -> str:
    key = _member(tree, "validators", "pub_key")
    kinds = (
        ("tendermint/PubKeySecp256k1", b"\x02" + bytes([7]) * 32), ("tendermint/PubKeySecp256k1", bytes(32)),
        ("tendermint/PubKeySr25519", bytes([5]) * 32), ("AC26791624DE60", bytes(32)), ("tendermint/PrivKeyEd25519", bytes(64)),
        ("tendermint/PubKeyEd25519", bytes(33)), ("cometbft/PubKeyBls12_381", bytes(96)), ("Tendermint/PubKeyEd25519", bytes(32)),
        ("tendermint/PubKeyMultisigThreshold", b""), ("tendermint/DuplicateVoteEvidence", b""),
    )  # fmt: skip
    kind, raw = random.choice(kinds)
    _set(_member(tree, "validators"), "address", '""')
    _set(key, "value", f'"{base64.b64encode(raw).decode()}"')
    return _set(key, "type", f'"{kind}"')


def _another(tree: Object, random: Random, profile: Profile) -> str:
    validators = dict(tree)["validators"]
    assert isinstance(validators, Items)
    key = random.choice((bytes(SigningKey(random.randbytes(32)).verify_key), *LOW_ORDER))
    if random.random() < 0.2:
        key = base64.b64decode(json.loads(_text(dict(_member(tree, "validators", "pub_key"))["value"])))
    power = random.choice(POWERS)
    entry = Object(
        [
            ("pub_key", Object([("type", Raw('"tendermint/PubKeyEd25519"')), ("value", Raw(f'"{base64.b64encode(key).decode()}"'))])),
            ("power", Raw(f'"{power}"')),
            ("name", Raw(f'"{random.choice(NAMES)}"')),
        ]
    )  # fmt: skip
    validators.insert(random.choice((0, 1)), entry)
    return f"a second validator {key.hex()[:8]} with power {power}"


def _power(tree: Object, random: Random, profile: Profile) -> str:
    value = random.choice((*(f'"{power}"' for power in POWERS), "10", "1e1", '"\\u0031"', '"1,000"', "null", '"１"'))
    return _set(_member(tree, "validators"), "power", value)


def _name(tree: Object, random: Random, profile: Profile) -> str:
    return _set(_member(tree, "validators"), "name", f'"{random.choice(NAMES)}"')


def _address(tree: Object, random: Random, profile: Profile) -> str:
    entry = _member(tree, "validators")
    good = str(json.loads(_text(dict(entry)["address"])))
    forms = (
        good.lower(),
        good[:-1],
        good[:-2],
        good + "00",
        "00" * 20,
        "",
        "0x" + good,
        good[:-2] + "\\u0030\\u0030",
        " " + good,
    )
    return _set(entry, "address", f'"{random.choice(forms)}"')


def _param(tree: Object, random: Random, profile: Profile) -> str:
    param = random.choice(profile.params)
    section = _member(tree, "consensus_params", param.section)
    numbers = ('"-2"', '"-1"', '"0"', '"1"', '"700"', '"841"', '"842"', '"874"', '"875"', '"900"', '"1048575"', '"1048576"', '"104857600"', '"104857601"',
               '"30000000000"', '"30000000001"', '"86400000000000"', '"86400000000001"', '"9223372036854775807"', "5", '"841"')  # fmt: skip
    return f"{param.section}." + _set(section, param.name, random.choice(numbers if param.unit != "types" else VALUES))


def _synchrony(tree: Object, random: Random, profile: Profile) -> str:
    if profile.param("feature.pbts_enable_height") is None:
        return _param(tree, random, profile)
    _set(_member(tree, "consensus_params", "feature"), "pbts_enable_height", random.choice(('"1"', '"5"', '"-1"')))
    name = random.choice(("precision", "message_delay"))
    value = random.choice(
        ('"0"', '"-1"', '"30000000000"', '"30000000001"', '"86400000000000"', '"86400000000001"', '"1"')
    )
    return "pbts and " + _set(_member(tree, "consensus_params", "synchrony"), name, value)


def _top(tree: Object, random: Random, profile: Profile) -> str:
    pairs = (
        ("chain_id", '""'), ("chain_id", '"' + "ä" * 25 + '"'), ("chain_id", '"' + "ä" * 26 + '"'), ("chain_id", '"a b"'),
        ("chain_id", '"\\u0000"'), ("chain_id", '"test-chain-la6HSr"'), ("chain_id", '"' + "c" * 51 + '"'), ("chain_id", "7"),
        ("app_hash", '"00"'), ("app_hash", '"0"'), ("app_hash", '"zz"'), ("app_hash", '"0000000000000000"'), ("app_hash", "null"),
        ("app_hash", '"\\u0030\\u0030"'), ("app_state", "{}"), ("app_state", "null"), ("app_state", '{"a":1,"a":1e999}'),
        ("app_state", "NaN"), ("app_state", "[" * 70 + "]" * 70), ("initial_height", '"5"'), ("initial_height", '"-1"'),
        ("initial_height", '"9223372036854775807"'), ("initial_height", '"9223372036854775806"'), ("initial_height", '"5000000000000000000"'), ("initial_height", '"1000000000000"'), ("initial_height", "1"),
        ("extra", "1"), ("extra", "[" * 70 + "]" * 70), ("extra", '"\\ud800"'), ("extra", "-"), ("extra", "01"),
        ("validators", "[]"), ("validators", "null"), ("validators", "{}"), ("validators", "[null]"), ("validators", "[{}]"),
        ("consensus_params", "null"), ("consensus_params", "{}"), ("consensus_params", "[]"), ("consensus_params", '""'),
    )  # fmt: skip
    key, value = random.choice(pairs)
    return _set(tree, key, value)


Change = Callable[[Object, Random, Profile], str]
CHANGES: tuple[Change, ...] = (
    _value, _leaf, _leaf, _gone, _gone, _twice, _case, _time, _time, _generation, _wrapper, _key, _type, _another, _another,
    _power, _name, _address, _param, _param, _param, _synchrony, _top, _top, _top,
)  # fmt: skip


def _damaged(good: bytes, random: Random) -> Case:
    kinds: tuple[tuple[str, bytes], ...] = (
        ("byte order mark", b"\xef\xbb\xbf" + good),
        ("trailing comma", good[:-1].rstrip() + b",}"),
        ("cut off", good[: random.randrange(len(good))]),
        ("something after it", good + random.choice((b"\n", b" x", b"{}", b"\x00", b"\xc2\xa0"))),
        ("one byte changed", _changed(good, random)),
        ("bad UTF-8 in a name", good.replace(b"Alice", b"\xff\xfe")),
        ("control character in a name", good.replace(b"Alice", b"A\x01")),
        ("single quotes", good.replace(b'"', b"'")),
        ("a comment", b"// genesis\n" + good),
        ("other ends of lines", good.replace(b"\n", b"\r\n")),
        ("UTF-16", good.decode().encode("utf-16")),
        ("empty", random.choice((b"", b" ", b"null", b"[]", b"{}", b'""', b"0"))),
        ("an answer of a node", b'{"result":{"genesis":' + good + b"}}"),
        ("form feed", good.replace(b"\n", b"\x0c", 1)),
    )
    story, data = random.choice(kinds)
    return Case(data, story)


def _changed(good: bytes, random: Random) -> bytes:
    at = random.randrange(len(good))
    return good[:at] + bytes([random.randrange(256)]) + good[at + 1 :]
