"""Two geneses compared by what they mean; layout, order of keys and of validators do not count."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from ..finding import Finding, Severity
from ..profiles.profile import Param, Profile
from ..safe import safe
from .checks import is_zero_time, moment_of
from .envelope import answered, no_genesis
from .model import Genesis, ParamValue, Validator, default_params, params_of
from .opaque import meaning
from .reading import Parsed, parse, read_node
from .review import in_words
from .scan import scan

_HASHED = ("block.max_bytes", "block.max_gas")
"""The parameters that stand in ConsensusHash (types/params.go, HashedParams); up to 0.22 all but max_age."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens when one node has the one and another node the other."""

    rank: int
    """The lower, the earlier it happens: of several effects, the first keeps the others from being seen."""
    text: str
    severity: Severity = Severity.ERROR
    """ERROR: they do not form one network. WARNING: they make blocks until something rare happens. INFO: no effect."""


_STUCK = "The nodes connect and stay at height 0"
_PEERS = Effect(0, "The nodes refuse each other as peers: each says that the other is on a different network.")
_ENDS = Effect(1, "A node ends at once unless its application reports exactly the app_hash of its own file.")
_DROPS = Effect(2, "The nodes drop each other as peers: invalid Height, lower than initial height.")
_CONSENSUS = Effect(3, f"{_STUCK}: wrong Block.Header.ConsensusHash.")
_SET = Effect(4, f"{_STUCK}: wrong Block.Header.ValidatorsHash.")
_TIME = Effect(5, f"{_STUCK}: block 1 must carry exactly the genesis time of each node.")
_CLOCKS = Effect(5, f"{_STUCK}: genesis_time is not set, so each node puts its own clock there.")
_STATE = Effect(
    8, "Where the application reads app_state, the nodes part at the first block after it: wrong Block.Header.AppHash."
)
_EVIDENCE = Effect(
    10,
    "Blocks are made; the nodes part when evidence of a double-sign comes that only one of them takes.",
    Severity.WARNING,
)
_KEY_TYPES = Effect(
    11,
    "Blocks are made; the nodes part when a validator is added whose key type only one of them takes.",
    Severity.WARNING,
)
_CLOCK_BOUNDS = Effect(
    12,
    "Blocks are made; the nodes judge differently which proposals are in time, so that rounds may fail.",
    Severity.WARNING,
)
_EARLIER = Effect(
    13,
    "The node with the later time refuses block 1 where the other proposes it; they run once its own is taken.",
    Severity.WARNING,
)
_NONE = Effect(20, "No effect on whether blocks are made.", Severity.INFO)


def _from_height(height: int, first: int, what: str) -> Effect:
    if height <= first:
        return Effect(6, f"{_STUCK}: {what} from the first block on.")
    return Effect(7, f"The nodes make blocks until height {height}; from there on {what}.")


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    """``validators[Carol].power``, ``chain_id``, ``block.max_bytes``."""
    before: str
    after: str
    message: str
    """One sentence for people, foreign text made safe."""
    effect: Effect
    """Of this difference alone."""

    @property
    def harmless(self) -> bool:
        """Whether nodes that differ in this alone never notice."""
        return self.effect.severity is Severity.INFO


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
    """Whether a node with the one and a node with the other form one network."""
    return all(difference.effect.severity is not Severity.ERROR for difference in differences)


def same_chain(a: bytes, b: bytes, profile: Profile) -> bool:
    """Whether a node that runs with the one file never notices that it has the other."""
    if a == b:
        return True
    one, two = parse(a, profile).genesis, parse(b, profile).genesis
    return one is not None and two is not None and all(each.harmless for each in diff(one, two, profile))


def verdict(differences: tuple[Difference, ...]) -> tuple[Finding, ...]:
    """The one thing that happens to two nodes with these geneses; nothing where they mean the same."""
    if not differences:
        return ()
    first = min(differences, key=lambda one: (-one.effect.severity, one.effect.rank))
    causes = ", ".join(dict.fromkeys(one.path for one in differences if one.effect == first.effect))
    code, fix = _VERDICTS[first.effect.severity]
    return (Finding(code, first.effect.severity, safe(causes, 150), first.effect.text, fix),)


_AGREE = "Agree on one genesis.json, and compare its SHA-256: sha256sum genesis.json"
_VERDICTS = {
    Severity.ERROR: ("genesis-apart", f"{_AGREE}."),
    Severity.WARNING: ("genesis-apart-later", f"{_AGREE}."),
    Severity.INFO: ("genesis-same-network", ""),
}


def parse_rpc(data: bytes, profile: Profile) -> Parsed:
    """The genesis in a running node's answer to ``/genesis``: the document it really uses, defaults filled in.

    ``data`` may be the document itself, as the node gives it in pieces.
    """
    scanned = scan(data)
    if scanned.root is None:
        return Parsed(None, scanned.findings)
    genesis = scanned.root if scanned.root.get("chain_id") is not None else answered(scanned.root)
    if genesis is None:
        return Parsed(None, (*scanned.findings, no_genesis(scanned.root, "result.genesis")))
    reading = read_node(genesis, profile, scanned.findings)
    return Parsed(reading.genesis(), reading.findings)


