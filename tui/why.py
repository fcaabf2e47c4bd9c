"""Why a finding matters, for F1: by its code, else by the beginning of its code, the longest that is known."""

from __future__ import annotations

_WHY = {
    "home": "Everything that is written for your node is written below its home. In the wrong folder it has no effect, "
    "and the node goes on with what it has.",
    "home-has-run": "A node that has run keeps the genesis it began with, whatever stands in genesis.json: it would "
    "not join, and says nothing of it.",
    "home-profile": "Each generation of the software reads other names in its files, and ignores what is unknown.",
    "key": "Who has the validator key can sign in your place; who signs one height twice with it harms the network, "
    "and is found out by all.",
    "key-mode": "Whoever can read the key file can sign as you.",
    "key-state": "The sign state keeps the key from signing one height twice. Without it a restart can do just that.",
    "card": "The others dial and recognise your node by what stands on the card.",
    "address": "The other members dial the host on your card. Where it leads nowhere, your node counts as down.",
    "peers": "Who is not approved is not in the record; who is approved unseen may be somebody else.",
    "network": "All sign the same record. What is wrong in it is wrong on every node, and only a new version mends it.",
    "genesis": "All nodes begin from this file. One that differs in a byte does not join the others.",
    "config": "The node reads config.toml at its start, takes what it knows, and ignores the rest without a word.",
    "state": "quorate keeps there what you answered and what all have signed.",
    "record": "A record is in force when its owners have signed it, and only one can be.",
    "acceptance": "The network starts when all with power have accepted exactly the same.",
}
_WHY_STEP = {
    "home": "All later steps read this home; nothing in it is changed here.",
    "keys": "The node key names your node, the validator key signs blocks. Both are only looked at, or made new where "
    "there are none; what is there is never replaced.",
    "card": "The others need it to reach and recognise your node. It is public, and signed by the node key.",
    "peers": "The record is made of these cards: a wrong one gives power to a stranger.",
    "network": "It is what all sign. Members compute genesis.json from it; nobody sends that file.",
    "genesis": "With your acceptance you say that you hold exactly this. When all have said so, the network may start.",
    "config": "With the right genesis and the wrong peers, a node waits alone.",
}


def why(code: str) -> tuple[str, ...]:
    words = code.split("-")
    for length in range(len(words), 0, -1):
        told = _WHY.get("-".join(words[:length]))
        if told:
            return (told,)
    return ()


def why_step(step: str) -> tuple[str, ...]:
    return (_WHY_STEP[step],) if step in _WHY_STEP else ()


def why_setting(path: str) -> tuple[str, ...]:
    return ()
