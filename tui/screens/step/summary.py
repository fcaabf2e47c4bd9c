"""A plan in a few words, for the line that says what is next."""

from __future__ import annotations

from core.plan import BringBack, CreateSecret, MoveAside, Plan, RemoveFile, Sign, WriteFile


def sum_up(plan: Plan) -> str:
    """What a plan does, in a few words: ``make 2 key files, write 1 file``."""

    def count(shape: type[object]) -> int:
        return sum(isinstance(one, shape) for one in plan.changes)

    files, keys, aside, back, gone = map(count, (WriteFile, CreateSecret, MoveAside, BringBack, RemoveFile))
    parts = [f"set {aside} aside"] if aside else []
    parts += [f"make {keys} key file{'s' if keys > 1 else ''}"] if keys else []
    parts += [f"remove {gone} file{'s' if gone > 1 else ''}"] if gone else []
    parts += [f"write {files} file{'s' if files > 1 else ''}"] if files else []
    parts += [f"bring {back} back"] if back else []
    parts += [f"sign the {one.kind}" for one in plan.changes if isinstance(one, Sign)]
    return ", ".join(parts) or "no file changes"
