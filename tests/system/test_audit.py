"""The audit log and the second person, against the real gatewrightd."""
import base64
import concurrent.futures
import contextlib
import json
import re
import shutil
import sqlite3

import pytest

from access import Browser, add_user, in_days, routes
from api import Daemon
from test_api import GATEWAY
from test_once import execute


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build) as d:
        yield d
    assert "ERROR: AddressSanitizer" not in d.log_text() if d.log.exists() else True


@pytest.fixture
def api(daemon):
    return daemon.api


def newest(api):
    return api.ok("GET", "audit-events?limit=1")["items"][0]


def events_of(api, action):
    """Those that `action` left."""
    before = newest(api)["n"]
    action()
    return list(reversed([e for e in api.items("audit-events?limit=20", limit=20) if e["n"] > before]))


def verified(api):
    return api.ok("POST", "audit-verification")


# ---- What is in it ----

CHANGING = [r for r in routes() if r[4] != "NONE"]


@pytest.mark.parametrize("method,pattern,handler,permission,action", CHANGING, ids=[f"{r[0]}-{r[1]}" for r in CHANGING])
def test_a_call_that_is_refused_leaves_one_event(api, method, pattern, handler, permission, action):
    left = events_of(api, lambda: api.call(method, re.sub(r"\{\w+\}", "4711", pattern), {}))
    assert len(left) == 1, left
    assert left[0]["action"].replace(".", "_").replace("-", "_").upper() == action or action == "GATEWAY_UPDATE"
    assert left[0]["outcome"] == ("done" if handler == "settings_change" else "refused") and left[0]["address"] == "unix"
    assert left[0]["actor"].startswith("unix:")


def test_changes_and_their_events(api):
    def one(method, path, body, action, object_, before=None, after=None, status=(200, 201, 204)):
        left = events_of(api, lambda: api.ok(method, path, body))
        assert [(e["action"], e["object"], e["outcome"]) for e in left] == [(action, object_, "done")], left
        for got, want in ((left[0]["before"], before), (left[0]["after"], after)):
            for key, value in (want or {}).items():
                assert got[key] == value, left
        return left[0]

    root = api.root("Audited Root")
    leaf = api.leaf(root["id"], "audited.example")
    one("POST", "certificates", {"kind": "root", "display_name": "Second"}, "certificate.create", f"certificate:{leaf['id'] + 1}", None, {"count": 1})
    one("POST", "certificates/batch", {"certificates": [{"kind": "root", "display_name": f"B{i}"} for i in range(3)]},
        "certificate.create", f"certificate:{leaf['id'] + 2}", None, {"count": 3})
    one("DELETE", f"certificates/{leaf['id'] + 1}", {}, "certificate.delete", f"certificate:{leaf['id'] + 1}")
    event = one("POST", f"certificates/{leaf['id']}/export", {"format": "keystore", "passphrase": "Very Secret 7"},
                "certificate.export", f"certificate:{leaf['id']}")
    assert "Very Secret 7" not in json.dumps(event)
    assert not events_of(api, lambda: api.ok("POST", f"certificates/{leaf['id']}/export", {"format": "pem"}))
    one("POST", "gateways", GATEWAY, "gateway.create", "gateway:edge-1", None, {"tls": ["127.0.0.1:1"]})
    one("PATCH", "gateways/edge-1", {"tls": ["127.0.0.1:2"]}, "gateway.change", "gateway:edge-1", {"tls": ["127.0.0.1:1"]}, {"tls": ["127.0.0.1:2"]})
    assert not events_of(api, lambda: api.ok("PATCH", "gateways/edge-1", {"tls": ["127.0.0.1:3"], "dry_run": True}))
    key = "SHA256:" + "A" * 43
    one("POST", "gateways/edge-1/host-key", {"accept": key}, "gateway.host-key", "gateway:edge-1", {"host_key": None}, {"host_key": key})
    one("POST", "gateways/edge-1/probe", {}, "gateway.probe", "gateway:edge-1")
    one("DELETE", "gateways/edge-1", {}, "gateway.delete", "gateway:edge-1", {"tls": ["127.0.0.1:2"]})
    one("POST", "users", {"name": "eve", "roles": ["viewer"]}, "user.create", "user:eve", None, {"roles": ["viewer"]})
    one("PATCH", "users/eve", {"roles": ["issuer"]}, "user.change", "user:eve", {"roles": ["viewer"]}, {"roles": ["issuer"], "disabled": False})
    one("POST", "users/eve/reset", {}, "user.reset", "user:eve")
    token = one("POST", "tokens", {"name": "t", "user": "eve", "roles": ["issuer"], "expires_at": in_days(1)}, "token.create", "token:1/eve")
    assert "gwt_" not in json.dumps(token)
    one("DELETE", "tokens/1", {}, "token.delete", "token:1/eve")
    one("DELETE", "users/eve", {}, "user.delete", "user:eve")
    one("PATCH", "settings", {"session_idle_s": 1000}, "setting.change", "settings", {"session_idle_s": 1800}, {"session_idle_s": 1000})
    left = events_of(api, lambda: api.get("users/none"))
    assert left == [], "reading leaves nothing"
    assert verified(api)["ok"]


