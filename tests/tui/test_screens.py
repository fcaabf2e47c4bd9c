"""Pictures of the foundation's screens in their main states: text and colours. Steps have theirs in other files."""

from __future__ import annotations

import pytest

from tui.app import Options

from .conftest import Snapshots
from .driver import NETWORK, WizardDriver

SIZES = ((80, 24), (120, 40))


def called(name: str, size: tuple[int, int]) -> str:
    return name if size == SIZES[0] else f"{name}-{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES)
async def test_first(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    wizard.size = size
    async with wizard.open() as user:
        snap(user, called("first", size))


@pytest.mark.parametrize("size", SIZES)
async def test_resume(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    spoiled(wizard).at("keys").size = size
    async with wizard.open() as user:
        snap(user, called("resume", size))


@pytest.mark.parametrize("size", SIZES)
async def test_home(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    wizard.with_home().size = size
    async with wizard.open() as user:
        await user.press("enter")
        snap(user, called("home-first", size))
        await user.type(NETWORK)
        await user.press("enter")
        snap(user, called("home", size))


@pytest.mark.parametrize("size", SIZES)
async def test_keys(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    wizard.with_home().known().size = size
    async with wizard.open("keys") as user:
        snap(user, called("keys", size))


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_keys_that_are_wrong(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    spoiled(wizard).size = size
    async with wizard.open("keys") as user:
        await user.press("ctrl+n")
        snap(user, called("keys-fix", size))


@pytest.mark.parametrize("size", SIZES)
async def test_preview_and_receipt(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    wizard.with_home(keys=False).known().size = size
    async with wizard.open("keys") as user:
        snap(user, called("keys-none", size))
        await user.press("ctrl+n")
        snap(user, called("preview", size))
        await user.press("ctrl+n")
        snap(user, called("receipt", size))
        await user.press("up", "enter")
        snap(user, called("undo", size))


@pytest.mark.parametrize("size", SIZES)
async def test_opened_pages(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    spoiled(wizard).size = size
    async with wizard.open("keys") as user:
        await user.press("ctrl+n")
        for key, name in (("f1", "explain"), ("ctrl+o", "steps"), ("ctrl+q", "leave"), ("ctrl+t", "text")):
            await user.press(key)
            snap(user, called(name, size))
            await user.press("escape")
        await user.press("f1", "f1")
        snap(user, called("help", size))
        await user.press("escape", "escape")
        await user.paste("[09:12] bob: morning all\nBEGIN QUORATE CARD ovswcy3d\n")
        snap(user, called("paste", size))


async def test_practise(wizard: WizardDriver, snap: Snapshots) -> None:
    async with wizard.open() as user:
        await user.press("down", "down", "enter")
        snap(user, "practise")
        await user.press("ctrl+n")
        snap(user, "practise-made")
        await user.press("enter")
        user.sees("practice", "1/7 Home", "(●) Coordinator")


async def test_several_networks(wizard: WizardDriver, snap: Snapshots) -> None:
    from core.run import keep_answers
    from core.state import State

    for name in ("harbour", "lagoon"):
        keep_answers(State.open(wizard.root, name), "home", {"role": "member"})
    async with wizard.open() as user:
        snap(user, "networks")


@pytest.mark.parametrize(("mode", "options"), [("ascii", Options(ascii=True)), ("ansi", Options(ansi=True))])
async def test_other_looks(wizard: WizardDriver, snap: Snapshots, mode: str, options: Options) -> None:
    spoiled(wizard).options = options
    async with wizard.open("keys") as user:
        await user.press("ctrl+n")
        snap(user, f"keys-fix-{mode}")


async def test_no_colour(wizard: WizardDriver, snap: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with spoiled(wizard).open("keys") as user:
        await user.press("ctrl+n")
        snap(user, "keys-fix-no-colour")


def spoiled(wizard: WizardDriver) -> WizardDriver:
    """An error and a warning about the keys."""
    wizard.with_home().known()
    (wizard.home / "config" / "priv_validator_key.json").chmod(0o644)
    (wizard.home / "config" / "node_key.json").write_text("{}")
    return wizard
