"""Every call with what nobody should send: each answer is a problem of the 4xx kind, and every process lives on."""
import json
import random
import socket
import ssl

import pytest

import contract
from api import Api, Daemon

SEED = 20261124
WRONG = [None, True, 0, -1, 1.5, 2**31, 2**63 - 1, 2**63, 10**30, "", " ", "x", "\x00", "\x1b[31m", "\u202e", "é" * 300, "x" * 70000, [], [None], [[]],
         ["x"] * 300, {}, {"x": 1}, {"": {}}, "../../etc/passwd", "'; DROP TABLE job; --", "2026-02-30T00:00:00Z", "9999-99-99T99:99:99Z"]
BODIES = [
    b"", b"{", b"}", b"null", b"1", b'"x"', b"[]", b"[{}]", b"{}", b'{"a":1,"a":2}', b'{"dry_run":1e400}', b'{"dry_run":NaN}', b"\xff\xfe{}", b'{"\xff":1}',
    b'{"x":"\\ud800"}', b'{"x":"\\u0000"}', b'{"\\u0000":1}', b"[" * 100000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b"{}" * 2, b"{}\0", b" " * 262144,
    b" " * 262145, b'{"data":"' + b"A" * 262000 + b'"}', b"\x1f\x8b\x08\x00", b"<?xml version='1.0'?><a/>",
]
WORDS = ["0", "-1", "1", "9" * 18, "9" * 19, "1e3", "%20", "%00", "%ff", "%zz", "%2e%2e%2f%2e%2e", "..", "x" * 2000, "%C3%A9", "'", "%22", "edge", "%F0%9F%98%80"]
QUERIES = ["x", "x=1", "limit=", "limit=0", "limit=1001", "limit=-1", "limit=1e9", "limit=1&limit=2", "limit=%00", "cursor=%ff", "cursor=" + "9" * 30,
           "cursor=..%2f..", "cursor=" + "f" * 70, "q=%ff", "q=%00x", "q=" + "x" * 3000, "order=tree&q=x", "kind=x", "root=x", "root=-1", "expires_before=x",
           "state=%00", "gateway=%ff", "&&&&", "=", "%00=1", "&".join(f"a{i}=1" for i in range(500)), "used=false", "all=maybe", "from=x"]


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build, https=True) as d:
        d.console_root()
        root = d.api.root()["id"]
        d.api.leaf(root)
        d.api.ok("POST", "gateways", {"name": "edge", "target": "nginx", "tls": ["127.0.0.1:1"]})
        before = d.roles()
        yield d
        assert d.roles() == before, f"a process died:\n{d.log_text()}"
        assert d.api.get("health").json["status"] == "ok"
        assert "Sanitizer" not in d.log_text() and "runtime error" not in d.log_text()


def send(d, method, path, body=None, headers=None):
    answer = d.api.call(method, path, body, headers=headers)
    assert answer.status < 500, f"{method} {path[:200]} {str(body)[:300]}: {answer}"
    assert answer.status < 400 or answer.type in ("application/problem+json", "text/html"), answer
    return answer


def fill(path, name="edge", number="1"):
    return path.replace("{name}", name).replace("{id}", number).replace("{other}", number)


def operations(which):
    return pytest.mark.parametrize("method,path", [key for key in contract.operations() if which(*key)])


def body_of(method, path):
    return contract.operations()[method, path].get("requestBody")


@operations(lambda method, path: "{" in path)
def test_paths(daemon, method, path):
    for word in WORDS:
        if path.endswith("/events") and word == "1":
            continue
        send(daemon, method, fill(path, word, word), b"{" if method != "GET" else None)


@operations(lambda method, path: method == "GET")
def test_queries(daemon, method, path):
    for query in QUERIES:
        send(daemon, method, f"{fill(path)}?{query}")


@operations(lambda method, path: method != "GET")
def test_bodies(daemon, method, path):
    for body in BODIES:
        for headers in ({"Content-Type": "application/json"}, {"Content-Type": "text/plain"}, {}):
            if body in (b"", b"{}") and path.endswith(("/probe", "/host-key")):
                continue  # these are good, and wait for a connection
            send(daemon, method, fill(path, number="999"), body, headers)


def base(schema):
    """A body with what must be there."""
    good = {"kind": "root", "name": "other", "target": "nginx", "format": "pem", "data": "", "certificate": 999, "certificates": []}
    return {name: good.get(name, "x") for name in schema.get("required", [])}


