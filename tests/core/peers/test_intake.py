"""Whatever people paste is sorted into documents, signatures and bare values; a private key stops everything."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.adapters.files import LocalFiles
from core.documents.armour import armour
from core.documents.document import Document
from core.documents.ed25519 import address, from_base64
from core.documents.sshsig import to_ssh_signature
from core.finding import Refusal
from core.peers.intake import Intake, intake, intake_folder
from tests.builders import NETWORK, a_card, a_key, a_record, an_acceptance, an_attestation, sign

NOTICE = "Deprecated: snake_case commands will be replaced by hyphen-case commands in the next major release\n"
ID, KEY = a_key("dave").node_id, a_key("dave validator").base64
KEY_IS = "the address of the validator key"
SHOWN = f'{{"type":"tendermint/PubKeyEd25519","value":"{KEY}"}}'
PRIVATE = base64.b64encode(bytes(a_key("leak").signing) + a_key("leak").public).decode()


def taken(text: str | bytes, network: str | None = NETWORK) -> Intake:
    return intake(text, network=network)


def codes(found: Intake) -> list[str]:
    return [finding.code for finding in found.findings]


def quoted(text: str, mark: str = "> ") -> str:
    return "".join(f"{mark}{line}\r\n" for line in text.splitlines())


# Documents


def test_a_whole_mail_with_everything_in_it_is_sorted() -> None:
    record = a_record(4)
    documents = (a_card("alice"), a_card("bob"), record, an_acceptance(record, "bob"), an_attestation(record))
    mail = "Hi all,\n\nmine below, Bob's quoted.\n" + quoted(armour(documents[1])) + armour(documents[0])
    mail += quoted("".join(map(armour, documents[2:])), "\u2502 >> ") + "\n-- \nAlice, alice@example.org\n"
    found = taken(mail)
    assert {one.document for one in found.documents} == set(documents)
    assert codes(found) == [] and found.unsigned == ()


def test_a_document_of_another_network_is_foreign_and_kept_apart() -> None:
    (read,) = taken(armour(a_card()), "another-net").documents
    assert read.status == "foreign" and read.document == a_card()
    assert [finding.code for finding in read.findings] == ["intake-foreign-network"]
    assert [one.status for one in intake(armour(a_card()), network=None).documents] == [None]


def test_damaged_and_forged_documents_are_given_beside_the_good_ones() -> None:
    cut = armour(a_card("bob"))[:200]
    forged = armour(a_card("carol", signer="mallory"))
    found = taken(armour(a_card("alice")) + cut + "\n" + forged)
    assert [one.status for one in found.documents] == [None, "damaged", "forged"]


# Signatures of ssh-keygen


def test_a_sig_block_joins_the_document_in_the_same_text() -> None:
    record = a_record(4, owners=("alice", "bob"), signers=("alice",))
    more = a_key("bob").sign("record", record.payload)
    found = taken(armour(record) + "\n" + quoted(to_ssh_signature(more, "record")))
    assert [one.document for one in found.documents] == [record.with_signatures((more,))]
    assert found.signatures == () and codes(found) == []


def test_a_sig_block_joins_all_copies_of_a_document() -> None:
    """None of the signatures that the copies carry gets lost by it."""
    owners = ("alice", "bob", "carol")
    alice, bob = (a_record(3, owners=owners, threshold=3, signers=(name,)) for name in ("alice", "bob"))
    more = a_key("carol").sign("record", alice.payload)
    found = taken(armour(alice) + "\n" + armour(bob) + "\n" + to_ssh_signature(more, "record"))
    signatures = {one for each in found.documents if each.document is not None for one in each.document.signatures}
    assert signatures == alice.signatures | bob.signatures | {more}


def test_a_sig_block_joins_a_document_at_hand() -> None:
    draft = Document("record", a_record(4).payload, frozenset())
    signature = a_key("alice").sign("record", draft.payload)
    found = intake(to_ssh_signature(signature, "record"), network=NETWORK, known=(draft,))
    assert [one.document for one in found.documents] == [draft.with_signatures((signature,))]


def test_a_sig_block_of_something_else_stays_loose_and_is_told() -> None:
    signature = a_key("owner").sign("record", b"another payload")
    found = intake(to_ssh_signature(signature, "record"), network=NETWORK, known=(a_record(4),))
    assert [one.value for one in found.signatures] == [signature.value] and codes(found) == ["intake-signature-loose"]
    assert found.documents == ()


def test_a_sig_block_for_another_kind_is_not_taken() -> None:
    record = a_record(4)
    signature = a_key("owner").sign("acceptance", record.payload)
    found = intake(to_ssh_signature(signature, "acceptance"), network=NETWORK, known=(record,))
    assert codes(found) == ["intake-signature-loose"]


def test_a_damaged_sig_block_is_told() -> None:
    text = to_ssh_signature(a_key().sign("record", b"x"), "record").replace("U1NIU0lH", "U1NIU0l")
    assert codes(taken(text)) == ["sshsig-unreadable"]


# Bare values


@pytest.mark.parametrize(
    "text",
    [
        f"{ID}@dave.example.net:26656\n{SHOWN}\n",
        f"{SHOWN}\n{ID}@dave.example.net:26656\n",
        f"{ID}@dave.example.net:26656 {KEY}",
        f"Hi, mine are:\n\n{ID}@dave.example.net:26656\n\nand the key\n\n{KEY}\n\nBye, Dave",
        quoted(f"{ID}@Dave.Example.net:26656\n{SHOWN}"),
        f"{ID}@dave.example.net:26656,\\\n{KEY}",
        f"{ID}@dave.example.net\uff1a26656\n{KEY}",
        f"{ID}@dave.example.net\n{KEY}",
        f"$ tendermint show_node_id\n{NOTICE}{ID}\n$ tendermint show_validator\n{NOTICE}{SHOWN}\ndave.example.net",
        f"hostname: dave.example.net\npub_key.value: {KEY}\nnode_id: {ID}",
        f'{{"node_id": "{ID}", "hostname": "dave.example.net", "pub_key": {json.dumps(json.loads(SHOWN), indent=2)}}}',
        f"{ID}@dave.example.net:26656\n{KEY}\n{ID}\n{KEY}\n",
    ],
)
def test_the_three_values_in_their_usual_forms_make_one_entry(text: str) -> None:
    (entry,) = taken(text).unsigned
    assert (entry.node_id, entry.validator_key, entry.p2p) == (ID, KEY, ("dave.example.net:26656",))
    assert entry.moniker == ""


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        (f"{ID.upper()}@dave.example.net:26656\n{KEY}", "address-node-id", "upper case"),
        (
            f"{address(from_base64(KEY) or b'').lower()}@dave.example.net:26656\n{KEY}",
            "identifier-in-wrong-place",
            KEY_IS,
        ),
        (f"dave.example.net {address(from_base64(KEY) or b'').lower()}\n{KEY}", "identifier-in-wrong-place", KEY_IS),
        (f"dave.example.net {address(from_base64(KEY) or b'')}\n{KEY}", "intake-no-node-id", "upper case"),
    ],
)
def test_a_validators_address_is_not_taken_for_a_node_id(text: str, code: str, word: str) -> None:
    found = taken(text)
    assert found.unsigned == ()
    (told,) = (one for one in found.findings if one.code == code)
    assert word in told.message
    assert "show-node-id" in told.fix


def test_several_members_in_a_table_or_in_paragraphs_make_an_entry_each() -> None:
    other = f"{a_key('erin').node_id}@erin.example.net:26656", a_key("erin validator").base64
    mine = f"{ID}@dave.example.net:26656", KEY
    for text in (f"{' '.join(mine)}\n{' '.join(other)}", "\n\n".join(("\n".join(mine), "\n".join(other)))):
        found = taken(text)
        assert [entry.node_id for entry in found.unsigned] == [ID, a_key("erin").node_id] and codes(found) == []


def test_values_that_could_belong_to_either_are_not_guessed() -> None:
    text = f"{ID}@dave.example.net:26656\n{a_key('erin').node_id}@erin.example.net:26656\n{KEY}\n"
    found = taken(text)
    assert found.unsigned == () and codes(found) == ["intake-several-members"]


@pytest.mark.parametrize(
    ("text", "codes_", "entries"),
    [
        (f"{ID}\n{KEY}", ["intake-no-host"], 1),
        (f"{ID}\n{KEY}\na.example.net b.example.net", ["intake-no-host"], 1),
        (f"{ID}\n{KEY}\nsee config.toml and genesis.json of 0.34.24", ["intake-no-host"], 1),
        (f"{ID}@dave.example.net:26656", ["intake-no-key"], 0),
        (SHOWN, ["intake-no-node-id"], 0),
        (f"{ID[:-1]}@dave.example.net:26656 {KEY}", ["address-node-id", "intake-no-node-id"], 0),
        (f"{ID}@dave.example.net:26656 {KEY[:-2]}g=", ["intake-key-point", "intake-no-key"], 0),
        ('{"type":"tendermint/PubKeySecp256k1","value":"A"}' + ID, ["intake-key-type", "intake-no-key"], 0),
        ("good morning", ["intake-nothing"], 0),
        ("", ["intake-nothing"], 0),
    ],
)
def test_what_is_missing_or_wrong_is_told(text: str, codes_: list[str], entries: int) -> None:
    found = taken(text)
    assert codes(found) == codes_ and len(found.unsigned) == entries


def test_ids_and_keys_beside_documents_are_talk() -> None:
    found = taken(f"Alice is {a_key('alice').node_id}\n{armour(a_card())}")
    assert found.unsigned == () and codes(found) == []


# Private keys


@pytest.mark.parametrize(
    "text",
    [
        f'{{"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{PRIVATE}"}}}}',
        f'{{\\"priv_key\\": "{PRIVATE}"}}',
        "'priv_key': something",
        "PRIV_KEY = x",
        f"my key is {PRIVATE}",
        f"value={PRIVATE}",
        "\n> ".join((PRIVATE[:40], PRIVATE[40:])),
        "\r\n".join((PRIVATE[:76], PRIVATE[76:])),
        (bytes(a_key("leak").signing) + a_key("leak").public).hex(),
        "-----BEGIN OPENSSH PRIVATE KEY-----\nabc",
        "-----BEGIN PRIVATE KEY-----",
        "> -----BEGIN EC  PRIVATE KEY-----",
        '"type": "tendermint/PrivKeyEd25519"',
    ],
)
@pytest.mark.parametrize("wrap", ["{}", "hello {} bye", armour(a_card()) + "{}", "{}" + armour(a_card())])
def test_a_text_with_a_private_key_is_refused_whole_and_not_shown(text: str, wrap: str) -> None:
    found = taken(wrap.replace("{}", f"\n{text}\n"))
    assert codes(found) == ["intake-private-key"]
    assert found.documents == () and found.unsigned == () and found.signatures == ()
    assert PRIVATE[:20] not in repr(found) and text[:30] not in repr(found)


def test_a_private_key_inside_a_cut_off_document_is_seen() -> None:
    assert codes(taken(armour(a_card())[:100] + f"\n{PRIVATE}\n")) == ["intake-private-key"]


def test_a_private_key_in_utf_16_is_seen() -> None:
    assert codes(taken(f'{{"priv_key": "{PRIVATE}"}}'.encode("utf-16"))) == ["intake-private-key"]


@pytest.mark.parametrize("member", range(40))
def test_documents_and_signatures_are_never_taken_for_private_keys(member: int) -> None:
    card = a_card(f"member-{member}")
    (signature,) = card.signatures
    assert codes(taken(armour(card) + to_ssh_signature(signature, "card"))) == []


# Hostile text


@settings(max_examples=150)
@given(st.text(max_size=120) | st.binary(max_size=120))
def test_no_text_raises_and_nothing_raw_comes_out(text: str | bytes) -> None:
    for finding in taken(text).findings:
        assert finding.message.isprintable() and finding.subject.isprintable()


PIECES = st.sampled_from(
    (
        *(f"{ID}@", "@", "dave.example.net", ":26656", KEY, SHOWN, "\n", "\n\n", " ", "> ", ID, "\x1b[2J", "\u202e"),
        *(armour(a_card()), armour(a_card())[:150], to_ssh_signature(a_key().sign("card", b"x"), "card"), "[::1]"),
        *("END QUORATE CARD.", "\0"),
    )
)


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_mixture_of_pieces_is_answered(text: str) -> None:
    found = taken(text)
    assert all(entry.node_id == ID and entry.validator_key == KEY for entry in found.unsigned)
    assert all(one.document in (None, a_card()) for one in found.documents)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a" * 1_000_000,
            "a." * 500_000,
            f"{ID}@" * 20_000,
            "A" * 1_000_000 + "==",
            "\n> " * 300_000,
            KEY[:-1] * 20_000,
        ),
        *("-----BEGIN SSH SIGNATURE-----\n" * 30_000, "a\n" * 500_000, "f" * 1_000_000, "1." * 500_000, "==" * 500_000),
        *("\x1b[2J" * 200_000, " " * 1_000_000, f"{KEY}\n" * 20_000, f"{ID}\n\n" * 20_000, "\r\n" * 500_000),
        *("-----BEGIN SSH SIGNATURE----------END SSH SIGNATURE-----\n" * 15_000, f"{ID}@x:1 {KEY}\n" * 10_000),
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_a_hostile_megabyte_is_answered_in_seconds(text: str) -> None:
    start = time.perf_counter()
    taken(text)
    assert time.perf_counter() - start < 10


def test_a_text_beyond_the_cap_is_refused() -> None:
    assert codes(taken("x" * ((16 << 20) + 1))) == ["intake-too-large"]


def test_broken_encodings_are_told_and_read_as_far_as_they_go() -> None:
    found = taken(b"\xff\xfa gr\xfc\xdfe\n" + armour(a_card()).encode())
    assert codes(found) == ["intake-not-text"] and [one.document for one in found.documents] == [a_card()]
    for encoding in ("utf-16", "utf-8-sig"):
        assert [one.document for one in taken(armour(a_card()).encode(encoding)).documents] == [a_card()]


# Folders


def folder_with(folder: Path, **files: bytes) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def taken_folder(folder: Path) -> Intake:
    return intake_folder(LocalFiles(), folder, network=NETWORK)


def test_a_folder_of_documents_is_read_and_findings_name_the_file(tmp_path: Path) -> None:
    record = a_record(4, owners=("alice", "bob"), signers=("alice",))
    more = a_key("bob").sign("record", record.payload)
    folder_with(
        tmp_path,
        a=armour(a_card()).encode(),
        b=armour(record).encode(),
        b_sig=to_ssh_signature(more, "record").encode(),
        c=armour(a_card("carol"))[:100].encode(),
        d=f"{ID}@dave.example.net:26656\n{KEY}".encode(),
    )
    found = taken_folder(tmp_path)
    assert {one.document for one in found.documents} == {a_card(), record.with_signatures((more,)), None}
    assert [entry.node_id for entry in found.unsigned] == [ID]
    (cut,) = (one for one in found.documents if one.document is None)
    assert cut.findings[0].subject == "c: card"


def test_links_pipes_and_folders_are_passed_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "target").write_text(armour(a_card()))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "target")
    (inside / "folder").mkdir()
    os.mkfifo(inside / "pipe")
    (inside / ".hidden").write_text(armour(a_card()))
    found = taken_folder(inside)
    assert found.documents == () and codes(found) == ["intake-file-skipped"] * 3


def test_hostile_names_are_shown_safely(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2J\u202e\n").write_text("nothing in it")
    (tmp_path / os.fsdecode(b"\xff")).write_bytes(armour(a_card()).encode()[:90])
    found = taken_folder(tmp_path)
    every = (*found.findings, *(one for read in found.documents for one in read.findings))
    assert every and all(one.subject.isprintable() and one.message.isprintable() for one in every)


def test_a_private_key_in_one_file_does_not_hide_the_others(tmp_path: Path) -> None:
    found = taken_folder(folder_with(tmp_path, a=PRIVATE.encode(), b=armour(a_card()).encode()))
    assert codes(found) == ["intake-private-key"] and [one.document for one in found.documents] == [a_card()]
    assert found.findings[0].subject.startswith("a:")


def test_sizes_and_counts_are_capped(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as sparse:
        sparse.truncate(1 << 40)
    assert codes(taken_folder(tmp_path)) == ["intake-too-large"]
    for number in range(1001):
        (tmp_path / f"{number}").touch()
    with pytest.raises(Refusal) as refused:
        taken_folder(tmp_path)
    assert refused.value.findings[0].code == "folder-too-large"


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert codes(taken_folder(tmp_path)) == ["intake-folder-empty"]


def test_a_card_signed_for_another_kind_does_not_come_in(tmp_path: Path) -> None:
    wrong = a_key().sign("record", a_card().payload)
    (read,) = taken(armour(Document("card", a_card().payload, frozenset({wrong})))).documents
    assert read.status == "forged" and sign("card", a_card().payload, a_key()) == a_card()
