"""What a node of a given generation makes of a config.toml: everything it refuses, and everything it ignores.

An error means: with this the node refuses to start, or the network will not run, or a setting that was meant has no
effect. Never laxer than the node. ``unknown`` stands where only the machine can tell (does a name resolve).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..documents.toml import Value, Values, read_toml
from ..finding import Finding, Severity, error, info, summed, unknown, warning, worst_first
from ..profiles.profile import Profile
from ..way import plan_of
from .addresses import dial_fault, ip_of, listen_fault, split_host_port, without_protocol
from .coercion import Kind, go_name, kind_of, read_as
from .dialling import dialling_findings
from .environment import effective, environment, override_findings
from .limits import limit_findings
from .listeners import http_fault, listener_findings
from .log_level import log_level_fault
from .model import NodeConfig, Place, as_value, by_place, read_config
from .names import HIDDEN, name_findings
from .paths import path_findings
from .peers import id_list_findings, read_peers
from .repair import repair
from .surroundings import Surroundings

ALONE = Surroundings()


def check(
    data: bytes,
    profile: Profile,
    environ: Mapping[str, str] | None = None,
    *,
    expected: Mapping[Place, Value] | None = None,
    around: Surroundings = ALONE,
) -> tuple[Finding, ...]:
    """Everything about a config.toml, worst first; ``expected`` are planned values."""
    mended = repair(data)
    read = read_toml(mended.data)
    if read.values is None:
        return worst_first(summed((*mended.findings, *read.findings)))
    findings = (*mended.findings, *_findings(read.values, mended.data, profile, environ or {}, around))
    return worst_first(summed((*findings, *_unlike(mended.data, profile, expected or {}))))


def _findings(
    values: Values, data: bytes, profile: Profile, environ: Mapping[str, str], around: Surroundings
) -> Iterator[Finding]:
    config = read_config(data, profile, environ)
    yield from name_findings(values, profile)
    yield from _types(values, profile)
    written = {place: entry.value for place, entry in by_place(values, profile).items()}
    yield from override_findings(profile, environ, written)
    yield from _override_types(profile, environ, written)
    yield from limit_findings(config)
    yield from _moniker(config)
    yield from _log_level(config)
    yield from _addresses(config, around)
    yield from listener_findings(config, around)
    yield from _peers(config, around)
    yield from dialling_findings(config, around)
    yield from path_findings(config, around)
    yield from _application(config)


# --- types -------------------------------------------------------------------------------------------------------


def _types(values: Values, profile: Profile) -> Iterator[Finding]:
    yield from _not_tables(values, profile)
    for table, keys in profile.config.items():
        inside = _table(values, table)
        for key, default in keys.items():
            kind = kind_of(table, key, default, profile.durations_in_ms)
            for written in (name for name in inside if name.lower() == key):
                value = inside[written]
                if value != (list(default) if isinstance(default, tuple) else default):
                    yield from _type(f"{table}.{key}" if table else key, kind, value)
    for (table, key), kind in HIDDEN.items():
        if key in _table(values, table):
            yield from _hidden(f"{table}.{key}" if table else key, kind, _table(values, table)[key])


def _table(values: Values, table: str) -> Values:
    """The keys of a table, whatever its capitals; empty where it is missing or is none."""
    inside = values
    for part in table.split(".") if table else ():
        found = [value for name, value in inside.items() if name.lower() == part and isinstance(value, dict)]
        inside = {key: value for one in found for key, value in one.items()}
    return inside


def _not_tables(values: Values, profile: Profile) -> Iterator[Finding]:
    for table in filter(None, profile.config):
        parent, _, name = table.rpartition(".")
        for key, value in _table(values, parent).items():
            if key.lower() == name and not isinstance(value, dict):
                message = f"{table} is {go_name(value)}, where a table is wanted; the node refuses to start."
                yield error("config-not-a-table", table, message, f"Write [{table}] on a line of its own.")


def _type(path: str, kind: Kind, value: object) -> Iterator[Finding]:
    reading = read_as(kind, value)
    if reading.value is None:
        message = f"{path}: {reading.refused}; the node refuses to start."
        yield error("config-type", path, message, f"Write {path} as the node's own init does.")
    elif kind == "duration" and reading.converted:
        yield _bare_duration(path, reading.value)
    elif reading.converted and not (kind == "list" and isinstance(value, str)):
        shown = as_value(value)
        message = f"{path} = {shown!r} is {go_name(value)}; the node takes it as {reading.value!r}."
        yield info("config-type-converted", path, message, f"Write {path} as the node's own init does.")


def _bare_duration(path: str, value: object) -> Finding:
    fix = f'Write the unit: {path.rpartition(".")[2]} = "{value}ms" if milliseconds were meant.'
    message = f"{path} is the bare number {value}, which means {value} nanoseconds"
    if isinstance(value, int) and 0 < value < 1_000_000:
        return error("config-duration-number", path, f"{message}: less than a thousandth of a second.", fix)
    return warning("config-duration-number", path, f"{message}.", fix)


def _hidden(path: str, kind: Kind, value: object) -> Iterator[Finding]:
    reading = read_as(kind, value)
    if reading.value is None:
        yield error("config-type", path, f"{path}: {reading.refused}; the node refuses to start.", f"Remove {path}.")
    elif path.startswith("p2p.test_") and reading.value is True:
        message = f"{path} is true: the node drops connections on purpose, for its own tests."
        yield error("config-test-setting", path, message, f"Remove {path}.")


def _override_types(profile: Profile, environ: Mapping[str, str], written: Mapping[Place, object]) -> Iterator[Finding]:
    for one in environment(profile, environ):
        if effective(one, profile, (one.table, one.key) in written):
            default = profile.config[one.table][one.key]
            reading = read_as(kind_of(one.table, one.key, default, profile.durations_in_ms), one.value)
            if reading.value is None:
                message = f"{one.variable}: {reading.refused}; the node refuses to start."
                yield error("config-type", one.variable, message, f"Unset {one.variable}.")


# --- single settings ---------------------------------------------------------------------------------------------


def _moniker(config: NodeConfig) -> Iterator[Finding]:
    moniker = config.moniker
    if not moniker and ("", "moniker") not in config.written:
        return  # the node takes the machine's name
    if moniker.strip(" ") and all(" " <= char <= "~" for char in moniker):
        return
    does = "refuses to start" if config.profile.refuses_moniker else "starts, and its peers refuse it"
    said = f'"{moniker}" has characters other than printable ASCII' if moniker.strip(" ") else "it is empty"
    yield error(
        "config-moniker",
        "moniker",
        f"moniker: {said}. The node {does}.",
        "Write a name of letters, digits, blanks and signs.",
    )


def _log_level(config: NodeConfig) -> Iterator[Finding]:
    level = config.text("", "log_level")
    fault = log_level_fault(level)
    if fault:
        yield error(
            "config-log-level",
            "log_level",
            f'log_level is "{level}": {fault}. The node refuses to start.',
            'Write "info", or pairs such as "main:info,state:info,*:error".',
        )
    elif "*:error" in level.split(",") or "*:none" in level.split(",") or level in ("error", "none"):
        yield info(
            "config-log-level-hides",
            "log_level",
            f'With log_level = "{level}" this node does not log why it refused a peer.',
            'Write "info" while the network forms.',
        )


def _addresses(config: NodeConfig, around: Surroundings) -> Iterator[Finding]:
    yield from _dialled("p2p.laddr", config.p2p_laddr, around)
    if config.external_address:
        yield from _dialled("p2p.external_address", config.external_address, around)
    for part in filter(None, (part.strip(" ") for part in config.rpc_laddr.split(","))):
        yield from _listened("rpc.laddr", part, around)
    yield from _rpc_form(config)
    for table, key in (("rpc", "grpc_laddr"), ("grpc", "laddr"), ("grpc.privileged", "laddr")):
        value = config.text(table, key)
        if value:
            yield from _listened(f"{table}.{key}", value, around)
    yield from _http(config)
    if config.flag("rpc", "unsafe"):
        message = "rpc.unsafe is true: whoever reaches the RPC can make this node dial, profile and forget."
        yield warning("config-rpc-unsafe", "rpc.unsafe", message, "Write unsafe = false.")


def _refused_address(path: str, value: str, fault: str, example: str = "tcp://127.0.0.1:26657") -> Finding:
    message = f'{path} is "{value}": {fault}. The node refuses to start.'
    return error("config-address", path, message, f"Write it as in {example}, with host and port.")


def _dialled(path: str, value: str, around: Surroundings) -> Iterator[Finding]:
    fault = dial_fault(value)
    if fault:
        example = "tcp://0.0.0.0:26656" if path == "p2p.laddr" else "node.example.com:26656"
        yield _refused_address(
            path, value, f"{fault}; a node id has no place in it" if "@" in value else fault, example
        )
    else:
        yield from _named(path, split_host_port(without_protocol(value)).host, around)


def _listened(path: str, value: str, around: Surroundings) -> Iterator[Finding]:
    fault = listen_fault(value)
    if fault:
        yield _refused_address(path, value, fault)
    elif not value.startswith("unix"):
        yield from _named(path, split_host_port(value.split("://", 1)[1]).host, around)


def _named(path: str, host: str, around: Surroundings) -> Iterator[Finding]:
    if not host or host == "localhost" or ip_of(host) is not None or around.resolved(host):
        return
    fix = "Write the IP address, or see that the name resolves here."
    if around.names.get(host.lower()) == ():
        message = f'{path} has the name "{host}", which does not resolve on this machine; the node refuses to start.'
        yield error("config-address-name", path, message, fix)
    else:
        message = f'{path} has the name "{host}"; the node refuses to start where it does not resolve.'
        yield unknown("config-address-name", path, message, fix)


def _http(config: NodeConfig) -> Iterator[Finding]:
    """Listeners that are off without a word to the operator if their address is not host:port."""
    for table, key, on in (
        ("rpc", "pprof_laddr", True),
        ("instrumentation", "prometheus_listen_addr", config.flag("instrumentation", "prometheus")),
    ):
        text = config.text(table, key)
        fault = http_fault(text) if text and on else ""
        if fault:
            message = f'{table}.{key} is "{text}": {fault}. The node runs without it.'
            yield warning("config-http-address", f"{table}.{key}", message, "Write it as in localhost:6060.")


def _rpc_form(config: NodeConfig) -> Iterator[Finding]:
    laddr = config.rpc_laddr
    if laddr and not (all(" " <= char <= "~" for char in laddr) and laddr.strip(" ")):
        yield _refused_address("rpc.laddr", laddr, "it is not printable ASCII")
    for part in (part.strip(" ") for part in laddr.split(",")):
        place = without_protocol(part)
        split = split_host_port(place or ":0")
        if part and not part.startswith("unix") and not split.fault and split.host in ("", "0.0.0.0", "::"):
            yield warning(
                "config-rpc-open",
                "rpc.laddr",
                f"rpc.laddr is {part}: whoever reaches this machine can use the RPC, which asks for no password.",
                "Write tcp://127.0.0.1:26657.",
            )
    if not laddr.strip(" ,"):
        message = "rpc.laddr is empty: there is no RPC, and Planetmint talks to the node through it."
        yield warning("config-rpc-off", "rpc.laddr", message, "Write tcp://127.0.0.1:26657.")


def _peers(config: NodeConfig, around: Surroundings) -> Iterator[Finding]:
    known = around.known
    yield from read_peers(config.persistent_peers, config.profile, around.own_id, known=known).findings
    for key, fatal in (("unconditional_peer_ids", True), ("private_peer_ids", False)):
        yield from id_list_findings(config.text("p2p", key), f"p2p.{key}", fatal, known)
    seeds = config.text("p2p", "seeds")
    if seeds.strip(" ,") and not config.flag("p2p", "pex"):
        message = "p2p.seeds is set and p2p.pex is false: nobody asks the seeds."
        yield warning("config-seeds-without-pex", "p2p.seeds", message, "Remove the seeds, or write pex = true.")
    else:
        yield from read_peers(seeds, config.profile, around.own_id, "p2p.seeds", known).findings


_BUILT_IN = ("kvstore", "persistent_kvstore", "counter", "counter_serial", "noop", "e2e")
_BUILT_IN_FORMS = ("", "_connsync", "_unsync")


def _application(config: NodeConfig) -> Iterator[Finding]:
    """proxy_app: DefaultClientCreator of proxy/client.go."""
    text = config.text("", "proxy_app")
    if any(text == f"{name}{form}" for name in _BUILT_IN for form in _BUILT_IN_FORMS):
        message = f"proxy_app is {text}, an example that is built into the node: no application of yours is asked."
        yield warning("config-application-built-in", "proxy_app", message, "Write tcp://127.0.0.1:26658.")
        return
    formed = text if "://" in text else f"tcp://{text}"
    fault = "it is empty" if not text else listen_fault(formed)
    if not fault and not formed.startswith("unix"):
        split = split_host_port(formed.split("://", 1)[1])
        fault = "" if split.port.strip("0+-") else "it has no port that can be dialled"
    if fault:
        message = f'proxy_app is "{text}": {fault}. The node waits for an application and never starts.'
        fix = "Write the address of the application, as in tcp://127.0.0.1:26658 or unix:///run/app.sock."
        yield error("config-application", "proxy_app", message, fix)


# --- the plan ----------------------------------------------------------------------------------------------------


def _unlike(data: bytes, profile: Profile, expected: Mapping[Place, Value]) -> Iterator[Finding]:
    """Where the file does not say what was planned."""
    config = read_config(data, profile)
    for (table, key), value in expected.items():
        now = config.get(table, key)
        if now != value:
            path = f"{table}.{key}" if table else key
            yield Finding(
                "config-not-as-planned",
                Severity.WARNING,
                path,
                f"{path} is {now!r}, planned {value!r}.",
                "`quorate plan config`, then `quorate apply config`",
                plan_of("config"),
            )
