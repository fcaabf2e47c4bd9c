"""The generations of node software that quorate knows; a seventh is one more file here and one name in ``names.py``."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .names import DEFAULT, NAMES
from .profile import Profile

__all__ = ["DEFAULT", "NAMES", "every_profile", "profile"]


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
