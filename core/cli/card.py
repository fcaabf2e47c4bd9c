"""``card``: the signed card as text to paste, its words, and its parts for ssh-keygen."""

from __future__ import annotations

from argparse import Namespace

from ..card.facts import own_card
from ..card.model import NodeCard
from ..card.step import no_card
from ..documents.armour import armour
from ..documents.document import Document
from ..documents.sshsig import allowed_signers, to_ssh_signature
from ..documents.words import eight_words
from ..finding import Refusal
from ..seen import own_node
from .answer import Answer
from .export import write_file, write_files
from .plan import with_next
from .session import Session, absolute


async def show(arguments: Namespace, session: Session) -> Answer:
    document, card = await _own(session)
    text = armour(document)
    out = getattr(arguments, "out", None)
    if out is not None:
        path = write_file(absolute(out), text.encode(), home=session.local.home)
        answer = Answer(lines=(str(path),), data={"file": str(path), "id": document.id})
        return await with_next(answer, session, sent="quorate card show")
    answer = Answer(
        lines=tuple(text.rstrip("\n").split("\n")),
        data={"armour": text, "id": document.id, "moniker": card.moniker, "node_id": card.node_id},
    )
    return await with_next(answer, session, sent="quorate card show")


async def words(arguments: Namespace, session: Session) -> Answer:
    document, _ = await _own(session)
    eight = eight_words(bytes.fromhex(document.id), "card")
    return Answer(lines=(" ".join(eight),), data={"id": document.id, "words": list(eight)})


async def export(arguments: Namespace, session: Session) -> Answer:
    document, card = await _own(session)
    signature = next(iter(document.signatures))
    written = write_files(
        absolute(arguments.out),
        {
            "card.json": document.payload,
            "card.json.sig": to_ssh_signature(signature, "card").encode(),
            "allowed_signers": allowed_signers(card.node_id, signature.key, "card").encode(),
        },
        home=session.local.home,
    )
    check = f"ssh-keygen -Y verify -f allowed_signers -I {card.node_id} -n card.v1@quorate -s card.json.sig < card.json"
    return Answer(
        lines=(*(str(path) for path in written), check),
        data={"written": [str(path) for path in written], "verify": check},
    )


async def _own(session: Session) -> tuple[Document, NodeCard]:
    """The newest card of this node. Raises Refusal (``card-missing``)."""
    own = await own_node(session.at_state())
    documents = session.state.documents()
    card = own_card(documents, session.state.network, own.node_key if own else None)
    document = next((one for one in documents if card is not None and one.payload == card.payload), None)
    if card is None or document is None:
        raise Refusal(no_card(session.state.network))
    return document, card
