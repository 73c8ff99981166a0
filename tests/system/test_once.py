"""If-Match: a change of what was seen. Idempotency-Key: a call that creates is done once."""
import sqlite3
import threading
import time

import pytest

from access import in_days
from api import Daemon

GATEWAY = {"name": "edge", "target": "nginx", "params": {}, "tls": ["127.0.0.1:1"], "server_names": ["gw.example.com"], "ssh": {"host": "127.0.0.1"}}


@pytest.fixture
def daemon(build):
    with Daemon(build) as d:
        yield d
    assert "ERROR: AddressSanitizer" not in d.log_text()


def etag(d, path):
    return d.api.get(path).headers["etag"]


# ---- If-Match ----

def test_a_gateway_that_was_changed(daemon):
    api = daemon.api
    made = api.post("gateways", GATEWAY)
    first = etag(daemon, "gateways/edge")
    assert made.headers["etag"] == first
    api.ok("POST", "gateways/edge/probe")
    assert etag(daemon, "gateways/edge") == first, "what was seen there is no change of it"
    changed = api.patch("gateways/edge", {"server_names": ["a.example.com"]}, headers={"If-Match": first})
    assert changed.status == 200 and changed.headers["etag"] == etag(daemon, "gateways/edge") != first
    for call in (lambda: api.patch("gateways/edge", {"server_names": ["b.example.com"]}, headers={"If-Match": first}),
                 lambda: api.delete("gateways/edge", headers={"If-Match": first}),
                 lambda: api.delete("gateways/edge", {"dry_run": True}, headers={"If-Match": '"x"'})):
        refused = call()
        assert refused.status == 412 and "was changed since" in refused.detail
    assert api.ok("GET", "gateways/edge")["server_names"] == ["a.example.com"]
    assert api.patch("gateways/edge", {}, headers={"If-Match": "*"}).status == 200
    assert api.delete("gateways/edge", headers={"If-Match": f'"x", {changed.headers["etag"]}'}).status == 204


