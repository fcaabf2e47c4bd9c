"""Which record is in force: versions follow one another by hash link and by the signatures of old and new owners.

A function of the set of records: neither their order nor how often they came matters. What the member has accepted
themself (``trusted``) decides between networks of one name, and keeps a branch that was left from coming back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..finding import Finding
from . import verdicts
from .owners import SignedRecord, has_threshold, share_an_owner, signed_by, waits_for
from .record import NetworkRecord, Owner


@dataclass(frozen=True, slots=True)
class Succession:
    lineage: tuple[SignedRecord, ...] = ()
    """From the first version that is here to the one in force."""
    rivals: tuple[tuple[SignedRecord, ...], ...] = ()
    """Sets of valid records that exclude one another: of each none is in force."""
    waiting: tuple[SignedRecord, ...] = ()
    """Would follow, but owners have still to sign."""
    refused: tuple[SignedRecord, ...] = ()
    findings: tuple[Finding, ...] = ()
    opening: SignedRecord | None = None
    """Where nothing is in force: the first version, signed by some of its owners, accepted by too few of the rest."""

    @property
    def in_force(self) -> NetworkRecord | None:
        return self.lineage[-1].record if self.lineage else None

    @property
    def at_hand(self) -> NetworkRecord | None:
        """The record in force, or the first version that waits for its owners' acceptances."""
        return self.in_force or (self.opening.record if self.opening else None)

    @property
    def is_open(self) -> bool:
        """Whether this operator chooses: first records of different owners exclude one another."""
        return bool(self.rivals) and not self.lineage and not share_an_owner(self.rivals[0])

    @property
    def era(self) -> tuple[NetworkRecord, ...]:
        """The record in force and those before it over the same genesis, for which its members accepted."""
        return tuple(one.record for one in self.lineage if one.record.section == self.lineage[-1].record.section)


def chain(
    records: Iterable[SignedRecord], trusted: frozenset[str] = frozenset(), chosen: frozenset[str] = frozenset()
) -> Succession:
    """Judge the records of one network.

    ``trusted``: ids of records that this operator accepted or made; ``chosen``: of the one that they named, having
    been shown several that exclude one another.
    """
    return _Judge(_merged(records), trusted | chosen, chosen).result()


def _merged(records: Iterable[SignedRecord]) -> tuple[SignedRecord, ...]:
    whole: dict[str, SignedRecord] = {}
    for one in records:
        known = whole.get(one.id)
        whole[one.id] = one if known is None else known.with_more(one)
    return tuple(sorted(whole.values(), key=lambda one: (one.version, one.id)))


