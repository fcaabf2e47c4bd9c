"""config.toml before the real nodes: ``check`` is never laxer, and what our plan writes starts everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.changes import WriteFile
from core.config.checks import check
from core.config.facts import ConfigFacts
from core.config.peers import Peer
from core.config.settings import Neighbour
from core.config.step import ConfigStep
from core.config.surroundings import Surroundings
from core.finding import Severity
from core.profiles import profile
from tests.differential.config import GENERATION, STRICTER, Bench, Outcome, compare, surveyed
from tests.differential.config_cases import Case, cases
from tests.differential.config_kinds import KINDS
from tests.differential.config_meetings import MEETINGS
from tests.differential.config_values import DOCUMENTS
from tests.nodes import node_program

CASES = 40
SEED = 20261121


def a_bench(name: str, folder: Path) -> Bench:
    return Bench(profile(name), node_program(GENERATION[name]), folder)


@pytest.mark.parametrize("name", GENERATION)
def test_check_is_never_laxer_than_the_real_node_and_stricter_only_where_declared(name: str, tmp_path: Path) -> None:
    bench = a_bench(name, tmp_path)
    outcomes = list(compare(bench, cases(bench.profile, bench.base(), SEED, CASES)))
    wrong = [f"{one.case.name}: {one.fault} {one.errors}" for one in outcomes if one.fault]
    assert not wrong, "\n".join(wrong)
    assert {one.verdict for one in outcomes} == {"started", "refused"}


@pytest.mark.parametrize("name", GENERATION)
def test_every_kind_of_mistake_is_found_and_does_on_the_real_node_what_is_said(name: str, tmp_path: Path) -> None:
    bench = a_bench(name, tmp_path)
    # One generation each here; all of them by ``python -m tests.differential.config``.
    chosen = [kind for number, kind in enumerate(KINDS) if tuple(kind.profiles)[number % len(kind.profiles)] == name]
    assert len(chosen) > 15
    wrong = [f"{one.kind.name}: {one.fault}" for one in map(bench.try_kind, chosen) if one.fault]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("name", "meeting"), [("tendermint-0.34", MEETINGS[0]), ("cometbft-1.0", MEETINGS[1])])
def test_real_nodes_meet_as_the_findings_about_peers_say(
    name: str, meeting: Callable[[Bench], str], tmp_path: Path
) -> None:
    assert meeting(a_bench(name, tmp_path)) == ""


@pytest.mark.parametrize("name", GENERATION)
def test_what_init_wrote_has_no_finding_against_its_own_home(name: str, tmp_path: Path) -> None:
    bench = a_bench(name, tmp_path)
    assert [one for one in surveyed(bench.template, bench.profile) if one.severity >= Severity.UNKNOWN] == []


def planned(name: str, data: bytes) -> bytes:
    """What the step writes for a network of four on loopback."""
    members = tuple(
        Neighbour(f"member {number}", str(number) * 40, (Peer(str(number) * 40, "127.0.0.1", 26000 + number),))
        for number in range(1, 5)
    )
    facts = ConfigFacts(
        Path("/config.toml"), data, profile(name), (), Surroundings(own_id="1" * 40), "member 1", members
    )
    step = ConfigStep()
    plan = step.plan(facts, step.suggest(facts))
    assert plan.is_safe, plan.findings
    (change,) = plan.changes
    assert isinstance(change, WriteFile)
    return change.after


@pytest.mark.parametrize("name", GENERATION)
@pytest.mark.parametrize("before", ["as init wrote it", "documents at the end", "documents at the top", "nothing"])
def test_what_our_plan_writes_starts_on_the_real_node(name: str, before: str, tmp_path: Path) -> None:
    bench = a_bench(name, tmp_path)
    block = DOCUMENTS.replace("{peers}", f"{'2' * 40}@127.0.0.1:26656,\\\n{'3' * 40}@127.0.0.1:26656,")
    data = {
        "as init wrote it": bench.base(),
        "documents at the end": bench.base() + block,
        "documents at the top": block + bench.base(),
        "nothing": '[rpc]\nladdr = "tcp://127.0.0.1:0"\n[p2p]\nladdr = "tcp://127.0.0.1:0"\n',
    }[before]
    outcome = bench.run(Case(before, planned(name, data.encode())))
    assert (outcome.verdict, outcome.errors) == ("started", ()), outcome.last


@pytest.mark.parametrize("name", GENERATION)
@pytest.mark.parametrize("where", ["end", "top"])
def test_the_documents_recipe_verbatim_ends_the_real_node_and_is_explained(
    name: str, where: str, tmp_path: Path
) -> None:
    bench = a_bench(name, tmp_path)
    peers = ",\\\n".join(f"<Member {number} node id>@<Member {number} hostname>:26656" for number in "12N") + ","
    block = DOCUMENTS.replace("{peers}", peers)
    data = (bench.base() + block if where == "end" else block + bench.base()).encode()
    outcome = bench.run(Case(where, data))
    assert outcome.verdict == "refused"
    codes = {one.code for one in check(data, bench.profile) if one.severity is Severity.ERROR}
    assert {"config-peers-several-lines", "config-flat-block", "config-wrong-table"} <= codes
    assert ("toml-duplicate-key" in codes) == (where == "top")


def test_a_case_can_be_made_again_by_its_number() -> None:
    known = profile("cometbft-0.38")
    base = (Path(__file__).parents[1] / "vectors" / "config" / "cometbft-0.38.toml").read_text("utf-8")
    once = list(cases(known, base, 3, 60))
    assert once == list(cases(known, base, 3, 60))
    assert len({case.data for case in once}) > 40


def test_a_verdict_that_differs_is_not_overlooked() -> None:
    case = Case("", b"")
    assert Outcome(case, "refused", "", (), ()).fault
    assert Outcome(case, "unclear", "", ("x",), ()).fault
    assert Outcome(case, "started", "", ("config-type-of-another-name",), ()).fault
    assert not Outcome(case, "started", "", (STRICTER[0][0],), ()).fault
    assert not Outcome(case, "refused", "", (), ("config-address-name",)).fault


@pytest.mark.parametrize("name", GENERATION)
@pytest.mark.parametrize(
    ("key", "variable"),
    [
        ("send_rate", "CMT_P2P_SEND_RATE=-1"),
        ("send_rate", "CMTP2P_SEND_RATE=-1"),
        ("send_rate", "TM_P2P_SEND_RATE=-1"),
        ("persistent_peers", "CMT_P2P_PERSISTENT_PEERS=abc"),
        ("persistent_peers", "CMT_P2P_PERSISTENT_PEERS="),
        ("external_address", "CMT_P2P_EXTERNAL_ADDRESS=abc"),
    ],
)
def test_an_override_counts_for_us_where_it_counts_for_the_node(
    name: str, key: str, variable: str, tmp_path: Path
) -> None:
    bench = a_bench(name, tmp_path)
    environ = dict([variable.split("=", 1)])
    without = "\n".join(line for line in bench.base().split("\n") if not line.startswith(f"{key} = "))
    for data in (bench.base(), without):
        outcome = bench.run(Case(variable, data.encode()), environ=environ)
        # The profile stands for Tendermint too, which reads TM_.
        if not (name == "tendermint-0.34" and variable.startswith("TM_")):
            assert (outcome.verdict == "refused") == bool(outcome.errors), (outcome.last, outcome.errors)
