"""Sizes of the window: 80x24 without loss, from 60x20 to 200x60, changed at any moment."""

from __future__ import annotations

import random

import pytest

from .console import TAGS, Machine

STEPS = ("Home", "Keys", "Card", "Peers", "Network", "Genesis", "Config")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (100, 30), (200, 60)])
def test_every_step_has_its_title_its_action_and_its_keys(member: Machine, size: tuple[int, int]) -> None:
    with member.start(size=size) as console:
        console.go_on()
        for number, name in enumerate(STEPS, 1):
            console.to_step(number).calm()
            lines = console.screen.lines
            assert f"{number}/7 {name}" in lines[0]
            assert lines[-2].strip().startswith(TAGS), console.screen.text
            assert "^Q leave" in lines[-1] and "F1 explain" in lines[-1], console.screen.text
        console.leaves()


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
def test_keys_and_ids_are_whole(member: Machine, size: tuple[int, int]) -> None:
    with member.start(size=size) as console:
        console.go_on().to_step(2)
        console.sees("f264296b b7b5f1ee df6d5416 135fe398 e25b6cc8", "JhdTa1Ao/lRg9il2D9LMFT3oEnlj9Z24iAFvIe/uCF0=")


def test_any_size_in_any_order_comes_back_to_the_same_screen(member: Machine) -> None:
    chance = random.Random(4)
    sizes = [(40, 12), (1, 1), (60, 20), (2, 200), (300, 3), (200, 60), (59, 19), (120, 40)]
    with member.start() as console:
        console.go_on()
        for number in (3, 7):
            before = console.to_step(number).calm()
            chance.shuffle(sizes)
            for size in sizes:
                console.resize(*size, quiet=0.04)
            for columns in range(70, 90):
                # Without a look at what is drawn in between.
                console.resize(columns, 24, quiet=0)
            console.resize(80, 24)
            console.shows(before).key("ctrl+l").shows(before)
        console.leaves()


def test_the_size_may_change_before_the_first_screen(member: Machine) -> None:
    with member.start() as console:
        for size in ((120, 40), (1, 1), (80, 24), (100, 30)):
            console.resize(*size, quiet=0.05)
        console.sees("Go on")
        console.calm()
        assert "^Q leave" in console.screen.lines[29]
        console.leaves()


@pytest.mark.parametrize("size", [(40, 12), (1, 1)])
def test_it_can_be_left_where_nothing_can_be_read(member: Machine, size: tuple[int, int]) -> None:
    with member.start() as console:
        console.go_on().resize(*size)
        console.key("tab", "x", "ctrl+o", "escape", "f1", "escape", "ctrl+t", "escape", "ctrl+q", "enter")
        console.ends(0)
