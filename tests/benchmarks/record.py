"""How long a record and its genesis take, by number of members: building, reading, reviewing, rendering.

Run with ``python -m tests.benchmarks.record [MEMBERS ...]``. What counts is the last column: time for one member,
against that of the smallest record. Near 1 is linear; the aim is a ratio of at most 1.5.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from core.agreement import owners, record
from core.agreement.owners import SignedRecord
from core.agreement.succession import chain
from core.card.model import forget_parsed
from core.documents.document import Document
from core.documents.ed25519 import forget
from core.network.checks import review_record
from tests.builders import NOW, a_card, a_record, moniker

ROUNDS = 3
AIM = 1.5
SIZES = (250, 500, 1000)


def cold() -> None:
    """Forget what was read before, so that every round does all the work."""
    for cached in (record.parse_record, record._render, owners._good_keys):
        cached.cache_clear()
    forget_parsed()
    forget()


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        cold()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def measured(members: int) -> dict[str, float]:
    cards = [a_card(moniker(number)) for number in range(members)]
    document = a_record(cards)
    read = parsed(document)
    return {
        "build": best(lambda: a_record(cards)),
        "parse": best(lambda: parsed(document)),
        "review": best(lambda: list(review_record(read, document.signatures, now=NOW))),
        "succession": best(lambda: chain([SignedRecord(read, document.signatures)])),
        "render": best(read.genesis_bytes),
    }


def parsed(document: Document) -> record.NetworkRecord:
    found, findings = record.parse_record(document.payload)
    assert found is not None, findings
    return found


def main(argv: list[str]) -> int:
    sizes = [int(size) for size in argv] or SIZES
    first: dict[str, float] = {}
    ratios: list[float] = []
    print(f"{'members':>8} {'work':<12} {'ms':>9} {'us/member':>10} {'ratio':>6}")
    for size in sizes:
        for work, seconds in measured(size).items():
            each = seconds / size
            first.setdefault(work, each)
            ratios.append(each / first[work])
            print(f"{size:>8} {work:<12} {seconds * 1e3:>9.1f} {each * 1e6:>10.1f} {each / first[work]:>6.2f}")

    print(f"worst ratio {max(ratios):.2f}")
    return 0 if max(ratios) <= AIM else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