class _Judge:
    """One judgement, while it is made."""

    def __init__(self, records: tuple[SignedRecord, ...], trusted: frozenset[str], chosen: frozenset[str]) -> None:
        self.trusted = trusted
        self.chosen = chosen
        good = tuple(one for one in records if not any(member.forged for member in one.record.members))
        self.followers: dict[str, list[SignedRecord]] = {}
        for one in good:
            self.followers.setdefault(one.record.previous, []).append(one)
        self.records = tuple(self.with_followers(one) for one in good)
        self.by_id = {one.id: one for one in self.records}
        self.lineage: list[SignedRecord] = []
        self.rivals: list[tuple[SignedRecord, ...]] = []
        self.waiting: list[SignedRecord] = []
        self.refused: list[SignedRecord] = []
        self.findings: list[Finding] = []
        self.opening: SignedRecord | None = None
        for one in records:
            if one.id not in self.by_id:
                # Nobody but the member can say what their card is, however many owners sign it.
                self.refused.append(one)
                self.findings += (verdicts.card_forged(member) for member in one.record.members if member.forged)

    def with_followers(self, one: SignedRecord) -> SignedRecord:
        """Who signed the version after ``one`` signed its hash, and so ``one`` too."""
        after = (by.key for new in self.followers.get(one.id, ()) for by in signed_by(new, one.record.owners))
        return one if one.version > 1 else one.with_more(SignedRecord(one.record, accepted=frozenset(after)))

    def result(self) -> Succession:
        following = self.first()
        while following is not None:
            self.lineage.append(following)
            following = self.next()
        self.tell_left_out()
        return Succession(
            tuple(self.lineage),
            tuple(self.rivals),
            tuple(self.waiting),
            tuple(self.refused),
            tuple(self.findings),
            self.opening,
        )

    def first(self) -> SignedRecord | None:
        """The record that everything starts from, or None where that one still waits for its owners."""
        founding = [one for one in self.records if self.may_begin(one)]
        ready = [one for one in founding if has_threshold(one, one.record)]
        # One that waits for its owners' acceptances gives no way to a complete one: anybody can sign that alone.
        found = self.founder(ready + [one for one in founding if one not in ready])
        if found is None or found in ready:
            return found
        self.opening = found
        for one in self.followers.get(found.id, ()):
            self.may_follow(one, found)
        return None

    def founder(self, valid: list[SignedRecord]) -> SignedRecord | None:
        chosen = [one for one in valid if self.leads_to(one, self.chosen)]
        pinned = chosen or [one for one in valid if self.leads_to(one, self.trusted)]
        doubles = [] if chosen else [one for one in valid if any(_revokes(one, pin) for pin in pinned)]
        kept = [one for one in valid if one in pinned or one in doubles] or valid
        for one in valid:
            if one not in kept:
                twice = _signed_both(one, kept[0])
                self.refuse(
                    one, verdicts.signed_twice(one, kept[0], twice) if twice else verdicts.other_founders(one, kept[0])
                )
        lowest = [one for one in kept if one.version == kept[0].version]
        if len(kept) > len(lowest) and _same_owners(kept):
            for one in kept[len(lowest) :]:
                self.refuse(one, verdicts.gap(one))
            kept = lowest
        return self.only(kept, None)

    def may_begin(self, one: SignedRecord) -> bool:
        if one.record.previous in self.by_id:
            return False
        if (one.version == 1) != (one.record.previous == ""):
            self.refuse(one, verdicts.no_version(one))
            return False
        if has_threshold(one, one.record):
            return True
        self.wait(one, None)
        return one.version == 1 and bool(signed_by(one, one.record.owners))

    def next(self) -> SignedRecord | None:
        last = self.lineage[-1]
        return self.only([one for one in self.followers.get(last.id, ()) if self.may_follow(one, last)], last)

    def may_follow(self, one: SignedRecord, last: SignedRecord) -> bool:
        wrong = self.wrong_link(one.record, last.record)
        if wrong is not None:
            self.refuse(one, wrong)
            return False
        if waits_for(one, last.record):
            self.wait(one, last.record)
            return False
        return True

    def wrong_link(self, one: NetworkRecord, last: NetworkRecord) -> Finding | None:
        if one.version != last.version + 1 or one.network != last.network:
            return verdicts.no_successor(one, last)
        if one.section.canonical == last.section.canonical and one.profile == last.profile:
            return None
        used = [record for record in self.lineage if record.record.chain_id == one.chain_id]
        return verdicts.genesis_changed(one, used[-1].record) if used else None

    def only(self, valid: list[SignedRecord], last: SignedRecord | None) -> SignedRecord | None:
        """The one of ``valid`` that follows; of several none, unless the trusted record comes after one of them."""
        if len(valid) < 2:
            return valid[0] if valid else None
        past = [one for one in valid if self.has_follower(one, self.trusted)]
        if len(past) == 1:
            for one in valid:
                if one is not past[0]:
                    self.refuse(one, verdicts.rollback(one, past[0]))
            return past[0]
        self.rivals.append(tuple(valid))
        self.waiting = [one for one in self.waiting if one not in valid]
        self.findings.append(verdicts.rivals(valid, last))
        return None

    def leads_to(self, one: SignedRecord, ids: frozenset[str]) -> bool:
        """Return True if ``one`` is one of ``ids``, or one of them comes after it."""
        return one.id in ids or self.has_follower(one, ids)

    def has_follower(self, one: SignedRecord, ids: frozenset[str]) -> bool:
        """Return True if a record of ``ids``, itself signed as its link asks, comes after ``one``."""
        found, ahead = set[str](), [one]
        while ahead:
            last = ahead.pop()
            valid = [new for new in self.followers.get(last.id, ()) if not waits_for(new, last.record)]
            if any(new.id in ids for new in valid):
                return True
            ahead.extend(new for new in valid if new.id not in found)
            found.update(new.id for new in valid)
        return False

    def wait(self, one: SignedRecord, last: NetworkRecord | None) -> None:
        self.waiting.append(one)
        self.findings.append(verdicts.waits(one, waits_for(one, last)))

    def refuse(self, one: SignedRecord, finding: Finding) -> None:
        self.refused.append(one)
        self.waiting = [other for other in self.waiting if other is not one]
        self.findings.append(finding)

    def tell_left_out(self) -> None:
        """Records that hang on one that is not in force."""
        told = {one.id for one in (*self.lineage, *self.waiting, *self.refused, *(r for rs in self.rivals for r in rs))}
        for one in self.records:
            if one.id not in told:
                self.refuse(one, verdicts.hanging(one))


def _revokes(one: SignedRecord, other: SignedRecord) -> bool:
    """Return True if as many owners of ``other`` as make it signed ``one`` too, as the same version."""
    return one.version == other.version and len(_signed_both(one, other)) >= other.record.threshold


def _signed_both(one: SignedRecord, other: SignedRecord) -> tuple[Owner, ...]:
    signers = {owner.key for owner in signed_by(one, one.record.owners)}
    return tuple(by for by in signed_by(other, other.record.owners) if by.key in signers)


def _same_owners(records: Iterable[SignedRecord]) -> bool:
    return len({frozenset(owner.key for owner in one.record.owners) for one in records}) == 1
