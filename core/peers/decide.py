"""The coordinator's word about a member's present card, as a new Local. A decision holds for exactly that card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..agreement.exchange import Exchange, KnownCard, KnownEntry, card_id_of, known_members, moniker_of
from ..card.changes import entry_changes
from ..card.model import UnsignedEntry
from ..finding import Finding, Refusal, error, warning
from ..member_name import meant
from ..state import Decision, Local, Verdict


def find_member(exchange: Exchange, name: str) -> tuple[str, KnownCard | KnownEntry]:
    """The member whose moniker, or beginning of whose node id (6 digits or more), is ``name``.

    Raises Refusal (``member-unknown``, ``member-ambiguous``).
    """
    known = known_members(exchange)
    node_id = find_named({node_id: moniker_of(one) for node_id, one in known.items()}, name)
    return node_id, known[node_id]


def find_named(monikers: Mapping[str, str], name: str) -> str:
    """As :func:`find_member`, among monikers by node id."""
    found = meant(name, ((moniker, node_id) for node_id, moniker in monikers.items()))
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{moniker} ({node_id[:12]})" for node_id, moniker in monikers.items()) or "nobody"
    if found:
        both = ", ".join(found)
        fix = "Name the member by the beginning of the node id."
        raise Refusal(error("member-ambiguous", name, f'"{name}" can be {len(found)} members: {both}', fix))
    raise Refusal(
        error("member-unknown", name, f'nobody is called "{name}" here; known: {names}', "Import their card.")
    )


def decide(local: Local, node_id: str, one: KnownCard | KnownEntry, verdict: Verdict, reason: str = "") -> Local:
    """Approve, hold or refuse; that the words were compared stays noted."""
    return _with(local, node_id, replace(_kept(local, node_id, one), verdict=verdict, reason=reason))


def approve(local: Local, node_id: str, one: KnownCard | KnownEntry, how: str) -> Local:
    """Approve, and note how the words were compared; an empty ``how``: unseen, which stays marked as unverified."""
    noted = confirm(local, node_id, one, how.strip()) if how.strip() else local
    return decide(noted, node_id, one, "approve")


def keep(local: Local, node_id: str, one: KnownCard | KnownEntry) -> Local:
    """Go on with the earlier card that was decided on, and pass over the newest. Raises Refusal (``card-no-earlier``).

    A still newer card is judged anew.
    """
    earlier = one.earlier if isinstance(one, KnownCard) else None
    if earlier is None or earlier.verdict == "refuse":
        message = f"nothing was decided about an earlier card of {moniker_of(one)}, so there is none to keep"
        fix = "Approve, hold or refuse the card that is here."
        raise Refusal(error("card-no-earlier", moniker_of(one), message, fix))
    return _with(local, node_id, replace(earlier, over=card_id_of(one)))


def newest(local: Local, node_id: str, one: KnownCard | KnownEntry) -> Local:
    """Judge the newest card, which was passed over; what was decided about the earlier one can be kept again."""
    return _with(local, node_id, replace(_kept(local, node_id, one), over=""))


def unsaid(verdict: Verdict, text: str) -> tuple[Finding, ...]:
    """What a verdict lacks: whoever is held or refused asks why, and so will the coordinator in a year."""
    if text.strip():
        return ()
    if verdict == "approve":
        message = "How the words were compared is not said: the card stays marked as unverified."
        return (warning("peers-how", "how", message, "Say how: on a call, in person, by which other channel."),)
    message = "The reason is empty, and the member will ask for it."
    return (error("peers-reason", "reason", message, "Give the reason in a few words."),)


def confirm(local: Local, node_id: str, one: KnownCard | KnownEntry, how: str) -> Local:
    """Note how the words of the card were compared with the member."""
    return _with(local, node_id, replace(_kept(local, node_id, one), confirmed=how))


def same(local: Local, node_id: str, one: KnownCard | KnownEntry, how: str) -> Local:
    """A member's word that the words are the same; that they differed before no longer holds."""
    return _with(local, node_id, replace(_kept(local, node_id, one), verdict=None, reason="", confirmed=how))


def differ(local: Local, node_id: str, one: KnownCard | KnownEntry, how: str) -> Local:
    """A member's word that the other reads other words: the card is held, so that no record with it is accepted."""
    reason = f"its words differed: {how}"
    return _with(local, node_id, replace(_kept(local, node_id, one), verdict="hold", reason=reason, confirmed=""))


def expect(local: Local, monikers: Iterable[str]) -> Local:
    return replace(local, expected=tuple(dict.fromkeys(monikers)))


def add_unsigned(local: Local, entry: UnsignedEntry) -> Local:
    """Enter a member without quorate, and expect them; a changed entry loses the decision about the one before."""
    old = _entered(local, entry.node_id)
    kept = {**local.unsigned, entry.node_id: entry.body.decode()}
    return replace(local, unsigned=kept, expected=_expected(local.expected, old.moniker if old else "", entry.moniker))


def replaced(local: Local, entry: UnsignedEntry) -> tuple[Finding, ...]:
    """What entering ``entry`` changes of the values that were entered for that node before."""
    old = _entered(local, entry.node_id)
    changes = () if old is None else entry_changes(old, entry)
    if old is None or not changes:
        return ()
    message = f"node {entry.node_id} was entered before as {old.moniker}; changed: {'; '.join(map(str, changes))}"
    fix = "Where that was a slip, enter the old values again. What was decided about them no longer counts."
    return (warning("unsigned-changed", entry.moniker, message, fix),)


def _entered(local: Local, node_id: str) -> UnsignedEntry | None:
    """What was entered for that node."""
    body = local.unsigned.get(node_id)
    return None if body is None else UnsignedEntry.parse(body.encode("utf-8", "surrogatepass"))[0]


def _expected(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    """With the new name, in the place of the old one; as they are where nobody is expected by name."""
    folded = [name.casefold() for name in names]
    if not names or new.casefold() in folded:
        return names
    if old.casefold() in folded:
        return tuple(new if name.casefold() == old.casefold() else name for name in names)
    return (*names, new)


def _kept(local: Local, node_id: str, one: KnownCard | KnownEntry) -> Decision:
    """What was said of exactly this card; a decision about an earlier one has died with it."""
    card = card_id_of(one)
    old = local.decisions.get(node_id)
    return old if old is not None and old.card == card else Decision(card)


def _with(local: Local, node_id: str, decision: Decision) -> Local:
    return replace(local, decisions={**local.decisions, node_id: decision})
