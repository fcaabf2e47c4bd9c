"""A genesis beside a file that a person names."""

from __future__ import annotations

from core.finding import Refusal, worst_first
from core.genesis.diff import diff
from core.genesis.model import Genesis
from core.genesis.reading import parse
from core.home.model import GENESIS_LIMIT
from core.keys.named import read_named
from core.place import shown_place, typed_place
from core.profiles.profile import Profile

from ...session import Session
from ...widgets.facts import Prose
from ..opened.difference import DifferencePage, of_geneses


async def compared_with(session: Session, typed: str, genesis: Genesis, node: Profile, what: str) -> DifferencePage:
    """From the genesis at hand, which is called ``what``, to the file whose path was typed."""
    try:
        path = typed_place(typed, session.environ)
        data = await read_named(session.world, path, "Name the genesis.json to compare with.", GENESIS_LIMIT)
    except Refusal as refusal:
        return DifferencePage("It was not compared.", lambda _: (Prose("Nothing was read."),), refusal.findings)
    other = parse(data, node)
    name = shown_place(path, session.environ)
    if other.genesis is None:
        told = (Prose(f"{name} is no genesis.json that could be compared."),)
        return DifferencePage("It was not compared.", lambda _: told, worst_first(other.findings))
    return of_geneses(diff(genesis, other.genesis, node), (what, name))
