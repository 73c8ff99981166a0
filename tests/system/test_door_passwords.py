"""Passwords are hashed beside the threads that serve: the door answers meanwhile, and many at one time guess no more than one by one."""
import contextlib
import http.client
import json
import sqlite3
import threading
import time

import pytest

from access import PASSWORD, Browser, add_user
from api import Daemon

SIGN_INS = 20
FREE = 5  # tries that are looked at before the first wait, core/access/lockout.h; the wait is 1 s, then 2 s, 4 s, ...


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build, https=True) as d:
        d.context = d.https().context
        yield d
    assert "Sanitizer" not in d.log_text()


def https_call(d, method, path, body=None, source="127.0.0.1", headers=None):
    """(status, JSON, when it was there)"""
    connection = http.client.HTTPSConnection("127.0.0.1", d.https_port, timeout=120, context=d.context, source_address=(source, 0))
    try:
        sent = json.dumps(body).encode() if body is not None else None
        connection.request(method, path, sent, {**(headers or {}), **({"Content-Type": "application/json"} if sent else {})})
        response = connection.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data else None, time.monotonic()
    finally:
        connection.close()


def at_once(calls):
    """What each of `calls` returns; they begin together."""
    results, barrier = [None] * len(calls), threading.Barrier(len(calls))

    def run(i):
        barrier.wait()
        results[i] = calls[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(calls))]
    for t in threads:
        t.start()
    return threads, results


def test_the_door_answers_while_passwords_are_hashed(daemon):
    """Each of a client and a user of its own, so that nobody waits for the failures of another."""
    add_user(daemon.api, "right", ["viewer"])
    threads, results = at_once([
        lambda i=i: https_call(daemon, "POST", "/api/v1/session", {"user": "right" if i == 0 else f"user-{i}", "password": PASSWORD}, f"127.0.1.{i + 1}")
        for i in range(SIGN_INS)])
    asked = []
    while all(t.is_alive() for t in threads) or len(asked) < 4:  # until the first of them has its answer
        asked.append(https_call(daemon, "GET", "/healthz", source="127.0.0.9"))
    asked += [https_call(daemon, "GET", "/healthz", source="127.0.0.9") for _ in range(4)]
    for t in threads:
        t.join()
    assert {r[0] for r in results[1:]} == {401} and results[0][0] == 201, [r[:2] for r in results]
    assert {a[0] for a in asked} == {200}
    assert asked[-1][2] < sorted(r[2] for r in results)[-1], "the door was silent until the passwords were hashed"
    assert asked[3][2] < sorted(r[2] for r in results)[SIGN_INS // 2]


def test_many_guesses_at_once_are_no_more_than_one_by_one(daemon):
    add_user(daemon.api, "guessed", ["viewer"])
    start = time.monotonic()
    threads, results = at_once([lambda i=i: Browser(daemon.api).sign_in("guessed", f"guess number {i}") for i in range(20)])
    for t in threads:
        t.join()
    one_by_one = FREE + int(time.monotonic() - start + 1).bit_length() - 1  # in the same time, if hashing took none
    looked_at = [r for r in results if r.status == 401]
    waits = [r for r in results if r.status == 429]
    assert len(looked_at) + len(waits) == 20 and 1 <= len(looked_at) <= one_by_one < 20, [r.status for r in results]
    assert all(int(r.headers["retry-after"]) >= 1 for r in waits)


def test_the_right_password_many_times_at_once(daemon):
    """Each is counted until it was right; none is left behind as a failure."""
    add_user(daemon.api, "hurried", ["viewer"])
    for _ in range(3):
        threads, results = at_once([lambda: Browser(daemon.api).sign_in("hurried") for _ in range(4)])
        for t in threads:
            t.join()
        assert {r.status for r in results} == {201}, results
    for _ in range(4):
        assert Browser(daemon.api).sign_in("hurried", "wrong").status == 401
    assert Browser(daemon.api).sign_in("hurried").status == 201


def counted(d, user):
    """Tries to sign in as this user that are counted as failures, as long as nothing else is known of them."""
    with contextlib.closing(sqlite3.connect(f"file:{d.state}/store/gatewright.db?mode=ro", uri=True)) as store:
        found = store.execute("SELECT failures FROM throttle WHERE name = ?", (f"account:{user}",)).fetchone()
    return found[0] if found else 0


@pytest.mark.parametrize("name,change", [
    ("removed", lambda api: api.ok("DELETE", "users/removed")),
    ("disabled", lambda api: api.ok("PATCH", "users/disabled", {"disabled": True})),
    ("new-password", lambda api: api.ok("POST", "users/new-password/reset")),
])
def test_a_user_who_changes_while_the_password_is_hashed(daemon, name, change):
    """What was hashed is compared with what the user is by then."""
    add_user(daemon.api, name, ["viewer"])
    before, _ = at_once([lambda i=i: Browser(daemon.api).sign_in(f"before-{name}-{i}", "wrong") for i in range(8)])
    while not all(counted(daemon, f"before-{name}-{i}") for i in range(8)):
        pass
    threads, results = at_once([lambda: Browser(daemon.api).sign_in(name) for _ in range(3)])
    while counted(daemon, name) < 3:  # they are looked at behind the others
        assert all(t.is_alive() for t in threads)
    change(daemon.api)
    for t in before + threads:
        t.join()
    assert [r.status for r in results] == [401] * 3, results


def test_who_hangs_up_meanwhile_leaves_nothing_behind(daemon):
    body = json.dumps({"user": "nobody", "password": "x" * 20}).encode()
    for i in range(8):
        connection = http.client.HTTPSConnection("127.0.0.1", daemon.https_port, timeout=60, context=daemon.context, source_address=(f"127.0.2.{i + 1}", 0))
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        connection.close()
    add_user(daemon.api, "after-that", ["viewer"])
    assert daemon.api.get("health").json["status"] == "ok"


def test_the_end_does_not_wait_for_those_who_wait(build):
    with Daemon(build) as d:
        threads, results = at_once([lambda i=i: quietly(lambda: Browser(d.api).sign_in(f"user-{i}", "wrong")) for i in range(SIGN_INS)])
        while not all(counted(d, f"user-{i}") for i in range(SIGN_INS)):
            pass
        assert d.stop() == 0
        for t in threads:
            t.join()
        assert {r.status for r in results if r} <= {401, 503}
        looked_at = sum(counted(d, f"user-{i}") for i in range(SIGN_INS))
        assert looked_at < SIGN_INS, "who was not looked at stays counted as a failure"


def quietly(call):
    try:
        return call()
    except (OSError, http.client.HTTPException):
        return None
