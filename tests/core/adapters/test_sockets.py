"""What the network stack of this machine says; nothing is sent to anybody."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from core.adapters import LocalSockets

SOCKETS = LocalSockets()


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.1.2.3", "0.0.0.0"])
def test_an_address_of_this_machine_can_be_listened_at_also_while_others_do(ip: str) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert SOCKETS.bind_fault(ip) == ""


@pytest.mark.parametrize("ip", ["0.0.0.1", "192.0.2.1", "240.0.0.1", "2001:db8::1", "fe80::1"])
def test_an_address_of_another_machine_or_of_none_can_not(ip: str) -> None:
    assert "this machine has no" in (SOCKETS.bind_fault(ip) or "")


@pytest.mark.parametrize("text", ["a name", "localhost", "node.example.org"])
def test_what_is_no_ip_address_is_not_judged(text: str) -> None:
    assert SOCKETS.bind_fault(text) is None


async def test_names_resolve_do_not_or_can_not_be_determined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1" in (await SOCKETS.look_up("localhost") or ())

    def told(name: str, *_: object, **__: object) -> list[object]:
        if name == "slow":
            time.sleep(0.5)
        kind = socket.EAI_NONAME if name == "missing" else socket.EAI_AGAIN
        raise socket.gaierror(kind, "as the system says")

    monkeypatch.setattr(socket, "getaddrinfo", told)
    assert await SOCKETS.look_up("missing") == ()
    assert await SOCKETS.look_up("resolver down") is None
    assert await asyncio.wait_for(SOCKETS.look_up("slow", 0.05), 0.4) is None
