"""The clock: aware, and in the operator's own zone with its rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.adapters import SystemClock


def test_now_is_in_utc() -> None:
    now = SystemClock({}).now()
    assert now.tzinfo is UTC and abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_the_zone_knows_summer_and_winter() -> None:
    zone = SystemClock({"TZ": ":Europe/Berlin"}).zone()
    hours = [datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    assert hours == [timedelta(hours=1), timedelta(hours=2)]


@pytest.mark.parametrize("name", ["", "No/Where", "../../etc/passwd", "/etc/localtime", "\0", "UTC0"])
def test_a_strange_zone_falls_back_to_the_machines(name: str) -> None:
    assert datetime(2026, 1, 1, tzinfo=SystemClock({"TZ": name}).zone()).utcoffset() is not None
