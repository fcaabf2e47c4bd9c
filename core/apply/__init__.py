"""The only writer: carries out a Plan, all or nothing, and takes it back; a cut-off run can be finished or undone.

``apply`` first looks (survey), then writes down what it is about to do (journal), then does it (drive, signing). After
a crash ``unfinished`` finds the run, ``resume`` finishes it, ``undo`` takes it back. Promises P2, P3, P7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .receipt import Pending, Receipt

if TYPE_CHECKING:
    from .engine import apply, give_up, receipts, refuse_undo, resume, undo, unfinished

__all__ = ["Pending", "Receipt", "apply", "give_up", "receipts", "refuse_undo", "resume", "undo", "unfinished"]


def __getattr__(name: str) -> object:
    # core.state stands on folder and lock of this package, and the engine on core.state: so it comes when asked for.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import engine

    return getattr(engine, name)
