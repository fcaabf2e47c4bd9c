"""The only writer: carries out a Plan, all or nothing, and takes it back; a cut-off run can be finished or undone."""

from __future__ import annotations

from .receipt import Pending, Receipt

__all__ = ["Pending", "Receipt"]
