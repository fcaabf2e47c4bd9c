"""``python -m core``: the commands, also where Textual is not installed."""

import signal
import sys

# Before anything else is imported: in the middle of an import ctrl-C would show a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from .cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
