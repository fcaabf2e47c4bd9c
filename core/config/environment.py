"""Environment variables that override config.toml: ``TM_P2P_PEX`` (Tendermint), ``CMT_P2P_PEX`` (CometBFT).

Source: libs/cli/setup.go and spf13/viper: ``.`` and ``-`` become ``_``; ``TMMONIKER`` counts as ``TM_MONIKER``; an
empty variable counts as none; a key that neither stands in the file nor has a flag is not overridden (but see
``effective``). All of it was seen in runs of CometBFT 0.34.33, 0.38.17 and 1.0.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..finding import Finding, warning
from ..profiles.profile import Profile
from .flags import has_flag


@dataclass(frozen=True, slots=True)
class Override:
    variable: str
    """As it is set: ``CMT_P2P_PEX``."""
    table: str
    key: str
    value: str


def environment(profile: Profile, environ: Mapping[str, str]) -> tuple[Override, ...]:
    """What each variable overrides, in the order of the profile's keys; of two for one key, the stronger."""
    merged = _merged(profile, environ)
    found = (_override(table, key, merged) for table, keys in profile.config.items() for key in keys)
    return tuple(one for one in found if one is not None)


def _merged(profile: Profile, environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By name without prefix: the variable and its value."""
    merged: dict[str, tuple[str, str]] = {}
    for prefix in reversed(profile.config_prefixes):
        proper = {name: value for name, value in environ.items() if name.startswith(f"{prefix}_")}
        short = {
            name: value
            for name, value in environ.items()
            if name.startswith(prefix) and not name.startswith(f"{prefix}_")
        }
        # The node itself copies the short form over the proper one.
        for variables, cut in ((proper, len(prefix) + 1), (short, len(prefix))):
            merged |= {name[cut:]: (name, value) for name, value in sorted(variables.items()) if value}
    return merged


def _override(table: str, key: str, merged: Mapping[str, tuple[str, str]]) -> Override | None:
    found = merged.get(variable_part(table, key))
    return None if found is None else Override(found[0], table, key, found[1])


def variable_part(table: str, key: str) -> str:
    """The variable's name without prefix."""
    path = f"{table}.{key}" if table else key
    return path.upper().replace(".", "_").replace("-", "_")


def variable(profile: Profile, table: str, key: str) -> str:
    """The variable that overrides a key: ``TM_P2P_PEX``."""
    return f"{profile.config_prefixes[0]}_{variable_part(table, key)}"


def effective(override: Override, profile: Profile, written: bool) -> bool:
    """Whether the override counts; ``written`` says whether the key stands in the file.

    CometBFT 0.34.33 was built with a viper (1.18.1) that needs neither file nor flag, Tendermint 0.34.24 was not.
    """
    return written or profile.override_without_key or has_flag(profile, override.table, override.key)


def override_findings(
    profile: Profile, environ: Mapping[str, str], now: Mapping[tuple[str, str], object]
) -> Iterator[Finding]:
    """One finding for every variable; ``now`` holds the keys that stand in the file with their values."""
    for one in environment(profile, environ):
        place = (one.table, one.key)
        path = ".".join(filter(None, place))
        if not effective(one, profile, place in now):
            yield warning(
                "config-environment-without-effect",
                one.variable,
                f'{one.variable}="{one.value}" is set, but {path} does not stand in config.toml: the node ignores it.',
                f"Write {path} into config.toml, or unset {one.variable}.",
            )
            continue
        file = f'"{_as_written(now[place])}" in config.toml' if place in now else "the default"
        yield warning(
            "config-environment-override",
            one.variable,
            f'{one.variable}="{one.value}" wins over {file} for {path}, where the node is started with it.',
            f"Unset {one.variable} if config.toml is to count.",
        )


def _as_written(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
