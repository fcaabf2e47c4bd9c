"""apply, undo, resume: check, register, act, and on any failure go back to where it began.

A run is found by its journal, wherever below the root of the state that is: a network's, or that of homes without one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

from ..changes.change import Scene
from ..disk.errors import stale
from ..documents.document import Document
from ..finding import Finding, Refusal, error, info
from ..plan import Plan
from ..state import OF_HOMES, State
from ..way import Way, way
from ..world import World
from .drive import come_to_rest, drive
from .ending import How, ending, undone_lines
from .journal import Journal, journals, register, unreadable
from .receipt import Pending, Receipt
from .survey import survey

_OPEN = frozenset({"applying", "undoing"})


async def apply(
    plan: Plan, world: World, *, expect_digest: str | None = None, expect_documents: str | None = None
) -> Receipt:
    """Carry out a plan: all of it, or nothing.

    ``expect_documents``: nothing is signed if the state's documents are others by now (``State.fingerprint``). Raises
    Refusal: the plan's own errors, ``plan-digest``, ``apply-unfinished``, ``state-locked``, all of
    :func:`core.apply.survey.survey`, of the changes, what cannot be read in the journal, and what disk and keys
    refuse. Only ``apply-half-done`` means that going back failed as well; then ``unfinished`` finds the run.
    """
    state = _state(world)
    refuse_unapproved(plan, expect_digest)
    at = world.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with state.hold(f"apply {plan.step}") as folder:
        refuse_unfinished(world)
        if plan.signs and expect_documents not in (None, state.fingerprint()):
            message = "documents have come, or were signed, since the plan was made; nothing was signed"
            raise stale(state.folder / "documents.txt", message)
        scene = _scene(world, state)
        for change in plan.changes:
            change.refuse(scene)
        found = survey(plan, world.files)
        if not found.ground.entries:
            return Receipt("", plan.step, plan.digest, at, (), plan.findings, network=state.network)
        state.forget(folder)
        journal = register(folder, found.intent(plan, at), found.ground.copies)
        try:
            documents = await _forward(journal, scene)
        except BaseException as problem:
            await _go_back(journal, scene, problem)
            raise
    return _receipt(journal, documents)


def plan_ending(run: Receipt | Pending, how: How, world: World) -> Plan:
    """What undoing, finishing or giving up a run would change now, to be shown before; see :class:`core.plan.Plan`.

    Raises Refusal, as carrying it out would before it touches anything.
    """
    return _ending(*_find(world, run.id), how, world)


async def resume(pending: Pending, world: World, *, expect_digest: str | None = None) -> Receipt:
    """Finish a run that was cut off, in its direction. Raises Refusal; then it stays as it is, and can be undone."""
    with _ended(pending, "finish", world, expect_digest) as (journal, state):
        scene = _scene(world, state)
        if journal.phase == "undoing":
            return await _back(journal, scene)
        documents = await _forward(journal, scene)
    return _receipt(journal, documents)


async def undo(run: Receipt | Pending, world: World, *, expect_digest: str | None = None) -> Receipt:
    """Undo a run. A signature and a key file stay, which the findings say.

    Raises Refusal (``undo-already``, ``undo-unknown``, ``undo-superseded``, ``file-changed``, ``undo-blocked``,
    ``apply-unfinished``, ``plan-digest`` ...).
    """
    with _ended(run, "undo", world, expect_digest) as (journal, state):
        was_applied, scene = journal.is_applied, _scene(world, state)
        if journal.phase != "undoing":
            journal.note("undo")
        try:
            return await _back(journal, scene)
        except BaseException:
            if was_applied:
                await _keep(journal, scene)
            raise


async def give_up(pending: Pending, world: World, *, expect_digest: str | None = None) -> None:
    """Leave everything as it is and forget the run; its copies stay in the journal. Raises Refusal."""
    with _ended(pending, "give-up", world, expect_digest) as (journal, _):
        come_to_rest(journal)
        journal.note("abandoned")


def unfinished(world: World) -> tuple[Pending, ...]:
    """Runs that were cut off, oldest first; none that another process is at work on. Raises Refusal."""
    return tuple(_pending(journal) for journal in _cut_off(world))


def unreadable_runs(world: World) -> tuple[Finding, ...]:
    """What cannot be read in the journals of all networks; nothing of it is ever deleted. Raises Refusal."""
    return tuple(finding for state in _state(world).beside() for finding in unreadable(state.folder))


def runs(world: World) -> tuple[Receipt | Pending, ...]:
    """What was applied in any network and what was cut off, newest first; also what was undone. Raises Refusal."""
    done = [journal for journal in _all(world) if journal.phase in {"applied", "undone"}]
    both = sorted((*done, *_cut_off(world)), key=lambda journal: journal.order, reverse=True)
    return tuple(_pending(journal) if journal.phase in _OPEN else _receipt(journal, ()) for journal in both)


def receipts(world: World) -> tuple[Receipt, ...]:
    """What was applied in the network at hand, newest first; also what was undone. Raises Refusal."""
    state = _state(world)
    done = [journal for journal in journals(state.folder) if journal.phase in {"applied", "undone"}]
    held = {document.id: document for document in state.documents()} if any(j.documents for j in done) else {}
    return tuple(
        _receipt(journal, tuple(held[name] for name in journal.documents if name in held)) for journal in reversed(done)
    )


def begun(world: World) -> frozenset[str]:
    """The ids of all runs so far. Raises Refusal."""
    return frozenset(journal.intent.id for journal in _all(world))


def stopped(plan: Plan, world: World, before: frozenset[str]) -> tuple[Receipt | None, tuple[Finding, ...]]:
    """What a cancelled ``apply``, ``resume`` ... of this plan has come to: a receipt, where the stop came too late.

    ``before``: the runs that had been begun before it. Raises Refusal.
    """
    run = plan.ends.partition(" ")[2]
    for journal in reversed(_all(world)):
        is_new = journal.intent.id not in before and journal.intent.digest == plan.digest
        if not (journal.intent.id == run if run else is_new):
            continue
        if journal.phase in _OPEN:
            return None, (_interrupted(_pending(journal), world),)
        if journal.phase in {"applied", "undone"}:
            receipt = _receipt(journal, ())
            return receipt, (*receipt.findings, _too_late(receipt))
        return None, (_stopped(plan), *_what_stays(journal))
    return None, (_stopped(plan),)


def _stopped(plan: Plan) -> Finding:
    message = "stopped before it was done: every file is as it was before"
    return info("apply-stopped", plan.step, message, "Look at the preview again where it is to be done after all.")


def _too_late(receipt: Receipt) -> Finding:
    message = "the stop came too late: all of it had been done, and this is its receipt"
    return info("apply-stopped-late", receipt.step, message, "Undo it where it is not wanted.")


def command_for(run: Receipt | Pending, how: How, world: World) -> str:
    return way_to_end(run, how, world).command


def way_to_end(run: Receipt | Pending, how: How, world: World) -> Way:
    """The command that ends a run from wherever it is typed."""
    state = _state(world)
    usual = os.path.realpath(State.root_of(world.environ)) == str(state.root)
    words = [] if usual else ["--state", str(state.root)]
    # Without a network every run is found, and with any those of no network.
    words += [] if run.network in (OF_HOMES, state.network) else ["--network", run.network]
    return way(*words, "undo", *([] if how == "undo" else [f"--{how}"]))


def refuse_unfinished(world: World) -> None:
    """Raise Refusal where a run was cut off (``apply-unfinished``), or the journal at hand cannot be read.

    What cannot be read may be a run that was cut off.
    """
    _refuse_cut_off(world)
    if findings := unreadable(_state(world).folder):
        raise Refusal(*findings)


def _refuse_cut_off(world: World) -> None:
    for journal in _cut_off(world):
        raise Refusal(_interrupted(_pending(journal), world))


def _interrupted(pending: Pending, world: World) -> Finding:
    where = "" if pending.network == OF_HOMES else f" in the network {pending.network}"
    return error(
        "apply-unfinished",
        pending.step,
        f"the run of {pending.at} for {pending.step}{where} was cut off and is unfinished",
        f"Finish it: {command_for(pending, 'finish', world)}    (or undo it: {command_for(pending, 'undo', world)})",
    )


@contextmanager
def _ended(
    run: Receipt | Pending, how: How, world: World, expect_digest: str | None
) -> Iterator[tuple[Journal, State]]:
    """Hold the state of a run for as long as it is ended, as it was shown. Raises Refusal."""
    state = _find(world, run.id)[1]
    with state.hold(f"{how} {run.step}") as folder:
        journal = _find(world, run.id)[0]
        refuse_unapproved(_ending(journal, state, how, world), expect_digest)
        state.forget(folder)
        yield journal, state


def _ending(journal: Journal, state: State, how: How, world: World) -> Plan:
    """Raises Refusal where the run is not one to be ended like this."""
    if how != "undo" and journal.phase not in _OPEN:
        raise _not_pending(journal)
    name = journal.intent.id
    if how == "undo" and journal.phase not in _OPEN:
        _refuse_cut_off(world)
        if journal.phase != "applied":
            raise Refusal(error("undo-already", name, f"the run {name} is {journal.phase} already", "Nothing to do."))
    if how == "finish" and journal.phase == "applying":
        scene = _scene(world, state)
        for entry in journal.entries:
            entry.refuse(scene)
    later = [other for other in _all(world) if other.phase == "applied" and other.order > journal.order]
    return ending(journal, how, world.at(state), later)


async def _forward(journal: Journal, scene: Scene) -> tuple[Document, ...]:
    documents = await drive(journal, "after", scene)
    # A task cancelled so late has done its work: it is written down as done.
    journal.note("done", documents=[document.id for document in documents])
    return documents


async def _back(journal: Journal, scene: Scene) -> Receipt:
    await drive(journal, "before", scene)
    journal.note("undone")
    held = {document.id: document for document in scene.state.documents()} if journal.documents else {}
    return _receipt(journal, tuple(held[name] for name in journal.documents if name in held))


async def _go_back(journal: Journal, scene: Scene, problem: BaseException) -> None:
    """After a failed apply: everything as before, or a Refusal that says that it is not."""
    try:
        await drive(journal, "before", scene)
        journal.note("aborted")
    except Refusal as second:
        first = problem.findings if isinstance(problem, Refusal) else ()
        raise Refusal(*first, *second.findings, _half_done(journal)) from problem
    if isinstance(problem, Refusal) and (stay := tuple(_what_stays(journal))):
        raise Refusal(*problem.findings, *stay) from problem


async def _keep(journal: Journal, scene: Scene) -> None:
    """After a failed undo: everything as it was applied, or the undo stays unfinished."""
    try:
        await drive(journal, "after", scene, lasting=False)
        journal.note("kept")
    except Refusal:
        return


def _what_stays(journal: Journal) -> Iterator[Finding]:
    """What cannot be undone."""
    for index, entry in enumerate(journal.entries):
        if (found := entry.lasting(journal, index)) is not None:
            yield found


def _scene(world: World, state: State) -> Scene:
    return Scene(world.at(state), state, lambda: journals(state.folder))


def _receipt(journal: Journal, documents: tuple[Document, ...]) -> Receipt:
    intent = journal.intent
    undone = journal.phase == "undone"
    findings = (*intent.findings, *(_what_stays(journal) if undone else ()))
    done = tuple(undone_lines(journal)) if undone else intent.lines
    return Receipt(intent.id, intent.step, intent.digest, intent.at, done, findings, documents, undone, journal.network)


def _pending(journal: Journal) -> Pending:
    intent = journal.intent
    direction = "undo" if journal.phase == "undoing" else "apply"
    return Pending(intent.id, intent.step, intent.digest, intent.at, intent.lines, direction, journal.network)  # type: ignore[arg-type]


def _all(world: World) -> tuple[Journal, ...]:
    """Every journal below the root of the state that can be read, oldest first."""
    found = (journal for state in _state(world).beside() for journal in journals(state.folder))
    return tuple(sorted(found, key=lambda journal: journal.order))


def _cut_off(world: World) -> tuple[Journal, ...]:
    """Those that are unfinished, and that no other process is at work on, oldest first."""
    found: list[Journal] = []
    for state in _state(world).beside():
        if _open(state) and (state.is_held or not state.holder()):
            # Read again: what another process was at work on may have ended before its lock was looked at.
            found += _open(state)
    return tuple(sorted(found, key=lambda journal: journal.order))


def _open(state: State) -> tuple[Journal, ...]:
    return tuple(journal for journal in journals(state.folder) if journal.phase in _OPEN)


def _state(world: World) -> State:
    if world.state is None:
        raise Refusal(
            error(
                "apply-no-state",
                "state",
                "no network is at hand, expected one to keep the journal in",
                "Add --network.",
            )
        )
    return world.state


def refuse_unapproved(plan: Plan, expect_digest: str | None) -> None:
    """Raises Refusal: the plan's own errors, ``plan-digest``."""
    if not plan.is_safe:
        raise Refusal(*plan.findings)
    if expect_digest is not None and expect_digest != plan.digest:
        raise Refusal(
            error(
                "plan-digest",
                plan.step,
                f"the plan has the digest {plan.digest}, {expect_digest} was approved: something has changed since",
                f"Look at it again ({_look_again(plan)}) and approve what it shows.",
            )
        )


def _look_again(plan: Plan) -> str:
    how, _, run = plan.ends.partition(" ")
    if not how:
        return f"quorate plan {plan.step}"
    return way("undo", "--plan", *([] if how == "undo" else [f"--{how}"]), run).command


def _find(world: World, name: str) -> tuple[Journal, State]:
    """Raises Refusal (``undo-unknown``)."""
    state = _state(world)
    for one in state.beside():
        for journal in journals(one.folder):
            if journal.intent.id == name:
                return journal, one
    raise Refusal(
        error("undo-unknown", name, f"no run {name!r} is in the journals below {state.root}", "quorate undo --list")
    )


def _not_pending(journal: Journal) -> Refusal:
    message = f"the run {journal.intent.id} is {journal.phase}, expected it unfinished"
    return Refusal(error("resume-not-pending", journal.intent.id, message, "Nothing to do."))


def _half_done(journal: Journal) -> Finding:
    return error(
        "apply-half-done",
        journal.file,
        f"not all of {journal.intent.step} could be undone; every file is whole, copies are in {journal.copies}",
        "Fix what the other findings name, then undo it: quorate undo",
    )