def test_two_people_change_at_once(daemon):
    """Of those that saw the same, one wins."""
    daemon.api.post("gateways", GATEWAY)
    seen, answers = etag(daemon, "gateways/edge"), []

    def change(i):
        answers.append(daemon.api.patch("gateways/edge", {"server_names": [f"n{i}.example.com"]}, headers={"If-Match": seen}).status)

    threads = [threading.Thread(target=change, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answers) == [200] + [412] * 7


def test_a_certificate_that_was_changed(daemon):
    leaf = daemon.api.leaf(daemon.api.root()["id"])["id"]
    first = etag(daemon, f"certificates/{leaf}")
    assert daemon.api.post(f"certificates/{leaf}/revoke", headers={"If-Match": first}).headers["etag"] != first
    assert daemon.api.post(f"certificates/{leaf}/revoke", headers={"If-Match": first}).status == 412
    assert daemon.api.delete(f"certificates/{leaf}", headers={"If-Match": first}).status == 412
    assert daemon.api.delete(f"certificates/{leaf}", headers={"If-Match": etag(daemon, f"certificates/{leaf}")}).status == 204
    assert daemon.api.delete(f"certificates/{leaf}", headers={"If-Match": first}).status == 404


def test_a_user_that_was_changed(daemon):
    api = daemon.api
    password = api.ok("POST", "users", {"name": "eve", "roles": ["viewer"]})["one_time_password"]
    first = etag(daemon, "users/eve")
    assert api.post("session", {"user": "eve", "password": password}, headers={"Cookie": "x=y"}).status == 201
    assert etag(daemon, "users/eve") == first, "who signs in has changed nothing"
    changed = api.patch("users/eve", {"roles": ["issuer"]}, headers={"If-Match": first})
    assert changed.status == 200 and changed.headers["etag"] == etag(daemon, "users/eve") != first
    for call in (lambda: api.patch("users/eve", {"disabled": True}, headers={"If-Match": first}),
                 lambda: api.patch("users/eve", {"disabled": True, "dry_run": True}, headers={"If-Match": first}),
                 lambda: api.post("users/eve/reset", {}, headers={"If-Match": first}),
                 lambda: api.post("users/eve/reset", {"dry_run": True}, headers={"If-Match": first}),
                 lambda: api.delete("users/eve", headers={"If-Match": first})):
        refused = call()
        assert refused.status == 412 and "was changed since" in refused.detail
    assert api.ok("GET", "users/eve")["roles"] == ["issuer"] and not api.ok("GET", "users/eve")["disabled"]
    assert api.patch("users/eve", {"disabled": True}).status == 200, "without If-Match nobody is asked"
    assert api.post("users/eve/reset", {}, headers={"If-Match": etag(daemon, "users/eve")}).status == 200
    assert api.delete("users/eve", headers={"If-Match": etag(daemon, "users/eve")}).status == 204
    api.ok("POST", "users", {"name": "eve", "roles": ["viewer"]})
    assert etag(daemon, "users/eve") != first, "another one of the same name"


def test_settings_that_were_changed(daemon):
    api = daemon.api
    first = etag(daemon, "settings")
    assert api.patch("settings", {"session_idle_s": 900, "dry_run": True}, headers={"If-Match": first}).status == 200
    assert etag(daemon, "settings") == first
    changed = api.patch("settings", {"session_idle_s": 900}, headers={"If-Match": first})
    assert changed.status == 200 and changed.headers["etag"] == etag(daemon, "settings") != first
    refused = api.patch("settings", {"approve_ca": True}, headers={"If-Match": first})
    assert refused.status == 412 and not api.ok("GET", "settings")["approve_ca"]
    assert api.patch("settings", {"session_idle_s": 1800}, headers={"If-Match": changed.headers["etag"]}).headers["etag"] == first


# ---- Idempotency-Key ----

def key(text="k1"):
    return {"Idempotency-Key": text}


CREATING = [
    ("certificates", lambda root: {"kind": "end-entity", "issuer": root, "display_name": "Leaf", "names": "a.example.com"}),
    ("certificates/batch", lambda root: {"certificates": [{"kind": "end-entity", "issuer": root, "display_name": "Leaf", "names": "a.example.com"}] * 2}),
    ("gateways", lambda root: GATEWAY),
]


@pytest.mark.parametrize("path,body", CREATING, ids=[c[0] for c in CREATING])
def test_once(daemon, path, body):
    body = body(daemon.api.root()["id"])
    first = daemon.api.post(path, body, headers=key())
    before = len(daemon.api.items("certificates")), len(daemon.api.items("gateways"))
    again = daemon.api.post(path, dict(reversed(body.items())), headers=key())
    assert first.status == again.status == 201 and again.json == first.json
    assert daemon.stop() == 0
    daemon.start()
    assert daemon.api.post(path, body, headers=key()).json == first.json
    assert (len(daemon.api.items("certificates")), len(daemon.api.items("gateways"))) == before
    other = daemon.api.post(path, {**body, "dry_run": True}, headers=key())
    assert other.status == 422 and "another call" in other.detail
    assert daemon.api.post("certificates", {"kind": "root", "display_name": "Root 2"}, headers=key()).status == 422
    assert daemon.api.post("certificates", {"kind": "root", "display_name": "Root 2"}, headers=key("k2")).status == 201


def test_what_made_nothing_may_be_tried_again(daemon):
    root = daemon.api.root()["id"]
    body = {"kind": "end-entity", "issuer": root, "display_name": "Leaf", "names": ""}
    assert daemon.api.post("certificates", body, headers=key()).status == 422
    assert daemon.api.post("certificates", {**body, "names": "a.example.com", "dry_run": True}, headers=key()).status == 200
    assert daemon.api.post("certificates", {**body, "names": "a.example.com"}, headers=key()).status == 201


@pytest.mark.parametrize("text,status", [("", 400), ("a b", 400), ("x" * 65, 400), ("x" * 64, 201), ("!~", 201)])
def test_keys(daemon, text, status):
    assert daemon.api.post("certificates", {"kind": "root", "display_name": "Root"}, headers=key(text)).status == status


def test_many_at_once_make_one(daemon):
    answers = []

    def create():
        answers.append(daemon.api.post("certificates", {"kind": "root", "display_name": "Root", "key": "rsa-2048"}, headers=key()))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status for a in answers} <= {201, 409} and 201 in {a.status for a in answers}
    assert len(daemon.api.items("certificates")) == 1


