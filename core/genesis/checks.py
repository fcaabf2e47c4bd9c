"""What is wrong with a genesis.json: as the real node would say, and what it would only die of later."""

from __future__ import annotations

from datetime import datetime

from ..finding import Finding
from ..profiles.profile import Profile
from .reading import read


def check(data: bytes, profile: Profile, *, now: datetime | None = None) -> tuple[Finding, ...]:
    return read(data, profile).findings
