"""The generations of node software that quorate knows; a seventh is one more file here and one line below."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .profile import Profile

DEFAULT = "tendermint-0.34"
NAMES = ("tendermint-0.22", "tendermint-0.31", DEFAULT, "cometbft-0.37", "cometbft-0.38", "cometbft-1.0")


@cache
def profile(name: str) -> Profile:
    """The profile of that name. Raises KeyError for a name that is not in NAMES."""
    if name not in NAMES:
        raise KeyError(name)
    module = import_module("." + name.replace("-", "_").replace(".", "_"), __package__)
    found = module.PROFILE
    assert isinstance(found, Profile)
    return found


def every_profile() -> tuple[Profile, ...]:
    return tuple(profile(name) for name in NAMES)
