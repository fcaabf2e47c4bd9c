"""The hand-over: the old node key of a member signs the version that gives their power to a different node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..agreement.acceptance import acceptance_body
from ..agreement.holders import Move
from ..changes import Sign
from ..finding import Refusal, error
from ..plan import Plan
from ..seen import Own
from .heard import compared, heard
from .proposal_checks import changes

if TYPE_CHECKING:
    from ..agreement.current import Current


def own_move(seen: Current) -> Move | None:
    """The open move that takes the power from this operator's node."""
    moves = seen.tally.moves if seen.tally else ()
    return next((move for move in moves if move.is_of(seen.exchange.own)), None)


def handed_over(seen: Current) -> bool:
    """Return True if this node is not in the record any more, and its key has signed that."""
    record, own = seen.exchange.record, seen.exchange.own
    if record is None or own is None or record.member(own) is not None:
        return False
    era = {one.id for one in seen.exchange.succession.era if one.member(own) is None}
    return any(one.node_id == own and one.record in era for one in seen.exchange.acceptances)


def plan_handover(seen: Current, own: Own | None) -> Plan:
    """To be signed with the node key of this home. Raises Refusal (``handover-nothing``)."""
    record, move = seen.exchange.record, own_move(seen)
    if own is None or record is None or move is None:
        whose = f"the node {own.node_id}" if own else "a node of this machine"
        message = f"no version that is here takes the power from {whose}"
        fix = "Name the home that has the old node key (quorate home --home DIR), and import the newest record."
        raise Refusal(error("handover-nothing", "home", message, fix))
    checked = compared(record, heard(seen.exchange.local, record), own.node_id)
    body = acceptance_body(record, node_key=own.node_key, words_checked=checked)
    to = " and ".join(one.node_id for one in move.new) or "no node"
    before = seen.before(record)
    sign = Sign("acceptance", body, own.home, f"your power goes from {own.node_id} to {to}")
    return Plan("network", (sign,), tuple(changes(before, record)) if before else ())
