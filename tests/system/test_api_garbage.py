"""Every call with what nobody should send, at every door: each answer is a problem of the 4xx kind, and every process lives on."""
import http.client
import json
import random
import socket
import ssl

import pytest

import contract
from access import Browser, add_user, bearer, in_days
from api import Answer, Api, Daemon, HttpsApi

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
           "cursor=..%2f..", "cursor=" + "f" * 70, "q=%ff", "q=%00x", "q=" + "x" * 3000, "order=tree&q=x", "nothing=1", "limit=1&nothing=1", "%C3%A9=1", "%00", "x%00=1", "limit=1%00", "q=%0a", "kind=x", "root=x", "root=-1", "expires_before=x",
           "state=%00", "gateway=%ff", "&&&&", "=", "%00=1", "&".join(f"a{i}=1" for i in range(500)), "used=false", "all=maybe", "from=x"]


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build, https=True, options="https_connections_per_source = 0\n") as d:
        d.console_root()
        root = d.api.root()["id"]
        d.api.leaf(root)
        d.api.ok("POST", "gateways", {"name": "edge", "target": "nginx", "tls": ["127.0.0.1:1"]})
        before = d.roles()
        yield d
        assert d.roles() == before, f"a process died:\n{d.log_text()}"
        assert d.api.get("health").json["status"] == "ok"
        assert "Sanitizer" not in d.log_text() and "runtime error" not in d.log_text()


class Kept(HttpsApi):
    """The HTTPS door with the headers of somebody who may do everything, on one connection while it lasts."""

    def __init__(self, like, headers):
        super().__init__(like.port, like.context)
        self.headers, self.connection = headers, None

    def call(self, method, path, body=None, headers=None):
        sent = {**self.headers, **(headers or {})}
        if isinstance(body, dict):
            body, sent = json.dumps(body).encode(), {"Content-Type": "application/json", **sent}
        path = path if path.startswith("/") else "/api/v1/" + path
        for again in (True, True, False):
            try:
                self.connection = self.connection or super().connect()
                self.connection.request(method, path, body, sent)
                answer = Answer(self.connection.getresponse())
                break
            except (OSError, http.client.HTTPException):  # the server ended it after the answer before
                self.connection.close()
                self.connection = None
                assert again, f"{method} {path[:200]}: no answer"
        Api.check(method, path, body, answer)
        return answer


@pytest.fixture(scope="module")
def doors(daemon):
    """Each a way to be the administrator."""
    add_user(daemon.api, "garbage", ["administrator"])
    browser = Browser(daemon.api)
    assert browser.sign_in("garbage").status == 201
    made = browser.call("POST", "tokens", {"name": "garbage", "roles": ["administrator"], "expires_at": in_days(1)})
    assert made.status == 201, made
    https = daemon.https()
    cookies = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
    session = Kept(https, {"Cookie": cookies, "X-CSRF-Token": browser.csrf})
    token = Kept(https, bearer(made.json["token"]))
    assert session.get("users").status == token.get("users").status == 200
    yield {"unix": daemon.api, "token": token, "session": session}
    assert session.get("users").status == token.get("users").status == 200, "the garbage has ended the session or the token"


@pytest.fixture(params=["unix", "token", "session"])
def door(request, doors):
    return doors[request.param]


def send(door, method, path, body=None, headers=None):
    answer = door.call(method, path, body, headers=headers)
    assert answer.status < 500, f"{method} {path[:200]} {str(body)[:300]}: {answer}"
    if answer.status >= 400 and method != "HEAD" and path != "/":  # there a page says that the console is not installed
        assert answer.type == "application/problem+json", f"{method} {path[:200]} {str(body)[:300]} {headers}: {answer}"
        assert {"type", "title", "status", "detail"} <= answer.json.keys(), answer
    return answer


def fill(path, name="edge", number="1"):
    return path.replace("{name}", name).replace("{id}", number).replace("{other}", number)


def operations(which):
    return pytest.mark.parametrize("method,path", [key for key in contract.operations() if which(*key)])


def body_of(method, path):
    return contract.operations()[method, path].get("requestBody")


@operations(lambda method, path: "{" in path)
def test_paths(door, method, path):
    for word in WORDS:
        if path.endswith("/events") and word == "1":
            continue
        send(door, method, fill(path, word, word), b"{" if method != "GET" else None)


