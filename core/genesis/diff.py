"""Two geneses compared by what they mean; layout, order of keys and of validators do not count."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..finding import Finding, error
from ..profiles.profile import Param, Profile
from ..safe import safe
from .checks import moment_of
from .model import Genesis, ParamValue, Parsed, Validator, default_params, params_of
from .reading import read_node
from .review import in_words
from .scan import Node, scan

_HASHED = ("block.max_bytes", "block.max_gas")
"""The parameters that stand in ConsensusHash (types/params.go, HashedParams); up to 0.22 all but max_age."""


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    """``validators[Carol].power``, ``chain_id``, ``block.max_bytes``."""
    before: str
    after: str
    message: str
    """One sentence for people, foreign text made safe."""
    effect: str
    """What happens when one node has the one and another node the other."""
    harmless: bool = False
    """True: nodes that differ in this alone make blocks together all the same."""


def diff(a: Genesis, b: Genesis, profile: Profile) -> tuple[Difference, ...]:
    """From ``a`` to ``b``. Validators are matched by key, then by name; without parameters: the node's defaults."""
    return (
        *_chain(a, b),
        *_time(a, b, profile),
        *_height(a, b, profile),
        *_params(a, b, profile),
        *_validators(a, b),
        *_application(a, b),
    )


def runs_together(differences: tuple[Difference, ...]) -> bool:
    """Whether a node with the one and a node with the other make blocks together: equal in the node's eyes."""
    return all(difference.harmless for difference in differences)


def parse_rpc(data: bytes, profile: Profile) -> Parsed:
    """The genesis in a running node's answer to ``/genesis``: the document it really uses, defaults filled in."""
    scanned = scan(data)
    if scanned.root is None:
        return Parsed(None, scanned.findings)
    result = scanned.root.get("result")
    genesis = result.get("genesis") if result is not None else None
    if genesis is None:
        return Parsed(None, (*scanned.findings, _no_answer(scanned.root)))
    reading = read_node(_opaque_state(genesis), profile, scanned.findings)
    return Parsed(reading.genesis(), reading.findings)


def _no_answer(root: Node) -> Finding:
    told = root.get("error")
    why = f": the node says {_first_text(told)!r}" if told is not None else ""
    message = f"The answer holds no result.genesis{why}."
    return error("genesis-rpc-answer", "result.genesis", message, "Ask /genesis of the node's RPC address again.")


def _first_text(node: Node) -> str:
    texts = [value.text for name, value in node.members if name in ("data", "message") and value.text]
    return safe(texts[-1] if texts else node.raw, 200)


def _opaque_state(genesis: Node) -> Node:
    """``app_state`` as text again: here it stands one level deeper than the scanner leaves it alone."""
    members = tuple(
        (name, Node("opaque", _written(value)) if name == "app_state" else value) for name, value in genesis.members
    )
    return replace(genesis, members=members)


def _written(node: Node) -> str:
    if node.kind == "object":
        return "{" + ",".join(f"{json.dumps(name)}:{_written(value)}" for name, value in node.members) + "}"
    if node.kind == "array":
        return "[" + ",".join(_written(item) for item in node.items) + "]"
    return node.raw


def _change(path: str, what: str, before: str, after: str, effect: str, harmless: bool = False) -> Difference:
    message = f"{what} was {safe(before, 200) or 'empty'}, is {safe(after, 200) or 'empty'}."
    return Difference(path, before, after, message, effect, harmless)


def _chain(a: Genesis, b: Genesis) -> Iterator[Difference]:
    if a.chain_id != b.chain_id:
        message = f"The chain id was {safe(a.chain_id, 80)}, is {safe(b.chain_id, 80)}: this is another network."
        yield Difference("chain_id", a.chain_id, b.chain_id, message, "The nodes refuse each other as peers.")


def _time(a: Genesis, b: Genesis, profile: Profile) -> Iterator[Difference]:
    if _instant(a.genesis_time) == _instant(b.genesis_time):
        return
    effect = "The nodes run together, and start at different times."
    if profile.equal_time:
        effect = "The nodes connect and stay at height 0: block 1 must carry exactly this time."
    yield _change("genesis_time", "The start", a.genesis_time, b.genesis_time, effect, not profile.equal_time)


def _instant(time: str) -> tuple[object, str]:
    """The same for two spellings of one time; Go keeps nine digits of a second."""
    moment = moment_of(time)
    fraction = time[19:-1].rstrip("0").rstrip(".") if moment else ""
    return (moment or time, fraction)


