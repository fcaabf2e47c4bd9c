"""What an operator hands on: the record, and all words about it, as one text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..documents.armour import armour
from ..documents.document import Document
from ..documents.kinds import KINDS

if TYPE_CHECKING:
    from ..agreement.current import Current


def to_share(seen: Current) -> tuple[Document, ...]:
    """Everything that others need to stand where this operator stands: records first."""
    rank = {kind: place for place, kind in enumerate(KINDS) if KINDS[kind].is_shared}
    chosen = (document for document in seen.exchange.documents if document.kind in rank)
    return tuple(sorted(chosen, key=lambda document: (rank[document.kind], document.id)))


def own_words(seen: Current) -> tuple[Document, ...]:
    """What this operator's node has accepted of the record in force."""
    own, record = seen.exchange.own, seen.exchange.record
    ids = {one.id for one in seen.exchange.acceptances if record and one.node_id == own and one.record == record.id}
    return tuple(document for document in seen.exchange.documents if document.id in ids)


def as_text(documents: Iterable[Document]) -> str:
    """Armour, as it goes into a chat; ends in a line end."""
    return "\n".join(armour(document) for document in documents)
