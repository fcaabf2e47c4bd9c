"""Where a node listens: two at one place, and addresses that the machine does not have."""

from __future__ import annotations

import pytest

from core.config.checks import check
from core.config.listeners import Listener, meet
from core.config.surroundings import Surroundings
from core.documents.toml import Value, edit_toml
from core.finding import Finding, Severity
from core.profiles import profile
from tests.core.config.around import around
from tests.core.config.configs import WHOLE, real

_0_34 = "tendermint-0.34"
PROMETHEUS = {("instrumentation", "prometheus"): True}


def said(values: dict[tuple[str, str], Value], name: str = _0_34, beside: Surroundings | None = None) -> list[Finding]:
    data = edit_toml(real(name), values)
    return [one for one in check(data, profile(name), around=beside or around()) if one.severity > Severity.INFO]


def same_port(values: dict[tuple[str, str], Value], name: str = _0_34) -> list[tuple[str, Severity]]:
    return [(one.subject, one.severity) for one in said(values, name) if one.code == "config-same-port"]


E, W = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({("rpc", "pprof_laddr"): "127.0.0.1:26657"}, [("rpc.pprof_laddr", E)]),
        ({("rpc", "pprof_laddr"): ":26656"}, [("rpc.pprof_laddr", E)]),
        ({("rpc", "grpc_laddr"): "tcp://0.0.0.0:26657"}, [("rpc.grpc_laddr", E)]),
        ({("rpc", "grpc_laddr"): "tcp://127.0.0.1:26656"}, [("rpc.grpc_laddr", E)]),
        ({("", "priv_validator_laddr"): "tcp://127.0.0.1:26657"}, [("priv_validator_laddr", E)]),
        ({("", "priv_validator_laddr"): "127.0.0.1:26656"}, [("priv_validator_laddr", E)]),
        ({("", "proxy_app"): "tcp://127.0.0.1:26657"}, [("rpc.laddr", E)]),
        ({("", "proxy_app"): "localhost:26656"}, [("p2p.laddr", E)]),
        ({("", "proxy_app"): "tcp://app.example.org:26656"}, []),
        ({("instrumentation", "prometheus_listen_addr"): ":26657"}, []),
        ({**PROMETHEUS, ("instrumentation", "prometheus_listen_addr"): ":26657"},
         [("instrumentation.prometheus_listen_addr", E)]),
        ({**PROMETHEUS, ("rpc", "pprof_laddr"): "localhost:26660"}, [("instrumentation.prometheus_listen_addr", W)]),
        ({("rpc", "laddr"): "unix://a.sock,unix://a.sock"}, [("rpc.laddr", E)]),
        ({("rpc", "laddr"): "unix://a.sock", ("rpc", "grpc_laddr"): "unix://b.sock"}, []),
        ({("rpc", "laddr"): "tcp://127.0.0.1:1,tcp://127.0.0.1:1"}, [("rpc.laddr", E)]),
        ({("rpc", "laddr"): "tcp://127.0.0.1:1,tcp://[::1]:1"}, []),
        ({("rpc", "laddr"): "tcp4://127.0.0.1:26656", ("p2p", "laddr"): "tcp://[::1]:26656"}, []),
        ({("rpc", "laddr"): "tcp://127.0.0.1:0", ("rpc", "pprof_laddr"): "127.0.0.1:0"}, []),
    ],
)  # fmt: skip
def test_one_port_for_two_listeners_is_found(
    values: dict[tuple[str, str], Value], found: list[tuple[str, Severity]]
) -> None:
    assert same_port(values) == found


