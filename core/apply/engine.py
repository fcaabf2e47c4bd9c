"""apply, undo, resume: check, register, act, and on any failure go back to where it began."""

from __future__ import annotations

from datetime import UTC

from ..documents.document import Document
from ..finding import Finding, Refusal, error, info
from ..plan import Plan, Sign
from ..state import State
from ..world import World
from .drive import come_to_rest, drive, refuse_impossible
from .in_use import refuse_in_use
from .journal import Journal, Secret, Signing, journals, register
from .receipt import Pending, Receipt
from .signing import make_secrets, refuse_unsignable, sign_documents
from .survey import survey
from .way_back import taken_back, way_back


async def apply(plan: Plan, world: World, *, expect_digest: str | None = None) -> Receipt:
    """Carry out a plan: all of it, or nothing.

    Raises Refusal: the plan's own errors, ``plan-digest``, ``apply-unfinished``, ``state-locked``, all of
    :func:`core.apply.survey.survey`, of ``sign_documents``, and what disk and keys refuse. Only ``apply-half-done``
    means that going back failed as well; then ``unfinished`` finds the run.
    """
    state = _state(world)
    refuse_unapproved(plan, expect_digest)
    at = world.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with state.hold(f"apply {plan.step}") as folder:
        _refuse_unfinished(state)
        refuse_unsignable((change for change in plan.changes if isinstance(change, Sign)), state)
        found = survey(plan, world.files)
        if not found.entries:
            return Receipt("", plan.step, plan.digest, at, (), plan.findings)
        journal = register(folder, found.intent(plan, at), found.copies)
        try:
            documents = await _forward(journal, world, state)
        except BaseException as problem:
            _go_back(journal, problem)
            raise
    return _receipt(journal, documents)


async def resume(pending: Pending, world: World) -> Receipt:
    """Finish a run that was cut off, in its direction. Raises Refusal; then it stays as it is, and can be undone."""
    state = _state(world)
    with state.hold(f"resume {pending.step}"):
        journal = _find(state, pending.id)
        if journal.phase == "undoing":
            refuse_in_use(journal, world)
            return _back(journal, state)
        if journal.phase != "applying":
            raise _not_pending(journal)
        refuse_unsignable((entry for entry in journal.intent.entries if isinstance(entry, Signing)), state)
        documents = await _forward(journal, world, state)
    return _receipt(journal, documents)


async def undo(run: Receipt | Pending, world: World) -> Receipt:
    """Take a run back. A signature and a key file stay, which the findings say.

    Raises Refusal (``undo-already``, ``undo-unknown``, ``file-changed``, ``undo-blocked``, ``apply-unfinished`` ...).
    """
    state = _state(world)
    with state.hold(f"undo {run.step}"):
        journal = _to_undo(run, world, state)
        was_applied = journal.phase == "applied"
        if journal.phase != "undoing":
            journal.note("undo")
        try:
            return _back(journal, state)
        except BaseException:
            if was_applied:
                _keep(journal)
            raise


def refuse_undo(run: Receipt | Pending, world: World) -> None:
    """Raise what :func:`undo` would raise before it touches anything, for whoever asks a person first."""
    _to_undo(run, world, _state(world))


def unfinished(world: World) -> tuple[Pending, ...]:
    """Runs that were cut off, oldest first; none while another process is at work. Raises Refusal."""
    state = _state(world)
    if state.holder():
        return ()
    return tuple(_pending(journal) for journal in _open_journals(state))


def receipts(world: World) -> tuple[Receipt, ...]:
    """What was applied, newest first; also what was undone since. Raises Refusal."""
    state = _state(world)
    done = [journal for journal in journals(state.folder) if journal.phase in {"applied", "undone"}]
    held = {document.id: document for document in state.documents()} if any(j.documents for j in done) else {}
    return tuple(
        _receipt(journal, tuple(held[name] for name in journal.documents if name in held)) for journal in reversed(done)
    )


async def give_up(pending: Pending, world: World) -> None:
    """Leave everything as it stands and forget the run; its copies stay in the journal. Raises Refusal."""
    state = _state(world)
    with state.hold(f"give up {pending.step}"):
        journal = _find(state, pending.id)
        if journal.phase not in {"applying", "undoing"}:
            raise _not_pending(journal)
        come_to_rest(journal)
        journal.note("abandoned")