def test_sessions_and_their_events(api):
    left = events_of(api, lambda: add_user(api, "walker", ["viewer"]))
    assert [(e["actor"].split(":")[0], e["action"]) for e in left] == [("unix", "user.create"), ("user", "session.create"), ("user", "session.password")]
    left = events_of(api, lambda: Browser(api).sign_in("walker", "Wrong Password 1"))
    assert [(e["actor"], e["object"], e["outcome"]) for e in left] == [("nobody", "user:walker", "refused")]
    left = events_of(api, lambda: Browser(api).sign_in("My Password In The Name", "x"))
    assert "My Password" not in json.dumps(left) and left[0]["object"] == "user:(none)"
    browser = Browser(api)
    browser.sign_in("walker")
    left = events_of(api, lambda: browser.call("POST", "users", {"name": "x", "roles": []}))
    assert [(e["actor"], e["action"], e["outcome"]) for e in left] == [("user:walker", "user.create", "refused")]
    assert "ADMIN" in left[0]["detail"]
    left = events_of(api, lambda: browser.call("DELETE", "session", {}))
    assert [(e["actor"], e["action"], e["outcome"]) for e in left] == [("user:walker", "session.end", "done")]


def test_strangers_do_not_fill_it(api):
    left = events_of(api, lambda: [api.post("certificates", {}, headers={"Authorization": "Bearer x"}) for _ in range(15)])
    assert 1 <= len(left) <= 8 and all(e["outcome"] == "refused" and e["actor"] == "nobody" for e in left)


def test_refused_reads(build):
    """On a daemon of its own: what is only counted is told later."""
    with Daemon(build) as d:
        api = d.api
        viewer = add_user(api, "looker", ["viewer"])
        reads = [(m, p) for m, p, h, permission, action in routes() if m == "GET" and permission in ("ADMIN", "AUDIT") and h != "metrics_show"]
        assert len(reads) >= 6
        left = events_of(api, lambda: [viewer.call(m, re.sub(r"\{\w+\}", "looker", p)) for m, p in reads for _ in range(3)])
        assert [(e["actor"], e["action"], e["outcome"]) for e in left] == [("user:looker", "call.read", "refused")] * len(reads), left
        assert "user:looker" in {e["object"] for e in left} and all("permission" in e["detail"] for e in left)
        left = events_of(api, lambda: [api.get("/metrics", headers={"Authorization": "Bearer x"}) for _ in range(3)])
        assert [(e["actor"], e["action"], e["object"], e["address"]) for e in left] == [("nobody", "call.read", "/metrics", "unix")], left
        assert events_of(api, lambda: Browser(api).call("GET", "session")) == [], "a log-in that ended is nothing to tell"


# ---- Reading it ----

