"""The consensus parameters of a genesis: their limits, and whether they are those of this generation at all.

Source: types/params.go (Validate, ValidateConsensusParams, ValidateBasic) at v0.22.8, v0.31.5, v0.34.33 to v1.0.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, error, info, warning
from ..profiles.params import MAX_BLOCK_BYTES
from ..profiles.profile import Param, Profile
from ..safe import safe
from .generations import RENAMED, Generation, generation_of, generations
from .model import KEY_TYPES, ParamValue, params_of
from .reading import Reading

_OVERHEAD = 11 + 626 + 94
"""Bytes of a block beside transactions and votes: types/block.go, MaxOverheadForBlock, MaxHeaderBytes, commit."""
_DAY = 24 * 3600 * 10**9
_SECOND = 10**9


def check_params(reading: Reading, profile: Profile) -> Iterator[Finding]:
    if reading.params is None:
        message = "The file names no consensus parameters: each node takes the defaults of its own version."
        fix = "Write the parameters out, so that what was agreed can be seen."
        yield warning("genesis-params-absent", "consensus_params", message, fix)
        return
    values = dict(reading.params)
    yield from _check_generation(reading, profile, values)
    for param in params_of(profile):
        value = values.get(param.path)
        if value is not None:
            yield from _check_value(param, value)
    yield from _check_evidence(values)
    yield from _check_room(values, len(reading.validators), profile.vote_bytes)
    yield from _check_synchrony(values)


def _missing(profile: Profile, values: dict[str, ParamValue | None]) -> tuple[Param, ...]:
    return tuple(param for param in profile.params if param.path not in values)


def _must_be_given(param: Param) -> bool:
    """A missing parameter counts as 0, or as an empty list."""
    return param.unit == "types" or (param.minimum is not None and param.minimum > 0)


def _check_generation(reading: Reading, profile: Profile, values: dict[str, ParamValue | None]) -> Iterator[Finding]:
    missing = _missing(profile, values)
    needed = tuple(param.path for param in missing if _must_be_given(param))
    texts = dict(reading.param_texts)
    strange = tuple(path for path in texts if path not in _all_paths(profile))
    theirs = generation_of(frozenset(texts), frozenset(strange)) or _exact(frozenset(texts), needed)
    if theirs is not None:
        yield _other_generation(theirs, texts, strange, needed, profile)
    else:
        yield from (_needed(path) for path in needed)
    known = frozenset[str]().union(*(one.paths for one in generations()))
    yield from (_unknown(path, profile) for path in _tops(strange) if path not in known)
    yield from (_counts_as_zero(param) for param in missing if not _must_be_given(param) and theirs is None)


def _exact(paths: frozenset[str], needed: tuple[str, ...]) -> Generation | None:
    """The generation that has exactly these parameters, where the node at hand refuses the file for lack of some."""
    return next((one for one in generations() if one.paths == paths), None) if needed else None


def _all_paths(profile: Profile) -> tuple[str, ...]:
    return (*profile.param_sections, *(param.path for param in params_of(profile)))


def _other_generation(
    theirs: Generation, texts: dict[str, str], strange: tuple[str, ...], needed: tuple[str, ...], profile: Profile
) -> Finding:
    listed = ", ".join(_tops(strange)[:6]) or f"without {', '.join(needed)}"
    message = f"These are {theirs.style} ({listed}); {profile.name} " + (
        "does not read them" if strange else "needs more"
    )
    fix = f"Write the parameters of {profile.name}: {_translation(texts, profile)}."
    if theirs.profile:
        fix += f" Or, if that is the node, check with --profile {theirs.profile}."
    if not needed:
        message += ", and takes nothing from them."
        return warning("genesis-params-generation", "consensus_params", message, fix)
    message += f" and takes {', '.join(needed)} as 0, which it refuses."
    return error("genesis-params-generation", "consensus_params", message, fix)


def _translation(texts: dict[str, str], profile: Profile) -> str:
    """Every parameter of ``profile``: with the value that the file has under any of its names, else the default."""
    kept, new = [], []
    for param in profile.params:
        old = next((name for name in (param.path, *RENAMED.get(param.path, ())) if name in texts), None)
        if old is not None and not isinstance(param.default, str):
            kept.append(param.path)
        elif old is not None:
            kept.append(f'{param.path} "{safe(texts[old], 24)}"' + (f" (from {old})" if old != param.path else ""))
        else:
            default = f'"{param.default}"' if isinstance(param.default, str) else str(list(param.default))
            new.append(f"{param.path} {default}".replace("'", '"'))
    taken = f"{', '.join(kept)} as in the file; " if kept else ""
    return f"{taken}by default {', '.join(new)}" if new else taken.removesuffix("; ")


def _tops(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Unknown sections without what stands in them, and unknown parameters of known sections."""
    sections = {path for path in paths if "." not in path}
    return tuple(path for path in paths if path in sections or path.partition(".")[0] not in sections)


