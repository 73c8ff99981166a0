"""Event streams over HTTPS end with whatever let them begin: the session, the token, the user."""
import contextlib
import http.client
import socket
import threading
import time

import pytest

from access import Browser, add_user, bearer, in_days
from api import Daemon

KEY = "SHA256:" + "A" * 43
END_S = 15  # the server looks every 2 s; the job goes on for 40 s


class SilentHost:
    """Takes connections and says nothing: a job that waits for its SSH server."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()


@pytest.fixture(scope="module")
def daemon(build):
    # A request may take 1 s to come in: that a stream takes longer must not end it.
    with Daemon(build, https=True, options="request_timeout = 1s\n") as d:
        d.door = d.https()
        yield d
    assert "Sanitizer" not in d.log_text()


@pytest.fixture
def job(daemon, request):
    api = daemon.api
    name = f"edge-{abs(hash(request.node.name)) % 10**8}"
    leaf = api.leaf(api.root()["id"])
    api.ok("POST", "gateways", {"name": name, "target": "nginx", "tls": ["127.0.0.1:1"], "ssh": {"host": "127.0.0.1", "user": "root"}})
    with SilentHost() as host:
        body = {"certificate": leaf["id"], "ssh": {"auth": "password", "password": "x", "port": host.port}, "accept_host_key": KEY}
        made = api.ok("POST", f"gateways/{name}/keystore-updates", body, status=(202,))
        yield made["id"]
        api.post(f"jobs/{made['id']}/cancel")


class Stream:
    """The events of a job, read by a thread until the server ends them."""

    def __init__(self, daemon, job, headers):
        self.connection = http.client.HTTPSConnection("127.0.0.1", daemon.https_port, timeout=60, context=daemon.door.context)
        self.connection.request("GET", f"/api/v1/jobs/{job}/events", headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.first = self.response.readline()
        self.ended_at = None
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        with contextlib.suppress(OSError, http.client.HTTPException):  # close()
            self.response.read()
        self.ended_at = time.monotonic()

    def ended(self, within_s):
        self.thread.join(within_s)
        return self.ended_at is not None

    def close(self):
        if self.connection.sock:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.close()


def cookie_of(browser):
    return {"Cookie": "; ".join(f"{k}={v}" for k, v in browser.cookies.items())}


def token_of(browser, expires_at=None):
    made = browser.call("POST", "tokens", {"name": "watch", "roles": ["viewer"], "expires_at": expires_at or in_days(1)})
    assert made.status == 201, made
    return made.json


def end_session(d, browser, name):
    assert browser.call("DELETE", "session").status == 204


def end_sessions(d, browser, name):
    assert browser.call("DELETE", "sessions").status == 204


def disable(d, browser, name):
    d.api.ok("PATCH", f"users/{name}", {"disabled": True})


def remove(d, browser, name):
    d.api.ok("DELETE", f"users/{name}")


def reset(d, browser, name):
    d.api.ok("POST", f"users/{name}/reset")


def revoke(d, browser, name):
    tokens = browser.call("GET", "tokens").json["items"]
    assert browser.call("DELETE", f"tokens/{tokens[0]['id']}", {}).status == 204


def wait(d, browser, name):
    """The token expires by itself."""


@pytest.mark.parametrize("by,what", [("session", end_session), ("session", end_sessions), ("session", disable), ("session", remove), ("session", reset),
                                     ("token", revoke), ("token", disable), ("token", remove), ("token", reset), ("token", wait)])
def test_a_stream_ends_with_what_let_it_begin(daemon, job, by, what):
    name = f"{by}-{what.__name__}".replace("_", "-")
    browser = add_user(daemon.api, name, ["viewer"])
    if by == "session":
        headers = cookie_of(browser)
    else:
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6)) if what is wait else None
        headers = bearer(token_of(browser, soon)["token"])
    stream = Stream(daemon, job, headers)
    try:
        assert what is wait or not stream.ended(0), "it ended while it was allowed"
        what(daemon, browser, name)
        assert stream.ended(END_S)
        assert not daemon.api.ok("GET", f"jobs/{job}")["done"], "the job has ended the stream"
        again = daemon.door.get(f"jobs/{job}/events", headers=headers)
        assert again.status == 401 or (what is reset and again.status == 403), again
    finally:
        stream.close()


def test_other_sessions_of_the_user_go_on(daemon, job):
    first = add_user(daemon.api, "two-sessions", ["viewer"])
    second = Browser(daemon.api)
    assert second.sign_in("two-sessions").status == 201
    streams = [Stream(daemon, job, cookie_of(b)) for b in (first, second)]
    try:
        assert first.call("DELETE", "session").status == 204
        assert streams[0].ended(END_S) and not streams[1].ended(5)
    finally:
        for s in streams:
            s.close()
