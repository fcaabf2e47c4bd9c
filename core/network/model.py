"""The door to the record: what a network is, how it is built and read, and who says that they hold it."""

from __future__ import annotations

from .acceptance import (
    Acceptance,
    Attestation,
    acceptance_body,
    attestation_body,
    parse_acceptance,
    parse_attestation,
    read_acceptance,
    read_attestation,
)
from .build import Row, amend, build
from .record import GenesisSection, NetworkRecord, Owner, Params, parse_record
from .roster import RosterMember

__all__ = [
    "Acceptance",
    "Attestation",
    "GenesisSection",
    "NetworkRecord",
    "Owner",
    "Params",
    "RosterMember",
    "Row",
    "acceptance_body",
    "amend",
    "attestation_body",
    "build",
    "parse_acceptance",
    "parse_attestation",
    "parse_record",
    "read_acceptance",
    "read_attestation",
]
