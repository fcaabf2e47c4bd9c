"""Keys that the node does not read: unknown, misspelt, in the wrong table, of another generation. It ignores them all
without a word, so a setting that was meant is not made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..documents.toml import Values
from ..finding import Finding, Severity, error, info, warning
from ..profiles import every_profile
from ..profiles.profile import Profile
from .coercion import Kind
from .model import Entry, Place, entries
from .settings import DOCUMENTS_KEYS, SETTINGS

HIDDEN: Mapping[Place, Kind] = {
    ("", "home"): "text",
    ("", "trace"): "bool",
    ("rpc", "home"): "text",
    ("p2p", "home"): "text",
    ("mempool", "home"): "text",
    ("consensus", "home"): "text",
    ("p2p", "test_dial_fail"): "bool",
    ("p2p", "test_fuzz"): "bool",
    ("tx_index", "table_blocks"): "text",
    ("tx_index", "table_tx_results"): "text",
    ("tx_index", "table_events"): "text",
    ("tx_index", "table_attributes"): "text",
}
"""Keys that the node reads although its ``init`` does not write them (config.go)."""

_OURS = frozenset((setting.table, setting.key) for setting in SETTINGS)
_LONG = 7
"""Letters of a name in which two slips still leave no doubt which one was meant."""
_FLAT_BLOCK = 3
"""So many of the documents' keys in one wrong table are their block, pasted as it stands."""


def name_findings(values: Values, profile: Profile) -> Iterator[Finding]:
    """Findings about names, none about values."""
    if "proxy-app" in values:
        yield _hyphenated()
        return
    every = entries(values)
    yield from _flat_block(every, profile)
    yield from _twice(values)
    for entry in every:
        yield from _entry(entry, profile)


def astray(values: Values, profile: Profile) -> tuple[tuple[Entry, Finding], ...]:
    """Keys, as written, that were meant to be one of the planned settings and stand where nobody reads them."""
    if "proxy-app" in values:
        return ()
    meant = ("config-wrong-table", "config-misspelt-key")
    return tuple(
        (entry, finding)
        for entry in entries(values)
        for finding in _entry(entry, profile)
        if finding.code in meant and finding.severity is Severity.ERROR
    )


def strays(values: Values, profile: Profile) -> tuple[Place, ...]:
    """Where the keys of ``astray`` stand."""
    return tuple((entry.table, entry.key) for entry, _ in astray(values, profile))


def _hyphenated() -> Finding:
    return error(
        "config-hyphenated",
        "config.toml",
        "proxy-app and the other keys have hyphens: this is a file of Tendermint 0.35, which was withdrawn; "
        "every other generation ignores all of it.",
        "Set this file aside and let the node's own init write a new config.toml.",
    )


def _entry(entry: Entry, profile: Profile) -> Iterator[Finding]:
    table, key = entry.table.lower(), entry.key.lower()
    path = _path(entry.table, entry.key)
    if "." in entry.key:
        yield _dotted(entry, path)
    elif (table, key) in HIDDEN or key in profile.config.get(table, {}):
        if (table, key) != (entry.table, entry.key):
            message = f"{path} is written with capitals; the node takes it as {_path(table, key)}."
            yield info("config-capitals", path, message, f"Write {_path(table, key)}.")
    elif table == "p2p.test_fuzz_config" or table.startswith("p2p.test_fuzz_config."):
        yield error(
            "config-test-setting",
            path,
            f"{path} is for the node's own tests.",
            "Remove the table p2p.test_fuzz_config.",
        )
    else:
        yield _stranger(table, key, path, profile)


def _dotted(entry: Entry, path: str) -> Finding:
    return error(
        "config-dotted-key",
        path,
        f'The key "{entry.key}" has a dot inside quotes: TOML takes it as one name, the node as a path of tables.',
        "Write the key without quotes below its [table].",
    )


def _stranger(table: str, key: str, path: str, profile: Profile) -> Finding:
    homes = [name for name, keys in profile.config.items() if key in keys]
    retired = profile.retired.get(_path(table, key))
    if retired:
        return warning(
            "config-retired-key",
            path,
            f"{path} {retired}; {profile.name} ignores it.",
            f"Remove {path}, or use the new key.",
        )
    if homes and not _elsewhere(table, key):
        return _misplaced(table, key, path, homes)
    if _elsewhere(table, key):
        return warning(
            "config-other-generation",
            path,
            f"{path} belongs to {' and '.join(_elsewhere(table, key))}; {profile.name} ignores it.",
            f"Remove {path}, or check that {profile.name} is the node's generation.",
        )
    return _misspelt(table, key, path, profile)