@operations(body_of)
def test_members(daemon, method, path):
    schema = contract.flat(contract.resolve(body_of(method, path))["content"]["application/json"]["schema"])
    for name, below in schema.get("properties", {}).items():
        for value in WRONG:
            send(daemon, method, fill(path, number="999"), {**base(schema), "dry_run": True, name: value})
        for inner in below.get("properties", {}):
            for value in WRONG:
                send(daemon, method, fill(path, number="999"), {**base(schema), "dry_run": True, name: {inner: value}})


@pytest.mark.parametrize("name,values", [
    ("Last-Event-ID", ["x", "-1", "9" * 30, "1 2"]), ("If-None-Match", ["*", '"', "W/" * 1000]), ("If-Match", ["*", '"x"', "\x7f"]),
    ("Idempotency-Key", ["", "x" * 65, "a b", "\x7f", "é"]), ("Authorization", ["Bearer", "Bearer x", "Basic eDp4", "x" * 5000]),
    ("Cookie", ["__Host-gatewright=", "__Host-gatewright=" + "A" * 3000, "=;=;"]), ("Accept-Encoding", ["gzip;q=x", "," * 3000, "*;q=0"]),
    ("X-CSRF-Token", ["", "x" * 3000]), ("Content-Encoding", ["gzip"]), ("Expect", ["100-continue", "x"]),
])
def test_headers(daemon, name, values):
    for value in values:
        for method, path, body in [("GET", "/api/v1/certificates/1", None), ("GET", "/", None), ("GET", "/api/v1/jobs/1/events", None),
                                   ("POST", "/api/v1/certificates", b"{"), ("PATCH", "/api/v1/gateways/edge", b'{"name":1}')]:
            headers = {name: value.encode()}
            if body:
                headers["Content-Type"] = "application/json"
            send(daemon, method, path, body, headers)


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "PROPFIND", "get", "PUT", "X" * 300])
def test_methods(daemon, method):
    for path in ("/", "/healthz", "/api/v1/health", "/api/v1/certificates/1", "/api/v1/gateways/edge/probe"):
        if (method, path) not in contract.operations():
            assert send(daemon, method, path).status in (400, 404, 405)


def raw(d, data):
    """What comes back for these bytes, until the server closes or says no more for a moment."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(1)
        s.connect(str(d.socket))
        got = b""
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                got += part
        except OSError:
            pass
        return got


REQUESTS = [
    b"\0" * 100, b"\r\n" * 1000, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"GET /%%%% HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET //// HTTP/1.1\r\nHost: x\r\n\r\n", b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http://a/b HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
    b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\n{}   \r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 100000 + b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 200,
]


def test_requests_that_are_none(daemon):
    rng = random.Random(SEED)
    many = [rng.randbytes(rng.randrange(1, 3000)) for _ in range(50)]
    good = b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    for _ in range(150):
        spoiled = bytearray(good)
        for _ in range(rng.randrange(1, 6)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        many.append(bytes(spoiled))
    for data in REQUESTS + many:
        for line in raw(daemon, data).split(b"\r\n"):
            assert not line.startswith(b"HTTP/1.1 5") or line.startswith((b"HTTP/1.1 501", b"HTTP/1.1 505")), (data[:300], line)


def test_garbage_at_the_https_door(daemon):
    rng = random.Random(SEED)
    hello = bytes.fromhex("16030100c8010000c40303") + bytes(32)
    for i in range(100):
        data = rng.randbytes(rng.randrange(1, 2000)) if i % 2 else hello + rng.randbytes(rng.randrange(1, 300))
        with socket.create_connection(("127.0.0.1", daemon.https_port), timeout=5) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                s.recv(1000)
            except OSError:
                pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for data in REQUESTS:
        with socket.create_connection(("127.0.0.1", daemon.https_port), timeout=2) as plain, context.wrap_socket(plain) as s:
            try:
                s.sendall(data)
                s.recv(1000)
            except OSError:
                pass
    assert daemon.served()


def test_a_body_that_never_ends_is_cut(daemon):
    """Four times the limit is read, then the connection ends."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(30)
        s.connect(str(daemon.socket))
        s.sendall(b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError):
            for _ in range(10000):
                s.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")
