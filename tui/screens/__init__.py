"""The pages. Each step's pages stand in a folder of the step's id; a step without one has the generic page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..page import Page

if TYPE_CHECKING:
    from ..session import Session
    from .step.page import StepPage

_PAGES = {
    "home": "home.page:HomePage",
    "keys": "keys.page:KeysPage",
    "card": "card.page:CardPage",
    "peers": "peers.page:PeersPage",
    "network": "network.page:NetworkPage",
    "genesis": "genesis.page:GenesisPage",
    "config": "config.page:ConfigPage",
}
"""Step id to place; imported when first opened."""


def page_of(step_id: str, field: str = "") -> StepPage:
    """The page of a step, with the focus on that field."""
    from .step.page import StepPage

    place = _PAGES.get(step_id)
    if place is None:
        return StepPage(step_id, field)
    module, name = place.split(":")
    kind: type[StepPage] = getattr(import_module(f".{module}", __package__), name)
    return kind(step_id, field)


def start_page(session: Session) -> Page:
    """What a start begins with, from what is kept alone: nothing of a step is imported for it."""
    from core.finding import Refusal

    from .start.first import FirstPage
    from .start.occupied import OccupiedPage
    from .start.resume import NetworksPage, ResumePage

    if session.state is None:
        known = session.networks
        wanted = session.named if session.named in known else known[0] if len(known) == 1 else ""
        if not wanted or (session.named and session.named not in known):
            return NetworksPage() if known and not session.named else FirstPage()
        try:
            session.enter(wanted)
        except Refusal as refusal:
            return OccupiedPage(refusal.findings)
    return ResumePage()
