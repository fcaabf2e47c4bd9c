"""``python -m core``: the commands, also where Textual is not installed."""

import sys

if __name__ == "__main__":
    try:
        from .cli import main

        code = main()
    except KeyboardInterrupt:
        # In the middle of an import: later ones are minded where the work is done.
        code = 130
    sys.exit(code)
