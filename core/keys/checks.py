"""What is wrong with a home's keys, from their public facts. Rules: what Tendermint 0.22 to CometBFT 1.0 do."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from ..documents.ed25519 import is_good_point
from ..finding import Finding, error, info, warning
from ..profiles.profile import Profile
from .model import ED25519_PRIVATE, KeyFacts, KeyFile, KeyKind, SignState, address, node_id
from .published import KEYS, NODE_IDS

_TYPES = {
    "AC26791624DE60": "the public key type of Tendermint 0.19 to 0.21",
    "954568A3288910": "the private key type of Tendermint 0.19 to 0.21",
    "other": "a type that no known version writes",
    "": "no type",
}
_PROBLEMS = {
    "unreadable": ("can not be read", "Run quorate as the owner of the home, or give them leave to read the file."),
    "not-regular": ("is not a regular file", "Put the key file there."),
    "too-large": ("is larger than a key file is", "Put the key file there."),
    "not-json": ("is not JSON that the node reads", "Restore it from your backup."),
    "doubled-field": ("has a field twice", "Remove the wrong one of the two."),
    "no-private-key": ("holds no private key that can be read", "Restore it from your backup."),
    "private-key-in-public-field": (
        "shows private key bytes in a field that is public",
        "Restore it from your backup; if anybody was shown the file, use a fresh key.",
    ),
}
_REPLACE = "Set the file aside and make a fresh one: quorate keys new --home DIR"


def check(facts: KeyFacts, profile: Profile, uid: int | None = None) -> Iterator[Finding]:
    """Everything there is to say. ``uid`` is of whoever should own the keys: the person who runs quorate.

    For root that is whoever owns the home.
    """
    uid = facts.uid if uid is None else uid
    for kind, file in _files(facts):
        yield from _missing(facts, kind, file)
        yield from _content(kind, file)
        yield from _access(facts, kind, file, uid)
    yield from generations(facts)
    yield from _pair(facts)
    yield from _remote(facts)
    yield from _state(facts, profile)
    yield from _surroundings(facts)


def check_public(key: bytes, kind: KeyKind, subject: object) -> Iterator[Finding]:
    """A public key by itself, from a file or as a person gave it."""
    shown = base64.b64encode(key).decode()
    if not is_good_point(key):
        why = "is no sound ed25519 public key (low or mixed order, or not on the curve): anybody may forge with it"
        yield error("key-weak-point", subject, f"The {kind} key {shown} {why}.", _REPLACE)
    where = KEYS.get(key)
    if where is None and kind == "node":
        where = NODE_IDS.get(node_id(key))
    if where is not None:
        said = f"The {kind} key {shown} is printed for everybody to read: {where}."
        yield error("key-published-sample", subject, said, _REPLACE)


def _files(facts: KeyFacts) -> Iterator[tuple[KeyKind, KeyFile]]:
    if facts.validator is not None:
        yield "validator", facts.validator
    yield "node", facts.node


def _missing(facts: KeyFacts, kind: KeyKind, file: KeyFile) -> Iterator[Finding]:
    if file.exists:
        return
    if kind == "validator" and facts.other_generation is not None:
        return
    fix = f"quorate keys new --home {facts.home}"
    yield error("key-missing", file.path, f"There is no {kind} key file at {file.path}; one is expected.", fix)


def _content(kind: KeyKind, file: KeyFile) -> Iterator[Finding]:
    if file.problem and file.exists:
        what, fix = _PROBLEMS.get(file.problem, ("can not be judged", "Look at the file."))
        yield error("key-file-damaged", file.path, f"The {kind} key file {file.path} {what}.", fix)
    if file.length is None:
        return
    if file.type != ED25519_PRIVATE:
        found = _TYPES.get(file.type, file.type)
        said = f"The private key is of type {found}; expected {ED25519_PRIVATE}."
        yield error("key-type-unknown", file.path, said, _REPLACE)
    elif file.length != 64:
        said = f"The private key has {file.length} bytes; expected 64: the seed and the public key behind it."
        yield error("key-length", file.path, said, "Restore the file from your backup. " + _REPLACE)
    yield from _derived(kind, file)


def _derived(kind: KeyKind, file: KeyFile) -> Iterator[Finding]:
    if file.public is None:
        return
    if not file.halves_agree:
        said = (
            f"The private key's first half gives the address {address(file.public)}, its second half "
            f"{file.second_address}; expected equal. The node announces the second, and its signatures are not good."
        )
        yield error("key-halves-disagree", file.path, said, "Restore the file from your backup. " + _REPLACE)
        return
    derived = base64.b64encode(file.public).decode()
    if file.stated_public is not None and file.stated_public != file.public:
        stated = base64.b64encode(file.stated_public).decode() or "no key of 32 bytes"
        said = f"pub_key says {stated}; the private key gives {derived}, and the node uses that one."
        yield error("key-public-not-derived", file.path, said, f"Write {derived} there, or restore the file.")
    if file.stated_address is not None and file.stated_address.upper() != address(file.public):
        stated = file.stated_address or "no address"
        said = f"address says {stated}; the private key gives {address(file.public)}, and the node uses that one."
        yield error("key-address-not-derived", file.path, said, f"Write {address(file.public)} there.")
    yield from check_public(file.public, kind, file.path)


def _access(facts: KeyFacts, kind: KeyKind, file: KeyFile, uid: int) -> Iterator[Finding]:
    if file.link:
        said = f"The {kind} key file {file.path} is a link; expected a file in the home itself."
        yield info("key-is-link", file.path, said, "Look where it points to, and who may write there.")
    if file.mode is not None and file.mode & 0o077:
        said = f"The {kind} key file has mode {file.mode:04o}; expected 0600: others may use it."
        yield warning("key-mode-loose", file.path, said, f"chmod 600 {file.path}")
    owner = uid if uid != 0 or facts.home_uid is None else facts.home_uid
    if file.uid is not None and file.uid != owner:
        said = f"The {kind} key file belongs to uid {file.uid}; expected {owner}."
        yield warning("key-owner-other", file.path, said, f"chown {owner} {file.path}, or run as uid {file.uid}.")


def generations(facts: KeyFacts) -> Iterator[Finding]:
    """A validator key file of another generation, beside the expected one or instead of it."""
    if facts.other_generation is None or facts.validator is None:
        return
    if facts.validator.exists:
        said = (
            f"Both {facts.validator.path.name} and {facts.other_generation.name} are there; expected one. "
            "Tendermint 0.28 to 0.33 overwrites the newer by the older when it starts, later ones ignore the older."
        )
        fix = "Find out which one your node signs with, and move the other out of the home."
        yield error("key-generations-both", facts.other_generation, said, fix)
        return
    said = f"There is {facts.other_generation.name}; this profile expects {facts.validator.path.name}."
    fix = "Choose the profile of your node's version, or have the node migrate its key before you go on."
    yield error("key-generation-other", facts.other_generation, said, fix)


def _pair(facts: KeyFacts) -> Iterator[Finding]:
    if facts.node_key is not None and facts.node_key == facts.validator_key:
        said = f"The node key and the validator key are the same: address {facts.validator_address}; expected two keys."
        fix = f"Set {facts.node.path} aside and make a fresh one: quorate keys new --home {facts.home}"
        yield error("key-validator-is-node", facts.node.path, said, fix)
    elif facts.node.validator_shape:
        said = f"{facts.node.path} has the fields of a validator key file; expected a node key file."
        yield error("key-node-has-validator-shape", facts.node.path, said, "Look at node_key_file in config.toml.")


def _remote(facts: KeyFacts) -> Iterator[Finding]:
    if facts.config_problem:
        said = f"config.toml can not be read ({facts.config_problem}): where the keys are is taken from the profile."
        yield error("key-config-unreadable", facts.home / "config" / "config.toml", said, "Repair config.toml first.")
    if facts.remote_signer:
        said = (
            f"priv_validator_laddr is {facts.remote_signer}: a remote signer holds the validator key, "
            "and the key file in the home, if there is one, is not the truth."
        )
        fix = "Give the public key that your signer shows: --set validator_key=BASE64"
        yield info("key-remote-signer", "validator_key", said, fix)


def _state(facts: KeyFacts, profile: Profile) -> Iterator[Finding]:
    if facts.validator is None:
        return
    if facts.state_problem == "missing":
        if profile.validator_state_file is not None and facts.validator.exists:
            yield _state_missing(facts)
    elif facts.state_problem:
        said = f"The sign state {facts.state_path} can not be used: {facts.state_problem}."
        fix = "Restore it from your backup; without it the key may sign a block twice."
        yield error("key-state-damaged", facts.state_path, said, fix)
    if facts.sign_state is not None and facts.sign_state.has_signed:
        yield _has_run(facts, facts.sign_state)


def _state_missing(facts: KeyFacts) -> Finding:
    said = f"There is a validator key and no sign state at {facts.state_path}: the node refuses to start."
    fix = (
        "Restore it from your backup. If this key has never signed anywhere: quorate apply keys --set sign_state=fresh"
    )
    return error("key-state-missing", facts.state_path, said, fix)


def _has_run(facts: KeyFacts, state: SignState) -> Finding:
    match state.sign_bytes:
        case "read":
            chain = f"on chain {state.chain_id}"
        case "none":
            chain = "and the chain is not recorded"
        case "unreadable":
            chain = "and on which chain can not be read"
    said = f"This key last signed height {state.height}, round {state.round}, step {state.step}, {chain}."
    fix = "A network that is new needs a chain id that this key never signed on."
    return info("key-home-has-run", facts.state_path, said, fix)


def _surroundings(facts: KeyFacts) -> Iterator[Finding]:
    if facts.git is not None:
        said = f"The home {facts.home} lies in the git work tree {facts.git}: its keys may be committed."
        yield warning("key-in-git", facts.home, said, "Move the home out of the work tree.")
    for path in facts.strays:
        said = f"{path} is left over from an interrupted write, and may hold a key."
        yield warning("key-stray-temporary", path, said, "Look at it with the node stopped, then remove it.")