def _unknown(path: str, profile: Profile) -> Finding:
    message = f"The parameter {path} is unknown to every generation; {profile.name} ignores it."
    return warning("genesis-unknown-key", f"consensus_params.{path}", message, "Take it out, or correct its name.")


def _needed(path: str) -> Finding:
    message = f"{path} is missing and so counts as 0, which the node refuses."
    return error("genesis-param-missing", f"consensus_params.{path}", message, f"Write {path.partition('.')[2]} there.")


def _counts_as_zero(param: Param) -> Finding:
    message = f"{param.path} is missing and counts as 0; the default is {param.default}."
    make = info if param.default == "0" else warning
    return make("genesis-param-absent", f"consensus_params.{param.path}", message, f'Write "{param.default}" there.')


def _check_value(param: Param, value: ParamValue) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield from _check_types(param, value)
        return
    number = int(value)
    low, high = param.minimum, param.maximum
    if number in param.also or not ((low is not None and number < low) or (high is not None and number > high)):
        return
    path = f"consensus_params.{param.path}"
    wanted = f"from {low} to {high}" if high is not None else f"{low} or more"
    wanted += "".join(f", or {other}" for other in param.also)
    message = f"{param.path} is {number}; {wanted} was expected."
    default = param.default if isinstance(param.default, str) else ""
    fix = f'Write "{default}" (the default), or another value in that range.'
    yield error("genesis-param-range", path, message, fix)


def _check_types(param: Param, value: tuple[str, ...]) -> Iterator[Finding]:
    path = f"consensus_params.{param.path}"
    known = " and ".join(KEY_TYPES)
    if not value:
        message = f"{param.path} is empty; the node wants at least one of {known}."
        yield error("genesis-key-types", path, message, 'Write ["ed25519"].')
    for item in value:
        if item not in KEY_TYPES:
            message = f"{param.path} names {item!r}; the node knows {known}."
            yield error("genesis-key-types", path, message, 'Write ["ed25519"].')


def _number(values: dict[str, ParamValue | None], path: str) -> int | None:
    value = values.get(path)
    return int(value) if isinstance(value, str) else None


def _check_evidence(values: dict[str, ParamValue | None]) -> Iterator[Finding]:
    block, evidence = _number(values, "block.max_bytes"), _number(values, "evidence.max_bytes")
    if block is None or evidence is None:
        return
    block = MAX_BLOCK_BYTES if block == -1 else block
    if evidence > block:
        message = f"evidence.max_bytes is {evidence}, more than block.max_bytes, {block}."
        path = "consensus_params.evidence.max_bytes"
        yield error("genesis-evidence-too-large", path, message, f'Write at most "{block}".')


def _check_room(values: dict[str, ParamValue | None], validators: int, vote: int) -> Iterator[Finding]:
    for path in ("block.max_bytes", "block_size_params.max_bytes"):
        block = _number(values, path)
        least = _OVERHEAD + vote * validators
        if block is not None and 0 < block < least:
            message = f"{path} is {block}; header and votes of {validators} validators alone need {least}."
            fix = f'Write at least "{least}"; 1 MiB, "1048576", is a sensible least.'
            yield error("genesis-block-too-small", f"consensus_params.{path}", message, fix)
        elif block is not None and least <= block < least + 10_000:
            message = f"{path} is {block}, which leaves {block - least} bytes for transactions."
            yield warning("genesis-block-small", f"consensus_params.{path}", message, 'Write "1048576" or more.')


def _check_synchrony(values: dict[str, ParamValue | None]) -> Iterator[Finding]:
    """Looked at by the node only where proposer-based time is on (types/params.go v1.0.1)."""
    if not (_number(values, "feature.pbts_enable_height") or 0) > 0:
        return
    for path, limit in (("synchrony.precision", 30 * _SECOND), ("synchrony.message_delay", _DAY)):
        value = _number(values, path) or 0
        if not 0 < value <= limit:
            message = f"{path} is {value} ns; with proposer-based time from 1 to {limit} was expected."
            yield error("genesis-param-range", f"consensus_params.{path}", message, "Write a number in that range.")