def test_filters_and_pages(api):
    everything = api.items("audit-events", limit=7)
    assert [e["n"] for e in everything] == list(range(everything[0]["n"], 0, -1))
    assert everything[-1]["action"] == "user.create" and everything[-1]["actor"] == "system"
    for name in ("actor", "action", "object", "outcome"):
        value = everything[3][name]
        assert api.items(f"audit-events?{name}={value.replace(' ', '%20')}", limit=3) == [e for e in everything if e[name] == value]
    both = api.items("audit-events?action=user.create&outcome=refused")
    assert both == [e for e in everything if e["action"] == "user.create" and e["outcome"] == "refused"]
    at = everything[5]["at"]
    assert api.items(f"audit-events?after={at}") == [e for e in everything if e["at"] >= at]
    assert api.items(f"audit-events?before={at}") == [e for e in everything if e["at"] < at]
    for query in ("action=odd", "after=now", "x=1", "cursor=a"):
        assert api.get(f"audit-events?{query}").status == 400


def test_export_is_what_is_stored(api):
    answer = api.get("audit-export")
    lines = answer.body.decode().splitlines()
    assert answer.headers["content-type"] == "application/jsonl"
    events = [json.loads(line) for line in lines if line.startswith('{"n":')]
    assert events == list(reversed(api.items("audit-events", limit=500)))
    last = events[-1]["n"]
    assert [json.loads(line)["n"] for line in api.get(f"audit-export?from={last}").body.decode().splitlines()] == [last]
    assert api.get(f"audit-export?from={last + 1}").body == b""
    assert api.get("audit-export?from=x").status == 400 and api.get("audit-export?from=0").status == 400


# ---- What somebody does to it ----

@pytest.fixture(scope="module")
def signed(build, tmp_path_factory):
    """The state of a daemon with ten events and, from its orderly end, a signed head."""
    with Daemon(build, folder=tmp_path_factory.mktemp("signed")) as d:
        for i in range(9):
            d.api.root(f"R{i}")
        assert d.stop() == 0
        yield d


SQL = {
    "changed": ("UPDATE audit_event SET text = replace(text, 'unix:', 'unix;') WHERE n = 5", 5, "changed"),
    "missing": ("DELETE FROM audit_event WHERE n = 5", 5, "missing"),
    "beginning": ("DELETE FROM audit_event WHERE n < 3", 1, "begins"),
    "renumbered": ("DELETE FROM audit_event WHERE n = 5; UPDATE audit_event SET n = n - 1, text = replace(text, '\"n\":' || n, '\"n\":' || (n - 1)) WHERE n > 5", 5, "changed"),
    "reordered": ("UPDATE audit_event SET text = (SELECT text FROM audit_event WHERE n = 6) WHERE n = 5", 6, "order"),
    "truncated": ("DELETE FROM audit_event WHERE n > 7; DELETE FROM audit_head", 10, "ends at event 7"),
    "head changed": ("UPDATE audit_head SET text = replace(text, '\"first\":1', '\"first\":2')", 10, "signature"),
    "nothing": ("SELECT 1", None, None),
}


@pytest.mark.parametrize("what", SQL)
def test_verification_finds_it(signed, build, tmp_path, what):
    script, n, words = SQL[what]
    state = tmp_path / "state"
    shutil.copytree(signed.state, state)
    database = sqlite3.connect(state / "store/gatewright.db")
    assert database.execute("SELECT max(n) FROM audit_event").fetchone()[0] == 10
    database.executescript(script)
    database.close()
    with Daemon(build, folder=tmp_path) as d:
        found = verified(d.api)
        assert found["ok"] == (n is None), found
        if n is not None:
            assert any(p["n"] == n and words in p["what"] for p in found["problems"]), found
        else:
            assert found == {"ok": True, "events": 10, "heads": 1, "unsigned": 0, "problems": []}


def test_heads_go_on_after_a_restart(signed, build, tmp_path):
    shutil.copytree(signed.state, tmp_path / "state")
    with Daemon(build, folder=tmp_path) as d:
        d.api.root("After")
        assert verified(d.api)["unsigned"] == 1
        assert d.stop() == 0
        d.start()
        assert verified(d.api) == {"ok": True, "events": 11, "heads": 2, "unsigned": 0, "problems": []}


# ---- A second person ----

@pytest.fixture(scope="module")
def two_daemon(build):
    with Daemon(build) as d:
        yield d


