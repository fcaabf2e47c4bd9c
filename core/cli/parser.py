"""The words of the command line. Built from argparse alone: ``--help`` imports nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from ..profiles.names import DEFAULT, NAMES
from ..steps import IDS as STEPS
from ..version import __version__

_DESCRIPTION = """\
Takes the operators of separate nodes to one running Planetmint network.

A member:      home -> keys -> card -> (exchange) -> genesis -> config
A coordinator: home -> (keys, card) -> import -> peers -> network -> (exchange)

quorate status says where you are and the one next thing to do.
quorate demo forms a practice network in a folder, to see the whole of it."""

_EPILOG = """\
Exit codes: 0 nothing wrong, 1 at least one error, 2 wrong usage, 3 something could not be determined.
Nothing is written to a node's home that `quorate plan STEP` did not show before."""


class Told(Exception):  # noqa: N818  (it is an answer, not a fault)
    """The text of ``--help`` or ``--version``, to be printed."""


class _Parser(argparse.ArgumentParser):
    def __init__(self, *args: Any, **options: Any) -> None:
        # An abbreviation that is clear today would become another option's tomorrow, in somebody's script.
        super().__init__(*args, **{"allow_abbrev": False, **options})

    def _print_message(self, message: str, file: object = None) -> NoReturn:
        raise Told(message)

    def error(self, message: str) -> NoReturn:
        from ..safe import safe
        from .answer import UsageError

        raise UsageError(safe(message), fix=f"See {self.prog} --help.")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Raises UsageError, and Told for ``--help`` and ``--version``."""
    defaults = argparse.Namespace(state=None, network=None, json=False)
    return build_parser().parse_args(words, defaults)


def build_parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    group = common.add_argument_group("everywhere")
    # SUPPRESS: an option given before the command must not be reset by the command's own default.
    group.add_argument(
        "--state", metavar="DIR", default=argparse.SUPPRESS, help="quorate's own folder (or QUORATE_STATE)"
    )
    group.add_argument(
        "--network", metavar="NAME", default=argparse.SUPPRESS, help="which network, where there are several"
    )
    group.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on stdout")
    parser = _Parser(
        prog="quorate",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        parents=[common],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"quorate {__version__}")
    words = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for build in (
        _status,
        _home,
        _keys,
        _card,
        _import,
        _peers,
        _network,
        _join,
        _genesis,
        _config,
        _plan,
        _apply,
        _undo,
        _explain,
        _demo,
    ):
        build(_Words(words, common))
    return parser


class _Words:
    """Adds one command, with the options that every command has."""

    def __init__(self, subparsers: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
        self._subparsers = subparsers
        self._common = common

    def add(self, name: str, text: str, *, handler: str = "") -> _Parser:
        parser = self._subparsers.add_parser(
            name,
            help=text,
            description=text,
            parents=[self._common],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if handler:
            parser.set_defaults(handler=handler)
        return parser

    def group(self, name: str, text: str, default: str) -> _Words:
        parser = self.add(name, text, handler=default)
        inner = parser.add_subparsers(dest=f"{name}_command", metavar="ACTION", parser_class=_Parser)
        return _Words(inner, self._common)


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", metavar="FIELD=VALUE", action="append", default=[], help="answer a field of the step; may be repeated"
    )


def _digest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--digest", metavar="D", help="digest of the plan that was looked at; needed without a terminal"
    )


def _profile(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    more = f" (default {default})" if default else ""
    parser.add_argument("--profile", choices=NAMES, default=default, help=f"generation of the node software{more}")


def _status(words: _Words) -> None:
    words.add("status", "Where am I, who is still missing, and the one next thing to do.", handler="status.show")


def _home(words: _Words) -> None:
    home = words.add("home", "Say which role, which node home and which network this is.", handler="home.home")
    home.add_argument("--home", metavar="DIR", help="the folder with config/ and data/ of the node")
    home.add_argument("--role", choices=("member", "coordinator"))
    home.add_argument("--no-home", action="store_true", help="a coordinator or owner without a node")
    _profile(home)
    _digest(home)


def _keys(words: _Words) -> None:
    keys = words.group("keys", "Inspect the keys of a node, or make them.", "keys.show")
    show = keys.add(
        "show",
        "Public facts and findings of a node's keys; nothing secret is read into this program.",
        handler="keys.show",
    )
    show.add_argument("--home", metavar="DIR")
    _profile(show)
    new = keys.add("new", "Make the key files of a new node, where none exist.", handler="keys.new")
    new.add_argument("--home", metavar="DIR")
    _profile(new)
    _digest(new)


def _card(words: _Words) -> None:
    card = words.group("card", "Your NodeCard: what you share with the coordinator.", "card.show")
    show = card.add("show", "Print your signed card, to be pasted into any chat or mail.", handler="card.show")
    show.add_argument("--out", metavar="FILE", help="write it to a new file instead")
    card.add("words", "The 8 words of your card, to be read out on the phone.", handler="card.words")
    export = card.add("export", "Payload, .sig and allowed_signers, for ssh-keygen -Y verify.", handler="card.export")
    export.add_argument("--out", metavar="DIR", required=True)


def _import(words: _Words) -> None:
    text = "Take in cards, records and acceptances from any text: chat, mail, file, folder, or - for standard input."
    imports = words.add("import", text, handler="intake.take")
    imports.add_argument("source", metavar="FILE|DIR|-", nargs="?")
    imports.add_argument("--forget-parts", action="store_true", help="discard parts of messages that never came whole")
    imports.add_argument("--check", action="store_true", help="judge only; keep nothing and touch no state")
    imports.add_argument("--moniker", metavar="NAME", help="who sent the bare values of a member without quorate")


def _peers(words: _Words) -> None:
    peers = words.group("peers", "The inbox: who has sent a card, who is missing, what changed.", "peers.show")
    peers.add("show", "All members by name, with what is known of each.", handler="peers.show")
    member = "moniker, or the beginning of a node id"
    for verb, text, needs in (
        ("approve", "Admit a member's present card.", ""),
        ("hold", "Leave a card undecided, with the reason.", "--reason"),
        ("refuse", "Keep a card out, with the reason.", "--reason"),
        ("keep", "Go on with a member's earlier card, and pass over the changed one.", ""),
        ("confirm", "Note that the 8 words were compared with the member.", "--how"),
    ):
        parser = peers.add(verb, text, handler=f"peers.{verb}")
        parser.add_argument("member", nargs="+" if verb == "approve" else None, metavar="MEMBER", help=member)
        if needs:
            parser.add_argument(needs, metavar="TEXT", required=True)
        if verb == "keep":
            parser.add_argument("--newest", action="store_true", help="no longer: judge the newest card")
    shown = peers.add("words", "The 8 words of a member's card.", handler="peers.words")
    shown.add_argument("member", metavar="MEMBER", help=member)
    expect = peers.add("expect", "Whom you wait for, by moniker; replaces the list.", handler="peers.expect")
    expect.add_argument("monikers", nargs="*", metavar="MONIKER")
    add = peers.add("add", "Enter a member without quorate by the documents' three values.", handler="peers.add")
    add.add_argument("--moniker", required=True)
    add.add_argument("--address", required=True, metavar="HOST:PORT", action="append", help="may be repeated")
    add.add_argument("--node-id", required=True)
    add.add_argument("--key", required=True, help="validator public key: base64, or the JSON of show-validator")


def _network(words: _Words) -> None:
    network = words.group("network", "The record: what the network is, signed by its owners.", "network.show")
    network.add("show", "The record in force (or waiting), and who has accepted it.", handler="network.show")
    create = network.add(
        "create",
        "Set what the network will be; without --set, show it. `quorate plan network` previews.",
        handler="network.create",
    )
    _settings(create)
    publish = network.add(
        "publish", "Sign the record with your node key: quorate apply network.", handler="network.publish"
    )
    _digest(publish)
    share = network.add(
        "share", "Print all that members need: record, acceptances, attestations.", handler="network.share"
    )
    share.add_argument("--out", metavar="FILE", help="write it to a new file instead")
    share.add_argument("--parts", action="store_true", help="in messages of less than 2,000 characters, for chats")
    network.add("words", "The 8 words of the record, and its hash.", handler="network.words")
    heard = network.add(
        "heard", "Note whether a member heard the same 8 words of the record as you.", handler="network.heard"
    )
    heard.add_argument("member", metavar="MEMBER", help="moniker, or the beginning of a node id")
    heard.add_argument("word", choices=("same", "differs", "not-yet"), metavar="same|differs|not-yet")
    attest = network.add(
        "attest", "As an owner, say how a member without quorate confirmed the hash.", handler="network.attest"
    )
    attest.add_argument("member", metavar="MEMBER")
    attest.add_argument("--how", required=True, metavar="TEXT")
    attest.add_argument("--owner", metavar="NAME", help="whose OpenSSH key signs it, where there are several")
    _digest(attest)
    handover = network.add(
        "handover",
        "Sign with your old node key that your power goes to the node that the record names now.",
        handler="network.handover",
    )
    _digest(handover)
    export = network.add(
        "export",
        "One text to follow, genesis.json, hash and peers, for members without quorate.",
        handler="network.export",
    )
    export.add_argument("--out", metavar="DIR", required=True)
    export.add_argument("--member", metavar="MEMBER", help="for whom: their own node is left out of the peers")


def _join(words: _Words) -> None:
    join = words.add(
        "join",
        "Take over a network that runs already and was made without quorate: its genesis.json and its peers.",
        handler="join.join",
    )
    join.add_argument(
        "source", nargs="+", metavar="FILE|URL", help="a genesis.json, or http://HOST:26657 of a node that answers"
    )
    join.add_argument(
        "--peer", metavar="ID@HOST:PORT", action="append", default=[], help="a node to dial; may be repeated"
    )
    join.add_argument("--sha256", metavar="HEX", help="of genesis.json, as a member told you over another channel")
    join.add_argument("--chain-id", metavar="ID", help="as a member told you over another channel")


def _genesis(words: _Words) -> None:
    genesis = words.group("genesis", "Judge, read and compare genesis files.", "genesis.show")
    check = genesis.add("check", "Judge a genesis.json as the real node of a profile would.", handler="genesis.check")
    check.add_argument("file", metavar="FILE")
    _profile(check, DEFAULT)
    review = genesis.add(
        "review", "What a genesis.json means: who has power, who can stop it, when it starts.", handler="genesis.review"
    )
    review.add_argument("file", metavar="FILE")
    review.add_argument("--screen", action="store_true", help="read it on a screen, to scroll and compare")
    _profile(review, DEFAULT)
    difference = genesis.add(
        "diff", "Compare two by meaning: files, `record`, or http://HOST:26657 of a node.", handler="genesis.diff"
    )
    difference.add_argument("a", metavar="A")
    difference.add_argument("b", metavar="B")
    _profile(difference)


def _config(words: _Words) -> None:
    config = words.group("config", "config.toml: what is set, what must be, and why.", "config.show")
    check = config.add(
        "check", "Judge the config.toml of a home as the real node of a profile would.", handler="config.check"
    )
    check.add_argument("--home", metavar="DIR", required=True)
    _profile(check)
    config.add("show", "Every setting with now, planned and why.", handler="config.show")


def _plan(words: _Words) -> None:
    plan = words.add(
        "plan", "Show what a step would change, as a diff, with its digest; write nothing.", handler="plan.plan"
    )
    plan.add_argument("step", choices=STEPS, metavar="STEP", help=", ".join(STEPS))
    _settings(plan)
    plan.add_argument("--out", metavar="DIR", help="write the planned files there instead of into the home")
    plan.add_argument("--base", metavar="FILE", help="config.toml to start from, where there is no home")


def _apply(words: _Words) -> None:
    apply = words.add("apply", "Carry out the plan of a step, after showing it.", handler="plan.apply")
    apply.add_argument("step", choices=STEPS, metavar="STEP", help=", ".join(STEPS))
    _settings(apply)
    _digest(apply)


def _undo(words: _Words) -> None:
    undo = words.add(
        "undo",
        "Undo the last plan that was applied, or end one that was cut off, after showing it.",
        handler="undo.undo",
    )
    undo.add_argument("run", nargs="?", metavar="RUN", help="id of a run, or its beginning (default: the last one)")
    way = undo.add_mutually_exclusive_group()
    way.add_argument("--list", action="store_true", help="what was applied or cut off, newest first")
    way.add_argument("--finish", action="store_true", help="finish a plan that was cut off instead of undoing it")
    way.add_argument(
        "--give-up",
        action="store_true",
        help="forget a plan that was cut off and can be neither finished nor undone; its files stay as they are",
    )
    undo.add_argument("--plan", action="store_true", help="show what would change, with its digest; write nothing")
    _digest(undo)


def _explain(words: _Words) -> None:
    explain = words.add(
        "explain", "What a finding, field, setting, step or word means, and why it matters.", handler="explain.show"
    )
    explain.add_argument("name", nargs="*", metavar="CODE|FIELD|WORD", help="without one: the words of quorate")


def _demo(words: _Words) -> None:
    demo = words.add(
        "demo", "Form a practice network in a folder, through the same code as real use.", handler="demo.demo"
    )
    demo.add_argument("--dir", metavar="DIR", help="where (default: a new folder quorate-demo)")
    demo.add_argument("--members", metavar="N", type=int, default=4, help="how many (default 4)")
    demo.add_argument("--until", choices=(*STEPS, "run"), default="run", metavar="STEP", help="stop after this step")
    demo.add_argument("--node", metavar="PROGRAM", help="tendermint or cometbft to start (default: found on PATH)")
