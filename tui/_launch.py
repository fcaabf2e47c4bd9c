"""``quorate.__main__`` where quorate is installed: puts the two packages on the path of this process, and runs.

Source, tests and checkers know ``core`` and ``tui`` under these plain names; installed, both lie inside ``quorate/``,
so that site-packages holds no other name of ours. The build moves this file to its place (pyproject.toml).
"""

import os
import sys

# In an editable installation there is nothing beside this file, and a path file of its own names the source.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main() -> int:
    try:
        from tui.__main__ import main as run

        return run()
    except KeyboardInterrupt:
        # In the middle of an import: later ones are minded where the work is done.
        return 130


if __name__ == "__main__":
    sys.exit(main())
