"""The step config on the screen: all settings, whom to dial, what is mended, what must be restarted."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Sequence

import pytest

from core.run import keep_answers
from tests.builders import MONIKERS
from tui.app import Options
from tui.widgets.findings import Findings

from .conftest import Snapshots
from .driver import NETWORK, User, WizardDriver
from .networks import INIT, MISTAKES, agreed, id_of, the_record
from .test_screens import SIZES, called


def written(wizard: WizardDriver) -> dict[str, dict[str, object]]:
    return tomllib.loads((wizard.home / "config" / "config.toml").read_text("utf-8"))


async def to(user: User, wanted: str) -> User:
    """Put the cursor of the table on a setting."""
    user.app.frame.set_focus(user.page.query_one("#settings"))
    await user.press("home")
    while f"── {wanted} ─" not in user.text:
        before = user.text
        await user.press("down")
        assert user.text != before, f"{wanted} is not in the table"
    return user


async def test_every_setting_has_now_planned_and_why_changed_ones_first(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        user.sees("moniker", "machine-7", "p2p.persistent_peers", "3 peers", "See what will be done: write 1 file")
        await to(user, "p2p.persistent_peers")
        user.sees("The members that this node keeps connections to")
        await user.press("pagedown")
        user.sees(id_of("bob")[:20])
        await to(user, "rpc.laddr")
        user.sees("The RPC asks nobody who they are", "will be         tcp://127.0.0.1:26657")


async def test_a_setting_is_explained_where_the_cursor_is(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await to(user, "p2p.pex")
        await user.press("f1")
        user.sees("Now true. Planned false.", "It is no lock", "Known from")
        await user.press("escape")
        assert "── p2p.pex ─" in user.text


async def test_it_is_previewed_applied_and_what_must_be_restarted_is_told(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.", '- moniker = "machine-7"')
        assert (wizard.home / "config" / "config.toml").read_bytes() == INIT
        await user.press("ctrl+n")
        user.sees("Done, and read back.", "it reads config.toml only when it starts")
        assert written(wizard)["p2p"]["pex"] is False
        await user.press("escape")
        user.sees("Nothing to change.", "as it is")


async def test_p7_where_a_link_leads_is_seen_before_it_is_written_and_a_link_put_there_since_is_refused(
    wizard: WizardDriver,
) -> None:
    agreed(wizard)
    config, other, third = (wizard.home / "config", wizard.home.parent / "other", wizard.home.parent / "third")
    config.rename(other)
    config.symlink_to(other)
    shutil.copytree(other, third)
    async with wizard.open("config") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.", "at another place", "leads", "/other/config.toml")
        config.unlink()
        config.symlink_to(third)
        await user.press("ctrl+n")
        user.sees("It was not done.", "was approved: something has")
        assert (other / "config.toml").read_bytes() == INIT == (third / "config.toml").read_bytes()


async def test_a_few_members_are_chosen_by_the_list_and_all_again(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        user.app.frame.set_focus(user.page.query_one("#members"))
        await user.press("enter")
        assert wizard.state.local.answers["config"]["peers"].count(",") == 1
        await to(user, "p2p.persistent_peers")
        user.sees("2 peers")
        user.app.frame.set_focus(user.page.query_one("#members"))
        await user.press("enter")
        assert wizard.state.local.answers["config"]["peers"] == "all"


async def test_nobody_left_is_told_at_the_field(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        for _ in range(3):
            user.app.frame.set_focus(user.page.query_one("#members"))
            await user.press("enter", "down")
        user.sees("peers names nobody.")
        assert user.action.startswith("FIX")


async def test_an_answer_that_can_not_be_is_told_where_it_was_typed(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await user.fill("send_rate", "fast")
        user.sees('send_rate is "fast"', "✗ answer")
        await user.press("ctrl+n")
        assert getattr(user.app.frame.focused, "value", "") == "fast"
        await user.fill("send_rate", "5120000")
        user.sees("5 MB/s")


async def test_the_port_of_the_card_is_shown_and_another_can_be_said(wizard: WizardDriver) -> None:
    agreed(wizard, INIT.replace(b"0.0.0.0:26656", b"0.0.0.0:30000"))
    async with wizard.open("config") as user:
        await to(user, "p2p.laddr")
        user.sees("port 30000", "port 26656")
        await user.press("pagedown")
        user.sees("now             tcp://0.0.0.0:30000", "will be         tcp://0.0.0.0:26656")
        user.focus("listen")
        user.sees("26656, as card")
        await user.fill("listen", "30000")
        user.sees("i port forward")
        assert wizard.state.local.answers["config"]["listen"] == "30000"
        await user.fill("listen", "many")
        user.sees("✗ answer")
        await user.fill("listen", "")
        await user.press("ctrl+n", "ctrl+n")
    assert written(wizard)["p2p"]["laddr"] == "tcp://0.0.0.0:26656"


async def test_misspelt_and_misplaced_lines_stand_in_the_table_and_are_explained(wizard: WizardDriver) -> None:
    agreed(wizard, MISTAKES)
    async with wizard.open("config") as user:
        user.sees("✗ p2p.peristent_peers", "✗ instrumentation.crea", "taken out")
        await to(user, "p2p.peristent_peers")
        user.sees("p2p.persistent_peers is the nearest")
        await user.press("f1")
        user.sees("config-misspelt-key", "TacBuild/tacchain#7")
        await user.press("escape", "ctrl+n", "ctrl+n")
    assert "peristent_peers" not in written(wizard)["p2p"]
    assert "create_empty_blocks" not in written(wizard)["instrumentation"]


async def test_a_variable_of_the_environment_is_shown_with_its_value(wizard: WizardDriver) -> None:
    wizard.environ["TM_P2P_PEX"] = "true"
    agreed(wizard)
    async with wizard.open("config") as user:
        await to(user, "p2p.pex")
        user.sees("! p2p.pex", "TM_P2P_PEX wins over it where the node is started with it.")


async def test_without_a_home_the_settings_are_text_for_a_container(wizard: WizardDriver) -> None:
    keep_answers(wizard.state, "home", {"role": "coordinator", "home": "", "network": NETWORK})
    wizard.state.add((the_record(MONIKERS[:4]),))
    async with wizard.open("config") as user:
        user.sees("There is no home, so no file is written", "See the settings as flags and variables")
        await user.press("ctrl+n")
        user.sees("--p2p.pex=false", "tendermint start")
        await user.press("pagedown", "pagedown")
        user.sees("TM_P2P_SEND_RATE=102400000")


async def test_foreign_text_in_the_file_is_only_shown_made_visible(wizard: WizardDriver) -> None:
    evil = b'moniker = "\\u001b]0;PWNED\\u0007\\u202e[bold red]x[/][@click=app.bell]y[/]"\n'
    agreed(wizard, evil + b'"[/]\\u202e" = "[bold]"\n')
    async with wizard.open("config") as user:
        for key in ("tab", "f1", "escape", "ctrl+t", "escape", "ctrl+n"):
            await user.press(key)
            assert not {"\x1b", "\x07", "\u202e"} & set(user.text)
        user.sees("\\u001b]0;PWNED")


@pytest.mark.parametrize("size", [(60, 20), (72, 24), (100, 30), (160, 50), (200, 60)])
async def test_title_worst_finding_and_action_stand_at_every_size(wizard: WizardDriver, size: tuple[int, int]) -> None:
    agreed(wizard, MISTAKES).size = size
    async with wizard.open("config") as user:
        lines = user.text.splitlines()
        assert "Config" in lines[0] and user.action.startswith("NEXT")
        assert max(map(len, lines)) <= size[0]
        user.sees("p2p.peristent_peers", "p2p.external_address")


async def test_forty_members_fit_the_list(wizard: WizardDriver) -> None:
    agreed(wizard, members=["alice", *(f"member-{number:02d}" for number in range(39))])
    async with wizard.open("config") as user:
        user.app.frame.set_focus(user.page.query_one("#members"))
        await user.press("end")
        user.sees("33 above")


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    agreed(wizard).size = size
    async with wizard.open("config") as user:
        snap(user, called("config", size))
        await to(user, "p2p.persistent_peers")
        snap(user, called("config-peers", size))
        await user.press("f1")
        snap(user, called("config-explain", size))
        await user.press("escape", "ctrl+n")
        snap(user, called("config-preview", size))
        await user.press("ctrl+n")
        snap(user, called("config-receipt", size))
        await user.press("escape")
        snap(user, called("config-done", size))


@pytest.mark.parametrize("size", SIZES)
async def test_pictures_of_mistakes(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    wizard.environ["TM_P2P_PEX"] = "true"
    agreed(wizard, MISTAKES).size = size
    async with wizard.open("config") as user:
        user.focus("send_rate")
        await user.fill("send_rate", "fast")
        snap(user, called("config-fix", size))


LOOKS: Sequence[tuple[str, Options]] = (("ascii", Options(ascii=True)), ("ansi", Options(ansi=True)))


@pytest.mark.parametrize(("mode", "options"), LOOKS)
async def test_pictures_of_other_looks(wizard: WizardDriver, snap: Snapshots, mode: str, options: Options) -> None:
    agreed(wizard, MISTAKES).options = options
    async with wizard.open("config") as user:
        snap(user, f"config-{mode}")


async def test_a_picture_without_colours(
    wizard: WizardDriver, snap: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    agreed(wizard, MISTAKES)
    async with wizard.open("config") as user:
        await to(user, "p2p.pex")
        snap(user, "config-no-colour")


@pytest.mark.parametrize("rows", [24, 36, 48, 60])
async def test_findings_stay_on_the_screen_below_a_long_form(wizard: WizardDriver, rows: int) -> None:
    agreed(wizard, MISTAKES, members=["alice", *(f"member-{number:02d}" for number in range(39))]).size = (120, rows)
    async with wizard.open("config") as user:
        findings = user.page.query_one(Findings)
        assert findings.region.height > 1
        assert findings.region.bottom <= user.page.region.bottom
        user.sees("Findings", "p2p.peristent_peers")
