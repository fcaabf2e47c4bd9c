"""The generator: a config.toml of ``init``, changed in one place or two, the same for the same seed and number."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.profiles.profile import Profile
from tests.differential.config_values import (
    DOCUMENTS,
    DURATIONS,
    ENTRIES,
    EXTERNALS,
    HOSTS,
    ID,
    IDS,
    LOG_LEVELS,
    MONIKERS,
    NOT_TEXT,
    NUMBERS,
    ON_DISK,
    OTHER,
    P2P_LADDRS,
    PORTS,
    RPC_LADDRS,
    TEXTS,
    WORDS,
)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    data: bytes


Mutation = Callable[[random.Random, str, Profile], tuple[str, str | bytes]]


def set_raw(text: str, table: str, key: str, raw: str) -> str:
    """The text with ``key = raw`` in that table, in place of the key's line or as the table's first."""
    lines = text.split("\n")
    at, inside = 0, table == ""
    for number, line in enumerate(lines):
        header = re.match(r"\[([^\[\]]+)\]\s*$", line)
        if header:
            inside = header[1] == table
            at = number + 1 if inside else at
        elif inside and re.match(re.escape(key) + r"\s*=", line):
            lines[number] = f"{key} = {raw}"
            return "\n".join(lines)
    return "\n".join([*lines[:at], f"{key} = {raw}", *lines[at:]])


def _place(rng: random.Random, profile: Profile) -> tuple[str, str]:
    table = rng.choice(tuple(profile.config))
    return table, rng.choice(tuple(profile.config[table]))


def _any_type(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = _place(rng, profile)
    raw = rng.choice(NOT_TEXT if key in ON_DISK else (*NOT_TEXT, *NUMBERS, *TEXTS))
    return f"{table}.{key} = {raw}", set_raw(text, table, key, raw)


def _duration(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    places = [
        (table, key)
        for table, keys in profile.config.items()
        for key, default in keys.items()
        if isinstance(default, str) and re.fullmatch(r"(\d+(ms|s|m|h))+", default)
    ]
    table, key = rng.choice(places)
    raw = f'"{rng.choice(DURATIONS)}"' if rng.random() < 0.8 else rng.choice(NUMBERS)
    return f"{table}.{key} = {raw}", set_raw(text, table, key, raw)


def _number(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    places = [
        (table, key)
        for table, keys in profile.config.items()
        for key, default in keys.items()
        if isinstance(default, int) and not isinstance(default, bool)
    ]
    table, key = rng.choice(places)
    raw = rng.choice((*NUMBERS, "-1", "-100", "99", "100", "1"))
    return f"{table}.{key} = {raw}", set_raw(text, table, key, raw)


def _one_of(table: str, key: str, values: tuple[str, ...]) -> Mutation:
    def change(rng: random.Random, text: str, profile: Profile) -> tuple[str, str | bytes]:
        value = rng.choice(values)
        return f'{table}.{key} = "{value}"', set_raw(text, table, key, f'"{value}"')

    return change


def _word(rng: random.Random, text: str, profile: Profile) -> tuple[str, str | bytes]:
    known = [path for path in WORDS if path.partition(".")[2] in profile.config.get(path.partition(".")[0], {})]
    table, _, key = rng.choice(known).partition(".")
    return _one_of(table, key, WORDS[f"{table}.{key}"])(rng, text, profile)


def _built_peer(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    entries = [f"{rng.choice(IDS)}@{rng.choice(HOSTS)}:{rng.choice(PORTS)}" for _ in range(rng.randint(1, 2))]
    value = rng.choice((",", ", ", ",,")).join(entries)
    key = rng.choice(("persistent_peers", "persistent_peers", "seeds"))
    return f"{key} {value}", set_raw(text, "p2p", key, f'"{value}"')


def _ids(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    key = rng.choice(("unconditional_peer_ids", "private_peer_ids"))
    value = rng.choice((",", ", ")).join(rng.sample(IDS, rng.randint(1, 2)))
    return f"{key} {value}", set_raw(text, "p2p", key, f'"{value}"')


def _seeds(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    pex = rng.choice(("true", "false"))
    value = rng.choice(ENTRIES)
    return f"pex {pex}, seeds {value}", set_raw(set_raw(text, "p2p", "pex", pex), "p2p", "seeds", f'"{value}"')


def _statesync(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    settings = {
        "rpc_servers": ('"a:1,b:2"', '"a:1"', '""', '["a:1", "b:2"]', '"a:1,"', '","', "[]", '["a"]', "[5, 6]"),
        "trust_height": ("1", "0", "-1", '"5"'),
        "trust_hash": ('"AB"', '""', '"ABC"', '"zz"', '"ab"'),
        "trust_period": ('"1h"', '"0s"', '"-1s"', "5"),
        "discovery_time": ('"15s"', '"5s"', '"4s"', '"0s"', '"-1s"'),
        "chunk_request_timeout": ('"10s"', '"4s"', '"5s"'),
        "chunk_fetchers": ('"4"', '"0"', "4", "-1", '"x"', '"4294967300"'),
    }
    chosen = {key: values[0] if rng.random() < 0.75 else rng.choice(values) for key, values in settings.items()}
    text = set_raw(text, "statesync", "enable", "true")
    for key, raw in chosen.items():
        text = set_raw(text, "statesync", key, raw)
    return f"statesync {chosen}", text


def _together(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    sets: list[tuple[tuple[str, str, str], ...]] = [
        (
            ("rpc", "experimental_subscription_buffer_size", raw),
            ("rpc", "experimental_websocket_write_buffer_size", more),
        )
        for raw, more in (("99", "200"), ("100", "99"), ("100", "100"), ("300", "200"), ("300", "300"))
    ]
    sets.append(
        (("instrumentation", "prometheus", "true"), ("instrumentation", "prometheus_listen_addr", '"127.0.0.1:0"'))
    )
    sets.append((("p2p", "seed_mode", "true"), ("p2p", "pex", "false")))
    sets.append((("p2p", "test_fuzz", rng.choice(("true", "[]", '"x"', "false"))),))
    sets.append((("p2p", "test_dial_fail", rng.choice(("true", "[]"))),))
    sets.append((("p2p.test_fuzz_config", "Mode", rng.choice(("1", '"x"'))),))
    if "type" in profile.config["mempool"]:
        sets += [
            (("mempool", "type", f'"{kind}"'), ("consensus", "create_empty_blocks", empty))
            for kind in ("nop", "flood")
            for empty in ("true", "false")
        ]
    if "storage.pruning" in profile.config:
        companion = "storage.pruning.data_companion"
        sets += [
            ((companion, "enabled", "true"), (companion, key, raw))
            for key in ("initial_block_retain_height", "initial_block_results_retain_height")
            for raw in ("-1", "0", "1")
        ]
        sets += [
            (("grpc", "laddr", f'"{value}"'),)
            for value in ("127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://x", "x://127.0.0.1:0")
        ]
        sets += [
            (("grpc.privileged", "laddr", f'"{value}"'),)
            for value in ("127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://127.0.0.1")
        ]
    else:
        sets += [
            (("rpc", "grpc_laddr", f'"{value}"'),)
            for value in ("127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://127.0.0.1", "")
        ]
    chosen = rng.choice(sets)
    for table, key, raw in chosen:
        if table not in profile.config and f"[{table}]" not in text:
            text += f"\n[{table}]\n"
        text = set_raw(text, table, key, raw)
    return " + ".join(f"{table}.{key} = {raw}" for table, key, raw in chosen), text


def _misplace(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = _place(rng, profile)
    wrong = rng.choice([name for name in profile.config if key not in profile.config[name]])
    raw = rng.choice(('"x"', "5", "false", "[]"))
    return f"{table}.{key} in [{wrong}] = {raw}", set_raw(text, wrong, key, raw)


def _rename(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = _place(rng, profile)
    spelt = rng.choice(
        (
            key.upper(),
            key.capitalize(),
            key[:-1],
            key.replace("_", "-"),
            key + "s",
            f'"{key}"',
            f"'{key}'",
            f'"{table}.{key}"',
            f" {key} ",
        )
    )
    raw = rng.choice(('"x"', "5", "[]", '"1s"', "true"))
    return f"{table}: {spelt} = {raw}", set_raw(text, table, spelt, raw)


def _table_form(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table = rng.choice([name for name in profile.config if name and "." not in name])
    body = re.compile(rf"(?m)^\[{table}\]$")
    forms = (
        f"[ {table} ]", f"[{table.upper()}]", f"[[{table}]]", f'["{table}"]', f"[{table}x]", f"[{table}] # comment",
        f"[{table}]\n[{table}]",
        f"[{table}", f"{table} = 5\n[x{table}]", f'{table} = "x"\n[x{table}]', f"{table} = []\n[x{table}]",
        f"{table}.x = 1\n[{table}]",
        f"[{table}.sub]\nx = 1\n[{table}]", f"[{table}]\n[{table}.sub]\nx=1\n[x{table}]",
    )  # fmt: skip
    form = rng.choice(forms)
    if form.startswith(table):  # a key of the top level stands above the first table
        top, rest = form.split("\n")
        changed = set_raw(body.sub(rest, text, count=1), "", top.split(" ")[0], top.split("= ")[1])
    else:
        changed = body.sub(form, text, count=1)
    return f"table {form!r}", changed


def _dotted_top(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = rng.choice([(t, k) for t, keys in profile.config.items() if t for k in keys if k not in ON_DISK])
    raw = rng.choice(('"x"', "5", "[]", "true"))
    return f"top: {table}.{key} = {raw}", f"{table}.{key} = {raw}\n{text}"


def _bytes(rng: random.Random, text: str, profile: Profile) -> tuple[str, str | bytes]:
    forms: dict[str, str | bytes] = {
        "BOM": b"\xef\xbb\xbf" + text.encode(),
        "CRLF": text.replace("\n", "\r\n").encode(),
        "lone CR": text.replace("\n", "\r", 3),
        "no final newline": text.rstrip("\n"),
        "empty": "",
        "comments only": "# nothing\n",
        "Latin-1 comment": "# é\n".encode("latin-1") + text.encode(),
        "NUL": text + "\0",
        "control in comment": f"# \x01\n{text}",
        "DEL in comment": f"# \x7f\n{text}",
        "tab in comment": f"#\t\n{text}",
        "garbage": text + "garbage\n",
        "two on a line": text + "a = 1 b = 2\n",
        "no value": text + "a =\n",
        "no key": text + "= 1\n",
        "UTF-16": text.encode("utf-16"),
        "form feed": text + "\f\n",
        "no-break space": f"\u00a0\n{text}",
        "line separator": text.replace("\n", "\u2028", 1),
        "surrogate bytes": b'a = "\xed\xa0\x80"\n' + text.encode(),
        "overlong": b'a = "\xc0\xaf"\n' + text.encode(),
        "unknown values": 'x1 = 1979-05-27T00:32:00.999999-07:00\nx2 = [1, "a", {b = 2}]\nx3 = 0xdead_beef\n' + text,
        "bad date": f"x1 = 1979-02-30\n{text}",
        "year 0": f"x1 = 0000-01-01\n{text}",
        "leap second": f"x1 = 1979-05-27T23:59:60Z\n{text}",
        "hour 24": f"x1 = 1979-05-27T24:00:00Z\n{text}",
        "minute date": f"x1 = 1979-05-27T07:32Z\n{text}",
        "mixed array": f"x1 = [1, 'a', 1.5]\n{text}",
        "inline newline": "x1 = {a = 1,\n b = 2}\n" + text,
        "trailing comma": "x1 = {a = 1,}\n" + text,
        "deep": f"x1 = {'[' * 200}{']' * 200}\n" + text,
        "empty key": f'"" = 1\n{text}',
        "doubled inline": "x1 = {a = 1, a = 2}\n" + text,
        "doubled dotted": "x1.a = 1\nx1.a = 2\n" + text,
        "dotted over value": "x1 = 1\nx1.a = 2\n" + text,
        "extend inline": "x1 = {a = 1}\nx1.b = 2\n" + text,
        "table twice": text + "[x1]\n[x2]\n[x1]\n",
        "subtable first": text + "[x1.y]\n[x1]\na = 1\n",
        "array then table": text + "[[x1]]\n[x1]\n",
        "header over dotted": text + "[x1]\ny.z = 1\n[x1.y]\n",
        "redefine by header": text + "[x1]\ny = 1\n[x1.y]\n",
        "append to static": text + "[x1]\ny = []\n[[x1.y]]\n",
    }
    name = rng.choice(tuple(forms))
    return name, forms[name]


def _twice(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    lines = text.split("\n")
    keys = [number for number, line in enumerate(lines) if re.match(r"[a-z_-]+ = ", line)]
    chosen = rng.choice(keys)
    return f"twice: {lines[chosen]}", "\n".join([*lines[: chosen + 1], lines[chosen], *lines[chosen + 1 :]])


def _documents(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    forms = (
        f"{ID}@127.0.0.1:26656,\\\n{OTHER}@127.0.0.1:26657,",
        f"{ID}@127.0.0.1:26656,",
        "<Member 1 node id>@<Member 1 hostname>:26656,\\\n<Member 2 node id>@<Member 2 hostname>:26656,",
    )
    block = DOCUMENTS.replace("{peers}", rng.choice(forms))
    where = rng.choice(("end", "top", "p2p"))
    if where == "p2p":
        return "documents in [p2p]", text.replace("[p2p]\n", f"[p2p]\n{block}", 1)
    return f"documents at the {where}", text + block if where == "end" else block + text


def _multi_line(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    one, two = f"{ID}@127.0.0.1:26656", f"{OTHER}@127.0.0.1:26657"
    forms = (
        f'"""{one},\\\n{two}"""', f'"""{one},\n{two}"""', f'"""\n{one},{two}"""',
        f'"""\\\n   {one},\\\n   {two}\\\n"""', f"'''{one},\n{two}'''",
        f"'''{one}'''", f"'''\n{one},{two}'''", f'"{one},\\\n{two}"', f'"{one},\n{two}"', f'"""{one},{two}\n"""',
        f'["{one}", "{two}"]',
        f'"{one}" # "', f"'{one}'", f'"{one}"  ', f'"\\u0030{one[1:]}"', f'"""{one},\t{two}"""',
    )  # fmt: skip
    raw = rng.choice(forms)
    return f"peers {raw!r}", set_raw(text, "p2p", "persistent_peers", raw)


MUTATIONS: tuple[tuple[int, Mutation], ...] = (
    (8, _any_type),
    (4, _duration),
    (3, _number),
    (3, _one_of("", "log_level", LOG_LEVELS)),
    (3, _one_of("", "moniker", MONIKERS)),
    (6, _one_of("p2p", "persistent_peers", ENTRIES)),
    (4, _built_peer),
    (2, _ids),
    (2, _seeds),
    (3, _one_of("p2p", "laddr", P2P_LADDRS)),
    (4, _one_of("rpc", "laddr", RPC_LADDRS)),
    (2, _one_of("p2p", "external_address", EXTERNALS)),
    (4, _word),
    (2, _statesync),
    (3, _together),
    (2, _misplace),
    (2, _rename),
    (3, _table_form),
    (2, _dotted_top),
    (5, _bytes),
    (1, _twice),
    (2, _documents),
    (2, _multi_line),
)


def cases(profile: Profile, base: str, seed: int, count: int) -> Iterator[Case]:
    """``count`` cases; the same for the same seed, one by one."""
    changes = [change for _, change in MUTATIONS]
    weights = [weight for weight, _ in MUTATIONS]
    for number in range(count):
        rng = random.Random(f"{seed}/{profile.name}/{number}")
        text: str | bytes = base
        names = []
        for change in rng.choices(changes, weights, k=1 if rng.random() < 0.9 else 2):
            if isinstance(text, str):
                name, text = change(rng, text, profile)
                names.append(name)
        yield Case(
            f"{seed}/{number}: {'; '.join(names)}",
            text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text,
        )
