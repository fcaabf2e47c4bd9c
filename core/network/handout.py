"""What a member without quorate is given: one text with genesis.json, its hash, the peers and the start command.

They copy it: every line to be typed stands alone, and the shell makes genesis.json byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..agreement.record import NetworkRecord
from ..agreement.roster import RosterMember
from ..profiles import profile
from ..safe import safe

_END = "END_OF_GENESIS"


def peers_of(record: NetworkRecord, member: RosterMember | None = None) -> str:
    """The peer string of ``member``, which does not dial itself; None: of all."""
    own = None if member is None else member.node_id
    return ",".join(entry for one in record.members if one.node_id != own for entry in one.dial)


def handout(record: NetworkRecord, member: RosterMember | None = None) -> str:
    """The text for ``member``; for any member where it is None. Raises Refusal (as ``NetworkRecord.genesis_bytes``)."""
    return "".join(f"{line}\n" for line in _lines(record, member))


def _lines(record: NetworkRecord, member: RosterMember | None) -> Iterator[str]:
    commands = profile(record.profile).commands
    name = f", for {safe(member.moniker, 64)}" if member else ""
    yield f"The network {record.network}, version {record.version}{name}."
    yield "For a node that has never run; where yours has run before, ask first: it keeps its old genesis."
    yield from ("", "1. In the folder config/ of your node's home, run these lines. They make genesis.json:", "")
    yield from _makes(record.genesis_bytes().decode("ascii"))
    yield from ("", "2. Its SHA-256, as `sha256sum genesis.json` prints it, must be this, to the last digit:", "")
    yield record.genesis_sha256
    yield from ("", "Read all of it to the person who sent you this, over another channel than this text came by.")
    yield from ("", "3. In config.toml, in the section [p2p]:", "")
    if member is not None and member.p2p:
        yield f'external_address = "{member.p2p[0].rpartition("@")[2]}"'
    yield f'persistent_peers = "{peers_of(record, member)}"'
    yield from ("", f"4. Start it before {record.section.time:%a %d %b %Y %H:%M:%S} UTC; it waits for that time:", "")
    yield commands.start_line("HOME", record.genesis_sha256)
    yield from ("", "HOME is your node's home. With that hash it refuses to start on any other genesis.json.")


def _makes(genesis: str) -> Iterator[str]:
    """Shell lines that write genesis.json byte for byte; a substitution takes the last line end away."""
    ended = genesis.endswith("\n")
    yield f"cat > genesis.json <<'{_END}'" if ended else f"printf %s \"$(cat <<'{_END}'"
    yield from genesis.removesuffix("\n").split("\n")
    yield _END
    if not ended:
        yield ')" > genesis.json'
