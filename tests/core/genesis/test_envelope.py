"""JSON under the name of a genesis that is something else is named first, and nothing else is said of it."""

from __future__ import annotations

import base64
import json

import pytest

from core.genesis.checks import check
from core.profiles import profile

KNOWN = profile("tendermint-0.34")
GENESIS = {"genesis_time": "0001-01-01T00:00:00Z", "chain_id": "", "validators": [], "app_hash": "zz"}
CHUNK = {"chunk": "0", "total": "3", "data": base64.b64encode(b"{").decode()}


@pytest.mark.parametrize(
    ("tree", "way"),
    [
        ({"jsonrpc": "2.0", "id": -1, "result": {"genesis": GENESIS}}, "jq .result.genesis"),
        ({"jsonrpc": "2.0", "id": "", "result": {"genesis": GENESIS}, "error": None}, "jq .result.genesis"),
        ({"result": {"genesis": GENESIS}}, "jq .result.genesis"),
        ({"genesis": GENESIS}, "jq .genesis"),
        ({"jsonrpc": "2.0", "id": -1, "result": CHUNK}, "chunk=0 to 2"),
        (CHUNK, "jq -r .data"),
        ({"jsonrpc": "2.0", "id": -1, "error": {"code": -32603, "data": "response is large"}}, "genesis_chunked"),
        ({"jsonrpc": "2.0", "id": -1, "result": {"node_info": {}}}, "/genesis"),
    ],
)  # fmt: skip
def test_a_nodes_answer_is_named_with_the_way_to_take_the_genesis_out(tree: object, way: str) -> None:
    (found,) = check(json.dumps(tree).encode(), KNOWN)
    assert found.code == "genesis-rpc-answer"
    assert way in found.fix


SECRET = base64.b64encode(b"s" * 64).decode()


@pytest.mark.parametrize(
    ("tree", "word"),
    [
        ({"address": "AA", "pub_key": {}, "priv_key": {"type": "x", "value": SECRET}}, "private key"),
        ({"priv_key": {"type": "x", "value": SECRET}}, "private key"),
        ({"height": "0", "round": 0, "step": 0}, "sign state"),
        ({"key": "x", "addrs": []}, "address book"),
        ({"type": "tendermint/PubKeyEd25519", "value": "x"}, "show-validator"),
        ({"kind": "card", "v": 1, "network": "x"}, "quorate"),
        ({"name": "genesis.json", "content": "e30=", "encoding": "base64"}, "GitHub"),
        ({"message": "Not Found", "documentation_url": "x"}, "GitHub"),
        ({"config": {}, "alloc": {}}, "Ethereum"),
        ({"error": "not found"}, "server"),
    ],
)
def test_another_file_is_named_as_what_it_is(tree: object, word: str) -> None:
    (found,) = check(json.dumps(tree).encode(), KNOWN)
    assert found.code == "genesis-other-file"
    assert word in found.message
    assert SECRET not in found.message + found.fix


def test_a_genesis_with_a_strange_key_is_still_a_genesis() -> None:
    codes = {finding.code for finding in check(json.dumps(GENESIS | {"error": 1, "kind": 2}).encode(), KNOWN)}
    assert "genesis-zero-time" in codes