def _elsewhere(table: str, key: str) -> list[str]:
    return [one.name for one in every_profile() if key in one.config.get(table, {})]


def _misplaced(table: str, key: str, path: str, homes: list[str]) -> Finding:
    right = " or ".join(_where(home) for home in homes)
    ours = any((home, key) in _OURS for home in homes)
    severity = Severity.ERROR if ours else Severity.WARNING
    return Finding(
        "config-wrong-table",
        severity,
        path,
        f"{key} stands {_where(table)}, where the node ignores it; it belongs {right}.",
        f"Move the line {' or '.join(_into(home) for home in homes)}.",
    )


def _into(table: str) -> str:
    return f"into [{table}]" if table else "to the top, above the first [table]"


def _where(table: str) -> str:
    return f"in [{table}]" if table else "at the top, above the first [table]"


def _misspelt(table: str, key: str, path: str, profile: Profile) -> Finding:
    near = _nearest(table, key, profile)
    if near is None:
        message = f"{path} is no setting of {profile.name}; the node ignores it."
        return warning("config-unknown-key", path, message, f"Remove {path}.")
    home, name = near
    severity = Severity.ERROR if near in _OURS else Severity.WARNING
    return Finding(
        "config-misspelt-key",
        severity,
        path,
        f"{path} is no setting of {profile.name}, and the node ignores it; {_path(home, name)} is the nearest.",
        f"Write {name} {_where(home)}, if that was meant.",
    )


def _nearest(table: str, key: str, profile: Profile) -> Place | None:
    """The setting that was meant; None where that is not plain, as another setting's name would change the meaning."""
    typed = _plain(f"{table}{key}"), _plain(key)
    # As a flag or a variable has it: rpc_laddr for laddr in [rpc].
    joined = [place for place in _places(profile) if _plain("".join(place)) in typed]
    beside = [place for place in _places(profile) if place[0] == table]
    for places in (joined, _closest(typed[1], beside), _closest(typed[1], _places(profile))):
        if places:
            return places[0] if len(places) == 1 else None
    return None


def _places(profile: Profile) -> list[Place]:
    return [(table, key) for table, keys in profile.config.items() for key in keys]


def _closest(typed: str, places: list[Place]) -> list[Place]:
    """Those with the fewest slips of the finger, one or two; short names have room for one."""
    slips = {place: _distance(typed, _plain(place[1]), 2) for place in places}
    near = {place: count for place, count in slips.items() if count <= (1 if len(_plain(place[1])) < _LONG else 2)}
    return [place for place, count in near.items() if count == min(near.values())]


def _plain(name: str) -> str:
    return "".join(char for char in name if char.isalnum())


def _distance(one: str, other: str, most: int) -> int:
    """Letters left out, added, changed or swapped with the next (optimal string alignment); above ``most``: more."""
    rows = [list(range(len(other) + 1))]
    for i, char in enumerate(one, 1):
        row = [i]
        for j, target in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (char != target))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == target:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        rows.append(row)
    return rows[-1][-1]


def _flat_block(every: tuple[Entry, ...], profile: Profile) -> Iterator[Finding]:
    strays = Counter(
        entry.table.lower()
        for entry in every
        if entry.key.lower() in DOCUMENTS_KEYS and DOCUMENTS_KEYS[entry.key.lower()] != entry.table.lower()
    )
    for table, count in strays.items():
        if count >= _FLAT_BLOCK:
            yield error(
                "config-flat-block",
                f"[{table}]" if table else "the top of the file",
                f"{count} of the documents' settings stand {_where(table)}: their block was pasted as it stands. "
                "The keys belong to four places, and the node ignores them here.",
                "Remove the block and let the config step write every key into its own table.",
            )


def _twice(values: Values, table: str = "") -> Iterator[Finding]:
    counted = Counter(key.lower() for key in values)
    for key, count in counted.items():
        if count > 1:
            path = _path(table, key)
            message = (
                f"{path} is written {count} times with other capitals; to the node it is one name, and chance decides."
            )
            yield error("config-key-twice", path, message, "Keep one, in small letters.")
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _twice(value, _path(table, key))


def _path(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key
