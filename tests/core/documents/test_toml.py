"""TOML: read by two parsers, edited so that nothing else moves."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.toml import LIMIT, Value, edit_toml, quote, read_toml, render, same
from core.finding import Refusal

VECTORS = Path(__file__).parents[2] / "vectors" / "config"
REAL = sorted(VECTORS.glob("*.toml"))


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in read_toml(data).findings]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbfa = 1\n", "toml-bom"),
        (b"a = 1\n# \xff\n", "toml-not-utf8"),
        (b"a = 1\na = 2\n", "toml-duplicate-key"),
        (b"[t]\na = 1\n[s]\n[t]\nb = 2\n", "toml-duplicate-table"),
        (b"a = {b = 1}\na.c = 2\n", "toml-duplicate-table"),
        (b'a = "open\n', "toml-syntax"),
        (b"a = \n", "toml-syntax"),
        (b"a = 'x' 'y'\n", "toml-syntax"),
        (b"a\0 = 1\n", "toml-syntax"),
        (b"a = 1979-02-30\n", "toml-date"),
        (b"a = 9223372036854775808\n", "toml-integer-too-large"),
        (b"a = [1, {b = -9223372036854775809}]\n", "toml-integer-too-large"),
        (b"a = " + b"[" * 50_000, "toml-too-deep"),
        (b"#" * (LIMIT + 1), "toml-too-large"),
    ],
)
def test_what_is_no_toml_is_a_finding_and_no_traceback(data: bytes, code: str) -> None:
    read = read_toml(data)
    assert read.values is None
    assert code in [finding.code for finding in read.findings]


def test_a_finding_names_the_line_and_shows_it() -> None:
    (finding,) = read_toml(b'[p2p]\npex = true\nmoniker = "\x1b[31m" # x\n').findings
    assert finding.subject == "config.toml:3"
    assert "\x1b" not in finding.message
    (twice,) = read_toml(b"[p2p]\npex = true\n\npex = false\n").findings
    assert twice.subject == "config.toml:4" and "pex = false" in twice.message


def test_the_two_parsers_must_agree() -> None:
    assert read_toml(b'a = 1\n[t]\n"b c".d = [1, 2.5, true]\n').values == {"a": 1, "t": {"b c": {"d": [1, 2.5, True]}}}
    assert same({"a": float("nan")}, {"a": float("nan")})
    assert not same({"a": 1}, {"a": True}) and not same({"a": 1}, {"a": 1.0})


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    read = read_toml(data)
    assert (read.values is None) == bool(read.findings)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_every_setting_of_a_real_file_is_edited_in_its_own_line_only(path: Path, newline: str, final: bool) -> None:
    text = path.read_text("utf-8").replace("\n", newline)
    before = (text if final else text.rstrip("\r\n")).encode()
    changes: dict[tuple[str, str], Value] = {
        ("p2p", "persistent_peers"): "x@y:1",
        ("", "moniker"): 'a"b',
        ("p2p", "pex"): False,
    }
    for place, value in changes.items():
        after = edit_toml(before, {place: value})
        old, new = before.split(b"\n"), after.split(b"\n")
        assert len(old) == len(new)
        assert [one[: one.index(b" =")].decode() for one, two in zip(new, old, strict=True) if one != two] == [place[1]]


def test_a_comment_behind_the_value_stays() -> None:
    assert edit_toml(b"a =   1   # why\n", {("", "a"): 2}) == b"a =   2   # why\n"
    assert edit_toml(b"a = [ 1, # one\n 2 ] # two\nb = 1", {("", "a"): ("x",)}) == b'a = ["x"] # two\nb = 1'


@pytest.mark.parametrize(
    ("before", "table", "key", "after"),
    [
        (b"", "", "k", b"k = 1\n"),
        (b"", "t", "k", b"[t]\nk = 1\n"),
        (b"# only\n", "", "k", b"k = 1\n# only\n"),
        (b"a = 1", "", "k", b"a = 1\nk = 1"),
        (b"a = 1\r\n[t]\r\nb = 2\r\n\r\n[u]\r\n", "t", "k", b"a = 1\r\n[t]\r\nb = 2\r\nk = 1\r\n\r\n[u]\r\n"),
        (b"[t]\n# about b\nb = 2\n# after\n[u]\n", "t", "k", b"[t]\n# about b\nb = 2\nk = 1\n# after\n[u]\n"),
        (b"[t]\n[u]\n", "t", "k", b"[t]\nk = 1\n[u]\n"),
        (b"[t]", "t", "k", b"[t]\nk = 1"),
        (b"[t]\nb = 2", "", "k", b"k = 1\n[t]\nb = 2"),
        (b"t.b = 2\n[u]\n", "t", "k", b"t.b = 2\nt.k = 1\n[u]\n"),
        (b"t.s.b = 2\n[u]\n", "t", "k", b"t.s.b = 2\nt.k = 1\n[u]\n"),
        (b"[t]\ns.b = 2\n", "t.s", "k", b"[t]\ns.b = 2\ns.k = 1\n"),
        (b"[t.s]\nb = 2\n", "t", "k", b"[t.s]\nb = 2\n\n[t]\nk = 1\n"),
        (b"t = {}\n", "t", "k", b"t = {k = 1}\n"),
        (b"t = { b = 2 } # c\n", "t", "k", b"t = { b = 2, k = 1 } # c\n"),
        (b"t = { b = 2 }\n", "t", "b", b"t = { b = 1 }\n"),
        (b"[ t ]\n'k' = 7\n", "t", "k", b"[ t ]\n'k' = 1\n"),
        (b'[t]\nk = """\na\n"b""" # c\n', "t", "k", b"[t]\nk = 1 # c\n"),
        (b'[t]\nk = "a\\"]#"\nl = 2\n', "t", "k", b"[t]\nk = 1\nl = 2\n"),
        (b"[[x]]\nk = 5\n[[x]]\nk = 6\n", "t", "k", b"[[x]]\nk = 5\n[[x]]\nk = 6\n\n[t]\nk = 1\n"),
    ],
)
def test_a_value_is_set_wherever_toml_lets_it_stand(before: bytes, table: str, key: str, after: bytes) -> None:
    assert edit_toml(before, {(table, key): 1}) == after


