"""What one client cannot do to the others: connections of one address, requests that never end, headers that say two things."""
import contextlib
import socket
import ssl
import time

import pytest

from api import Daemon

HERE, THERE = "127.0.0.1", "127.0.0.2"  # two client addresses
SOURCE_MAX = 4


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build, https=True, options=f"https_connections_per_source = {SOURCE_MAX}\nrequest_timeout = 3s\n") as d:
        d.console_root()
        before = d.roles()
        yield d
        assert d.roles() == before, d.log_text()
    assert "Sanitizer" not in d.log_text()


def connect(d, door="https", source=HERE):
    """A socket at one of the doors, its handshake done."""
    if door == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(str(d.socket))
        return s
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", d.https_port), timeout=30, source_address=(source, 0))
    try:
        return context.wrap_socket(plain)
    except OSError:
        plain.close()
        raise


def read_all(s):
    got = b""
    with contextlib.suppress(OSError):
        while part := s.recv(65536):
            got += part
    return got


def healthz(s):
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    return s.recv(65536).startswith(b"HTTP/1.1 200")


# ---- Connections of one address ----

def test_one_address_cannot_keep_others_out(daemon):
    with contextlib.ExitStack() as stack:
        mine = []
        deadline = time.monotonic() + 30
        while len(mine) < SOURCE_MAX and time.monotonic() < deadline:  # those of before the test end one by one
            with contextlib.suppress(OSError):
                mine.append(stack.enter_context(connect(daemon)))
        assert [healthz(s) for s in mine] == [True] * SOURCE_MAX
        for _ in range(3):
            with pytest.raises(OSError):
                connect(daemon)
        with connect(daemon, source=THERE) as other:
            assert healthz(other)
        assert daemon.api.get("health").status == 200
        mine[0].close()
        while True:
            with contextlib.suppress(OSError), connect(daemon) as again:
                assert healthz(again)
                break
            assert time.monotonic() < deadline


def test_the_unix_socket_has_no_such_limit(daemon):
    with contextlib.ExitStack() as stack:
        assert all(healthz(s) for s in [stack.enter_context(connect(daemon, "unix")) for _ in range(3 * SOURCE_MAX)])


# ---- Requests that never end ----

def dribble(s, data, limit_s=30):
    """One byte at a time, until the server ends it. Seconds that took."""
    start = time.monotonic()
    s.settimeout(0.2)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        for at in range(10000):
            assert time.monotonic() - start < limit_s, "it is never cut off"
            s.sendall(data[at:at + 1] or b"x")
            try:
                if not s.recv(1000):
                    break
            except TimeoutError:
                pass
    return time.monotonic() - start


@pytest.mark.parametrize("door", ["https", "unix"])
@pytest.mark.parametrize("data", [
    pytest.param(b"", id="request-line"), pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: ", id="headers"),
    pytest.param(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n", id="body"),
])
def test_a_request_that_never_ends_is_cut_off(daemon, door, data):
    with connect(daemon, door, "127.0.0.3") as s:
        s.sendall(data)
        assert dribble(s, b"") >= 1


@pytest.mark.parametrize("door", ["https", "unix"])
def test_so_is_the_second_one_of_a_connection(daemon, door):
    with connect(daemon, door, "127.0.0.4") as s:
        assert healthz(s)
        assert dribble(s, b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: ") >= 1


def test_a_handshake_that_never_ends_is_cut_off(daemon):
    with socket.create_connection(("127.0.0.1", daemon.https_port), timeout=30, source_address=("127.0.0.5", 0)) as s:
        dribble(s, bytes.fromhex("16030140000100"))


# ---- Requests that say two things ----

POST = b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
SECOND = GET + b"\r\n"  # what must never be taken for a request of its own
TWO = [
    ("two-lengths", POST + b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + SECOND, b"want one Content-Length"),
    ("the-same-length-twice", POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + SECOND, b"want one Content-Length"),
    ("length-and-coding", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND, b"got both"),
    ("of-a-get", GET + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND, b"got both"),
    ("of-a-delete", POST.replace(b"POST", b"DELETE") + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND, b"got both"),
    ("two-codings", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SECOND, b"want one Transfer-Encoding"),
    ("a-list-of-codings", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SECOND, b"want 'chunked'"),
    ("another-coding", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND, b"want 'chunked'"),
    ("a-control-character", POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SECOND, b"want 'chunked'"),
    ("chunked-in-1.0", POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND, b"want 'chunked'"),
    ("a-blank-before-the-colon", POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SECOND, b"header names"),
    ("two-hosts", GET + b"host: y\r\n\r\n", b"want one Host"),
    ("two-authorizations", GET + b"Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n", b"want one Authorization"),
    ("two-cookies", GET + b"Cookie: a=1\r\nCookie: b=2\r\n\r\n", b"want one Cookie"),
    ("two-sessions", GET + b"Cookie: __Host-gatewright=a; __Host-gatewright=b\r\n\r\n", b"want one cookie of one name"),
    ("many-cookies", GET + b"Cookie: " + b"; ".join(b"__Host-%d=a" % i for i in range(9)) + b"\r\n\r\n", b"want one cookie for the whole host"),
    ("two-csrf-tokens", GET + b"X-CSRF-Token: a\r\nX-CSRF-Token: b\r\n\r\n", b"want one X-CSRF-Token"),
]


@pytest.mark.parametrize("door", ["https", "unix"])
@pytest.mark.parametrize("data,words", [pytest.param(data, words, id=name) for name, data, words in TWO])
def test_a_request_that_says_two_things_is_refused(daemon, door, data, words):
    with connect(daemon, door, "127.0.0.6") as s:
        s.sendall(data)
        got = read_all(s)  # to the end: nothing behind it is read
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"application/problem+json" in head and b"Connection: close" in head, got
    assert words in body and b"HTTP/1.1 " not in body, got


@pytest.mark.parametrize("door", ["https", "unix"])
def test_several_cookies_of_other_names_are_none_of_our_business(daemon, door):
    with connect(daemon, door, "127.0.0.6") as s:
        s.sendall(GET + b"Connection: close\r\nCookie: a=1; a=2; __Host-gatewright-mark=x; __Host-other=1\r\n\r\n")
        assert read_all(s).startswith(b"HTTP/1.1 200 ")


# ---- Sizes ----

@pytest.mark.parametrize("door", ["https", "unix"])
@pytest.mark.parametrize("data,status", [
    pytest.param(GET + b"A: " + b"b" * 70000 + b"\r\n\r\n", b"431", id="a-long-header"),
    pytest.param(GET + b"A: b\r\n" * 5000 + b"\r\n", b"431", id="many-headers"),
    pytest.param(b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414", id="a-long-path"),
])
def test_a_head_that_is_too_large(daemon, door, data, status):
    with connect(daemon, door, "127.0.0.7") as s:
        with contextlib.suppress(OSError):  # it may end before all is sent
            s.sendall(data)
        assert read_all(s).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize("door", ["https", "unix"])
@pytest.mark.parametrize("extra,refused", [(0, False), (1, True), (100000, True)])
def test_chunks_are_held_to_the_limit_of_a_body(daemon, door, extra, refused):
    body = b" " * (262144 + extra)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 5000]), body[at:at + 5000]) for at in range(0, len(body), 5000))
    with connect(daemon, door, "127.0.0.8") as s:
        s.sendall(POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        got = read_all(s)
    wanted = b"413" if refused else b"401" if door == "https" else b"400"
    assert got.startswith(b"HTTP/1.1 " + wanted) and b"application/problem+json" in got, got