@pytest.fixture(scope="module")
def two(two_daemon):
    api = two_daemon.api
    ann, ben = (add_user(api, name, ["administrator"]) for name in ("ann", "ben"))
    leaf = api.leaf(api.root("Approved Root")["id"])
    api.ok("PATCH", "settings", {"approve_key_export": True, "approve_ca": True})
    return api, ann, ben, leaf


def test_an_export_needs_a_second_person(two):
    api, ann, ben, leaf = two
    path, body = f"certificates/{leaf['id']}/export", {"format": "keystore", "passphrase": "a passphrase"}
    answer = ann.call("POST", path, body)
    assert answer.status == 202, answer
    waits = answer.json["approval"]
    assert waits["state"] == "waiting" and waits["requested_by"] == "ann" and waits["decided_by"] is None and str(leaf["id"]) in waits["summary"]
    again = {**body, "approval": waits["id"]}
    assert ann.call("POST", path, again).status == 403, "it is not granted yet"
    assert ann.call("POST", f"approvals/{waits['id']}/grant", {}).status == 403, "who asks never approves"
    assert ben.call("POST", f"approvals/{waits['id']}/grant", {}).json["state"] == "granted"
    assert ben.call("POST", f"approvals/{waits['id']}/refuse", {}).status == 409
    assert ben.call("POST", path, again).status == 403, "it is ann's"
    assert ann.call("POST", f"certificates/{leaf['issuer']}/export", again).status == 403, "it is for another certificate"
    assert ann.call("POST", path, again).json["format"] == "keystore"
    assert ann.call("POST", path, again).status == 403, "it was used"
    assert ann.call("POST", path, {"format": "pem"}).status == 200
    listed = {a["id"]: a for a in ann.call("GET", "approvals").json["items"]}
    assert listed[waits["id"]]["state"] == "used" and listed[waits["id"]]["decided_by"] == "ben"
    actions = [(e["actor"], e["action"], e["outcome"]) for e in reversed(api.items("audit-events"))][-12:]
    for wanted in (("user:ann", "approval.request", "done"), ("user:ann", "approval.grant", "refused"), ("user:ben", "approval.grant", "done"),
                   ("user:ann", "certificate.export", "done")):
        assert wanted in actions, actions