def test_what_has_a_secret_is_made_once_and_not_shown_again(daemon):
    api = daemon.api
    rows = (("users", {"name": "eve", "roles": ["viewer"]}, "one_time_password"),
            ("tokens", {"name": "ci", "user": "eve", "roles": ["viewer"], "expires_at": in_days(1)}, "token"))
    for i, (path, body, secret) in enumerate(rows):
        assert api.post(path, {**body, "dry_run": True}, headers=key(f"k{i}")).status == 200
        made = api.post(path, body, headers=key(f"k{i}"))
        assert made.status == 201 and made.json[secret]
        for _ in range(2):
            again = api.post(path, body, headers=key(f"k{i}"))
            assert again.status == 409 and "is shown once only" in again.detail and made.json[secret] not in again.body.decode()
        assert api.post(path, {**body, "name": "other"}, headers=key(f"k{i}")).status == 422
        assert made.json[secret] not in str(execute(daemon, "SELECT * FROM idempotency"))
        assert api.post(path, {**body, "roles": ["root"]}, headers=key("wrong")).status == 400
    assert len(api.items("tokens?all=true")) == 1
    assert api.post("tokens", rows[1][1], headers=key("another")).status == 201 and len(api.items("tokens?all=true")) == 2


def execute(d, sql, *values):
    db = sqlite3.connect(d.state / "store/gatewright.db", timeout=30)
    with db:
        found = db.execute(sql, values).fetchall()
    db.close()
    return found


def test_a_call_that_was_cut_off_is_not_done_again(daemon):
    body = {"kind": "root", "display_name": "Root"}
    assert daemon.api.post("certificates", body, headers=key()).status == 201
    execute(daemon, "UPDATE idempotency SET status = 0, answer = NULL")
    answer = daemon.api.post("certificates", body, headers=key())
    assert answer.status == 409 and "was cut off" in answer.detail
    assert len(daemon.api.items("certificates")) == 1


def test_a_day_later_the_key_is_new(daemon):
    body = {"kind": "root", "display_name": "Root"}
    assert daemon.api.post("certificates", body, headers=key()).status == 201
    execute(daemon, "UPDATE idempotency SET created_at = ?", int(time.time()) - 86400 + 60)
    assert daemon.api.post("certificates", body, headers=key()).json["id"] == 1
    execute(daemon, "UPDATE idempotency SET created_at = ?", int(time.time()) - 86400 - 1)
    assert daemon.api.post("certificates", body, headers=key()).json["id"] == 2
    assert execute(daemon, "SELECT COUNT(*) FROM idempotency") == [(1,)]


def test_no_secret_is_kept(daemon):
    """An import with two passphrases is the same call: not even a hash of one is stored."""
    root = daemon.api.root()["id"]
    leaf = daemon.api.leaf(root)["id"]
    data = daemon.api.ok("POST", f"certificates/{leaf}/export", {"format": "keystore", "passphrase": "correct horse"})["data"]
    body = {"data": data, "passphrase": "correct horse"}
    assert daemon.api.post("certificates/import", body, headers=key()).status == 201
    assert daemon.api.post("certificates/import", {**body, "passphrase": "wrong"}, headers=key()).status == 201
    assert "correct horse" not in str(execute(daemon, "SELECT * FROM idempotency"))
