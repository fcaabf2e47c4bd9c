"""Stock ssh-keygen checks quorate's signatures, and quorate reads those of ssh-keygen."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.document import Signature
from core.documents.sshsig import (
    BEGIN,
    END,
    allowed_signers,
    namespace,
    parse_public_key,
    parse_ssh_signature,
    public_key_line,
    signed_bytes,
    to_ssh_signature,
    verify,
)
from core.finding import Refusal
from tests.builders import a_card, a_key

KINDS: tuple[str, ...] = ("card", "record", "acceptance", "attestation")


def ssh_keygen(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed (Debian: openssh-client)")
    return subprocess.run([program, *map(str, arguments)], input=stdin, capture_output=True, timeout=20)


def verdict(folder: Path, payload: bytes, name: str) -> int:
    arguments = ("-Y", "verify", "-f", folder / "allowed", "-I", "alice", "-n", name, "-s", folder / "card.sig")
    return ssh_keygen(*arguments, stdin=payload).returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    document = a_card("alice")
    (signature,) = document.signatures
    (tmp_path / "card.sig").write_text(to_ssh_signature(signature, "card"))
    (tmp_path / "allowed").write_text(allowed_signers("alice", signature.key, "card"))
    return tmp_path


def test_stock_ssh_keygen_accepts_a_card(folder: Path) -> None:
    assert verdict(folder, a_card("alice").payload, "card.v1@quorate") == 0


def test_stock_ssh_keygen_refuses_a_tampered_card(folder: Path) -> None:
    assert verdict(folder, a_card("alice").payload.replace(b"alice", b"mally"), "card.v1@quorate") != 0


def test_stock_ssh_keygen_refuses_another_namespace(folder: Path) -> None:
    (folder / "allowed").write_text("alice " + public_key_line(a_key("alice").public) + "\n")
    assert verdict(folder, a_card("alice").payload, "card.v1@quorate") == 0
    assert verdict(folder, a_card("alice").payload, "record.v1@quorate") != 0


def test_what_ssh_keygen_signs_is_read_and_verified(tmp_path: Path) -> None:
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", "an owner", "-f", tmp_path / "key").returncode == 0
    (tmp_path / "payload").write_bytes(b'{"kind":"record"}')
    done = ssh_keygen("-Y", "sign", "-f", tmp_path / "key", "-n", namespace("record"), tmp_path / "payload")
    assert done.returncode == 0, done.stderr
    found = parse_ssh_signature((tmp_path / "payload.sig").read_text())
    assert found.namespace == "record.v1@quorate"
    assert found.key == parse_public_key((tmp_path / "key.pub").read_text())
    assert verify("record", b'{"kind":"record"}', found.signature)
    assert not verify("acceptance", b'{"kind":"record"}', found.signature)
    assert not verify("record", b'{"kind":"Record"}', found.signature)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_keys_of_another_type_are_refused_by_name(tmp_path: Path, kind: str) -> None:
    bits = ("-b", "2048") if kind == "rsa" else ()
    assert ssh_keygen("-q", "-t", kind, *bits, "-N", "", "-f", tmp_path / "key").returncode == 0
    (tmp_path / "payload").write_bytes(b"{}")
    assert ssh_keygen("-Y", "sign", "-f", tmp_path / "key", "-n", "file", tmp_path / "payload").returncode == 0
    for read, name in ((parse_ssh_signature, "payload.sig"), (parse_public_key, "key.pub")):
        with pytest.raises(Refusal) as refused:
            read((tmp_path / name).read_text())
        assert refused.value.findings[0].code == "sshsig-key-type"
        assert kind in refused.value.findings[0].message


def test_a_signature_over_another_hash_is_refused(tmp_path: Path) -> None:
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key").returncode == 0
    (tmp_path / "payload").write_bytes(b"{}")
    done = ssh_keygen("-Y", "sign", "-O", "hashalg=sha256", "-f", tmp_path / "key", "-n", "file", tmp_path / "payload")
    if done.returncode:
        pytest.skip("this ssh-keygen can not sign over sha256")
    with pytest.raises(Refusal) as refused:
        parse_ssh_signature((tmp_path / "payload.sig").read_text())
    assert refused.value.findings[0].code == "sshsig-hash"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.sampled_from(KINDS))
def test_a_written_signature_reads_back(key: bytes, value: bytes, kind: str) -> None:
    found = parse_ssh_signature(to_ssh_signature(Signature(key, value), kind))
    assert (found.key, found.namespace, found.value) == (key, namespace(kind), value)
    assert parse_public_key(public_key_line(key) + " somebody@somewhere") == key


@settings(max_examples=200)
@given(
    st.binary(max_size=300) | st.binary(max_size=120).map(lambda tail: b"SSHSIG\0\0\0\1" + tail), st.text(max_size=40)
)
def test_nothing_but_a_refusal_comes_from_other_text(blob: bytes, text: str) -> None:
    for attempt in (f"{BEGIN}\n{base64.b64encode(blob).decode()}\n{END}", f"{BEGIN}{text}{END}", text):
        for read in (parse_ssh_signature, parse_public_key):
            with pytest.raises(Refusal):
                read(attempt)


def test_a_principal_can_not_carry_options() -> None:
    with pytest.raises(ValueError):
        allowed_signers('x namespaces="*"', a_key().public, "card")


# What is signed can never be something that a node signs (exchange of votes, proposals, connections).


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes((number & 0x7F | 0x80,)), number >> 7
    return out + bytes((number,))


def read_varint(data: bytes) -> tuple[int, int]:
    number = shift = size = 0
    for byte in data:
        number, shift, size = number | (byte & 0x7F) << shift, shift + 7, size + 1
        if byte < 0x80:
            break
    return number, size


@pytest.mark.parametrize("kind", KINDS)
def test_signed_bytes_are_no_length_delimited_vote_or_proposal(kind: str) -> None:
    signed = signed_bytes(b"{}", namespace(kind))
    length, size = read_varint(signed)
    assert signed.startswith(b"SSHSIG")
    assert length != len(signed) - size


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=200), st.binary(max_size=50))
def test_no_namespace_makes_them_one(name: str, payload: bytes) -> None:
    signed = signed_bytes(payload, name)
    length, size = read_varint(signed)
    assert length == 0x53 and len(signed) - size > length


def test_the_first_field_could_not_begin_a_canonical_message() -> None:
    # CanonicalVote and CanonicalProposal begin with field 1, varint (type); 0x53 is field 10, group start.
    begins = b"\x08"
    canonical_vote = begins + varint(2) + b"\x11" + (1).to_bytes(8, "little") + b"\x32" + varint(8) + b"chain-id"
    delimited = varint(len(canonical_vote)) + canonical_vote
    signed = signed_bytes(b"{}", namespace("card"))
    assert delimited[1:2] == begins and signed[1] & 7 == 3 and signed[1] >> 3 == 10


@pytest.mark.parametrize("kind", KINDS)
def test_signed_bytes_are_no_hash_challenge_or_json(kind: str) -> None:
    signed = signed_bytes(b"{}", namespace(kind))
    assert len(signed) not in (20, 32, 64)
    assert signed[:1] != b"{"
    assert hashlib.sha512(b"{}").digest() in signed
