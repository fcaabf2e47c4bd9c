"""Record, acceptance and attestation as they travel (version 1): each field declared once, nothing else let through."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..documents.ed25519 import KEY_BYTES, SIGNATURE_BYTES, from_base64
from ..documents.shape import findings_of
from ..finding import Finding
from ..network_name import EXPECTED, PATTERN
from ..profiles.profile import MAX_TOTAL_POWER

VERSION = 1


def bytes_of(text: str, size: int = KEY_BYTES) -> bytes:
    """Base64 in its one canonical spelling, exactly ``size`` bytes. Raises ValueError."""
    raw = from_base64(text, size)
    if raw is None:
        raise ValueError("not canonical base64")
    return raw


def _key(text: str) -> str:
    bytes_of(text)
    return text


def _signature(text: str) -> str:
    bytes_of(text, SIGNATURE_BYTES)
    return text


def _time(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _power(text: str) -> str:
    if int(text) > MAX_TOTAL_POWER:
        raise ValueError("too large")
    return text


_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
_EXACT_TIME = _TIME.replace("Z$", r"(\.[0-9]{0,8}[1-9])?Z$")

Network = Annotated[str, Field(pattern=rf"^{PATTERN}$", description=EXPECTED)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="a SHA-256 in lower-case hex")]
Previous = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", description="empty, or a SHA-256 in lower-case hex")]
NodeId = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$", description="40 lower-case hex digits")]
Key = Annotated[str, AfterValidator(_key), Field(max_length=44, description="32 bytes in canonical base64")]
SignatureText = Annotated[
    str, AfterValidator(_signature), Field(max_length=88, description="64 bytes in canonical base64")
]
Name = Annotated[str, Field(pattern=r"^[!-~]([ -~]{0,62}[!-~])?$", description="1 to 64 printable ASCII characters")]
Note = Annotated[str, Field(pattern=r"^[ -~]{0,500}$", description="up to 500 printable ASCII characters")]
ChainId = Annotated[str, Field(pattern=r"^[!-~]{1,50}$", description="1 to 50 printable ASCII characters, no space")]
Time = Annotated[
    str, AfterValidator(_time), Field(pattern=_TIME, description="a UTC time in whole seconds, YYYY-MM-DDTHH:MM:SSZ")
]
ExactTime = Annotated[
    str,
    AfterValidator(_time),
    Field(pattern=_EXACT_TIME, description="a UTC time, YYYY-MM-DDTHH:MM:SSZ, or with a fraction of a second"),
]
Power = Annotated[
    str,
    AfterValidator(_power),
    Field(pattern=r"^(0|[1-9][0-9]{0,18})$", description=f"a decimal string from 0 to {MAX_TOTAL_POWER}"),
]
Height = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,17})$", description="a decimal string")]
AppHash = Annotated[str, Field(pattern=r"^([0-9A-F]{2}){0,64}$", description="upper-case hex")]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,40}$", description="the name of a profile")]
Counter = Annotated[int, Field(ge=1, lt=1 << 53, description="a number from 1")]
Flag = Annotated[int, Field(ge=0, le=1, description="0 or 1")]
ParamPath = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}$")]
ParamText = Annotated[str, Field(pattern=r"^[ -~]{0,64}$")]
ParamValue = ParamText | Annotated[list[ParamText], Field(max_length=16)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class _Head(_Wire):
    kind: Annotated[str, Field(description="the kind of document")]
    v: Annotated[int, Field(description="1")]
    network: Network


class ValidatorWire(_Wire):
    key: Key
    name: Name
    power: Power


class GenesisWire(_Wire):
    chain_id: ChainId
    genesis_time: Time
    initial_height: Height
    app_hash: AppHash
    params: Annotated[
        dict[ParamPath, ParamValue], Field(description="parameters by section.name, each a text or a list of texts")
    ]
    validators: Annotated[list[ValidatorWire], Field(description="a list of validators")]
    genesis_sha256: Hash


class SignedWire(_Wire):
    """A member with quorate: their whole card, and its signature by the node key that stands in it."""

    card: Annotated[dict[str, Any], Field(description="a card")]
    signature: SignatureText
    power: Power


class UnsignedWire(_Wire):
    """A member without quorate."""

    unsigned: Annotated[dict[str, Any], Field(description="an unsigned entry")]
    power: Power


class OwnerWire(_Wire):
    name: Name
    key: Key


class RecordWire(_Head):
    version: Counter
    previous: Previous
    profile: ProfileName
    genesis: Annotated[GenesisWire, Field(description="a genesis section")]
    members: Annotated[list[dict[str, Any]], Field(description="a list of members")]
    owners: Annotated[list[OwnerWire], Field(min_length=1, max_length=100, description="a list of 1 to 100 owners")]
    threshold: Counter
    note: Note = ""


class AdoptedGenesisWire(GenesisWire):
    genesis_time: ExactTime  # a chain that runs keeps the time that it has


class AdoptedRecordWire(RecordWire):
    """Of a network that ran before there was a record."""

    genesis: Annotated[AdoptedGenesisWire, Field(description="a genesis section")]
    adopted: Annotated[Literal[1], Field(description="1")]


class AcceptanceWire(_Head):
    serial: Counter
    record: Hash
    version: Counter
    genesis_sha256: Hash
    node_id: NodeId
    node_key: Key
    words_checked: Flag


class AttestationWire(_Head):
    serial: Counter
    record: Hash
    version: Counter
    genesis_sha256: Hash
    node_id: NodeId
    owner: Key
    how: Annotated[str, Field(pattern=r"^[ -~]{1,500}$", description="1 to 500 printable ASCII characters")]


Shape = TypeVar("Shape", bound=_Wire)


def read_shape(
    shape: type[Shape], value: object, kind: str, where: str = ""
) -> tuple[Shape | None, tuple[Finding, ...]]:
    """``value`` as ``shape``, or findings as ``documents.shape.findings_of``."""
    try:
        return shape.model_validate(value), ()
    except ValidationError as problem:
        return None, tuple(findings_of(problem, kind, partial(_declared, shape), where))


def _declared(shape: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, str]:
    """The path of a field in declared names only, and what is declared there."""
    path, expected = "", "the declared fields"
    model: type[BaseModel] | None = shape
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        if model is None or part not in model.model_fields:
            break
        field = model.model_fields[part]
        path = f"{path}.{part}" if path else part
        expected = field.description or expected
        model = _model_in(field.annotation)
    return path, expected


def _model_in(annotation: object) -> type[BaseModel] | None:
    inner = getattr(annotation, "__args__", (annotation,))
    return next((one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), None)
