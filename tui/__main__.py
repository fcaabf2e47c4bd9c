"""The command ``quorate``: without a command the wizard, with one that command of ``core.cli``."""

# Nothing else is imported up here: `--version` may cost no more than Python itself does.
import sys

_FLAGS = ("--mouse", "--ascii", "--ansi")
_VALUES = ("--state", "--network")


def main(argv: list[str] | None = None) -> int:
    """Run and return the exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words == ["--version"]:
        from core.version import __version__

        print(f"quorate {__version__}")
        return 0
    asked = _review_words(words) if "--screen" in words else _wizard_words(words)
    if asked is not None:
        return _wizard(asked)
    from core.cli import main as command

    return command(words)


def _wizard_words(words: list[str]) -> dict[str, str] | None:
    """What was asked of the wizard; None where there is a command, or anything else."""
    asked: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in _FLAGS:
            asked[word] = "yes"
        elif name in _VALUES and (equals or (rest and not rest[0].startswith("-"))):
            asked[name] = value if equals else rest.pop(0)
        else:
            return None
    return asked


def _review_words(words: list[str]) -> dict[str, str] | None:
    """``genesis review FILE --screen``; None for anything else, about which the command line has its say."""
    from core.cli.answer import UsageError
    from core.cli.parser import Told, parse

    flags = {word: "yes" for word in words if word in _FLAGS}
    try:
        told = parse([word for word in words if word not in _FLAGS])
    except (UsageError, Told):
        return None
    if getattr(told, "handler", "") != "genesis.review" or not told.screen or told.json:
        return None
    return {**flags, "review": told.file, "profile": told.profile, **({"--state": told.state} if told.state else {})}


def _wizard(asked: dict[str, str]) -> int:
    import os

    from tui.preflight import preflight

    os.umask(0o077)
    problem = preflight(os.environ)
    if problem:
        # Closed streams are None.
        told = sys.stderr or sys.stdout
        if told is not None:
            told.write(f"quorate: {problem}\n")
        return 2
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        # They name classes to import and files to write, which is not for an environment to say here.
        del os.environ[name]
    # No key here needs that protocol; and after a kill -9 it would leave a shell that understands no key any more.
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    import gc

    # Nothing of what an import makes is garbage; looking for some costs a tenth of the start.
    gc.disable()
    from tui.app import Options, begin

    gc.enable()
    options = Options(*(flag in asked for flag in _FLAGS))
    review = (asked["review"], asked["profile"]) if "review" in asked else None
    return begin(asked.get("--state"), asked.get("--network"), options, review)


if __name__ == "__main__":
    sys.exit(main())
