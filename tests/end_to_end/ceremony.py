"""What members do with one another to form a network, act by act; a story says only where it departs from this."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.end_to_end.driver import Member, Result, together
from tests.nodes import node_program, nodes_folder

NETWORK = "harbour"
MONIKERS = ("alice", "bob", "carol", "dave")
PROFILES = {"0.34": "tendermint-0.34", "0.37": "cometbft-0.37", "0.38": "cometbft-0.38", "1.0": "cometbft-1.0"}
"""CometBFT 0.34.33 is the program; its formats are those of Tendermint 0.34."""


def members_of(folder: Path, count: int, generation: str = "0.34", *, anew: bool = False) -> list[Member]:
    """The first is the coordinator; each with a home that the program's own ``init`` made."""
    program = node_program(generation)
    members = [Member(moniker, folder / moniker, program, anew) for moniker in MONIKERS[:count]]
    together(members, Member.init)
    return members


def is_there(generation: str) -> bool:
    """Whether the real node of that generation is on this machine."""
    return os.access(nodes_folder() / f"cometbft-{generation}", os.X_OK)


def begin(member: Member, role: str = "member", profile: str = PROFILES["0.34"]) -> None:
    member.run("home", "--network", NETWORK, "--role", role, "--home", str(member.home), "--profile", profile)


def begin_all(members: Sequence[Member], profile: str = PROFILES["0.34"]) -> None:
    together(members, lambda one: begin(one, "coordinator" if one is members[0] else "member", profile))


def make_card(member: Member, **answers: str) -> str:
    """Signed, as text to paste."""
    member.apply("card", answers, moniker=member.moniker, host="127.0.0.1", port=str(member.p2p))
    return str(member.run("card", "show").json["armour"])


def make_cards(members: Sequence[Member]) -> list[str]:
    return together(members, make_card)


def as_chat(members: Sequence[Member], cards: Sequence[str]) -> str:
    """Cards as people post them: greetings, quote marks, Windows line ends, one of them twice."""
    posts = []
    for one, card in zip(members, cards, strict=True):
        quoted = "\r\n".join(f"> {line}" for line in card.splitlines())
        posts.append(f"[12:04] {one.moniker}: here is mine, node {one.node_id[:8]}, thx!\r\n\r\n{quoted}\r\n")
    return "\r\n".join((*posts, posts[-1].replace("\r\n> ", "\r\n>> "), "anyone else? when do we BEGIN?"))


def gather(coordinator: Member, chat: str, monikers: Sequence[str]) -> Result:
    """The coordinator takes the whole chat in, and admits everybody."""
    imported = coordinator.take(chat)
    coordinator.run("peers", "expect", *monikers)
    coordinator.run("peers", "approve", *monikers)
    return imported


def just_now() -> str:
    """A genesis time that is past, so that the nodes make blocks at once."""
    return (datetime.now(UTC) - timedelta(seconds=2)).strftime("%Y-%m-%d %H:%M:%S")


def propose(coordinator: Member, **answers: str) -> None:
    """Say what the network will be, and sign it, or have the payload written for ssh-keygen."""
    settings = {"genesis_time": just_now(), **answers}
    coordinator.run("network", "create", *(word for pair in settings.items() for word in ("--set", "=".join(pair))))
    coordinator.run("network", "publish", "--digest", coordinator.plan("network").json["digest"])


def publish(coordinator: Member, **answers: str) -> str:
    """The record, signed by the coordinator, as text to paste."""
    propose(coordinator, **answers)
    return coordinator.share()


def sign(member: Member, record: str) -> str:
    """Accept the record and install its genesis; gives the acceptance to paste."""
    member.take(record)
    member.apply("genesis")
    return member.share()


def accept(member: Member, record: str, **answers: str) -> str:
    """Read the record, accept it, install genesis and config; gives the acceptance to paste."""
    member.take(record)
    member.apply("genesis", answers)
    member.apply("config")
    return member.share()


def compare_and_accept(member: Member, record: str) -> str:
    """The same by the book: the eight words were read out on the phone before."""
    member.take(record)
    words = member.run("network", "words").json["words"]
    for row in member.run("network", "show").json["members"]:
        if row["node_id"] != member.node_id:
            member.run("network", "heard", row["moniker"], "same")
    member.apply("genesis", word=words[7])
    member.apply("config")
    return member.share()


def agree(members: Sequence[Member], record: str, accept: Callable[[Member, str], str] = accept) -> None:
    """All accept, and everybody gets to know of it."""
    acceptances = "\n".join(reversed(together(members, lambda one: accept(one, record))))
    together(members, lambda one: one.take(acceptances))


def form(members: Sequence[Member], profile: str = PROFILES["0.34"], **answers: str) -> None:
    """From homes to QUORATE: every member holds all acceptances."""
    begin_all(members, profile)
    gather(members[0], as_chat(members, make_cards(members)), [one.moniker for one in members])
    agree(members, publish(members[0], **answers))


def hash_of(member: Member) -> str:
    """The genesis hash that quorate tells this member to pin."""
    return str(member.run("genesis").json["sha256"])


def pin(member: Member) -> str:
    return f"--genesis_hash={hash_of(member)}"
