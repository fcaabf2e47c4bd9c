"""A list that shows a window on its items: the cursor moves it, and what is out of sight is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..theme import styled
from .lines import Lines, Row

Items = Callable[[int], Sequence[Row]]
"""One row for each item, for a width in cells; its ``item`` is its place in the list."""


class Window(Lines):
    """``Window(head, items, most)``: ``head`` rows stand above, at most ``most()`` items are seen."""

    def __init__(self, head: Items, items: Items, most: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = head
        self._items = items
        self._most = most
        self._all: Sequence[Row] = ()
        self._top = 0

    def rows(self, width: int) -> Sequence[Row]:
        self._all = self._items(width)
        room = max(1, self._most())
        if not self._all:
            return ()
        if len(self._all) <= room + 1:
            return (*self._head(width), *self._all)
        self.cursor = max(0, min(self.cursor, len(self._all) - 1))
        self._top = max(0, min(self._top, len(self._all) - room))
        self._top = min(max(self._top, self.cursor - room + 1), self.cursor)
        seen = self._all[self._top : self._top + room]
        return (*self._head(width), *seen, Row(styled((self._rest(room), "$muted"))))

    def _rest(self, room: int) -> str:
        above, below = self._top, len(self._all) - self._top - room
        told = [f"{above} above"] if above else []
        told += [f"{below} below"] if below else []
        return f"  {', '.join(told)}"

    @property
    def count(self) -> int:
        return len(self._all)

    def go(self, item: int) -> None:
        super().go(item)
        self.renew()
        self._follow()

    def plain(self, width: int) -> tuple[str, ...]:
        """All items, also those out of sight."""
        return tuple(row.content.plain.rstrip() for row in (*self._head(width), *self._items(width)))