async def _forward(journal: Journal, world: World, state: State) -> tuple[Document, ...]:
    drive(journal, "after")
    await make_secrets(journal, world)
    documents = await sign_documents(journal, world, state)
    # A task cancelled so late has done its work: it is written down as done.
    journal.note("done", documents=[document.id for document in documents])
    return documents


def _to_undo(run: Receipt | Pending, world: World, state: State) -> Journal:
    journal = _find(state, run.id)
    _refuse_unfinished(state, but=journal.intent.id)
    if journal.phase not in {"applying", "applied", "undoing"}:
        raise Refusal(error("undo-already", run.id, f"the run {run.id} is {journal.phase} already", "Nothing to do."))
    refuse_in_use(journal, world)
    refuse_impossible(journal, "before")
    return journal


def _back(journal: Journal, state: State) -> Receipt:
    drive(journal, "before")
    journal.note("undone")
    held = {document.id: document for document in state.documents()} if journal.documents else {}
    return _receipt(journal, tuple(held[name] for name in journal.documents if name in held))


def _go_back(journal: Journal, problem: BaseException) -> None:
    """After a failed apply: everything as before, or a Refusal that says that it is not."""
    try:
        drive(journal, "before")
        journal.note("aborted")
    except Refusal as second:
        first = problem.findings if isinstance(problem, Refusal) else ()
        raise Refusal(*first, *second.findings, _half_done(journal)) from problem
    if isinstance(problem, Refusal) and (stay := tuple(_what_stays(journal))):
        raise Refusal(*problem.findings, *stay) from problem


def _keep(journal: Journal) -> None:
    """After a failed undo: everything as it was applied, or the undo stays unfinished."""
    try:
        drive(journal, "after")
        journal.note("kept")
    except Refusal:
        return


def _what_stays(journal: Journal) -> tuple[Finding, ...]:
    """What can not be taken back."""
    found: list[Finding] = []
    for index, entry in enumerate(journal.intent.entries):
        if isinstance(entry, Secret) and index in journal.started:
            message = f"the key file {entry.path} stays: quorate neither deletes nor moves keys"
            found.append(info("undo-key-stays", entry.path, message, "Set it aside by hand if it is not wanted."))
        if isinstance(entry, Signing) and index in journal.payloads:
            message = f"the signature over this {entry.kind} stays: whoever has it can show it"
            found.append(
                info("undo-signature-stays", entry.kind, message, "Sign a newer one where this is not wanted.")
            )
    return tuple(found)


def _receipt(journal: Journal, documents: tuple[Document, ...]) -> Receipt:
    intent = journal.intent
    undone = journal.phase == "undone"
    findings = (*intent.findings, *(_what_stays(journal) if undone else ()))
    done, back = (taken_back(journal), ()) if undone else (intent.lines, way_back(journal))
    return Receipt(intent.id, intent.step, intent.digest, intent.at, done, findings, documents, undone, back)


def _pending(journal: Journal) -> Pending:
    intent = journal.intent
    direction = "undo" if journal.phase == "undoing" else "apply"
    back = way_back(journal)
    return Pending(intent.id, intent.step, intent.digest, intent.at, intent.lines, direction, back)  # type: ignore[arg-type]


def _open_journals(state: State) -> tuple[Journal, ...]:
    return tuple(journal for journal in journals(state.folder) if journal.phase in {"applying", "undoing"})


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
                f"Look at it again (quorate plan {plan.step}) and approve what it shows.",
            )
        )


def _refuse_unfinished(state: State, but: str = "") -> None:
    for journal in _open_journals(state):
        if journal.intent.id != but:
            raise Refusal(
                error(
                    "apply-unfinished",
                    journal.intent.step,
                    f"the run of {journal.intent.at} for {journal.intent.step} was cut off and is unfinished",
                    "Finish it or take it back first: quorate undo",
                )
            )


def _find(state: State, name: str) -> Journal:
    for journal in journals(state.folder):
        if journal.intent.id == name:
            return journal
    raise Refusal(error("undo-unknown", name, f"no run {name!r} is in the journal of {state.folder}", "quorate status"))


def _not_pending(journal: Journal) -> Refusal:
    message = f"the run {journal.intent.id} is {journal.phase}, expected it unfinished"
    return Refusal(error("resume-not-pending", journal.intent.id, message, "Nothing to do."))


def _half_done(journal: Journal) -> Finding:
    return error(
        "apply-half-done",
        journal.file,
        f"not all of {journal.intent.step} could be taken back; every file is whole, copies lie in {journal.copies}",
        "Mend what the other findings name, then take it back: quorate undo",
    )
