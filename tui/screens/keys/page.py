"""The step keys: what is public about the two keys of a node; fresh ones where none are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from textual.widget import Widget

from core.documents.ed25519 import to_base64
from core.keys.model import KeyFacts, KeyFile
from core.keys.step import KeysFacts

from ...theme import grouped
from ...widgets.facts import Fact, Heading, Item, Note
from ..step.page import StepPage


class KeysPage(StepPage):
    step_id = "keys"
    long: ClassVar[frozenset[str]] = frozenset({"validator_key"})

    def form(self) -> Iterable[Widget]:
        yield self.entry("validator_key", "Public key")
        yield self.radio("sign_state", (("", "leave it"), ("fresh", "make a fresh one")))

    def asked(self, facts: KeysFacts | None, answers: Mapping[str, str]) -> Iterator[str]:
        if facts is None:
            return
        if facts.keys.remote_signer:
            yield "validator_key"
        if facts.keys.signed.missing and facts.keys.validator is not None and facts.keys.validator.exists:
            yield "sign_state"

    def purpose(self) -> str:
        changes = self.shown is not None and self.shown.plan.changes
        if changes:
            return "Two keys make this node. What is missing can be made here."
        return "Two keys make this node. Here they are only looked at."

    def show(self, facts: KeysFacts, answers: Mapping[str, str]) -> Iterator[Item]:
        keys = facts.keys
        name = keys.validator.path.name if keys.validator is not None else f"at {keys.remote_signer}"
        yield Heading("Validator key", name)
        yield from self._validator(keys)
        yield ""
        yield Heading("Node key", keys.node.path.name)
        if keys.node.exists:
            sign = self.sign(keys.node.path)
            yield Fact("node id", grouped(keys.node_id) or "can not be told", sign)
            yield self._file(keys.node)
        else:
            yield Fact("file", "none yet: the plan makes it", "·")
        yield ""
        yield Note(
            "What you see here is what the others may see. The private halves stay in their files: a reader process of "
            "their own opens these, hands over what is public, and ends."
        )

    def _validator(self, keys: KeyFacts) -> Iterator[Item]:
        file = keys.validator
        if file is None:
            yield Fact("held by", f"a remote signer at {keys.remote_signer}", "i")
            return
        if not file.exists:
            yield Fact("file", "none yet: the plan makes it", "·")
            return
        sign = self.sign(file.path)
        yield Fact("public key", to_base64(file.public) if file.public else "can not be told", sign)
        yield Fact("address", grouped(keys.validator_address) or "can not be told", sign)
        yield Fact("last signed", keys.last_signed, self.sign(keys.state_path))
        yield self._file(file)

    def _file(self, file: KeyFile) -> Fact:
        mode = "mode unknown" if file.mode is None else f"{file.mode:04o}"
        return Fact("file", f"{mode}{', a link' if file.link else ''}", self.sign(file.path))