def test_the_grpc_of_1_0_listens_too_and_none_does_without_the_rpc() -> None:
    name = "cometbft-1.0"
    one: dict[tuple[str, str], Value] = {("grpc", "laddr"): "tcp://127.0.0.1:26656"}
    assert same_port(one, name) == [("grpc.laddr", E)]
    both: dict[tuple[str, str], Value] = {
        ("grpc", "laddr"): "tcp://127.0.0.1:9090",
        ("grpc.privileged", "laddr"): "tcp://0.0.0.0:9090",
    }
    assert same_port(both, name) == [("grpc.privileged.laddr", E)]
    assert not same_port({**one, ("rpc", "laddr"): ""}, name)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tcp 0.0.0.0", "tcp 127.0.0.1", True),
        ("tcp 0.0.0.0", "tcp ::1", True),
        ("tcp ::", "tcp4 127.0.0.1", True),
        ("tcp4 0.0.0.0", "tcp6 ::", False),
        ("tcp4 0.0.0.0", "tcp ::1", False),
        ("tcp ", "tcp localhost", True),
        ("tcp a.example.org", "tcp A.example.org", True),
        ("tcp a.example.org", "tcp 127.0.0.1", False),
        ("tcp a.example.org", "tcp 0.0.0.0", True),
        ("tcp ::ffff:127.0.0.1", "tcp 127.0.0.1", True),
    ],
)
def test_every_interface_means_both_families_unless_the_protocol_names_one(
    one: str, other: str, together: bool
) -> None:
    first, second = (Listener("a", "", text.split(" ")[0], text.split(" ")[1], 1) for text in (one, other))
    assert meet(first, second) is meet(second, first) is together


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(
    ("table", "key", "severity"),
    [
        ("rpc", "laddr", E),
        ("p2p", "laddr", E),
        ("", "priv_validator_laddr", E),
        ("rpc", "pprof_laddr", W),
        ("instrumentation", "prometheus_listen_addr", W),
    ],
)
@pytest.mark.parametrize("host", ["10.9.8.7", "0.0.0.1", "240.0.0.1"])
def test_an_address_that_the_machine_does_not_have_is_found(
    name: str, table: str, key: str, severity: Severity, host: str
) -> None:
    text = f"{host}:30000" if severity is W else f"tcp://{host}:30000"
    beside = around(faults={host: "this machine has no such address"})
    found = [one for one in said({**PROMETHEUS, (table, key): text}, name, beside) if one.code == NOT_HERE]
    assert [(one.subject, one.severity) for one in found] == [(f"{table}.{key}" if table else key, severity)]
    # What no machine has is told without looking; what another may have is not.
    unseen = [one for one in said({**PROMETHEUS, (table, key): text}, name) if one.code == NOT_HERE]
    assert bool(unseen) == (host != "10.9.8.7")


NOT_HERE = "config-not-this-machine"


def test_a_name_is_judged_by_the_address_that_go_takes() -> None:
    values: dict[tuple[str, str], Value] = {("rpc", "laddr"): "tcp://node.example.org:30000"}
    faults = {"10.9.8.7": "this machine has no such address", "::1": ""}
    elsewhere = around(faults=faults, names={"node.example.org": ("::1", "10.9.8.7")})
    (finding,) = [one for one in said(values, beside=elsewhere) if one.code == NOT_HERE]
    assert "(node.example.org is 10.9.8.7)" in finding.message
    here = around(faults=faults, names={"node.example.org": ("::1",)})
    assert [one for one in said(values, beside=here) if one.code == NOT_HERE] == []


@pytest.mark.parametrize(
    ("laddr", "severity"),
    [
        ("tcp://127.0.0.1:26659", Severity.UNKNOWN),
        ("127.0.0.1:26659", Severity.UNKNOWN),
        ("unix://signer.sock", Severity.UNKNOWN),
        ("tcp://127.0.0.1", E),
        ("http://127.0.0.1:26659", E),
        ("tcp4://127.0.0.1:26659", E),
        ("unix://", E),
    ],
)
def test_a_start_that_depends_on_a_remote_signer_is_told(laddr: str, severity: Severity) -> None:
    found = [one for one in said({("", "priv_validator_laddr"): laddr}) if one.code == "config-remote-signer"]
    assert [one.severity for one in found] == [severity]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kvstore", "config-application-built-in"),
        ("noop", "config-application-built-in"),
        ("kvstore_unsync", "config-application-built-in"),
        ("", "config-application"),
        ("planetmint", "config-application"),
        ("tcp://127.0.0.1", "config-application"),
        ("tcp://127.0.0.1:0", "config-application"),
        ("http://127.0.0.1:26658", "config-application"),
        ("unix:///run/app.sock", ""),
        ("127.0.0.1:26658", ""),
        ("tcp://app:26658", ""),
    ],
)
def test_an_application_that_nobody_can_be_is_found(text: str, code: str) -> None:
    found = [one.code for one in said({("", "proxy_app"): text}) if one.code.startswith("config-application")]
    assert found == ([code] if code else [])


@pytest.mark.parametrize("text", ["tcp://localhost:6060", "localhost", "localhost:port"])
def test_a_listener_that_is_off_without_a_word_is_told(text: str) -> None:
    (finding,) = said({("rpc", "pprof_laddr"): text})
    assert (finding.code, finding.severity) == ("config-http-address", W)


@pytest.mark.parametrize(
    ("table", "key", "text"),
    [
        ("rpc", "laddr", "tcp://127.0.0.1:http"),
        ("rpc", "grpc_laddr", "tcp://127.0.0.1:HTTP"),
        ("rpc", "pprof_laddr", "127.0.0.1:http"),
    ],
)
def test_the_name_of_a_service_for_a_port_is_taken_as_its_number(table: str, key: str, text: str) -> None:
    (finding,) = said({(table, key): text})
    assert (finding.code, finding.severity, finding.subject) == ("config-port-name", W, f"{table}.{key}")
    assert "Write 80 for" in finding.fix
    other: dict[tuple[str, str], Value] = {("p2p", "laddr"): "tcp://127.0.0.1:80", (table, key): text}
    assert same_port(other) == [(f"{table}.{key}", E)]
    assert "config-port-name" not in {one.code for one in said({(table, key): text[:-4] + "nosuch"})}
