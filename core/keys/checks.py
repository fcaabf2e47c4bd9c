"""What is wrong with a home's keys, from their public facts. Rules: what Tendermint 0.22 to CometBFT 1.0 do."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator

from ..documents.ed25519 import is_good_point
from ..finding import Finding, error, info, warning
from ..profiles.profile import Profile
from ..way import way
from .model import ED25519_PRIVATE, ED25519_PUBLIC, KeyFacts, KeyFile, KeyKind, address, node_id
from .published import KEYS, NODE_IDS
from .sign_state import SignState

_PRIVATE_ONLY = "A key that only a program can still read is worth keeping: set the file aside, never delete it."
_PROBLEMS = {
    "unreadable": ("can not be read", "Run quorate as the owner of the home, or give them leave to read the file."),
    "not-regular": ("is not a regular file", "Put the key file there."),
    "too-large": ("is larger than a key file is", "Put the key file there."),
    "empty": ("is empty", "Restore it from your backup."),
    "not-json": ("is not JSON that the node reads", "Restore it from your backup."),
    "doubled-field": ("has a field twice", "Remove the wrong one of the two."),
    "no-private-key": ("holds no private key that can be read", "Restore it from your backup."),
    "private-key-in-public-field": (
        "shows private key bytes in a field that is public",
        "Restore it from your backup. If anybody was shown the file, tell the other members before you do anything.",
    ),
}
_OTHER_THINGS = {
    "gzip": ("a gzip archive", "Unpack it: gunzip < FILE > priv.json, and put the unpacked file there."),
    "zip": ("a zip archive", "Unpack it, and put the unpacked file there."),
    "git-lfs": ("a git-lfs pointer, not the file itself", "Fetch the file: git lfs pull, then put it there."),
    "html": ("a web page", "The download went wrong: fetch the file itself, or copy it from the machine that has it."),
    "error-page": ("the text of a web server's error", "The download went wrong: copy the file from where it is kept."),
    "encrypted": ("an encrypted file", "Decrypt it with the program that encrypted it, and put the result there."),
    "pem": ("a PEM file", f"A node reads its own JSON form only. {_PRIVATE_ONLY}"),
}
_TYPE_ALONE = (
    f"write {ED25519_PRIVATE} for the type in priv_key, and {ED25519_PUBLIC} for the type in pub_key; leave the values"
)
_TO_BASE64 = (
    f'write priv_key as {{"type": "{ED25519_PRIVATE}", "value": V}}, where V is the same 64 bytes in base64 '
    "(tr a-f A-F | basenc --base16 -d | base64 -w0 makes it of hex digits)"
)
_COSMOS = (
    f'write "type": "{ED25519_PRIVATE}" for the @type, and value for the name key; leave the text of the key. The same '
    f'for pub_key, with "{ED25519_PUBLIC}"'
)
_AMINO = (
    f'write priv_key as {{"type": "{ED25519_PRIVATE}", "value": V}}, where V is the value without its first 5 bytes '
    "(base64 -d | tail -c 64 | base64 -w0)"
)
_FORMS = {
    "disfix": ("with the type names of Tendermint 0.19 to 0.21", _TYPE_ALONE),
    "type-name": ("with a type that no known version writes", _TYPE_ALONE),
    "type-and-data": ("in the form of Tendermint up to 0.16 (type and data, in hex)", _TO_BASE64),
    "type-byte": ("in the form of Tendermint of 2016 (a type byte, and hex)", _TO_BASE64),
    "hex-value": ("with its value in hex", _TO_BASE64),
    "text": ("as a text without a type", _TO_BASE64),
    "bare": ("as bare text, without the fields of a key file", _TO_BASE64),
    "field-name": ("under another name than priv_key", "write priv_key for that name; leave what is behind it"),
    "cosmos": (
        "in the form of the Cosmos SDK (@type and key)",
        _COSMOS,
    ),
    "amino": (
        "with amino's prefix before the key bytes",
        _AMINO,
    ),
    "seed": (
        "as the seed of 32 bytes alone",
        "write for the value the seed and the 32 bytes of the public key behind it, 64 bytes in base64",
    ),
    "byte-order-mark": ("in a file that begins with a byte order mark", "save the file as UTF-8 without one"),
    "utf-16": ("in a file in UTF-16", "save the file as UTF-8 without a byte order mark"),
}
"""How a key that is sound is spelled otherwise than a node reads it, and what makes a node read it."""

REPLACE = (
    "Only while no genesis or record names this key: set the file aside, then quorate keys new --home DIR. Once one "
    "does, agree with the other members on a record with another key first."
)
"""What to do about a key that must not be used: whoever replaces a key that a genesis names is no validator there."""
_DIFFERENT = "Restore the file from your backup. " + REPLACE


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
        yield error("key-weak-point", subject, f"The {kind} key {shown} {why}.", REPLACE)
    where = KEYS.get(key)
    if where is None and kind == "node":
        where = NODE_IDS.get(node_id(key))
    if where is not None:
        said = f"The {kind} key {shown} is printed for everybody to read: {where}."
        yield error("key-published-sample", subject, said, REPLACE)


def _files(facts: KeyFacts) -> Iterator[tuple[KeyKind, KeyFile]]:
    if facts.validator is not None:
        yield "validator", facts.validator
    yield "node", facts.node


def _missing(facts: KeyFacts, kind: KeyKind, file: KeyFile) -> Iterator[Finding]:
    if file.exists:
        return
    if kind == "validator" and facts.other_generation is not None:
        return
    message = f"There is no {kind} key file at {file.path}; one is expected."
    yield error("key-missing", file.path, message, way=way("keys", "new", "--home", str(facts.home)))


def _content(kind: KeyKind, file: KeyFile) -> Iterator[Finding]:
    if file.problem in _OTHER_THINGS:
        what, fix = _OTHER_THINGS[file.problem]
        yield error("key-file-other-thing", file.path, f"The {kind} key file {file.path} is {what}.", fix)
    elif file.problem and file.exists:
        what, fix = _PROBLEMS.get(file.problem, ("can not be judged", "Look at the file."))
        yield error("key-file-damaged", file.path, f"The {kind} key file {file.path} {what}.", fix)
    if file.length is None:
        return
    if file.form and file.public is not None:
        yield _other_form(kind, file)
        yield from check_public(file.public, kind, file.path)
        return
    if file.type != ED25519_PRIVATE:
        found = file.type if file.type not in ("", "other") else "a type that no known version writes"
        said = f"The private key is of the type {found}; expected {ED25519_PRIVATE}."
        yield error("key-type-unknown", file.path, said, REPLACE)
    elif file.length != 64:
        said = f"The private key has {file.length} bytes; expected 64: the seed and the public key behind it."
        yield error("key-length", file.path, said, _DIFFERENT)
    yield from _derived(kind, file)


def _other_form(kind: KeyKind, file: KeyFile) -> Finding:
    assert file.public is not None
    what, fix = _FORMS.get(file.form, ("in another form", "write it as init of your node does"))
    is_node = kind == "node"
    name = f"node id {node_id(file.public)}" if is_node else f"address {address(file.public)}"
    said = (
        f"The {kind} key file {file.path} holds the key {what}, and the node does not read that. The key itself is "
        f"sound and can stay: public key {base64.b64encode(file.public).decode()}, {name}."
    )
    also = "" if is_node or file.stated_address is None else f" address becomes {address(file.public)}."
    return error("key-file-other-form", file.path, said, f"With the node stopped and a copy made, {fix}.{also}")


def _derived(kind: KeyKind, file: KeyFile) -> Iterator[Finding]:
    if file.public is None:
        return
    if not file.halves_agree:
        said = (
            f"The private key's first half gives the address {address(file.public)}, its second half "
            f"{file.second_address}; expected equal. The node announces the second, and its signatures are not good."
        )
        yield error("key-halves-disagree", file.path, said, _DIFFERENT)
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
        yield warning("key-mode-loose", file.path, said, f"`chmod 600 {shlex.quote(str(file.path))}`")
    owner = uid if uid != 0 or facts.home_uid is None else facts.home_uid
    if file.uid is not None and file.uid != owner:
        said = f"The {kind} key file belongs to uid {file.uid}; expected {owner}."
        yield warning(
            "key-owner-other",
            file.path,
            said,
            f"`chown {owner} {shlex.quote(str(file.path))}`, or run as uid {file.uid}.",
        )


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
        if facts.validator is not None and facts.validator.path == facts.node.path:
            fix = (
                f"config.toml names one file for both, {facts.node.path}: correct node_key_file and "
                "priv_validator_key_file there, and move no key file."
            )
        else:
            fix = (
                "Find out which of the two files is a copy of the other, before anything is moved: a genesis or record "
                f"that names the address {facts.validator_address} needs this validator key. If {facts.node.path.name} "
                "is the copy, set it aside, have a node key made, and sign a new card. If the validator key file is "
                "the copy, restore the validator key from your backup."
            )
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
    if facts.signed.missing and facts.validator.exists and not facts.validator.problem:
        yield _state_missing(facts, profile)
    for trouble in facts.signed.troubles:
        code = "key-state-other-form" if trouble.other_form else "key-state-damaged"
        said = f"The sign state {facts.state_path} can not be used: {trouble.said}."
        yield error(code, facts.state_path, said, trouble.fix)
    for name in facts.signed.strange:
        said = f"The sign state has the field {name}, which no version writes; the node ignores it."
        yield warning("key-state-unknown-field", facts.state_path, said, "Look where the file comes from.")
    if facts.sign_state is not None and facts.sign_state.has_signed:
        yield _has_run(facts, facts.sign_state)
    yield from _state_in_key_file(facts, facts.validator, profile)


def _state_missing(facts: KeyFacts, profile: Profile) -> Finding:
    if profile.validator_state_file is None:
        said = (
            f"{facts.state_path} has no last_height: what the key signed last is unknown, and the node takes 0 for it."
        )
        return error("key-state-missing", facts.state_path, said, "Restore the file, whole, from your backup.")
    said = (
        f"There is a validator key and no sign state at {facts.state_path}: what the key signed last is unknown, and "
        "the node refuses to start."
    )
    if facts.started:
        said += f" The key belongs to a network that has started: {'; '.join(facts.started)}."
        return error("key-state-missing", facts.state_path, said, restore_state(facts, profile))
    fix = (
        "Restore it from your backup. If this key has never signed anywhere: quorate apply keys --set sign_state=fresh"
    )
    return error("key-state-missing", facts.state_path, said, fix)


def restore_state(facts: KeyFacts, profile: Profile) -> str:
    """What to do about a lost sign state of a key that may have signed."""
    zero = '"0"' if profile.state_round_quoted else "0"
    return (
        f"Restore {facts.state_path.name} from the machine where this key signed last. If it is lost: with this key "
        "stopped everywhere, take the height at which the network is now, add 10 to it, and write "
        f'{{"height": "THAT", "round": {zero}, "step": 3}}: the key signs nothing below that.'
    )


def _state_in_key_file(facts: KeyFacts, validator: KeyFile, profile: Profile) -> Iterator[Finding]:
    """A key file of up to 0.27 under the name of today: its sign state counts for no node any more."""
    inside = validator.inside.state if validator.inside is not None else None
    if profile.validator_state_file is None or inside is None or not inside.has_signed:
        return
    known = facts.sign_state
    if known is not None and (known.height, known.round, known.step) >= (inside.height, inside.round, inside.step):
        return
    round_ = f'"{inside.round}"' if profile.state_round_quoted else str(inside.round)
    said = (
        f"{validator.path.name} carries a sign state at height {inside.height}, as files up to 0.27 do; the node of "
        f"{profile.name} ignores that, and {facts.state_path.name} does not say it."
    )
    wanted = f'{{"height": "{inside.height}", "round": {round_}, "step": {inside.step}}}'
    yield error("key-state-in-key-file", validator.path, said, f"Write {facts.state_path}: {wanted}")


def _has_run(facts: KeyFacts, state: SignState) -> Finding:
    match state.sign_bytes:
        case "read":
            chain = f"on chain {state.chain_id}"
        case "none":
            chain = "and the chain is not recorded"
        case "unreadable":
            chain = "and on which chain can not be read"
    said = f"This key last signed height {state.height}, round {state.round}, step {state.step}, {chain}."
    if facts.has_blocks:
        fix = "For a network that is new, have the data set aside by the step genesis, and choose a new chain id."
        return info("key-home-has-run", facts.state_path, said, fix)
    said += (
        " There are no blocks in this home: the node signs nothing up to that height on any chain, and a new network "
        "that needs its vote stays at height 0."
    )
    fix = (
        "If the sign state belongs to another key or another home, put the one of this key there. If this key joins "
        "the chain that it signed on, leave the file. For a new network, have it set aside by the step genesis."
    )
    return warning("key-home-has-run", facts.state_path, said, fix)


def _surroundings(facts: KeyFacts) -> Iterator[Finding]:
    if facts.git is not None:
        said = f"The home {facts.home} lies in the git work tree {facts.git}: its keys may be committed."
        yield warning("key-in-git", facts.home, said, "Move the home out of the work tree.")
    for path in facts.strays:
        said = f"{path} is left over from an interrupted write, and may hold a key."
        yield warning("key-stray-temporary", path, said, "Look at it with the node stopped, then remove it.")
