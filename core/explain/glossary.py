"""The words of the project, one line each: as in code, commands and documents."""

from __future__ import annotations

import re

GLOSSARY = {
    "member": "who operates one node of the network",
    "coordinator": "who gathers the cards and publishes the record",
    "owner": "a key whose signature makes a record",
    "home": "the folder that holds config/ and data/ of the node",
    "profile": "one generation of node software and its file formats",
    "node key": "names the node among its peers; signs cards and acceptances",
    "node id": "fingerprint of the node key; others dial it",
    "validator": "a node whose signature counts",
    "validator key": "signs blocks, and nothing else ever",
    "sign state": "what the validator key signed last; keeps it from signing twice",
    "card": "what a member shares: host, ids, public keys",
    "peer": "another node that yours talks to",
    "roster": "the members that a record admits",
    "record": "the agreement that all members sign",
    "genesis": "a chain's first file: who validates, when it starts",
    "power": "how much the signature of one validator weighs",
    "acceptance": "your signature: I hold exactly this record and this genesis",
    "words": "8 words that stand for a hash; the same words, the same thing",
    "quorate": "all members with power have accepted the same",
    "finding": "what a check has to say: what is so, and how to fix it",
    "plan": "what would be done, before it is",
    "receipt": "what was done, with copies of what was there before",
    "state": "quorate's own folder for one network",
}


def words_in(text: str, most: int = 4) -> tuple[tuple[str, str], ...]:
    """The words of the glossary that a text uses, in its order, the longer ones first where they overlap."""
    low = text.lower()
    found: list[tuple[int, str]] = []
    for word in sorted(GLOSSARY, key=len, reverse=True):
        hit = re.search(rf"\b{re.escape(word)}s?\b", low)
        if hit:
            found.append((hit.start(), word))
            low = low[: hit.start()] + " " * len(hit.group()) + low[hit.end() :]
    return tuple((word, GLOSSARY[word]) for _, word in sorted(found)[:most])
