"""What every kind of document says, whatever else is in it."""

from __future__ import annotations

from typing import Protocol


class Content(Protocol):
    """A document that was read. Its own kind has more."""

    @property
    def network(self) -> str: ...

    @property
    def subject(self) -> str:
        """Whom or what it is about, for people: a moniker, a node id, a version."""
        ...