@operations(lambda method, path: method == "GET")
def test_queries(door, method, path):
    for query in QUERIES:
        send(door, method, f"{fill(path)}?{query}")


@operations(lambda method, path: method != "GET")
def test_bodies(door, method, path):
    for body in BODIES:
        for headers in ({"Content-Type": "application/json"}, {"Content-Type": "text/plain"}, {}):
            if body in (b"", b"{}") and path.endswith(("/probe", "/host-key")):
                continue  # these are good, and wait for a connection
            if body in (b"", b"{}") and method == "DELETE" and path.startswith("/api/v1/session"):
                continue  # these are good, and end the session that asks
            send(door, method, fill(path, number="999"), body, headers)


def base(schema):
    """A body with what must be there."""
    good = {"kind": "root", "name": "other", "target": "nginx", "format": "pem", "data": "", "certificate": 999, "certificates": []}
    return {name: good.get(name, "x") for name in schema.get("required", [])}


@operations(body_of)
def test_members(door, method, path):
    schema = contract.flat(contract.resolve(body_of(method, path))["content"]["application/json"]["schema"])
    for name, below in schema.get("properties", {}).items():
        for value in WRONG:
            send(door, method, fill(path, number="999"), {**base(schema), "dry_run": True, name: value})
        for inner in below.get("properties", {}):
            for value in WRONG:
                send(door, method, fill(path, number="999"), {**base(schema), "dry_run": True, name: {inner: value}})


@pytest.mark.parametrize("name,values", [
    ("Last-Event-ID", ["x", "-1", "9" * 30, "1 2"]), ("If-None-Match", ["*", '"', "W/" * 1000]), ("If-Match", ["*", '"x"', "\x7f"]),
    ("Idempotency-Key", ["", "x" * 65, "a b", "\x7f", "é"]), ("Authorization", ["Bearer", "Bearer x", "Basic eDp4", "x" * 5000]),
    ("Cookie", ["__Host-gatewright=", "__Host-gatewright=" + "A" * 3000, "=;=;"]), ("Accept-Encoding", ["gzip;q=x", "," * 3000, "*;q=0"]),
    ("X-CSRF-Token", ["", "x" * 3000]), ("Content-Encoding", ["gzip"]), ("Expect", ["100-continue", "x"]),
])
def test_headers(door, name, values):
    for value in values:
        for method, path, body in [("GET", "/api/v1/certificates/1", None), ("GET", "/", None), ("GET", "/api/v1/jobs/1/events", None),
                                   ("POST", "/api/v1/certificates", b"{"), ("PATCH", "/api/v1/gateways/edge", b'{"name":1}')]:
            headers = {name: value.encode()}
            if body:
                headers["Content-Type"] = "application/json"
            send(door, method, path, body, headers)


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "PROPFIND", "get", "PUT", "X" * 300])
def test_methods(door, method):
    for path in ("/", "/healthz", "/api/v1/health", "/api/v1/certificates/1", "/api/v1/gateways/edge/probe"):
        if (method, path) not in contract.operations():
            assert send(door, method, path).status in (400, 404, 405)


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


def spoiled_requests():
    """Bytes that are no request, and a request with some bytes changed."""
    rng = random.Random(SEED)
    many = [rng.randbytes(rng.randrange(1, 3000)) for _ in range(50)]
    good = b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    for _ in range(150):
        spoiled = bytearray(good)
        for _ in range(rng.randrange(1, 6)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        many.append(bytes(spoiled))
    return REQUESTS + many


def no_fault_of_ours(data, answer):
    for line in answer.split(b"\r\n"):
        assert not line.startswith(b"HTTP/1.1 5") or line.startswith((b"HTTP/1.1 501", b"HTTP/1.1 505")), (data[:300], line)


def test_requests_that_are_none(daemon):
    for data in spoiled_requests():
        no_fault_of_ours(data, raw(daemon, data))


def test_requests_that_are_none_inside_of_tls(daemon):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    answered = 0
    for data in spoiled_requests()[::2] + REQUESTS:
        with socket.create_connection(("127.0.0.1", daemon.https_port), timeout=2) as plain, context.wrap_socket(plain) as s:
            s.settimeout(0.2)
            try:
                s.sendall(data)
                answer = s.recv(65536)
            except OSError:  # it waits for more, or has ended
                continue
            no_fault_of_ours(data, answer)
            answered += answer.startswith(b"HTTP/1.1 ")
    assert answered > 20


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
