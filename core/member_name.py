"""Which member a person means: MEMBER of a command, and the names in the answers of a step."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 6
"""Digits of a node id that name a member."""


def meant(name: str, members: Iterable[tuple[str, str]]) -> list[str]:
    """The node ids that ``name`` can stand for, among ``(moniker, node id)``; more than one: it is ambiguous.

    A moniker counts before one in other letter case, and that before the beginning of a node id.
    """
    members = tuple(members)
    exact = [node_id for moniker, node_id in members if moniker == name]
    folded = [node_id for moniker, node_id in members if moniker.casefold() == name.casefold()]
    begins = [node_id for _, node_id in members if len(name) >= SHORTEST and node_id.startswith(name.lower())]
    return exact or folded or begins