def _change(path: str, what: str, before: str, after: str, effect: Effect) -> Difference:
    message = f"{what} was {safe(before, 200) or 'empty'}, is {safe(after, 200) or 'empty'}."
    return Difference(path, before, after, message, effect)


def _chain(a: Genesis, b: Genesis) -> Iterator[Difference]:
    if a.chain_id != b.chain_id:
        message = f"The chain id was {safe(a.chain_id, 80)}, is {safe(b.chain_id, 80)}: this is another network."
        yield Difference("chain_id", a.chain_id, b.chain_id, message, _PEERS)


def _time(a: Genesis, b: Genesis, profile: Profile) -> Iterator[Difference]:
    times = a.genesis_time, b.genesis_time
    if profile.equal_time and all(map(is_zero_time, times)):
        message = "The start is set in neither: each node takes the time at which it is started first."
        yield Difference("genesis_time", *times, message, _CLOCKS)
    elif _instant(times[0]) != _instant(times[1]):
        effect = _TIME if profile.equal_time else _EARLIER if profile.zero_time != "ignored" else _NONE
        yield _change("genesis_time", "The start", *times, effect)


def _instant(time: str) -> tuple[object, str]:
    """The same for two spellings of one time; Go keeps nine digits of a second."""
    moment = moment_of(time)
    fraction = time[19:-1].rstrip("0").rstrip(".") if moment else ""
    return (moment or time, fraction)


def _height(a: Genesis, b: Genesis, profile: Profile) -> Iterator[Difference]:
    before, after = max(a.initial_height, 1), max(b.initial_height, 1)
    if before != after and profile.initial_height:
        yield _change("initial_height", "The first block's height", str(before), str(after), _DROPS)


def _params(a: Genesis, b: Genesis, profile: Profile) -> Iterator[Difference]:
    before, after = _complete(a, profile), _complete(b, profile)
    first = max(a.initial_height, b.initial_height, 1)
    timed = any(values.get("feature.pbts_enable_height", "0") != "0" for values in (before, after))
    for param in params_of(profile):
        one, two = before[param.path], after[param.path]
        if one == two:
            continue
        if param.path in _FROM_HEIGHT:
            height = min(int(value) for value in (one, two) if isinstance(value, str) and int(value) > 0)
            effect = _from_height(height, first, _FROM_HEIGHT[param.path])
        else:
            effect = _of_param(param, profile, timed)
        yield _param(param, one, two, effect)


_FROM_HEIGHT = {
    "abci.vote_extensions_enable_height": "they refuse each other's votes, of which only one has extensions",
    "feature.vote_extensions_enable_height": "they refuse each other's votes, of which only one has extensions",
    "feature.pbts_enable_height": "the node without proposer-based time refuses the blocks that the other proposes",
}


def _of_param(param: Param, profile: Profile, timed: bool) -> Effect:
    if param.path in _HASHED or (profile.hashes == "0.22" and param.name != "max_age"):
        return _CONSENSUS
    if param.section in ("evidence", "evidence_params"):
        return _EVIDENCE
    if param.section == "synchrony":
        return _CLOCK_BOUNDS if timed else _NONE
    return _KEY_TYPES if param.unit == "types" else _NONE


def _param(param: Param, one: ParamValue, two: ParamValue, effect: Effect) -> Difference:
    before, after = (value if isinstance(value, str) else ",".join(value) for value in (one, two))
    message = (
        f"{param.path} ({param.means}) was {before} ({safe(in_words(param, one), 80)}), "
        f"is {after} ({safe(in_words(param, two), 80)})."
    )
    return Difference(param.path, before, after, safe(message), effect)


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
        yield _change(f"{_at(two)}.name", f"The name of {two.address}", one.name, two.name, _NONE)
    if one.key_type != two.key_type:
        yield _change(f"{_at(two)}.pub_key.type", f"{_name(two)}'s key type", one.key_type, two.key_type, _SET)


def _application(a: Genesis, b: Genesis) -> Iterator[Difference]:
    if a.app_hash.upper() != b.app_hash.upper():
        yield _change("app_hash", "The application's hash", a.app_hash, b.app_hash, _ENDS)
    if a.app_state != b.app_state and meaning(a.app_state) != meaning(b.app_state):
        before, after = (f"{len(one.app_state.encode('utf-8', 'replace'))} bytes" for one in (a, b))
        yield _change("app_state", "The application's own state", before, after, _STATE)


def _at(one: Validator) -> str:
    return f"validators[{safe(one.name, 40) or one.address}]"


def _name(one: Validator) -> str:
    return safe(one.name, 80) or f"The validator {one.address}"


def _key(one: Validator) -> str:
    return base64.b64encode(one.key).decode()


def _entry(one: Validator) -> str:
    return f"{_key(one)} power {one.power}"
