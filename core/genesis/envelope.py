"""JSON under the name of a genesis that is something else: a node's answer around one, or another file altogether."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, error
from ..safe import safe
from .scan import Node

_ASK = "Ask for the genesis.json itself."
_OUT = "Take the genesis out: jq {path} FILE > genesis.json; then check that file."
_CHUNKS = (
    "Ask for each piece, /genesis_chunked?chunk=0 to {last}, and put them together in that order: "
    "jq -r {path} PIECE | base64 -d >> genesis.json"
)
_WHOLE = "Ask for /genesis again; where the node says that it is too large, for /genesis_chunked?chunk=0 and so on."


def answered(root: Node) -> Node | None:
    """The genesis in a running node's answer to ``/genesis``; None where this is not one."""
    result = root.get("result")
    inside = (result if result is not None else root).get("genesis")
    return inside if inside is not None and inside.kind == "object" else None


def not_a_genesis(root: Node) -> Finding | None:
    """What ``root`` is, where it is known and not a genesis; None where it may be one."""
    return next(_kinds(root), None)


def _kinds(root: Node) -> Iterator[Finding]:
    names = {name for name, _ in root.members}
    if names & {"chain_id", "genesis_time", "validators"} and "priv_key" not in names:
        return
    if names & {"jsonrpc", "result", "genesis"} and "bootNodes" not in names:
        yield _answer(root)
    if {"chunk", "data"} <= names:
        yield _chunk(root, "")
    for needed, what, fix in _OTHERS:
        if needed <= names:
            yield error("genesis-other-file", "file", f"The file is {what}, and no genesis.", fix)


_PRIVATE = (
    "a key file with a private key in it, which is not shown here",
    "Keep it to yourself, and give the genesis.json. If it was sent to you, tell its owner to replace the key.",
)
_OTHERS: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({"priv_key"}), *_PRIVATE),
    (frozenset({"height", "round", "step"}), "a sign state (priv_validator_state.json)", _ASK),
    (frozenset({"addrs", "key"}), "an address book (addrbook.json)", _ASK),
    (frozenset({"type", "value"}), "one public key, as show-validator prints it", _ASK),
    (frozenset({"kind", "v", "network"}), "a document of quorate", "Import it: quorate import FILE"),
    (
        frozenset({"content", "encoding"}),
        "an answer of GitHub's API, which has the file in base64",
        "Take the file out: jq -r .content FILE | base64 -d > genesis.json",
    ),
    (
        frozenset({"message", "documentation_url"}),
        "an error of GitHub's API",
        "Check the address, and download the file again.",
    ),
    (frozenset({"alloc", "config"}), "a genesis of Ethereum", _ASK),
    (frozenset({"bootNodes", "genesis"}), "a chain specification of Substrate", _ASK),
    (frozenset({"error"}), "an error that a server sent instead of a file", "Download the file again."),
)


def _answer(root: Node) -> Finding:
    bare = root.get("result") is None
    result = root if bare else root.get("result")
    assert result is not None
    path = "" if bare else ".result"
    if answered(root) is not None:
        message = f"The file is a running node's answer to /genesis; the genesis itself is in {path[1:]}.genesis."
        fix = _OUT.format(path=f"{path}.genesis")
        return _rpc("file", message.replace(" .genesis", " genesis"), fix)
    if result.get("data") is not None and result.get("chunk") is not None:
        return _chunk(result, path)
    return no_genesis(root, "file")


def _chunk(result: Node, path: str) -> Finding:
    chunk, total = (_number(result.get(name)) for name in ("chunk", "total"))
    which = f"piece {chunk} (counted from 0) of {total}" if total else f"piece {chunk}"
    message = f"The file is a running node's answer to /genesis_chunked: {which} of a genesis, in base64."
    last = str(int(total) - 1) if total.isdecimal() and len(total) < 9 and int(total) else "the last"
    return _rpc("file", message, _CHUNKS.format(last=last, path=f"{path}.data"))


def _number(node: Node | None) -> str:
    return safe((node.text or node.raw) if node is not None else "", 20)


def no_genesis(root: Node, subject: str) -> Finding:
    """About an answer that holds no genesis: an error of the node, or the answer to another question."""
    told = root.get("error")
    why = f": the node says {_first_text(told)!r}" if told is not None else ""
    return _rpc(subject, f"A running node's answer holds no genesis{why}.", _WHOLE)


def _rpc(subject: str, message: str, fix: str) -> Finding:
    return error("genesis-rpc-answer", subject, message, fix)


def _first_text(node: Node) -> str:
    texts = [value.text for name, value in node.members if name in ("data", "message") and value.text]
    return safe(texts[-1] if texts else node.raw, 200)
