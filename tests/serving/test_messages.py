"""What is said over a connection: requests in all their forms, answers and how they end."""

import os
import tempfile
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from cstoannot.management.serving.gateway import FileWrapper, ResponseFile
from cstoannot.management.serving.limits import PIPELINED_REQUESTS
from cstoannot.management.serving.request import Request
from tests.serving.served import Served, read_all, served, wait_for

LONG_FILE = 8_000_000
"""More bytes than the operating system takes for a client that does not read."""
END = b"Host: x\r\nConnection: close\r\n\r\n"


def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Says what it was asked, or answers as the path says."""
    if special := ANSWERS.get(environ["PATH_INFO"]):
        return special(environ, start)
    asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"], "")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("X-Says", environ["QUERY_STRING"])])
    return Whole([" ".join(asked).encode("latin-1"), body])


class Whole(list[bytes]):
    """As Django's answers that are not streamed."""

    streaming = False


def _refuse(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("413 Content Too Large", [])
    return [b"no"]


def _fail(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    raise RuntimeError("on purpose")


def _break(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    yield b"the beginning"
    raise RuntimeError("on purpose")


def _stream(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return iter([b"first ", b"", b"second"])


def _file(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the server closes it
    file.write(b"0123456789" * 100_000)
    file.seek(0)
    start("200 OK", [("Content-Length", "1000000")])
    return FileWrapper(file)


def _long_file(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the server closes it
    file.truncate(LONG_FILE)
    start("200 OK", [("Content-Length", str(LONG_FILE))])
    return FileWrapper(file)


def _nothing(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def _headers(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return [f"{name}={environ[name]}\n".encode() for name in sorted(environ) if "_X_" in name]


ANSWERS = {
    "/refuse": _refuse,
    "/fail": _fail,
    "/broken": _break,
    "/stream": _stream,
    "/file": _file,
    "/long-file": _long_file,
    "/nothing": _nothing,
    "/headers": _headers,
}


@pytest.fixture(scope="module")
def server():
    with served(echo) as server:
        yield server


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def test_request_reaches_the_application(server: Served):
    answer = server.send(b"GET /caf%C3%A9?q=1%202 HTTP/1.1\r\n" + END)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nX-Says: q=1%202\r\n" in answer
    assert _body(answer) == "GET /café ".encode()


def test_absolute_address_is_taken_by_its_path(server):
    assert _body(server.send(b"GET http://else.org/a?b HTTP/1.1\r\n" + END)) == b"GET /a "


def test_requests_in_a_row_are_answered_in_order_on_one_connection(server):
    first = b"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    answer = server.send(first * 3 + b"GET /2 HTTP/1.1\r\n" + END)
    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.count(b"POST /1 abc") == 3
    assert answer.endswith(b"GET /2 ")


def test_request_in_single_bytes_is_understood(server):
    with server.connect() as client:
        for byte in b"POST /slowly HTTP/1.1\r\nContent-Length: 2\r\n" + END + b"ok":
            client.sendall(bytes([byte]))
        assert _body(read_all(client)) == b"POST /slowly ok"


def test_answer_to_the_old_protocol_ends_with_the_connection(server):
    answer = server.send(b"GET /stream HTTP/1.0\r\n\r\n")
    assert b"\r\nConnection: close\r\n" in answer
    assert b"Transfer-Encoding" not in answer
    assert _body(answer) == b"first second"


def test_old_protocol_may_keep_the_connection(server):
    answer = server.send(
        b"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"
    )
    assert answer.count(b"Connection: keep-alive") == 1
    assert answer.endswith(b"GET /2 ")


def test_streamed_answer_comes_in_chunks(server):
    answer = server.send(b"GET /stream HTTP/1.1\r\n" + END)
    assert _body(answer) == b"6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n"


def test_broken_stream_does_not_end_as_a_whole_one(server, caplog):
    answer = b""
    with server.connect() as client, pytest.raises(ConnectionResetError):
        client.sendall(b"GET /broken HTTP/1.1\r\n" + END)
        while part := client.recv(100):
            answer += part
    assert not answer.endswith(b"0\r\n\r\n")
    assert "on purpose" in caplog.text


def test_failing_application_is_a_500(server, caplog):
    answer = server.send(b"GET /fail HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"on purpose" not in answer
    assert "on purpose" in caplog.text


def test_file_is_sent_whole(server):
    assert _body(server.send(b"GET /file HTTP/1.1\r\n" + END)) == b"0123456789" * 100_000


@pytest.mark.parametrize("path", [b"/a", b"/stream", b"/file", b"/nothing"])
def test_answer_without_a_body_sends_none(server, path):
    answer = server.send(b"HEAD " + path + b" HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\n" + END)
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


def test_chunked_body_is_given_its_length(server):
    chunks = b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Late: 1\r\n\r\n"
    answer = server.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END + chunks)
    assert _body(answer) == b"POST / abcdefg"


def test_large_chunked_body_is_asked_for_its_length(server):
    chunks = b"10000\r\n" + b"a" * 65_536 + b"\r\n1\r\na\r\n0\r\n\r\n"
    answer = server.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END + chunks)
    assert answer.startswith(b"HTTP/1.1 411 ")


def test_large_body_is_read_as_it_comes(server):
    body = b"0123456789" * 500_000
    answer = server.send(b"POST / HTTP/1.1\r\nContent-Length: 5000000\r\n" + END + body)
    assert _body(answer) == b"POST / " + body


def test_next_request_is_answered_after_a_large_body(server):
    body = b"0123456789" * 10_000
    first = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + body
    answer = server.send(first + first + b"GET /2 HTTP/1.1\r\n" + END)
    assert answer.count(body) == 2
    assert answer.endswith(b"GET /2 ")


def test_body_that_is_not_read_ends_the_connection_after_the_answer(server):
    with server.connect() as client:
        client.sendall(b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
        client.sendall(b"a" * 3_000_000)
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert _body(answer).endswith(b"2\r\nno\r\n0\r\n\r\n")


def test_whole_body_that_is_not_read_leaves_the_connection(server):
    first = b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    answer = server.send(first + b"GET /2 HTTP/1.1\r\n" + END)
    assert answer.endswith(b"GET /2 ")


@pytest.mark.parametrize("length", [b"3", b"100000"])
def test_expecting_client_is_told_to_go_on(server, length):
    with server.connect() as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + length + b"\r\n" + END
        )
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"a" * int(length))
        assert _body(read_all(client)) == b"POST / " + b"a" * int(length)


def test_expecting_client_of_a_refused_body_sends_nothing(server):
    answer = server.send(
        b"POST /refuse HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in answer


def test_expecting_client_is_told_to_go_on_only_after_the_earlier_answers(server):
    told = b"HTTP/1.1 100 Continue\r\n\r\n"
    with server.connect(receive_buffer=100_000) as client:
        client.sendall(b"GET /long-file HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: any(each.file for each in server.hub))
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + END)
        wait_for(lambda: any(each.receiving for each in server.hub))
        (waiting,) = [each for each in server.hub if each.receiving]
        begun = waiting._pace_in.since
        wait_for(lambda: waiting._pace_in.since > begun)  # the client's time has not begun
        answer = b""
        while not answer.endswith(told):
            part = client.recv(65_536)
            assert part
            answer += part
        assert _body(answer) == bytes(LONG_FILE) + told
        client.sendall(b"abc")
        assert _body(read_all(client)) == b"POST / abc"


def test_old_protocol_knows_no_interim_answer(server):
    answer = server.send(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na")
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_more_requests_at_once_than_may_wait_are_refused(server):
    one = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = server.send(one * 1_000)
    assert PIPELINED_REQUESTS < answer.count(b"HTTP/1.1 200 OK") < 1_000
    assert answer.count(b"HTTP/1.1 429 ") == 1


@pytest.mark.parametrize("trailer", [b"X-Late: " + b"a" * 1_000 + b"\r\n", b"a" * 1_000])
def test_endless_trailers_are_refused(server, trailer):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
    with server.connect() as client:
        client.sendall(head)
        for _ in range(400):
            client.sendall(trailer)
        assert read_all(client).startswith(b"HTTP/1.1 431 ")


def test_body_in_chunks_of_one_byte_is_accepted(server):
    chunks = b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n"
    answer = server.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END + chunks)
    assert _body(answer) == b"POST / " + b"a" * 50_000


def test_head_that_arrives_with_the_body_before_it_counts_alone(server):
    body = b"a" * 60_000
    first = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + body
    with server.connect() as client:
        client.sendall(first + first + b"GET /2 HTTP/1.1\r\nX-More: ")
        assert client.recv(1)
        client.sendall(b"b" * 10_000 + b"\r\n" + END)
        assert read_all(client).endswith(b"GET /2 ")


def test_other_protocols_are_not_offered(server):
    answer = server.send(
        b"GET /a HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in answer


def test_header_with_an_underscore_does_not_pass_for_another(server):
    answer = server.send(b"GET /headers HTTP/1.1\r\nX_Forwarded_For: a\r\nX-Real: b\r\n" + END)
    assert b"HTTP_X_REAL=b" in answer
    assert b"FORWARDED" not in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\nGET /2 HTTP/1.1\r\n\r\n\0",
        b"GET a.b HTTP/1.1\r\n\r\n",
    ],
)
def test_malformed_request_is_a_400(server, request_):
    answer = server.send(request_)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_endless_headers_are_refused(server):
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(70):
            client.sendall(b"X-More: " + b"a" * 1_000 + b"\r\n")
        assert read_all(client).startswith(b"HTTP/1.1 431 ")


def test_long_headers_that_arrive_at_once_are_refused(server):
    more = b"".join(b"X-More-%d: " % number + b"a" * 1_000 + b"\r\n" for number in range(100))
    assert server.send(b"GET / HTTP/1.1\r\n" + more + END).startswith(b"HTTP/1.1 431 ")


def test_malformed_request_after_a_good_one_leaves_its_answer(server):
    answer = server.send(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b"HTTP/1.1 400 ") == 1


def test_file_that_cannot_be_read_ends_the_connection(server, monkeypatch, caplog):
    def fail(file: ResponseFile, size: int) -> bytes:
        raise OSError("the disk is gone")

    monkeypatch.setattr(ResponseFile, "read", fail)
    with pytest.raises(ConnectionResetError):
        server.send(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_for(lambda: len(server.hub) == 0)
    assert "the disk is gone" in caplog.text


def test_file_is_closed_when_closing_the_answer_fails(server, monkeypatch):
    closed = []

    def fail(wrapper: FileWrapper) -> None:
        wrapper.file.close()
        raise RuntimeError("on purpose")

    def close(file: ResponseFile) -> None:
        os.close(file.descriptor)
        closed.append(file)

    monkeypatch.setattr(FileWrapper, "close", fail)
    monkeypatch.setattr(ResponseFile, "close", close)
    answer = server.send(b"GET /file HTTP/1.1\r\n" + END)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert len(closed) == 1


def test_fault_of_the_server_while_it_receives_is_logged_and_not_blamed_on_the_client(
    server, monkeypatch, caplog
):
    def fail(*_: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(Request, "add_header", fail)
    answer = server.send(b"GET /1 HTTP/1.1\r\n" + END)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert "on purpose" in caplog.text


def test_request_waits_until_a_thread_can_be_started(monkeypatch, caplog):
    start, tried = threading.Thread.start, threading.Event()

    def fail(thread: threading.Thread) -> None:
        tried.set()
        raise RuntimeError("can't start new thread")

    with served(echo) as server, server.connect() as client:
        monkeypatch.setattr(threading.Thread, "start", fail)
        client.sendall(b"GET /1 HTTP/1.1\r\n" + END)
        assert tried.wait(10)
        monkeypatch.setattr(threading.Thread, "start", start)
        assert _body(read_all(client)) == b"GET /1 "
    assert "can't start new thread" in caplog.text


def test_half_closed_connection_gets_its_answer(server):
    with server.connect() as client:
        client.sendall(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
        client.shutdown(1)
        assert _body(read_all(client)) == b"GET /1 "
