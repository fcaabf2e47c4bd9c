"""Taking in what people sent: read, judged against what is known, and kept where it is sound."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..agreement.compare import after_import, compare, copied, new_errors
from ..agreement.exchange import Exchange
from ..agreement.reduce import reduce
from ..card.changes import FieldChange
from ..card.model import UnsignedEntry, wrong_unsigned
from ..documents.armour import MAX_TEXT
from ..documents.document import Document, Status, merge
from ..documents.parts import Part, Waiting
from ..finding import Finding, error, warning
from ..keys.named import key_files, read_named
from ..network.outbox import drafts
from ..seen import Own, seen
from ..state import Local, State
from ..world import World
from .decide import add_unsigned, replaced
from .intake import MAX_FILES, Intake, intake, intake_folder
from .misplaced import misplaced

_KEPT: frozenset[Status] = frozenset({"new", "older", "changed"})


@dataclass(frozen=True, slots=True)
class Received:
    """One document, and what it is to this operator."""

    kind: str
    status: Status
    subject: str
    changes: tuple[FieldChange, ...] = ()
    document: Document | None = None
    steps_back: bool = False
    """A record before the one in force, which nobody needs: kept, it could bring a left branch back."""

    @property
    def keeps(self) -> bool:
        return self.status in _KEPT and not self.steps_back


@dataclass(frozen=True, slots=True)
class Reception:
    rows: tuple[Received, ...]
    unsigned: tuple[UnsignedEntry, ...]
    findings: tuple[Finding, ...]
    waiting: tuple[Waiting, ...] | None = None
    """Texts of which parts are missing; None where no part came: what is kept of them stays."""

    @property
    def sound(self) -> tuple[Document, ...]:
        """What is worth keeping."""
        return tuple(row.document for row in self.rows if row.document is not None and row.keeps)


async def read_source(
    world: World,
    source: Path | bytes,
    network: str | None,
    known: tuple[Document, ...],
    kept: tuple[Part, ...] = (),
) -> Intake:
    """A text that was pasted, or a file or folder of that path. Raises Refusal, as the files do."""
    if isinstance(source, bytes):
        return intake(source, network=network, known=known, kept=kept)
    stat = world.files.stat(source)
    if stat is not None and stat.kind == "folder":
        names = [name for name in world.files.names(source, MAX_FILES) if not name.startswith(".")]
        keys = {path.name: wrong for path, wrong in (await key_files(world, [source / one for one in names])).items()}
        return intake_folder(world.files, source, network=network, known=known, keys=keys, kept=kept)
    text = await read_named(world, source, "Name the file or folder that is to be imported.", MAX_TEXT)
    return intake(text, network=network, known=known, kept=kept)


async def judge(world: World, source: Path | bytes, network: str | None = None) -> Reception:
    """What an import would bring; keeps nothing. Without a state each document is judged by itself and the others.

    ``network``: of which, where there is no state; None: of the one that they are of.
    """
    if world.state is None:
        now = world.clock.now()
        found = await read_source(world, source, network, ())
        told = {one.network for one in found.documents if one.document is not None and one.status != "foreign"}
        networks = sorted(told)
        before = reduce((), network=network or (networks[0] if networks else "none"), now=now)
        reception = _against(before, found)
        return replace(reception, findings=(*reception.findings, *_whole(before, reception), *_mixed(networks)))
    current = (await seen(world)).current
    known = (*world.state.documents(), *drafts(current.outbox.values()))
    found = await read_source(world, source, world.state.network, known, world.state.parts())
    return _against(current.exchange, found)


async def receive(world: World, source: Path | bytes, moniker: str = "") -> Reception:
    """Judge, and keep what is sound. ``moniker``: whose the bare values of a member without quorate are."""
    reception = await judge(world, source)
    state = world.state
    assert state is not None
    keep(state, reception)
    own, current = await seen(world)
    entered = _enter(state, reception.unsigned, moniker, current.exchange, own)
    return replace(reception, findings=(*reception.findings, *entered))


def keep(state: State, reception: Reception, *, left_out: Container[str] = ()) -> tuple[Document, ...]:
    """Keep what is sound, but for the documents of these ids; what was kept. Raises Refusal as ``State.add``."""
    taken = tuple(document for document in reception.sound if document.id not in left_out)
    if taken:
        state.add(taken)
    if reception.waiting is not None:
        keep_parts(state, reception.waiting)
    return taken


def keep_parts(state: State, waiting: Iterable[Waiting]) -> None:
    """Keep what is here of texts that are not whole, as long as it has room. Raises Refusal as ``State.change``."""
    state.keep_parts(tuple(part for one in waiting for part in one.parts))


def _against(before: Exchange, found: Intake) -> Reception:
    """A row for each copy of a document: several copies of one record may each bring a signature."""
    good = merge(one.document for one in found.documents if one.document is not None and one.status is None)
    after = after_import(before, good.values())
    compared = {one.id: one for one in compare(before, after, good.values())}
    here = {one.id: one for one in before.documents}
    rows: list[Received] = []
    findings = list(found.findings)
    for one in found.documents:
        findings += one.findings
        document = one.document
        whole = compared.get(document.id) if document is not None else None
        if document is None or whole is None:
            rows.append(Received(one.kind, one.status or "damaged", one.subject or one.kind))
            continue
        findings += whole.findings
        back = any(finding.code == "record-step-back" for finding in whole.findings)
        told = whole if back else copied(whole, here.get(document.id), document)
        here |= merge(filter(None, (here.get(document.id), document)))
        rows.append(Received(told.kind, told.status, told.subject, told.changes, document, back))
    kept = merge(row.document for row in rows if row.document is not None and row.keeps)
    findings += new_errors(before, after if kept == good else after_import(before, kept.values()))
    waiting = found.waiting if found.parts else None
    return Reception(tuple(rows), found.unsigned, tuple(dict.fromkeys(findings)), waiting)


def _whole(before: Exchange, reception: Reception) -> tuple[Finding, ...]:
    """What the documents of a folder say together: doubles, forks, records that lack signatures."""
    documents = [row.document for row in reception.rows if row.document is not None]
    after = reduce(documents, network=before.network, now=before.now)
    told = after.tally.findings if after.tally else ()
    return (*after.findings, *after.succession.findings, *told)


def _mixed(networks: list[str]) -> tuple[Finding, ...]:
    if len(networks) < 2:
        return ()
    message = f"these documents are of {len(networks)} networks: {', '.join(networks)}"
    return (error("import-mixed-networks", "network", message, "Keep the documents of one network together."),)


def enter(state: State, entry: UnsignedEntry) -> tuple[Finding, ...]:
    """Keep a member without quorate; what that changes of the values entered before. Raises Refusal as the state."""
    changed: tuple[Finding, ...] = ()

    def change(local: Local) -> Local:
        nonlocal changed
        changed = replaced(local, entry)
        return add_unsigned(local, entry)

    state.change(change)
    return changed


def _enter(
    state: State, entries: tuple[UnsignedEntry, ...], moniker: str, exchange: Exchange, own: Own | None
) -> tuple[Finding, ...]:
    if not entries:
        return ()
    if len(entries) > 1 or not moniker or not entries[0].p2p:
        message = f"bare values of {len(entries)} members without quorate came; whose they are is not known"
        fix = "Enter each by name: quorate peers add --moniker NAME --address HOST:26656 --node-id ID --key KEY"
        return (warning("unsigned-not-entered", "text", message, fix),)
    entry = entries[0].named(moniker.strip())
    wrong = (*wrong_unsigned(entry), *misplaced(entry, exchange, own))
    if wrong:
        return wrong
    changed = enter(state, entry)
    entered = warning("unsigned-entered", entry.moniker, "entered without a signature; it stays marked as such")
    return (entered, *changed)
