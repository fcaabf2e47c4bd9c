"""An owner's word for a member without quorate: how they confirmed the hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..agreement.acceptance import Attestation, attestation_body, parse_attestation
from ..agreement.record import NetworkRecord, Owner
from ..agreement.roster import RosterMember
from ..changes import Sign, WriteFile
from ..documents.canonical import canonical, parse_canonical
from ..documents.ed25519 import to_base64
from ..finding import Finding, Refusal, error
from ..local import Local
from ..plan import Plan
from ..seen import Own
from ..way import Way
from .facts import NetworkFacts
from .outbox import asks_ssh, draft_path, sign_with_ssh, ssh_owners, write_draft

if TYPE_CHECKING:
    from ..agreement.current import Current

_KEPT = "attest"
"""Beside the answers of the steps."""
_DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """An attestation that waits for its signature."""

    node_id: str
    """Of the member who is attested for."""
    way: Way
    """What makes the signature."""
    finding: Finding


def can_attest(record: NetworkRecord, own: Own | None) -> tuple[Finding, ...]:
    """Why this operator can not with their node key; nothing where they can."""
    if own is not None and own.node_key in {owner.key for owner in record.owners}:
        return ()
    return (_not_owner("only an owner of the record can attest, and your node key is none"),)


def unsigned_members(record: NetworkRecord) -> Mapping[str, RosterMember]:
    """By node id, those who have no quorate."""
    return {member.node_id: member for member in record.members if not member.signed}


def plan_attestation(record: NetworkRecord, own: Own | None, node_id: str, name: str, how: str) -> Plan:
    """To be signed with the node key. ``name``: the member as typed.

    Raises Refusal (``attest-nobody``, ``attest-not-owner``, ``attest-how``).
    """
    member = _member(record, node_id, name)
    wrong = (*can_attest(record, own), *_check_how(how))
    if wrong or own is None:
        raise Refusal(*wrong)
    body = attestation_body(record, node_id=member.node_id, owner=own.node_key, how=how)
    return Plan("network", (Sign("attestation", body, own.home, f"{member.moniker} confirmed: {how}"),))


def plan_draft(facts: NetworkFacts, record: NetworkRecord, node_id: str, name: str, how: str, owner: Owner) -> Plan:
    """To be signed with ssh-keygen by ``owner``: the payload goes into the outbox, and waits there.

    Where the same waits already, its time stays, and nothing changes. Raises Refusal (``attest-nobody``,
    ``attest-how``).
    """
    member = _member(record, node_id, name)
    wrong = _check_how(how)
    if wrong:
        raise Refusal(*wrong)
    body = attestation_body(record, node_id=member.node_id, owner=owner.key, how=how)
    payload = _drafted(facts, body) or _with_serial(body, _serial(facts, owner))
    draft, _ = parse_attestation(payload)
    assert draft is not None
    path = draft_path(facts.folder, "attestation", draft.id)
    before = facts.current.outbox.get(path)
    if before == payload and not _waits(facts.current, draft):
        return Plan("network")
    reason = f"{member.moniker} confirmed: {how}; to be signed with ssh-keygen by {owner.name}"
    write = write_draft(facts.folder, "attestation", draft.id, payload, before, reason)
    changes = () if before == payload else (write,)
    return Plan("network", changes, (_asks(record, draft, path),), way=sign_with_ssh("attestation", path))


def waiting_drafts(seen: Current) -> Iterator[Draft]:
    """The attestations in the outbox that still wait for their signature, and are of use for the record in force."""
    record = seen.exchange.record
    for path, payload in sorted(seen.outbox.items()):
        draft, _ = parse_attestation(payload)
        if record is not None and draft is not None and draft.record == record.id and _waits(seen, draft):
            yield Draft(draft.node_id, sign_with_ssh("attestation", path), _asks(record, draft, path))


def attests_with_ssh(seen: Current, record: NetworkRecord, own: Own | None) -> bool:
    """Whether it is known with which OpenSSH key this operator would attest."""
    try:
        return bool(ssh_owner(seen, record, own))
    except Refusal:
        return False


def ssh_owner(seen: Current, record: NetworkRecord, own: Own | None, named: str = "") -> Owner:
    """Who signs with an OpenSSH key, ``named`` by name or key, or the only one of those who have no node here.

    Raises Refusal (``attest-not-owner``, ``attest-which-owner``).
    """
    owners, local = ssh_owners(record), seen.exchange.local
    if named:
        owners = tuple(one for one in owners if named in (one.name, to_base64(one.key)))
    elif local.home and local.role != "coordinator":
        raise Refusal(*can_attest(record, own))
    if len(owners) == 1:
        return owners[0]
    names = ", ".join(f"{one.name} ({to_base64(one.key)})" for one in owners or ssh_owners(record)) or "nobody"
    if owners:
        message = f"{len(owners)} owners sign with an OpenSSH key: {names}"
        raise Refusal(error("attest-which-owner", "owner", message, "Say who signs: --owner, with the name or key."))
    who = f"{named} is none of them" if named else "your node key is none"
    raise Refusal(_not_owner(f"only an owner of the record can attest, and {who}; with an OpenSSH key sign: {names}"))


def keep_draft(local: Local, planned: Plan) -> Local:
    """Keep what would be drafted: a plan that moves with the clock can not be approved elsewhere."""
    answers = {step: said for step, said in local.answers.items() if step != _KEPT}
    made = [change.after.decode() for change in planned.changes if isinstance(change, WriteFile)]
    return replace(local, answers={**answers, _KEPT: {_DRAFT: made[0]}} if made else answers)


def _member(record: NetworkRecord, node_id: str, name: str) -> RosterMember:
    member = unsigned_members(record).get(node_id)
    if member is None:
        names = ", ".join(one.moniker for one in unsigned_members(record).values()) or "none"
        message = f'"{name}" is no member without quorate in this record; there are: {names}'
        raise Refusal(error("attest-nobody", name, message, "Members with quorate accept by themselves."))
    return member


def _drafted(facts: NetworkFacts, body: bytes) -> bytes:
    """The payload that says the same already, in the outbox or as it was shown; empty where none does."""
    shown = facts.current.exchange.local.answers.get(_KEPT, {}).get(_DRAFT, "").encode()
    return next((one for one in (*facts.current.outbox.values(), shown) if _body_of(one) == body), b"")


def _body_of(payload: bytes) -> bytes:
    """Without its serial; empty where it is no attestation."""
    if parse_attestation(payload)[0] is None:
        return b""
    value = parse_canonical(payload)
    assert isinstance(value, dict)
    return canonical({name: said for name, said in value.items() if name != "serial"})


def _with_serial(body: bytes, serial: int) -> bytes:
    value = parse_canonical(body)
    assert isinstance(value, dict)
    return canonical({**value, "serial": serial})


def _serial(facts: NetworkFacts, owner: Owner) -> int:
    """Now, and after all that this owner attested before."""
    before = (one.serial for one in facts.current.exchange.attestations if one.owner == owner.key)
    return max(int(facts.now.timestamp()), *(serial + 1 for serial in before), 1)


def _waits(seen: Current, draft: Attestation) -> bool:
    """Unless it is signed, or the member is attested for by now."""
    signed = {one.id for one in seen.exchange.attestations}
    member = seen.record.member(draft.node_id) if seen.record else None
    attested = seen.tally.attested if seen.tally else ()
    return draft.id not in signed and member is not None and member.moniker not in attested


def _asks(record: NetworkRecord, draft: Attestation, path: Path) -> Finding:
    names = {owner.key: owner.name for owner in record.owners}
    member = record.member(draft.node_id)
    who = member.moniker if member else draft.node_id
    message = f"what is attested for {who} waits for the signature of {names.get(draft.owner, to_base64(draft.owner))}"
    return asks_ssh("attestation", path, message)


def _check_how(how: str) -> tuple[Finding, ...]:
    if 0 < len(how) <= 500 and how.isascii() and how.isprintable():
        return ()
    message = f"how it was confirmed must be 1 to 500 printable ASCII characters; {len(how)} came"
    return (error("attest-how", "how", message, "Write it short, such as: read the 8 words to me on the phone."),)


def _not_owner(message: str) -> Finding:
    return error("attest-not-owner", "owner", message, "Ask an owner to attest.")