def _height(a: Genesis, b: Genesis, profile: Profile) -> Iterator[Difference]:
    before, after = max(a.initial_height, 1), max(b.initial_height, 1)
    if before != after and profile.initial_height:
        effect = "The nodes drop each other as peers."
        yield _change("initial_height", "The first block's height", str(before), str(after), effect)


def _params(a: Genesis, b: Genesis, profile: Profile) -> Iterator[Difference]:
    before, after = _complete(a, profile), _complete(b, profile)
    for param in params_of(profile):
        one, two = before[param.path], after[param.path]
        if one != two:
            hashed = param.path in _HASHED or (profile.hashes == "0.22" and param.name != "max_age")
            effect = "No effect on whether blocks are made." if not hashed else _CONSENSUS
            yield _param(param, one, two, effect, not hashed)


_CONSENSUS = "The nodes connect and stay at height 0: wrong Block.Header.ConsensusHash."
_SET = "The nodes connect and stay at height 0: wrong Block.Header.ValidatorsHash."


def _param(param: Param, one: ParamValue, two: ParamValue, effect: str, harmless: bool) -> Difference:
    before, after = (value if isinstance(value, str) else ",".join(value) for value in (one, two))
    message = (
        f"{param.path} ({param.means}) was {before} ({safe(in_words(param, one), 80)}), "
        f"is {after} ({safe(in_words(param, two), 80)})."
    )
    return Difference(param.path, before, after, safe(message), effect, harmless)


def _complete(genesis: Genesis, profile: Profile) -> dict[str, ParamValue]:
    zeros: dict[str, ParamValue] = {param.path: () if param.unit == "types" else "0" for param in params_of(profile)}
    return zeros | dict(genesis.params or default_params(profile))


def _validators(a: Genesis, b: Genesis) -> Iterator[Difference]:
    old = {one.key: one for one in a.validators}
    new = {one.key: one for one in b.validators}
    for key, one in old.items():
        if key in new:
            yield from _same_key(one, new[key])
    gone = [one for key, one in old.items() if key not in new]
    come = [one for key, one in new.items() if key not in old]
    yield from _replaced(gone, come)


def _replaced(gone: list[Validator], come: list[Validator]) -> Iterator[Difference]:
    by_name = {one.name: one for one in come if one.name and sum(two.name == one.name for two in come) == 1}
    matched: set[bytes] = set()
    for one in gone:
        two = by_name.pop(one.name, None)
        if two is None:
            message = f"{_name(one)} with power {one.power} is gone."
            yield Difference(_at(one), _entry(one), "", message, _SET)
            continue
        matched.add(two.key)
        yield _change(f"{_at(two)}.pub_key", f"{_name(two)}'s key", _key(one), _key(two), _SET)
        if one.power != two.power:
            yield _change(f"{_at(two)}.power", f"{_name(two)}'s power", str(one.power), str(two.power), _SET)
    for two in come:
        if two.key not in matched:
            message = f"{_name(two)} with power {two.power} is new."
            yield Difference(_at(two), "", _entry(two), message, _SET)


def _same_key(one: Validator, two: Validator) -> Iterator[Difference]:
    if one.power != two.power:
        yield _change(f"{_at(two)}.power", f"{_name(two)}'s power", str(one.power), str(two.power), _SET)
    if one.name != two.name:
        effect = "No effect on whether blocks are made."
        yield _change(f"{_at(two)}.name", f"The name of {two.address}", one.name, two.name, effect, True)
    if one.key_type != two.key_type:
        yield _change(f"{_at(two)}.pub_key.type", f"{_name(two)}'s key type", one.key_type, two.key_type, _SET)


def _application(a: Genesis, b: Genesis) -> Iterator[Difference]:
    if a.app_hash.upper() != b.app_hash.upper():
        effect = "A node whose application reports another hash ends at once."
        yield _change("app_hash", "The application's hash", a.app_hash, b.app_hash, effect)
    if _meaning(a.app_state) != _meaning(b.app_state):
        effect = "Whether it matters is for the application to say; Planetmint ignores it."
        before, after = (f"{len(one.app_state.encode('utf-8', 'replace'))} bytes" for one in (a, b))
        yield _change("app_state", "The application's own state", before, after, effect)


def _meaning(state: str) -> object:
    if not state:
        return None
    try:
        value: object = json.loads(state, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return state
    return value


def _at(one: Validator) -> str:
    return f"validators[{safe(one.name, 40) or one.address}]"


def _name(one: Validator) -> str:
    return safe(one.name, 80) or f"The validator {one.address}"


def _key(one: Validator) -> str:
    return base64.b64encode(one.key).decode()


def _entry(one: Validator) -> str:
    return f"{_key(one)} power {one.power}"
