"""``python -m core``: the commands, also where Textual is not installed."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
