"""The chain id and the height inside the bytes that a validator key last signed.

Since 0.26 they are a length-prefixed CanonicalVote or CanonicalProposal in protobuf's wire format (types/canonical.go;
amino gives the same bytes): the chain id is the last field, number 6 of a vote and 7 of a proposal. Up to 0.25 they
are JSON with ``@chain_id``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_PROPOSAL = 32
_MAX_CHAIN_ID = 200


class Unreadable(ValueError):  # noqa: N818  (what it is, not a fault of ours)
    """Bytes of another shape than the ones known."""


def chain_of(signed: bytes) -> str:
    """The chain id. Raises Unreadable."""
    chain = _from_json(signed) if signed[:1] == b"{" else _from_wire(signed)
    if not 0 < len(chain) <= _MAX_CHAIN_ID:
        raise Unreadable("no chain id")
    return chain


def height_of(signed: bytes) -> int | None:
    """The height; None where the bytes do not tell it."""
    try:
        if signed[:1] == b"{":
            value = _json(signed).get("height")
            return int(value) if isinstance(value, str | int) else None
        heights = [value for number, wire, value in _fields(signed) if number == 2 and wire == _FIXED64]
    except ValueError:
        return None
    return int.from_bytes(heights[0], "little", signed=True) if heights else None


def _from_json(signed: bytes) -> str:
    found = _json(signed)
    chain = found.get("@chain_id", found.get("chain_id"))
    if not isinstance(chain, str):
        raise Unreadable("no chain id")
    return chain


def _json(signed: bytes) -> dict[str, object]:
    try:
        found = json.loads(signed.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("not an object")
    return found


def _from_wire(signed: bytes) -> str:
    kind, number, wire, value = b"", 0, 0, b""
    for number, wire, value in _fields(signed):
        kind = value if number == 1 and wire == _VARINT else kind
    if number != (7 if kind and _varint(kind, 0)[0] == _PROPOSAL else 6) or wire != _BYTES:
        raise Unreadable("no chain id at the end")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None


def _fields(signed: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, wire type and bytes of each field. Raises Unreadable."""
    length, at = _varint(signed, 0)
    if length != len(signed) - at:
        raise Unreadable("wrong length")
    while at < len(signed):
        tag, at = _varint(signed, at)
        number, wire = tag >> 3, tag & 7
        start = at
        if wire == _VARINT:
            _, at = _varint(signed, at)
        elif wire == _BYTES:
            size, start = _varint(signed, at)
            at = start + size
        else:
            at += {_FIXED64: 8, _FIXED32: 4}.get(wire, len(signed) + 1)
        if at > len(signed):
            raise Unreadable("cut off")
        yield number, wire, signed[start:at]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Unreadable("cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Unreadable("a number without end")
