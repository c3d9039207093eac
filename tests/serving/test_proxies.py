"""The examples for proxies do what they say, where Caddy and nginx are installed."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.durability.server import free_port
from tests.serving.served import Served, served, wait_for

EXAMPLES = Path(settings.BASE_DIR) / "docs" / "proxies"
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {example}
}}
"""


def _caddy(folder: Path, port: int, upstream: int) -> list[str]:
    example = (EXAMPLES / "Caddyfile").read_text()
    example = example.replace("coding.example.org {", f"http://:{port} {{")
    example = example.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    example = example.replace("\tservers {", "\tadmin off\n\tservers {", 1)
    (folder / "Caddyfile").write_text(example)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _nginx(folder: Path, port: int, upstream: int) -> list[str]:
    example = (EXAMPLES / "nginx.conf").read_text()
    example = example.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    example = example.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    example = re.sub(r"(?m)^ +ssl_.*\n", "", example)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, example=example))
    return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]


PROXIES: dict[str, Callable[[Path, int, int], list[str]]] = {"caddy": _caddy, "nginx": _nginx}


def tell(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Says what the proxy passed on; refuses what is sent to /refuse without reading it."""
    if environ["PATH_INFO"] == "/refuse":
        start("413 Content Too Large", [("Content-Length", "2")])
        return [b"no"]
    said = f"{environ['HTTP_X_FORWARDED_FOR']} {environ['HTTP_X_FORWARDED_PROTO']}".encode()
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    said += b" %d" % len(body)
    start("200 OK", [("Content-Length", str(len(said)))])
    return [said]


@pytest.fixture(scope="module", params=sorted(PROXIES))
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The proxy, as the example sets it up but without TLS; its hub is the one behind it."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    with served(tell, behind_proxy=True) as behind:
        command = PROXIES[request.param](folder, port, behind.address[1])
        environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(lambda: _listens(port), 30)
            yield Served(behind.hub, ("127.0.0.1", port))
        finally:
            process.terminate()
            process.wait(20)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_client_cannot_name_another_address_or_protocol(proxy):
    answer = proxy.send(
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
        b"Connection: close\r\n\r\n"
    )
    assert answer.endswith(b"127.0.0.1 http 0")


def test_body_passes_the_proxy(proxy):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n"
    assert proxy.send(head + b"a" * 3_000_000).endswith(b"127.0.0.1 http 3000000")


REFUSED = (
    b"POST /refuse HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 90000000\r\n\r\n"
)


def test_refusal_of_a_large_body_reaches_the_client(proxy):
    assert b"HTTP/1.1 413 " in proxy.send(REFUSED)


def test_refused_body_that_is_sent_all_the_same_ends_the_connection(proxy):
    """Caddy resets it, half a second after the answer; what the client has read is the answer."""
    answer = b""
    with proxy.connect() as client:
        with suppress(ConnectionError):
            client.sendall(REFUSED + b"a" * 5_000_000)
        with suppress(ConnectionError):
            while part := client.recv(65_536):
                answer += part
    assert answer == b"" or b"HTTP/1.1 413 " in answer
    assert proxy.get().endswith(b"127.0.0.1 http 0")


def test_unfinished_requests_keep_nobody_out(proxy):
    with ExitStack() as stack:
        for data in (b"POST / HTT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"):
            for _ in range(60):
                stack.enter_context(proxy.connect()).sendall(data)
        assert proxy.get().endswith(b"127.0.0.1 http 0")


@pytest.mark.slow
def test_unfinished_headers_are_ended_by_the_proxy(proxy):
    with socket.create_connection(proxy.address, timeout=25) as client:
        client.sendall(b"POST / HTT")
        with suppress(ConnectionResetError):
            answer = client.recv(100)
            assert re.match(rb"$|HTTP/1.1 40[08] ", answer)
