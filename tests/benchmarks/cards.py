"""Cards read, verified and reduced, against a bare loop of the same signature and point checks.

``python -m tests.benchmarks.cards [--cards 10000]``. The aim is a ratio of at most 1.5.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from nacl import bindings

from core.agreement.reduce import reduce
from core.card.model import NodeCard, forget_parsed
from core.documents.armour import armour
from core.documents.document import Document
from core.documents.ed25519 import forget
from core.documents.read import read_documents
from core.documents.sshsig import namespace, signed_bytes
from tests.builders import NETWORK, NOW, a_card, moniker

AIM = 1.5


@dataclass(frozen=True)
class Bare:
    """What has to be computed for one card, whoever does it."""

    node_key: bytes
    validator_key: bytes
    payload: bytes
    signature: bytes


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many rounds counts")
    asked = parser.parse_args(argv)
    documents = [a_card(moniker(number)) for number in range(asked.cards)]
    text = "\n".join(map(armour, documents))
    bare = [_bare(document) for document in documents]
    # The two alternate, so that a busy machine slows both.
    rounds = [(_seconds(lambda: _loop(bare)), _seconds(lambda: _whole(text, asked.cards))) for _ in range(asked.rounds)]
    least, whole = min(first for first, _ in rounds), min(second for _, second in rounds)
    per_card = 1e6 / asked.cards
    print(f"{asked.cards} cards: bare loop {least:.2f} s ({least * per_card:.0f} us each),", end=" ")
    print(f"read, verified and reduced {whole:.2f} s ({whole * per_card:.0f} us each), ratio {whole / least:.2f}")
    return 0 if whole / least <= AIM else 1


def _bare(document: Document) -> Bare:
    card, findings = NodeCard.parse(document.payload)
    assert card is not None, findings
    (signature,) = document.signatures
    return Bare(card.node_public, card.validator_public, document.payload, signature.value)


def _loop(cards: list[Bare]) -> None:
    for card in cards:
        message = signed_bytes(card.payload, namespace("card"))
        bindings.crypto_sign_open(card.signature + message, card.node_key)
        assert bindings.crypto_core_ed25519_is_valid_point(card.node_key)
        assert bindings.crypto_core_ed25519_is_valid_point(card.validator_key)


def _whole(text: str, count: int) -> None:
    read = [one.document for one in read_documents(text)]
    exchange = reduce((one for one in read if one is not None), network=NETWORK, now=NOW)
    assert len(exchange.cards) == count


def _seconds(work: Callable[[], None]) -> float:
    forget()
    forget_parsed()
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
