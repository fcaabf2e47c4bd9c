"""An owner's word for a member without quorate: how they confirmed the hash."""

from __future__ import annotations

from collections.abc import Mapping

from ..finding import Finding, Refusal, error
from ..plan import Plan, Sign
from .acceptance import attestation_body
from .facts import Own
from .record import NetworkRecord
from .roster import RosterMember


def can_attest(record: NetworkRecord, own: Own | None) -> tuple[Finding, ...]:
    """Why this operator can not; nothing where they can."""
    if own is not None and own.node_key in {owner.key for owner in record.owners}:
        return ()
    message = "only an owner of the record can attest, and your node key is none"
    return (error("attest-not-owner", "owner", message, "Ask an owner to attest."),)


def unsigned_members(record: NetworkRecord) -> Mapping[str, RosterMember]:
    """By node id, those who have no quorate."""
    return {member.node_id: member for member in record.members if not member.signed}


def plan_attestation(record: NetworkRecord, own: Own | None, node_id: str, name: str, how: str) -> Plan:
    """Raises Refusal (``attest-nobody``, ``attest-not-owner``, ``attest-how``). ``name``: the member as typed."""
    member = unsigned_members(record).get(node_id)
    if member is None:
        names = ", ".join(one.moniker for one in unsigned_members(record).values()) or "none"
        message = f'"{name}" is no member without quorate in this record; there are: {names}'
        raise Refusal(error("attest-nobody", name, message, "Members with quorate accept by themselves."))
    wrong = (*can_attest(record, own), *_check_how(how))
    if wrong or own is None:
        raise Refusal(*wrong)
    body = attestation_body(record, node_id=member.node_id, owner=own.node_key, how=how)
    return Plan("network", (Sign("attestation", body, own.home, f"{member.moniker} confirmed: {how}"),))


def _check_how(how: str) -> tuple[Finding, ...]:
    if 0 < len(how) <= 500 and how.isascii() and how.isprintable():
        return ()
    message = f"how it was confirmed must be 1 to 500 printable ASCII characters; {len(how)} came"
    return (error("attest-how", "how", message, "Write it short, such as: read the 8 words to me on the phone."),)
