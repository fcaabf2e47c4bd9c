"""What is said about a well-formed card."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.card.checks import check, check_content
from core.finding import Severity
from tests.builders import NETWORK, NOW, SERIAL, a_node_card, an_unsigned

PUBLISHED = "P+aweH73Hii8RyCmNWbwPsa9o4inq3I+0fSfprVkZa0="


def codes(**spoil: Any) -> list[str]:
    return [finding.code for finding in check(a_node_card(**spoil), NOW, NETWORK)]


def test_a_good_card_has_nothing_to_be_said_about() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("spoil", "code", "severity"),
    [
        ({"network": "other-net"}, "card-foreign-network", Severity.ERROR),
        ({"serial": int((NOW + timedelta(minutes=11)).timestamp())}, "card-serial-future", Severity.WARNING),
        ({"serial": int((NOW - timedelta(days=15)).timestamp())}, "card-serial-old", Severity.WARNING),
        ({"p2p": ("0.0.0.0:26656",)}, "address-unspecified", Severity.ERROR),
        ({"p2p": ("[::]:26656",)}, "address-unspecified", Severity.ERROR),
        ({"p2p": ("127.0.0.1:26656",)}, "address-loopback", Severity.WARNING),
        ({"p2p": ("10.0.0.1:26656",)}, "address-private", Severity.WARNING),
        ({"p2p": ("node0:26656",)}, "address-bare", Severity.WARNING),
        ({"p2p": ("169.254.0.1:26656",)}, "address-link-local", Severity.WARNING),
        ({"p2p": ("203.0.113.1:26656",)}, "address-unusable", Severity.WARNING),
        ({"p2p": ("node.example.com:26657",)}, "address-other-port", Severity.WARNING),
        ({"p2p": ("node.example.com:26658",)}, "address-other-port", Severity.WARNING),
        ({"p2p": ("a.example:1", f"{'ab' * 20}@a.example:1")}, "address-twice", Severity.ERROR),
        ({"p2p": ("xn--mnchen-3ya.example:1",)}, "address-idn", Severity.INFO),
        ({"p2p": ("xn--a.example:1",)}, "address-idn-odd", Severity.WARNING),
        ({"api": "192.168.0.1:9984"}, "address-private", Severity.WARNING),
        ({"validator_key": PUBLISHED}, "card-published-key", Severity.ERROR),
    ],
)
def test_each_thing_is_told(spoil: dict[str, Any], code: str, severity: Severity) -> None:
    (finding,) = check(a_node_card(**spoil), NOW, NETWORK)
    assert (finding.code, finding.severity) == (code, severity)
    assert finding.fix or severity is Severity.INFO


def test_a_serial_just_now_and_one_of_last_week_are_fine() -> None:
    assert codes(serial=int(NOW.timestamp()) + 599) == []
    assert codes(serial=SERIAL - 7 * 86400) == []


def test_the_documents_node_id_and_key_are_recognised_in_an_unsigned_entry() -> None:
    entry = an_unsigned("dave", node_id="9b989cd5ac65fec52652a457aed6f5fd200edc22", validator_key=PUBLISHED)
    assert [finding.code for finding in check_content(entry)] == ["card-published-key", "card-published-id"]
