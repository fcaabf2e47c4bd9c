"""Which generation of node software a home belongs to, from its files; and where homes usually are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..finding import Finding, Refusal, error, unknown
from ..profiles import DEFAULT, NAMES, every_profile
from ..profiles import profile as profile_of
from ..profiles.profile import Profile
from ..world import Files, World
from .model import CONFIG_LIMIT, Config, ConfigDamaged, parse_config, text_of

_0_22, _0_31, _0_34, _0_37 = "tendermint-0.22", "tendermint-0.31", "tendermint-0.34", "cometbft-0.37"
"""They wrote no version into config.toml, and are known by what came and went; a later one by its version."""
_HYPHENS = ("proxy-app", "persistent-peers", "genesis-file", "node-key-file", "db-dir")


@dataclass(frozen=True, slots=True)
class Recognised:
    names: tuple[str, ...]
    """Profiles that it can be, the likeliest first; none where quorate knows no profile for it."""
    why: str
    """What it was seen by, one clause."""
    sure: bool
    """Whether only one is possible."""
    withdrawn: bool = False
    """Tendermint 0.35, which was withdrawn."""

    @property
    def name(self) -> str:
        """The likeliest profile; the default where none is known."""
        return self.names[0] if self.names else DEFAULT

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why the person should be asked; empty where it is sure."""
        if self.withdrawn:
            fix = "Install Tendermint 0.34 or a CometBFT, and make a home with it."
            message = f"{self.why}: that version was withdrawn, and quorate has no profile for it."
            return (error("home-0-35", "profile", message, fix),)
        if self.sure:
            return ()
        message = f"It can be {' or '.join(self.names)}: {self.why}. {self.name} is assumed."
        fix = (
            "Ask the program that runs this home for its version (tendermint version, or cometbft version). Then name "
            "the profile: --profile NAME"
        )
        return (unknown("home-profile-in-doubt", "profile", message, fix),)


@dataclass(frozen=True, slots=True)
class Candidate:
    path: Path
    source: str
    """Why it is offered: ``$TMHOME``, ``~/.tendermint``."""


def candidates(world: World) -> tuple[Candidate, ...]:
    """Homes that can be offered: those the environment names, and the usual ones that exist; each once."""
    profiles = every_profile()
    found = [
        Candidate(Path(value), f"${name}")
        for name in dict.fromkeys(name for profile in reversed(profiles) for name in profile.home_variables)
        if (value := world.environ.get(name, "")) and Path(value).is_absolute()
    ]
    own = world.environ.get("HOME", "")
    if own:
        usual = dict.fromkeys(profile.home_folder for profile in profiles)
        found += [Candidate(Path(own) / name, f"~/{name}") for name in usual if _exists(world.files, Path(own) / name)]
    once: dict[Path, Candidate] = {}
    for candidate in found:
        once.setdefault(candidate.path, candidate)
    return tuple(once.values())


def profile_for(files: Files, path: Path, name: str = "") -> Profile:
    """The profile of that name, else the likeliest of the home at ``path``."""
    return profile_of(name if name in NAMES else recognise(files, path).name)


def recognise(files: Files, path: Path) -> Recognised:
    """What the files of ``path`` tell; never raises for what stands in them."""
    try:
        content = files.read(path / "config" / "config.toml", CONFIG_LIMIT)
        config = parse_config(content) if content else None
    except (Refusal, ConfigDamaged):
        config = None
    if config:
        return _by_config(config) or _by_files(files, path)
    return _by_files(files, path)


def _by_config(config: Config) -> Recognised | None:
    """Tendermint's and CometBFT's own changes of config.toml, 0.22 to 1.0 (config/toml.go at their tags)."""
    top = config.get("", {})
    if "priv-validator" in config or any(name in top for name in _HYPHENS):
        return Recognised((), "config.toml has hyphens in its keys, as only Tendermint 0.35 wrote them", False, True)
    version = text_of(config, "", "version")
    if version or "version" in top:
        return _by_version(version, config)
    if "grpc" in config:
        names = _names_where(lambda one: "grpc" in one.config)
        return Recognised(names, "config.toml has a table [grpc]", len(names) == 1)
    if "blocksync" in config or "block_sync" in top:
        return Recognised((_0_37,), "config.toml has [blocksync] and no version", True)
    if "fastsync" in config:
        return _by_fastsync(config)
    if "priv_validator_file" in top:
        return Recognised((_0_22,), "config.toml has priv_validator_file", "db_path" in top)
    if "priv_validator_key_file" in top:
        return Recognised(
            (_0_31,), "config.toml has priv_validator_key_file and no [fastsync]", "statesync" not in config
        )
    return None


def _by_version(version: str, config: Config) -> Recognised:
    seen = f"config.toml has version {version}"
    written = [one for one in every_profile() if one.config_version and ("grpc" not in config or "grpc" in one.config)]
    exact = tuple(one.name for one in written if version.startswith(one.config_version))
    major = version.partition(".")[0] + "."
    near = tuple(one.name for one in written if major != "0." and one.config_version.startswith(major))
    return Recognised(exact or near or tuple(one.name for one in written), seen, len(exact) == 1)


def _names_where(fits: Callable[[Profile], bool]) -> tuple[str, ...]:
    """The default first, if it fits, then the others in their order."""
    names = [one.name for one in every_profile() if fits(one)]
    return tuple(sorted(names, key=lambda name: name != DEFAULT))


def _by_fastsync(config: Config) -> Recognised:
    if "statesync" in config:
        return Recognised((_0_34,), "config.toml has [fastsync] and [statesync]", True)
    return Recognised(
        (_0_34, _0_31), "config.toml has [fastsync] and no [statesync], as Tendermint 0.33 wrote it", False
    )


def _by_files(files: Files, path: Path) -> Recognised:
    old = _exists(files, path / "config" / "priv_validator.json")
    new = _exists(files, path / "config" / "priv_validator_key.json")
    in_one = _names_where(lambda one: one.validator_state_file is None)
    apart = _names_where(lambda one: one.validator_state_file is not None)
    if old and new:
        return Recognised((*apart, *in_one), "validator keys of both file generations", False)
    if old:
        return Recognised(in_one, "its validator key is priv_validator.json", len(in_one) == 1)
    if not new:
        return Recognised(_names_where(lambda _: True), "nothing that tells", False)
    quoted = _quoted_round(files, path / "data" / "priv_validator_state.json")
    alike = tuple(name for name in apart if profile_of(name).state_round_quoted == quoted)
    why = "the round in its sign state is quoted" if quoted else "its validator key is priv_validator_key.json"
    return Recognised(alike, why, len(alike) == 1)


def _quoted_round(files: Files, path: Path) -> bool:
    import json

    try:
        found = json.loads(files.read(path) or b"")
    except (Refusal, ValueError, RecursionError):
        return False
    return isinstance(found, Mapping) and isinstance(found.get("round"), str)


def _exists(files: Files, path: Path) -> bool:
    try:
        return files.stat(path) is not None
    except Refusal:
        return False
