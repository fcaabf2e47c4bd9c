"""What a config.toml refers to, as this machine has it: files, addresses, names, and who is known."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .addresses import ip_of
from .known import Known
from .peers import NOBODY

There = Literal["file", "folder", "other", "missing", "unreadable"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Empty: nothing beside the file is known, and nothing about it is said."""

    home: Path | None = None
    there: Mapping[Path, There] = field(default_factory=dict)
    """What is at each path that config.toml names, and at the folder above; links are followed."""
    bind_faults: Mapping[str, str] = field(default_factory=dict)
    """By IP address: why this machine's programs can not listen there; empty text if they can."""
    names: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """By host name: its addresses, none if it does not resolve, None if that could not be determined."""
    known: Known = NOBODY
    own_id: str = ""
    """Node id of this node; empty if it is not known."""
    dangling: Mapping[Path, Path] = field(default_factory=dict)
    """Of each link that config.toml names to a place where nothing is: that place."""
    leads: Mapping[Path, Path] = field(default_factory=dict)
    """Of each path that config.toml names, and of each usual one: where it leads through every link."""

    def leads_to(self, path: Path) -> Path:
        return self.leads.get(path) or Path(os.path.normpath(path))

    def resolved(self, host: str) -> tuple[str, ...]:
        """The addresses of a host, as far as they are known."""
        return (host,) if ip_of(host) is not None else self.names.get(host.lower()) or ()

    def is_local(self, host: str) -> bool:
        """Whether it is known that the host is this machine."""
        return any(self.bind_faults.get(ip) == "" for ip in self.resolved(host))
