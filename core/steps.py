"""The whole wizard on one page: the steps in their order."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .step import Step

_STEPS = {
    "home": "home.step:HomeStep",
    "keys": "keys.step:KeysStep",
    "card": "card.step:CardStep",
    "peers": "peers.step:PeersStep",
    "network": "network.step:NetworkStep",
    "genesis": "genesis.step:GenesisStep",
    "config": "config.step:ConfigStep",
}
"""Id to place; imported when first used, since a command needs one step and the first screen needs none."""

IDS = tuple(_STEPS)


@cache
def step(step_id: str) -> Step[Any]:
    """The step of that id. Raises KeyError."""
    module, name = _STEPS[step_id].split(":")
    made: Step[Any] = getattr(import_module(f".{module}", __package__), name)()
    return made