def test_a_line_can_be_taken_out() -> None:
    before = b"a = 1\n[t]\nb = [1,\n 2] # two\nc = 3"
    assert edit_toml(before, {}, [("t", "b")]) == b"a = 1\n[t]\nc = 3"
    assert edit_toml(before, {("t", "c"): 4}, [("t", "b"), ("", "a"), ("", "missing")]) == b"[t]\nc = 4"
    assert edit_toml(b"x.y = 1\nz = 1\n", {}, [("x", "y")]) == b"z = 1\n"


@pytest.mark.parametrize(
    ("data", "place"),
    [(b"t = 5\n", ("t", "k")), (b"[[t]]\n", ("t", "k")), (b"[t.k]\na = 1\n", ("t", "k")), (b"a = \n", ("", "k"))],
)
def test_where_there_is_no_place_for_it_nothing_is_edited(data: bytes, place: tuple[str, str]) -> None:
    with pytest.raises(Refusal):
        edit_toml(data, {place: 1})
    with pytest.raises(Refusal, match="inline"):
        edit_toml(b"t = {k = 1}\n", {}, [("t", "k")])


TEXT = st.characters(exclude_categories=["Cs"])
VALUES = st.one_of(
    st.text(TEXT, max_size=30),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.lists(st.text(TEXT, max_size=8), max_size=3).map(tuple),
)
KEYS = st.text("abcXYZ0_-", min_size=1, max_size=4)
SCALARS = st.one_of(
    VALUES.map(render), st.sampled_from(["1979-05-27", "'a#b'", '"""x\n"y"""', "[ 1,\n 2 ]", "{ a = 1 }"])
)
BLANKS = st.sampled_from(["", " ", "\t", "  "])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML in the shapes that people write, some of it wrong."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(
            st.sampled_from(["pair", "pair", "pair", "dotted", "table", "table", "sub", "array", "comment", "blank"])
        )
        key, pad = draw(KEYS), draw(BLANKS)
        match kind:
            case "pair":
                lines.append(f"{pad}{key}{pad}={pad}{draw(SCALARS)}{pad}{draw(st.sampled_from(['', '# c']))}")
            case "dotted":
                lines.append(f"{key}{pad}.{pad}{draw(KEYS)} = {draw(SCALARS)}")
            case "table":
                lines.append(f"[{pad}{key}{pad}]")
            case "sub":
                lines.append(f"[{key}.{draw(KEYS)}]")
            case "array":
                lines.append(f"[[{key}]]")
            case _:
                lines.append("# a = 1" if kind == "comment" else pad)
    return newline.join("\n".join(lines).split("\n")) + draw(st.sampled_from(["", newline]))


@settings(max_examples=250)
@given(documents(), st.sampled_from(["", "a", "b", "a.b"]) | KEYS, KEYS, VALUES)
def test_an_edit_changes_the_intended_value_and_not_one_other_line(
    text: str, table: str, key: str, value: Value
) -> None:
    before = text.encode()
    if read_toml(before).values is None:
        return
    try:
        after = edit_toml(before, {(table, key): value})
    except Refusal as refusal:
        assert refusal.findings[0].code == "toml-not-a-table"
        return
    inner = tomllib.loads(after.decode())
    for name in [name for name in table.split(".") if name]:
        inner = inner[name]
    assert same(inner[key], list(value) if isinstance(value, tuple) else value)
    assert edit_toml(after, {(table, key): value}) == after
    # All that stood before still stands, in its order: only one span was replaced or put in.
    head = len(_common(before, after))
    tail = len(_common(before[head:][::-1], after[head:][::-1]))
    gone = before[head : len(before) - tail]
    assert gone.count(b"\n") <= 2


def _common(one: bytes, other: bytes) -> bytes:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


@given(st.text(max_size=60))
def test_written_text_means_itself_and_hides_nothing(text: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        with pytest.raises(ValueError, match="surrogate"):
            quote(text)
        return
    written = quote(text)
    assert tomllib.loads(f"x = {written}") == {"x": text}
    assert written.isprintable()
