"""Signatures by ssh-keygen that belong to nothing, beside many cards, against the same cards without them.

``python -m tests.benchmarks.loose [--cards 2000] [--signatures 256]``. The aim is a ratio of at most 1.5.
"""

from __future__ import annotations

import argparse
import sys
import time

from core.documents.armour import armour
from core.documents.ed25519 import forget
from core.documents.sshsig import to_ssh_signature
from core.peers.intake import intake
from tests.builders import NETWORK, a_card, a_key, moniker

AIM = 1.5


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=2000)
    parser.add_argument("--signatures", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many rounds counts")
    asked = parser.parse_args(argv)
    cards = "\n".join(armour(a_card(moniker(number))) for number in range(asked.cards))
    strangers = (a_key(f"stranger {number}").sign("card", b"%d" % number) for number in range(asked.signatures))
    loose = "".join(to_ssh_signature(signature, "card") for signature in strangers)
    # The two alternate, so that a busy machine slows both.
    rounds = [(_seconds(cards, 0), _seconds(cards + loose, asked.signatures)) for _ in range(asked.rounds)]
    least, whole = min(first for first, _ in rounds), min(second for _, second in rounds)
    print(f"{asked.cards} cards {least:.2f} s, with {asked.signatures} loose signatures {whole:.2f} s,", end=" ")
    print(f"ratio {whole / least:.2f}")
    return 0 if whole / least <= AIM else 1


def _seconds(text: str, signatures: int) -> float:
    forget()
    start = time.process_time()
    assert len(intake(text, network=NETWORK).signatures) == signatures
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
