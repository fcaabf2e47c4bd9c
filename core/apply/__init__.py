"""The only writer: carries out a Plan, all or nothing, and undoes it; a run that was cut off can be ended.

``apply`` first looks (survey), then writes down what it is about to do (journal), then does it (drive, signing). After
a crash ``unfinished`` finds the run; ``plan_ending`` shows how it would end, and ``resume``, ``undo`` or ``give_up``
end it. Promises P2, P3, P7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .receipt import Pending, Receipt

if TYPE_CHECKING:
    from .ending import How
    from .engine import (
        apply,
        begun,
        command_for,
        give_up,
        plan_ending,
        receipts,
        refuse_unfinished,
        resume,
        runs,
        stopped,
        undo,
        unfinished,
        unreadable_runs,
    )

__all__ = [
    "How",
    "Pending",
    "Receipt",
    "apply",
    "begun",
    "command_for",
    "give_up",
    "plan_ending",
    "receipts",
    "refuse_unfinished",
    "resume",
    "runs",
    "stopped",
    "undo",
    "unfinished",
    "unreadable_runs",
]


def __getattr__(name: str) -> object:
    # core.state stands on folder and lock of this package, and the engine on core.state: so it comes when asked for.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import engine

    return getattr(engine, name)
