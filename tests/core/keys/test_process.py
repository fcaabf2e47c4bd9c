"""The key process: what it gives away, what it signs, what it makes (P1)."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.documents.document import Signature
from core.documents.sshsig import namespace, signed_bytes, verify
from core.keys import process
from core.keys.ask import PROCESS
from tests.core.keys.key_homes import PRIVATE, b64, make_home, node_file, public_of, put, seed_of, validator_file

CARD = b'{"kind":"card","network":"example","v":1}'


def ask(request: object) -> dict[str, object]:
    """One request to the real process."""
    text = request if isinstance(request, bytes) else json.dumps(request).encode()
    done = subprocess.run([sys.executable, "-I", str(PROCESS)], input=text, capture_output=True, env={}, timeout=30)
    assert done.returncode == 0
    assert done.stderr == b""
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def signing(home: Path, payload: bytes = CARD, kind: str = "card", node: str = "node_key.json") -> dict[str, object]:
    return {
        "verb": "sign",
        "node": str(home / "config" / node),
        "validators": [str(home / "config" / "priv_validator_key.json"), str(home / "config" / "priv_validator.json")],
        "namespace": f"{kind}.v1@quorate",
        "payload": b64(payload),
    }


def in_here(request: object) -> dict[str, object]:
    """The same request in this process, for the many cases."""
    return process.answer(json.dumps(request).encode())


def test_it_imports_only_the_standard_library_and_nacl() -> None:
    tree = ast.parse(PROCESS.read_text("utf-8"))
    names = [
        alias.name if isinstance(node, ast.Import) else (node.module or "." * node.level)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"nacl"}


def test_it_signs_the_sshsig_bytes_with_the_node_key(tmp_path: Path) -> None:
    for kind in ("card", "record", "acceptance", "attestation"):
        payload = CARD.replace(b"card", kind.encode())
        answer = ask(signing(make_home(tmp_path), payload, kind))
        signature = Signature(bytes.fromhex(str(answer["public"])), bytes.fromhex(str(answer["signature"])))
        assert signature.key == public_of(seed_of("node"))
        assert verify(kind, payload, signature)


def test_what_it_signs_is_what_the_verifier_checks() -> None:
    assert process._sshsig_bytes("card.v1@quorate", CARD) == signed_bytes(CARD, namespace("card"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"namespace": "card.v2@quorate"}, "namespace-unknown"),
        ({"namespace": "file"}, "namespace-unknown"),
        ({"namespace": ""}, "namespace-unknown"),
        ({"namespace": None}, "namespace-unknown"),
        ({"namespace": "record.v1@quorate"}, "payload-of-another-kind"),
        ({"payload": b64(bytes(32))}, "payload-damaged"),
        ({"payload": b64(b"[]")}, "payload-of-another-kind"),
        ({"payload": b64(b"{}")}, "payload-of-another-kind"),
        ({"payload": b64(b'{"kind":"record","kind":"card"}')}, "payload-damaged"),
        ({"payload": b64(b'{"kind":NaN}')}, "payload-damaged"),
        ({"payload": b64(b" " * (1 << 20) + CARD)}, "payload-too-large"),
        ({"payload": "?"}, "request-damaged"),
        ({"node": "config/node_key.json"}, "request-damaged"),
        ({"node": "/nowhere/node_key.json"}, "missing"),
        ({"node": "/dev/zero"}, "not-regular"),
    ],
)
def test_it_refuses_to_sign(tmp_path: Path, change: dict[str, object], code: str) -> None:
    assert in_here(signing(make_home(tmp_path)) | change) == {"error": code}


def test_it_never_signs_with_the_validator_key(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    refused = {"error": "node-key-is-validator"}
    assert in_here(signing(home, node="priv_validator_key.json")) == refused
    copied = put(home / "config" / "copy.json", node_file(seed_of("validator")))
    assert in_here(signing(home, node=copied.name)) == refused
    os.link(home / "config" / "priv_validator_key.json", home / "config" / "hard.json")
    assert in_here(signing(home, node="hard.json")) == refused
    os.symlink("priv_validator_key.json", home / "config" / "soft.json")
    assert in_here(signing(home, node="soft.json")) == {"error": "linked"}
    shaped = put(home / "config" / "shaped.json", validator_file(seed_of("another")))
    assert in_here(signing(home, node=shaped.name)) == refused
    old = make_home(tmp_path / "old", validator=b"")
    put(old / "config" / "priv_validator.json", validator_file(seed_of("node")))
    assert in_here(signing(old)) == refused


def test_it_does_not_sign_where_the_validator_key_can_not_be_told_apart(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=b"{")
    assert in_here(signing(home)) == {"error": "validator-unreadable"}


def test_it_does_not_sign_with_halves_that_disagree(tmp_path: Path) -> None:
    wrong = {"priv_key": {"type": PRIVATE, "value": b64(seed_of("node") + public_of(seed_of("other")))}}
    assert in_here(signing(make_home(tmp_path, node=wrong))) == {"error": "halves-disagree"}


def test_it_signs_without_a_validator_key_for_an_owner_whose_signer_is_remote(tmp_path: Path) -> None:
    assert "signature" in in_here(signing(make_home(tmp_path, validator=b"")))


@pytest.mark.parametrize("kind", ["validator", "node"])
def test_a_new_key_is_whole_private_and_never_replaces_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "home" / "config" / "key.json"
    answer = ask({"verb": "create", "path": str(path), "shape": kind})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]
    before = path.read_bytes()
    assert str(answer["public"]) == in_here({"verb": "inspect", kind: str(path)})[kind]["public"]  # type: ignore[index]
    assert ask({"verb": "create", "path": str(path), "shape": kind}) == {"error": "key-exists"}
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path]


def test_a_new_key_replaces_no_link_and_follows_none(tmp_path: Path) -> None:
    path = tmp_path / "node_key.json"
    path.symlink_to(tmp_path / "elsewhere")
    assert in_here({"verb": "create", "path": str(path), "shape": "node"}) == {"error": "key-exists"}
    assert not (tmp_path / "elsewhere").exists()


def test_a_new_key_is_the_same_without_unnamed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")
    path = tmp_path / "node_key.json"
    assert "public" in in_here({"verb": "create", "path": str(path), "shape": "node"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert in_here({"verb": "create", "path": str(path), "shape": "node"}) == {"error": "key-exists"}


def test_a_key_that_can_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    for unnamed in (True, False):
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            if not unnamed:
                patch.delattr(os, "O_TMPFILE")
            asked = {"verb": "create", "path": str(tmp_path / "node_key.json"), "shape": "node"}
            assert in_here(asked) == {"error": "disk-full"}
        assert list(tmp_path.iterdir()) == []


def test_two_new_keys_are_two_keys(tmp_path: Path) -> None:
    made = [in_here({"verb": "create", "path": str(tmp_path / str(i)), "shape": "node"})["public"] for i in range(3)]
    assert len(set(made)) == 3


def test_a_new_old_style_key_carries_its_state(tmp_path: Path) -> None:
    path = tmp_path / "priv_validator.json"
    in_here({"verb": "create", "path": str(path), "shape": "validator-with-state"})
    names = ["address", "pub_key", "last_height", "last_round", "last_step", "priv_key"]
    assert list(json.loads(path.read_bytes())) == names
    found = in_here({"verb": "inspect", "validator": str(path)})["validator"]
    assert found["state"] == {"height": "0", "round": "0", "step": 0, "signbytes": ""}  # type: ignore[index]


CANARY = seed_of("canary")


def _spellings(secret: bytes) -> list[str]:
    spelt = [base64.b64encode(secret), base64.urlsafe_b64encode(secret), secret.hex().encode()]
    return [text.decode().rstrip("=").lower() for text in spelt]


def _mangled() -> list[bytes]:
    """Key files with the canary in places where it does not belong, and files that are cut."""
    public, other = public_of(CANARY), public_of(seed_of("other"))
    sound = validator_file(CANARY)
    swapped: dict[str, object] = {"priv_key": {"type": PRIVATE, "value": b64(public + CANARY)}}
    doubled: dict[str, object] = {"priv_key": {"type": PRIVATE, "value": b64(CANARY + CANARY)}}
    short: dict[str, object] = {"priv_key": {"type": PRIVATE, "value": b64(CANARY)}}
    wrong: dict[str, object] = {"priv_key": {"type": PRIVATE, "value": b64(CANARY + other)}}
    files: list[dict[str, object]] = [sound, swapped, doubled, short, wrong, sound | wrong, sound | short]
    files += [sound | {"pub_key": {"type": "tendermint/PubKeyEd25519", "value": b64(CANARY)}}]
    files += [sound | {"pub_key": {"type": b64(CANARY), "value": b64(public)}}]
    files += [sound | {"address": CANARY.hex()}, sound | {"address": b64(CANARY)}, sound | {b64(CANARY): 1}]
    files += [sound | {"last_height": b64(CANARY)}, sound | {"last_height": "1", "last_signbytes": CANARY.hex()}]
    files += [{"priv_key": {"type": b64(CANARY), "value": PRIVATE}}, {"priv_key": b64(CANARY)}]
    files += [{"priv_key": {"type": "954568A3288910", "value": b64(CANARY + public)}, "address": b64(CANARY)}]
    whole = [json.dumps(file).encode() for file in files]
    return [*whole, whole[0][:-9], b"\xef\xbb\xbf" + whole[0], whole[0] + b"x", whole[0].replace(b"type", b"\xff")]


@pytest.mark.parametrize("content", _mangled())
def test_a_canary_seed_never_leaves_any_verb(tmp_path: Path, content: bytes) -> None:
    home = make_home(tmp_path, node=content)
    path = str(home / "config" / "node_key.json")
    answers = [
        in_here({"verb": "inspect", "validator": path, "node": path}),
        in_here(signing(home)),
        in_here({"verb": "create", "path": path, "shape": "node"}),
    ]
    text = json.dumps(answers).lower()
    assert not [spelt for spelt in _spellings(CANARY) if spelt in text]


def test_the_answer_of_the_real_process_is_the_same(tmp_path: Path) -> None:
    for index, content in enumerate((b"", b"{", json.dumps(node_file(CANARY)).encode())):
        path = put(tmp_path / str(index), content)
        request = {"verb": "inspect", "node": str(path)}
        assert ask(request) == in_here(request)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_file_makes_it_fall_over(tmp_path: Path, data: st.DataObject) -> None:
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
    )
    entry = st.one_of(
        json_values,
        st.fixed_dictionaries({"type": st.sampled_from([PRIVATE, "x"]), "value": st.binary(max_size=70).map(b64)}),
    )
    names = st.sampled_from(["priv_key", "pub_key", "address", "last_height", "last_signbytes", "x"])
    content = data.draw(
        st.binary(max_size=60) | st.dictionaries(names, entry).map(lambda file: json.dumps(file).encode())
    )
    path = put(tmp_path / "key.json", content)
    answer = in_here({"verb": "inspect", "node": str(path), "validator": str(path)})
    assert "error" not in answer
    assert "error" in in_here({**signing(tmp_path), "node": str(path)}) or b64(seed_of("x")) not in json.dumps(answer)


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"verb":"dump"}',
        b'{"verb":["sign"]}',
        b'{"verb":"inspect","node":5}',
        b"[" * 100_000,
    ],
)
def test_a_request_that_is_none_is_answered_with_a_code(request_: bytes) -> None:
    answer = process.answer(request_)
    assert re.fullmatch(r"[a-z-]+", str(answer["error"]))


def test_it_is_hardened_and_leaves_no_core(tmp_path: Path) -> None:
    code = (
        f"import runpy, resource, ctypes; p = runpy.run_path({str(PROCESS)!r}, run_name='x'); p['harden']();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(0, 0) 0\n"


def test_stock_ssh_keygen_accepts_its_signature(tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: it is in the package openssh-client")
    from core.documents.sshsig import allowed_signers, to_ssh_signature

    answer = ask(signing(make_home(tmp_path)))
    key, value = bytes.fromhex(str(answer["public"])), bytes.fromhex(str(answer["signature"]))
    (tmp_path / "signers").write_text(allowed_signers("node", key, "card"))
    (tmp_path / "sig").write_text(to_ssh_signature(Signature(key, value), "card"))
    argv = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "node", "-n", "card.v1@quorate", "-s", "sig"]
    done = subprocess.run(argv, input=CARD, cwd=tmp_path, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_p1_a_key_is_made_and_used_through_no_link_on_the_way(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    (tmp_path / "link").symlink_to(home)
    create = {"verb": "create", "path": str(tmp_path / "link" / "config" / "new.json"), "shape": "node"}
    assert in_here(create) == {"error": "linked"} == in_here(signing(tmp_path / "link"))
    assert not (home / "config" / "new.json").exists()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert in_here(create | {"path": str(tmp_path / "dangling" / "config" / "new.json")}) == {"error": "linked"}
    assert not (tmp_path / "nowhere").exists()
