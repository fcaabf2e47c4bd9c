"""What the network stack of this machine says; nothing is sent to anybody."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from core.adapters import LocalNet
from core.finding import Refusal

NET = LocalNet()


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.1.2.3", "0.0.0.0"])
def test_an_address_of_this_machine_can_be_listened_at_also_while_others_do(ip: str) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert NET.bind_fault(ip) == ""


@pytest.mark.parametrize("ip", ["0.0.0.1", "192.0.2.1", "240.0.0.1", "2001:db8::1", "fe80::1"])
def test_an_address_of_another_machine_or_of_none_can_not(ip: str) -> None:
    assert "this machine has no" in (NET.bind_fault(ip) or "")


@pytest.mark.parametrize("text", ["a name", "localhost", "node.example.org"])
def test_what_is_no_ip_address_is_not_judged(text: str) -> None:
    assert NET.bind_fault(text) is None


async def test_names_resolve_do_not_or_can_not_be_determined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1" in (await NET.look_up("localhost") or ())

    def told(name: str, *_: object, **__: object) -> list[object]:
        if name == "slow":
            time.sleep(0.5)
        kind = socket.EAI_NONAME if name == "missing" else socket.EAI_AGAIN
        raise socket.gaierror(kind, "as the system says")

    monkeypatch.setattr(socket, "getaddrinfo", told)
    assert await NET.look_up("missing") == ()
    assert await NET.look_up("resolver down") is None
    assert await asyncio.wait_for(NET.look_up("slow", 0.05), 0.4) is None


def test_ports_that_are_taken_are_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        found = NET.free_ports(3, first=taken)
        assert taken not in found and len(set(found)) == 3 and list(found) == sorted(found)


def test_more_ports_than_there_are_is_told() -> None:
    with pytest.raises(Refusal) as refused:
        NET.free_ports(10, first=64_998)
    assert refused.value.findings[0].code == "ports-taken"
    assert NET.free_ports(0, first=1) == ()


@pytest.mark.parametrize(("family", "ip"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_who_listens_is_seen_without_asking_them(family: socket.AddressFamily, ip: str) -> None:
    with socket.socket(family) as server:
        try:
            server.bind((ip, 0))
        except OSError:
            pytest.skip(f"this machine has no {ip}")
        port = server.getsockname()[1]
        assert (ip, port) not in (NET.listening() or ())
        server.listen()
        assert (ip, port) in (NET.listening() or ())
