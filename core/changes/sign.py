"""A document signed by the key process with a node key, and kept in the state."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, cast

from ..disk.folder import Folders
from ..documents.document import Document, Signature
from ..documents.kinds import KINDS, sentences
from ..finding import Finding, Refusal, error, info
from ..safe import safe
from ..world import Files
from .change import Change, Entry, Ground, Phase, Run, Scene, Side, Task, digest_of, elsewhere, text_of
from .keep import Keep
from .place import other


@dataclass(frozen=True, slots=True)
class Since:
    """One thing that two versions of a document say differently."""

    what: str
    old: str
    """Empty: there was none."""
    new: str


@dataclass(frozen=True, slots=True)
class Sign(Change):
    """Have the key process sign one document with the node key of ``home``, and keep it in the state.

    ``body`` is the payload in canonical JSON. Cards, acceptances and attestations carry a ``serial``, which is not in
    the body: it is set to the second of signing, and so two previews of the same content have the same digest.
    """

    kind: str
    """A name in ``core.documents.kinds``."""
    body: bytes
    home: Path
    reason: str
    since: tuple[Since, ...] = ()
    """What differs from the document that it takes the place of; for people, and no part of what is done."""
    key: Path | None = None
    """The real place of the node key file, if it is not ``config/node_key.json`` of ``home``."""

    phase: ClassVar[Phase] = Phase.SIGNATURES

    @property
    def subject(self) -> Path:
        return self.home

    @property
    def name(self) -> str:
        return f"a signed {self.kind}"

    @property
    def effect(self) -> str:
        return f"signed by your node key{elsewhere(self.key)}"

    @property
    def summary(self) -> str:
        return f"sign the {self.kind}"

    @property
    def places(self) -> tuple[Path, ...]:
        return (_usual_key(self.home) if self.key is None else self.key,)

    def digested(self) -> list[object]:
        return ["sign", self.kind, str(self.home), digest_of(self.body), text_of(self.key)]

    def describe(self) -> str:
        article = KINDS[self.kind].article
        key = "" if self.key is None else f", {safe(self.key)}"
        return f"sign {article} {self.kind} with the node key of {safe(self.home)}{key}: {safe(self.reason)}"

    def told(self) -> Iterator[str]:
        if self.key is not None:
            yield f"  with {safe(self.key)}"
        if self.since:
            yield f" Different from the {self.kind} before:"
        for one in self.since:
            yield f"-{safe(one.what)}: {safe(one.old) or 'none'}"
            yield f"+{safe(one.what)}: {safe(one.new) or 'none'}"
        if self.since:
            yield " "
        for said in sentences(self.kind, json.loads(self.body)):
            yield f" {safe(said)}"

    def diff(self) -> Iterator[str]:
        payload = json.loads(self.body)
        yield from self.told()
        yield f"+++ a signed {self.kind}"
        for line in json.dumps(payload, indent=2, sort_keys=True).splitlines():
            yield "+" + safe(line)
        if KINDS[self.kind].has_serial:
            yield '+and a "serial": the second of signing, or a higher number if the last one was not lower'

    def located(self, earlier: Sequence[Change], files: Files) -> Change:
        return replace(self, key=other(_usual_key(self.home), node_key(self.home, files)))

    def refuse(self, scene: Scene) -> None:
        _refuse_unsignable(self.kind, _Body.parse(self.body), scene)

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry:
        return Signing(self.kind, str(self.home), self.body.decode("ascii"), str(self.places[0]))


@dataclass(frozen=True, slots=True)
class Signing(Entry):
    """A document; its payload is noted before it is signed, and that it is signed before it is kept."""

    kind: str
    home: str
    body: str
    key: str
    """The node key file: its real place."""

    word: ClassVar[str] = "sign"
    phase: ClassVar[Phase] = Phase.SIGNATURES
    lasts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Entry.__post_init__(self)
        if self.kind not in KINDS:
            raise ValueError

    @property
    def places(self) -> tuple[str, ...]:
        return ()

    @property
    def paths(self) -> tuple[str, ...]:
        return self.home, self.key

    @property
    def node_home(self) -> str:
        return self.home

    def refuse(self, scene: Scene) -> None:
        _refuse_unsignable(self.kind, _Body.parse(self.body), scene)

    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        return Task(index, self) if goal == "after" else None

    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> Document:
        """Raises Refusal (``acceptance-second``, ``record-second``, ``sign-other-network``, ``sign-other-key``, as
        ``keys.client.sign``)."""
        self.refuse(scene)
        document = await self._signed(run, task.index, scene)
        run.note_of(task.index, signed=True)
        return scene.state.add_signed(document)

    def back(self, run: Run, task: Task) -> Iterator[Change]:
        yield from ()

    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        body = (_payload_of(run, index) or self.body).encode()
        yield Sign(self.kind, body, Path(self.home), f"as planned on {run.at}", key=Path(self.key))

    def kept(self, run: Run, index: int) -> Change | None:
        if not _payload_of(run, index):
            return None
        return Keep(f"the signed {self.kind}", Path(self.home), "whoever has a signature can show it")

    def undone(self, run: Run, index: int) -> str:
        return f"kept the signed {self.kind}" if _payload_of(run, index) else ""

    def lasting(self, run: Run, index: int) -> Finding | None:
        if not _payload_of(run, index):
            return None
        message = f"the signature over this {self.kind} stays: whoever has it can show it"
        return info("undo-signature-stays", self.kind, message, "Sign a newer one where this is not wanted.")

    async def _signed(self, run: Run, index: int, scene: Scene) -> Document:
        body, kind = _Body.parse(self.body), KINDS[self.kind]
        payload = _payload_of(run, index).encode() or self._payload(body, scene)
        signature = await self._signature(run, index, payload, scene)
        if body.key is not None and signature.key != body.key:
            raise self._other_key(body.key, signature)
        if kind.has_serial and body.key is None:
            highest = _highest(self.kind, signature.key, scene)
            if highest >= _Body.parse(payload).serial:
                payload = body.with_serial(highest + 1)
                signature = await self._signature(run, index, payload, scene)
        if kind.is_versioned:
            _refuse_second_record(_Body.parse(payload), signature.key, scene)
        return Document(self.kind, payload, frozenset({signature}))

    def _payload(self, body: _Body, scene: Scene) -> bytes:
        if not KINDS[self.kind].has_serial:
            return self.body.encode()
        now = int(scene.world.clock.now().timestamp())
        return body.with_serial(max(now, _highest(self.kind, body.key, scene) + 1 if body.key else 0))

    async def _signature(self, run: Run, index: int, payload: bytes, scene: Scene) -> Signature:
        from ..keys import client

        if _payload_of(run, index) != payload.decode():
            run.note_of(index, payload=payload.decode())
        return await client.sign(scene.world, Path(self.home), self.kind, payload, key=Path(self.key))

    def _other_key(self, expected: bytes, signature: Signature) -> Refusal:
        shown = [base64.b64encode(key).decode() for key in (expected, signature.key)]
        message = f"the {self.kind} names the key {shown[0]}, the node key of {self.home} is {shown[1]}"
        fix = "Make the plan anew: the node key has changed since. Nothing was signed."
        return Refusal(error("sign-other-key", self.home, message, fix))


@dataclass(frozen=True, slots=True)
class _Body:
    value: dict[str, object]

    @classmethod
    def parse(cls, body: bytes | str) -> _Body:
        return cls(cast(dict[str, object], json.loads(body)))

    @property
    def key(self) -> bytes | None:
        """Whose signature the document says it needs."""
        text = self.value.get("owner", self.value.get("node_key"))
        try:
            return base64.b64decode(text, validate=True) if isinstance(text, str) else None
        except binascii.Error:
            return None

    @property
    def serial(self) -> int:
        serial = self.value.get("serial")
        return serial if isinstance(serial, int) else 0

    @property
    def about(self) -> tuple[object, ...]:
        return self.value.get("record"), self.value.get("genesis_sha256")

    def with_serial(self, serial: int) -> bytes:
        from ..documents.canonical import JsonValue, canonical

        return canonical(cast(JsonValue, {**self.value, "serial": serial}))


def node_key(home: Path, files: Files) -> Path:
    """The real place of the node key file of ``home``. Raises Refusal, as ``open_home``."""
    from ..home.model import open_home
    from ..profiles import DEFAULT
    from ..profiles import profile as profile_of

    return files.real(open_home(files, home, profile_of(DEFAULT)).files.node_key)


def _usual_key(home: Path) -> Path:
    return home / "config" / "node_key.json"


def _refuse_unsignable(kind: str, body: _Body, scene: Scene) -> None:
    """Raise Refusal for a document of another network (``sign-other-network``) and for a second acceptance (P5)."""
    network = scene.state.network
    if body.value.get("network") != network:
        message = f"the {kind} is for the network {body.value.get('network')}, expected {network}"
        fix = "Make the plan anew with the network that is meant (--network NAME)."
        raise Refusal(error("sign-other-network", kind, message, fix))
    if KINDS[kind].binds:
        _refuse_second(kind, body, scene)


def _refuse_second(kind: str, wanted: _Body, scene: Scene) -> None:
    """One content for each version of a network. Raises Refusal (``acceptance-second``)."""
    for held in _signed_by(kind, wanted.key, scene):
        if held.value.get("version") != wanted.value.get("version") or held.about == wanted.about:
            continue
        raise Refusal(
            error(
                "acceptance-second",
                f"version {wanted.value.get('version')} of {scene.state.network}",
                f"this key has accepted record {held.about[0]} with genesis {held.about[1]} already, "
                f"now it would be record {wanted.about[0]} with genesis {wanted.about[1]}",
                "Show both to the other members: two records of one version exist. "
                "The owners publish the next version, and that one can be accepted.",
            )
        )


def _refuse_second_record(wanted: _Body, key: bytes, scene: Scene) -> None:
    """One successor of each version, one first version of a network. Raises Refusal (``record-second``)."""
    for held in _signed_by("record", key, scene):
        if held.value == wanted.value or held.value.get("previous") != wanted.value.get("previous"):
            continue
        version = f"version {wanted.value.get('version')} of {scene.state.network}"
        message = f"this key has signed {version} already, with other content; a second one would exclude it"
        fix = "Look at the step network again: it goes on from the record that is signed. Run: quorate plan network"
        raise Refusal(error("record-second", version, message, fix))


def _signed_by(kind: str, key: bytes | None, scene: Scene) -> Iterator[_Body]:
    """What this key has signed: by the documents, and by the journals, should those have been set aside."""
    for document in scene.state.documents():
        if document.kind == kind and (key is None or any(one.key == key for one in document.signatures)):
            yield _Body.parse(document.payload)
    for run in scene.past():
        for index, entry in enumerate(run.entries):
            if isinstance(entry, Signing) and entry.kind == kind and run.noted(index).get("signed"):
                body = _noted(run, index)
                # A record does not say who signs it; what this state signed, it signed with its node key.
                if key is None or body.key in (None, key):
                    yield body


def _noted(run: Run, index: int) -> _Body:
    """The payload that was signed. Raises Refusal (``journal-damaged``)."""
    try:
        body = _Body.parse(_payload_of(run, index))
    except ValueError:
        body = _Body({})
    if not isinstance(body.value, dict) or not body.value:
        raise run.damaged("a document was signed, and what it said is missing")
    return body


def _payload_of(run: Run, index: int) -> str:
    """The payload that was about to be signed; empty where none was."""
    payload = run.noted(index).get("payload")
    return payload if isinstance(payload, str) else ""


def _highest(kind: str, key: bytes | None, scene: Scene) -> int:
    return max((body.serial for body in _signed_by(kind, key, scene)), default=0)
