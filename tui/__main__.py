"""The command ``quorate``: without arguments the wizard, with arguments one command of ``core.cli``."""

# Nothing else is imported up here: `--version` may cost no more than Python itself does.
import sys

_NO_WIZARD = """\
quorate: there is no wizard in this version yet; everything it will do is a command.

  quorate --help      all commands
  quorate demo        form a practice network in a folder
  quorate status      where you are, who is missing, and the one next action
"""


def main(argv: list[str] | None = None) -> int:
    """Run and return the exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words == ["--version"]:
        from core.version import __version__

        print(f"quorate {__version__}")
        return 0
    if words:
        from core.cli import main as command

        return command(words)
    return _wizard()


def _wizard() -> int:
    from importlib.util import find_spec

    if find_spec("tui.app") is None:
        sys.stderr.write(_NO_WIZARD)
        return 2
    from importlib import import_module

    return int(import_module("tui.app").main())


if __name__ == "__main__":
    sys.exit(main())