@contextlib.contextmanager
def failing(d, event, words):
    """What `event` does to a table of the store fails meanwhile, as on a disk that is full."""
    execute(d, f"CREATE TRIGGER broken BEFORE {event} WHEN {words} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    try:
        yield
    finally:
        execute(d, "DROP TRIGGER broken")


def granted(ann, ben, path, body):
    """`body` with an approval that ben granted."""
    number = ann.call("POST", path, body).json["approval"]["id"]
    assert ben.call("POST", f"approvals/{number}/grant", {}).status == 200
    return {**body, "approval": number}


@pytest.fixture(scope="module")
def foreign(build):
    """Another inventory's root with its key, and its leaf: PEM in base64. No certificate of two files is the same."""
    with Daemon(build) as other:
        root = other.api.root("Foreign Root")
        web = other.api.leaf(root["id"], "foreign.example")
        pem = {k: other.api.ok("POST", f"certificates/{v['id']}/export", {"format": "pem"})["data"] for k, v in (("root", root), ("leaf", web))}
    return {k: base64.b64encode(v.encode()).decode() for k, v in {"root": pem["root"], "both": pem["leaf"] + pem["root"], "leaf": pem["leaf"]}.items()}


def test_an_import_of_a_root_needs_a_second_person(two_daemon, two, foreign):
    api, ann, ben, leaf = two
    path, body = "certificates/import", {"data": foreign["both"]}
    there = len(api.items("certificates"))
    assert ann.call("POST", path, {**body, "dry_run": True}).json["would_import"] == 2
    answer = ann.call("POST", path, body)
    assert answer.status == 202 and "root 'Foreign Root'" in answer.json["approval"]["summary"], answer
    number = answer.json["approval"]["id"]
    assert ann.call("POST", path, {**body, "approval": number}).status == 403, "it is not granted yet"
    assert ben.call("POST", f"approvals/{number}/grant", {}).status == 200
    assert ann.call("POST", path, {"data": foreign["root"], "approval": number}).status == 403, "another file"
    assert len(api.items("certificates")) == there
    with failing(two_daemon, "INSERT ON certificate", "NEW.kind = 2"):
        assert ann.call("POST", path, {**body, "approval": number}).status in (409, 500)
    assert len(api.items("certificates")) == there
    assert len(ann.call("POST", path, {**body, "approval": number}).json["imported"]) == 2
    assert state_of(ann, {"approval": number}) == "used"
    again = ann.call("POST", path, body)
    assert again.status == 201 and len(again.json["skipped"]) == 2, "nothing of it is new"


def state_of(ann, body):
    return next(a["state"] for a in ann.call("GET", "approvals").json["items"] if a["id"] == body["approval"])


def keystore_of(leaf):
    return f"certificates/{leaf['id']}/export", {"format": "keystore", "passphrase": "a passphrase"}


NEW_ROOT = "certificates", {"kind": "root", "display_name": "Twice"}


@pytest.mark.parametrize("event,words,deed", [
    ("INSERT ON audit_event", "NEW.outcome = 'done'", None),
    ("INSERT ON audit_event", "NEW.outcome = 'done'", NEW_ROOT),
    ("INSERT ON certificate", "1", NEW_ROOT),
], ids=["export", "root", "root-row"])
def test_a_deed_that_fails_leaves_its_approval(two_daemon, two, event, words, deed):
    """And no key is exported, and no certificate made, without its event on the disk."""
    api, ann, ben, leaf = two
    path, body = deed or keystore_of(leaf)
    body = granted(ann, ben, path, body)
    there = len(api.items("certificates"))
    with failing(two_daemon, event, words):
        answer = ann.call("POST", path, body)
        assert answer.status in (409, 500) and "data" not in answer.json, answer
        assert state_of(ann, body) == "granted" and len(api.items("certificates")) == there
    assert ann.call("POST", path, body).status in (200, 201)
    assert state_of(ann, body) == "used" and ann.call("POST", path, body).status == 403


@pytest.mark.parametrize("deed", [None, NEW_ROOT], ids=["export", "root"])
def test_two_deeds_at_once_use_it_once(two, deed):
    api, ann, ben, leaf = two
    path, body = deed or keystore_of(leaf)
    body = granted(ann, ben, path, body)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ann.call("POST", path, body), range(4)))
    assert sorted(a.status for a in answers) == [200 if deed is None else 201, 403, 403, 403], answers


def test_a_root_needs_a_second_person(two):
    api, ann, ben, leaf = two
    body = {"kind": "root", "display_name": "Wanted"}
    for path, one in (("certificates", body), ("certificates/batch", {"certificates": [body]})):
        answer = ann.call("POST", path, one)
        assert answer.status == 202, answer
        number = answer.json["approval"]["id"]
        asked = [a for a in ben.call("GET", "overview").json["attention"] if a["kind"] == "approval"]
        assert [a["id"] for a in asked] == [number] and "'ann' waits for a second person" in asked[0]["text"], asked
        assert ben.call("POST", f"approvals/{number}/grant", {}).status == 200
        assert not [a for a in ben.call("GET", "overview").json["attention"] if a["kind"] == "approval"]
        assert ann.call("POST", path, {**one, "approval": number + 100}).status == 403
        changed = json.loads(json.dumps(one).replace("Wanted", "Other"))
        assert ann.call("POST", path, {**changed, "approval": number}).status == 403, "another request"
        assert ann.call("POST", path, {**one, "approval": number}).status == 201
    assert ann.call("POST", "certificates", {**body, "dry_run": True}).status == 200
    assert ann.call("POST", "certificates", {"issuer": leaf["issuer"], "display_name": "x", "names": "b.example"}).status == 201
    answer = ann.call("POST", "certificates", body)
    number = answer.json["approval"]["id"]
    assert ben.call("POST", f"approvals/{number}/refuse", {}).json["state"] == "refused"
    assert ann.call("POST", "certificates", {**body, "approval": number}).status == 403
    assert api.post("certificates", body).status == 202, "the machine's user needs one too"
