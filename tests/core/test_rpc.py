"""What a node answers over RPC, and everything else that can come from that port."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core import rpc
from core.adapters import LocalNet
from core.finding import Refusal
from core.rpc import get, result

NET = LocalNet()


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def answering(body: bytes, code: int = 200, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """A server on loopback that gives every question this answer; its address."""
    seen: list[str] = []

    class Handler(_Quiet):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(code)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def refusal(base: str, seconds: float = 5) -> str:
    with pytest.raises(Refusal) as refused:
        await result(NET, base, "status", seconds)
    (finding,) = refused.value.findings
    assert finding.severity.word == "unknown" and finding.fix
    return finding.code


async def test_the_result_of_an_answer_is_given() -> None:
    with answering(b'{"jsonrpc": "2.0", "result": {"height": "7"}}') as base:
        assert await result(NET, base, "status") == {"height": "7"}
        assert await result(NET, f"{base}/", "status") == {"height": "7"}


async def test_the_body_of_an_error_is_given_too() -> None:
    with answering(b'{"error": "x"}', 500) as base:
        assert await get(NET, base, "genesis") == b'{"error": "x"}'
        assert await refusal(base) == "rpc-answer"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"null", b'"x"', b"[" * 100_000, b"\xff", b'{"r": 1}'])
async def test_what_is_no_answer_of_a_node_is_told(body: bytes) -> None:
    with answering(body) as base:
        assert await refusal(base) == "rpc-answer"


async def test_nobody_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert await refusal(base) == "rpc-unreachable"


@pytest.mark.parametrize(
    "base", ["", "127.0.0.1:26657", "file:///etc/passwd", "ftp://127.0.0.1", "http://", "http://["]
)
async def test_what_is_no_address_is_told(base: str) -> None:
    assert await refusal(base) == "rpc-unreachable"


@pytest.mark.parametrize("port", ["x", "99999", "-1"])
async def test_what_is_no_port_is_told(port: str) -> None:
    assert await refusal(f"http://127.0.0.1:{port}") == "rpc-unreachable"


async def test_no_redirect_is_followed() -> None:
    with answering(b'{"result": "there"}') as other, answering(b"{}", 302, {"Location": other}) as base:
        assert await refusal(base) == "rpc-answer"


async def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(b'{"result": 1}') as base:
        assert await result(NET, base, "status") == 1


async def test_a_node_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert await refusal(f"http://127.0.0.1:{silent.getsockname()[1]}", 0.2) == "rpc-unreachable"
        assert time.monotonic() - began < 5


async def test_what_is_no_http_at_all_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            there, _ = server.accept()
            with there:
                there.recv(1000)
                there.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        assert await refusal(f"http://127.0.0.1:{server.getsockname()[1]}") == "rpc-unreachable"
        thread.join()


async def test_an_answer_that_breaks_off_is_told() -> None:
    with answering(b'{"result":', headers={"Content-Length": "1000"}) as base:
        assert await refusal(base) == "rpc-unreachable"


async def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_LIMIT", 1000)
    with answering(b'{"result": "' + b"x" * 2000 + b'"}') as base:
        assert await refusal(base) == "rpc-answer"


async def test_a_node_that_trickles_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def trickle() -> None:
            there, _ = server.accept()
            with there:
                there.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while not over.wait(0.05):
                    try:
                        there.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        began = time.monotonic()
        assert await refusal(f"http://127.0.0.1:{server.getsockname()[1]}", 0.5) == "rpc-unreachable"
        assert time.monotonic() - began < 5
        over.set()
        thread.join()


@contextmanager
def sending(*pieces: bytes) -> Iterator[str]:
    """A server that answers one question with exactly these bytes, and closes; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            there, _ = server.accept()
            with there:
                there.recv(1000)
                with suppress(OSError):
                    for piece in pieces:
                        there.sendall(piece)

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, signed by its own key, with that key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed; it makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*make, *names, *files], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@contextmanager
def secure(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer(("127.0.0.1", 0), _One)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _One(_Quiet):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"result": 1}')


async def test_a_certificate_that_is_trusted_is_taken(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure(certificate) as base:
        assert await result(NET, base, "status") == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    with secure(certificate) as base, pytest.raises(Refusal) as refused:
        await result(NET, base, "status")
    (finding,) = refused.value.findings
    assert finding.code == "rpc-unreachable" and "self-signed" in finding.message


async def test_a_certificate_of_another_name_is_refused(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure(certificate) as base, pytest.raises(Refusal) as refused:
        await result(NET, base.replace("127.0.0.1", "localhost"), "status")
    (finding,) = refused.value.findings
    assert finding.code == "rpc-unreachable" and "localhost" in finding.message


async def test_plain_http_where_tls_is_spoken_is_refused(certificate: Path) -> None:
    with secure(certificate) as base:
        assert await refusal(base.replace("https://", "http://")) == "rpc-unreachable"


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("pieces", "code"),
    [
        ([OK + b"Content-Length: 13\r\n\r\n", b'{"result"', b": 1}"], ""),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n", b"d\r\n", b'{"result": 1}', b"\r\n0\r\n\r\n"], ""),
        ([b"HTTP/1.0 200 OK\r\n\r\n", b'{"result": 1}'], ""),
        ([OK + b"X: " + b"y" * 70_000], "rpc-answer"),
        ([OK + b"Content-Length: -1\r\n\r\n"], "rpc-unreachable"),
        ([OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345"], "rpc-unreachable"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n"], "rpc-unreachable"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n", b"d\r\n", b'{"result'], "rpc-unreachable"),
        ([OK], "rpc-unreachable"),
        ([b""], "rpc-unreachable"),
        ([b"\x16\x03\x01\x02\x00\x01"], "rpc-unreachable"),
    ],
)
async def test_every_form_of_an_answer_is_read_or_refused(pieces: list[bytes], code: str) -> None:
    with sending(*pieces) as base:
        if code:
            assert await refusal(base) == code
        else:
            assert await result(NET, base, "status") == 1


async def test_an_answer_that_is_no_http_is_not_said_to_have_broken_off() -> None:
    with sending(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n") as base, pytest.raises(Refusal) as refused:
        await result(NET, base, "status")
    assert "not valid HTTP" in refused.value.findings[0].message
