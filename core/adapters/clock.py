"""The time of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

_LOCALTIME = Path("/etc/localtime")


class SystemClock:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def zone(self) -> tzinfo:
        """``TZ``, else /etc/localtime with its rules for other seasons, else today's offset."""
        return _named(self._environ.get("TZ", "").removeprefix(":")) or _local() or _today()


def _named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return None
    except KeyError:
        return None


def _local() -> tzinfo | None:
    try:
        _, found, name = str(_LOCALTIME.resolve()).partition("/zoneinfo/")
        if found and (zone := _named(name)):
            return zone
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return None


def _today() -> tzinfo:
    return datetime.now().astimezone().tzinfo or UTC
