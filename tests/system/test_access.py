"""Who may call what, against the real gatewrightd: roles, sessions, tokens, second factors, lockout."""
import re
import sqlite3
import stat

import pytest

from access import PASSWORD, ROLES, Browser, add_user, bearer, in_days, routes, step_now, totp
from api import Daemon

MAY = {"PUBLIC": {*ROLES}, "SELF": {*ROLES}, "VIEW": {*ROLES}, "DEPLOY": {"deployer", "administrator"},
       "ISSUE": {"issuer", "administrator"}, "AUDIT": {"administrator"}, "ADMIN": {"administrator"}}
ENDS_THE_SESSION = {"session_end", "session_end_all"}


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build) as d:
        yield d
    assert "ERROR: AddressSanitizer" not in d.log_text() if d.log.exists() else True


@pytest.fixture
def api(daemon):
    return daemon.api


@pytest.fixture(scope="module")
def browsers(daemon):
    """One that is signed in for each role."""
    return {role: add_user(daemon.api, f"a-{role}", [role]) for role in ROLES}


@pytest.fixture(scope="module")
def leaf(daemon):
    root = daemon.api.root("Access Root")
    return daemon.api.leaf(root["id"])


def refused(answer, status, name, *words):
    assert answer.status == status, answer
    assert answer.type == "application/problem+json"
    assert answer.json["type"] == f"urn:gatewright:problem:{name}" if name else "about:blank", answer
    for word in words:
        assert word in answer.detail, answer.detail
    return answer


def path_of(pattern):
    return re.sub(r"\{\w+\}", "4711", pattern)


# ---- Roles ----

@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_every_call_as_every_role(browsers, api, role):
    browser = browsers.get(role) or Browser(api)
    for method, pattern, handler, permission, _ in routes():
        if handler in ENDS_THE_SESSION and role != "nobody":
            continue
        answer = browser.call(method, path_of(pattern), None if method == "GET" else {"dry_run": True})
        where = f"{method} {pattern} as {role}: {answer}"
        if permission == "PUBLIC":
            assert answer.status not in (403, 500), where
        elif role == "nobody":
            assert answer.status == 401 and answer.json["type"] == "urn:gatewright:problem:sign-in", where
            assert answer.headers["www-authenticate"] == "Bearer", where
        elif role in MAY[permission]:
            assert answer.status not in (401, 403, 500), where
        else:
            assert answer.status == 403 and answer.json["type"] == "urn:gatewright:problem:permission", where
            assert permission in answer.detail, where


def test_what_the_body_decides(browsers, leaf):
    keystore = {"format": "keystore", "passphrase": "a passphrase"}
    for role, browser in browsers.items():
        for fields in ({"format": "pem"}, {"format": "chain"}):
            assert browser.call("POST", f"certificates/{leaf['id']}/export", fields).status == 200
        answer = browser.call("POST", f"certificates/{leaf['id']}/export", keystore)
        assert answer.status == (200 if role in ("issuer", "administrator") else 403), (role, answer)
        answer = browser.call("POST", "certificates", {"kind": "root", "display_name": "R", "dry_run": True})
        assert answer.status == (200 if role == "administrator" else 403), (role, answer)
    answer = browsers["issuer"].call("POST", "certificates", {"renews": leaf["root"], "dry_run": True})
    assert answer.status == 403 and "ISSUE_CA" in answer.detail  # the kind comes from what is renewed
    answer = browsers["issuer"].call("POST", "certificates", {"issuer": leaf["issuer"], "display_name": "x", "names": "a.example"})
    assert answer.status == 201, answer


def test_only_an_administrator_imports_a_ca(browsers, api, build):
    with Daemon(build) as other:
        root = other.api.root("Foreign Root")
        web = other.api.leaf(root["id"], "foreign.example")
        pem = {k: other.api.ok("POST", f"certificates/{v['id']}/export", {"format": "pem"})["data"]
               for k, v in (("root", root), ("leaf", web))}
    import base64
    data = base64.b64encode((pem["leaf"] + pem["root"]).encode()).decode()
    before = len(api.items("certificates"))
    answer = browsers["issuer"].call("POST", "certificates/import", {"data": data})
    assert answer.status == 403 and "Foreign Root" in answer.detail, answer
    assert len(api.items("certificates")) == before
    assert browsers["administrator"].call("POST", "certificates/import", {"data": data}).status == 201


def test_the_machines_user(api):
    session = api.ok("GET", "session")
    assert session["by"] == "unix" and session["roles"] == ["administrator"] and session["csrf"] is None
    for method, path, body in (("POST", "session/password", {"current": "a", "new": "b"}), ("DELETE", "sessions", {}),
                               ("POST", "session/totp", {"password": "x"}), ("DELETE", "session", {})):
        refused(api.call(method, path, body), 403, None, "want a session")


# ---- Sessions ----

def test_session_and_sign_out(api, browsers):
    browser = Browser(api)
    answer = browser.sign_in("a-viewer")
    assert answer.status == 201 and answer.json["by"] == "session" and answer.json["permissions"] == ["PUBLIC", "SELF", "VIEW"]
    session = browser.call("GET", "session").json
    assert session["csrf"] == answer.json["csrf"] and session["user"] == "a-viewer" and not session["must_change_password"]
    assert session["idle_expires_at"] < session["expires_at"]
    old = dict(browser.cookies)
    assert browser.call("DELETE", "session").status == 204
    browser.cookies = old  # the cookie that was kept is no use
    refused(browser.call("GET", "session"), 401, "sign-in", "sign in again")
    assert browser.sign_in("a-viewer").status == 201
    other = Browser(api)
    assert other.sign_in("a-viewer").status == 201
    assert other.call("DELETE", "sessions").status == 204
    for b in (browser, browsers["viewer"]):
        assert b.call("GET", "session").status == 401
    assert browsers["viewer"].sign_in("a-viewer").status == 201


def test_only_hashes_are_stored(daemon, browsers):
    secrets = [v.encode() for b in browsers.values() for v in b.cookies.values()] + [PASSWORD.encode()]
    for file in (daemon.state / "store").iterdir():
        data = file.read_bytes()
        assert not [s for s in secrets if s in data], file
    assert not [s for s in secrets if s.decode() in daemon.log.read_text()]


@pytest.mark.parametrize("headers,status", [
    ({}, 422), ({"X-CSRF-Token": None}, 403), ({"X-CSRF-Token": ""}, 403), ({"X-CSRF-Token": "x" * 43}, 403),
    ({"Origin": "https://localhost"}, 422), ({"Origin": "http://localhost"}, 403), ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403), ({"Origin": "https://localhost.evil.example"}, 403),
])
def test_changing_calls_of_a_session(browsers, headers, status):
    answer = browsers["administrator"].call("POST", "certificates", {"display_name": "", "dry_run": True}, headers)
    assert answer.status == status, answer
    if status == 403:
        refused(answer, 403, "csrf")


def test_the_token_of_another_session_is_none(browsers):
    headers = {"X-CSRF-Token": browsers["viewer"].csrf}
    refused(browsers["administrator"].call("DELETE", "users/nobody", {}, headers), 403, "csrf")


# ---- Passwords ----

def test_the_first_administrator(build):
    with Daemon(build) as d:
        file = d.state / "store/first-password"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        password = file.read_text().strip()
        assert re.fullmatch(r"([a-z0-9]{4}-){3}[a-z0-9]{4}", password) and password not in d.log.read_text()
        browser = Browser(d.api)
        answer = browser.sign_in("admin", password)
        assert answer.status == 201 and answer.json["must_change_password"]
        for method, path in (("GET", "users"), ("GET", "certificates"), ("POST", "tokens"), ("POST", "session/totp"), ("GET", "tokens")):
            refused(browser.call(method, path, None if method == "GET" else {}), 403, "password-change", "change the password")
        assert browser.call("GET", "session").status == 200
        for new, words in ((password, "the current one"), ("short", "too short"), ("adminadminadmin", "name")):
            refused(browser.call("POST", "session/password", {"current": password, "new": new}), 422, None, words)
        answer = browser.call("POST", "session/password", {"current": "wrong", "new": PASSWORD})
        assert answer.status == 401 and answer.json["reason"] == "credentials"
        assert browser.call("POST", "session/password", {"current": password, "new": PASSWORD}).status == 204
        assert browser.call("GET", "users").status == 200 and not file.exists()
        assert d.stop() == 0
        d.start()
        assert not file.exists()
        assert browser.call("GET", "users").status == 200, "a session survives a restart"


def test_a_new_password_ends_the_other_sessions(api):
    first = add_user(api, "changes", ["viewer"])
    second = Browser(api)
    assert second.sign_in("changes").status == 201
    assert first.call("POST", "session/password", {"current": PASSWORD, "new": PASSWORD + "2"}).status == 204
    assert first.call("GET", "session").status == 200 and second.call("GET", "session").status == 401
    assert second.sign_in("changes").json["reason"] == "credentials"


def test_wrong_names_and_passwords_sound_alike(api, browsers):
    answers = [Browser(api).sign_in(user, "wrong") for user in ("a-issuer", "nobody-has-this", "Not A Name", "")]
    assert {a.status for a in answers} == {401} and len({a.detail for a in answers}) == 1


def test_lockout_does_not_reach_the_known_browser(api):
    def until_refused(browser_of):
        """Wrong tries until one has to wait; a try takes longer than the first waits. test_manager_access.c is exact."""
        for n in range(12):
            browser = browser_of()
            browser.cookies.pop("__Host-gatewright", None)
            answer = browser.sign_in("hammered", "wrong")
            if answer.status == 429:
                return n, answer
            assert answer.status == 401, answer
        raise AssertionError("twelve wrong tries, and none had to wait")

    known = add_user(api, "hammered", ["viewer"])
    n, answer = until_refused(lambda: Browser(api))
    refused(answer, 429, "wait")
    assert n >= 5 and answer.json["reason"] == "wait" and 1 <= int(answer.headers["retry-after"]) <= 300
    session = known.cookies.pop("__Host-gatewright")
    assert known.sign_in("hammered").status == 201, "a browser that signed in before is counted apart"
    assert known.cookies["__Host-gatewright"] != session
    n, answer = until_refused(lambda: known)
    assert n >= 5 and answer.json["reason"] == "wait"


# ---- Users ----

def test_users(api):
    made = api.ok("POST", "users", {"name": "carol", "roles": ["issuer", "viewer"]})
    assert made["roles"] == ["viewer", "issuer"] and made["must_change_password"] and not made["disabled"] and not made["totp"]
    assert {k: v for k, v in made.items() if k != "one_time_password"} == api.ok("GET", "users/carol")
    assert "carol" in [u["name"] for u in api.items("users")]
    for body, status in (({"name": "carol", "roles": []}, 409), ({"name": "Carol", "roles": []}, 400), ({"name": "dave"}, 400),
                         ({"name": "dave", "roles": ["root"]}, 400), ({"name": "dave", "roles": [], "password": "x"}, 400)):
        assert api.post("users", body).status == status, body
    browser = Browser(api)
    assert browser.sign_in("carol", made["one_time_password"]).status == 201
    changed = api.ok("PATCH", "users/carol", {"disabled": True})
    assert changed["disabled"] and changed["roles"] == ["viewer", "issuer"]
    assert browser.call("GET", "session").status == 401
    assert browser.sign_in("carol", made["one_time_password"]).json["reason"] == "credentials"
    assert api.ok("PATCH", "users/carol", {"disabled": False, "roles": []})["roles"] == []
    again = api.ok("POST", "users/carol/reset", {})["one_time_password"]
    assert again != made["one_time_password"] and browser.sign_in("carol", again).status == 201
    assert api.call("DELETE", "users/carol", {"dry_run": True}).status == 204
    assert api.get("users/carol").status == 200
    assert api.call("DELETE", "users/carol", {}).status == 204
    for method, path in (("GET", "users/carol"), ("PATCH", "users/carol"), ("DELETE", "users/carol"), ("POST", "users/carol/reset")):
        assert api.call(method, path, None if method == "GET" else {}).status == 404


def test_the_last_administrator_stays(build):
    with Daemon(build) as d:
        for method, path, body in (("PATCH", "users/admin", {"roles": ["viewer"]}), ("PATCH", "users/admin", {"disabled": True}),
                                   ("DELETE", "users/admin", {})):
            answer = d.api.call(method, path, body)
            assert answer.status == 409 and "no administrator" in answer.detail, answer
        assert d.api.ok("GET", "users/admin")["roles"] == ["administrator"]
        d.api.ok("POST", "users", {"name": "second", "roles": ["administrator"]})
        assert d.api.call("DELETE", "users/admin", {}).status == 204
        assert d.api.call("DELETE", "users/second", {}).status == 409


def test_a_reset_ends_all_that_let_the_user_in(api, daemon):
    browser = add_user(api, "shutout", ["viewer"])
    token = bearer(browser.call("POST", "tokens", {"name": "t", "roles": ["viewer"], "expires_at": in_days(1)}).json["token"])
    other = add_user(api, "bystander", ["viewer"])
    kept = bearer(other.call("POST", "tokens", {"name": "t", "roles": ["viewer"], "expires_at": in_days(1)}).json["token"])
    assert api.ok("POST", "users/shutout/reset", {"dry_run": True}) and api.get("session", headers=token).status == 200
    password = api.ok("POST", "users/shutout/reset", {})["one_time_password"]
    assert browser.call("GET", "session").status == 401 and api.get("session", headers=token).status == 401
    with sqlite3.connect(daemon.state / "store/gatewright.db") as db:
        marks = dict(db.execute("SELECT name, COUNT(trusted_mark.hash) FROM account LEFT JOIN trusted_mark ON account_id = account.id GROUP BY name"))
    assert marks["shutout"] == 0 and marks["bystander"] == 1
    assert api.items("tokens?all=true") and "shutout" not in [t["user"] for t in api.items("tokens?all=true")]
    assert browser.sign_in("shutout", password).status == 201
    assert browser.call("POST", "session/password", {"current": password, "new": PASSWORD}).status == 204
    assert api.get("session", headers=token).status == 401, "it does not come back"
    assert other.call("GET", "session").status == 200 and api.get("session", headers=kept).status == 200


# ---- Tokens ----

def test_tokens(api, browsers):
    browser = browsers["administrator"]
    body = {"name": "ci", "roles": ["issuer"], "expires_at": in_days(30)}
    refused(browser.call("POST", "tokens", body), 422, None, "want roles that")
    api.ok("PATCH", "users/a-administrator", {"roles": ["administrator", "issuer"]})
    made = browser.call("POST", "tokens", body).json
    assert made["token"].startswith("gwt_") and made["last_used_at"] is None and made["user"] == "a-administrator"
    token = bearer(made["token"])
    session = api.get("session", headers=token).json
    assert session["by"] == "token" and session["roles"] == ["issuer"] and session["expires_at"] == made["expires_at"]
    assert api.get("users", headers=token).status == 403
    assert api.post("certificates", {"display_name": "", "dry_run": True}, headers=token).status == 422  # no CSRF token needed
    refused(api.post("tokens", body, headers=token), 403, None, "makes no tokens")
    refused(api.post("session/password", {"current": "a", "new": "b"}, headers=token), 403, None, "want a session")
    listed = {t["id"]: t for t in browser.call("GET", "tokens").json["items"]}
    assert listed[made["id"]]["last_used_at"] and "token" not in listed[made["id"]]
    api.ok("PATCH", "users/a-administrator", {"roles": ["administrator"]})
    refused(api.get("session", headers=token), 403, "permission", "SELF")  # what the user loses, the token loses
    assert api.get("certificates", headers=token).status == 403
    assert browsers["viewer"].call("DELETE", f"tokens/{made['id']}", {}).status == 404, "not its own"
    assert browser.call("DELETE", f"tokens/{made['id']}", {}).status == 204
    refused(api.get("session", headers=token), 401, "sign-in", "token")


@pytest.mark.parametrize("fields", [{"expires_at": in_days(-1)}, {"expires_at": in_days(400)}, {"roles": []}])
def test_tokens_that_are_not_made(browsers, fields):
    body = {"name": "x", "roles": ["viewer"], "expires_at": in_days(1), **fields}
    assert browsers["viewer"].call("POST", "tokens", body).status == 422


def test_a_token_made_on_the_socket(api, browsers):
    body = {"name": "ci", "roles": ["deployer"], "expires_at": in_days(1)}
    assert api.post("tokens", body).status == 400
    refused(browsers["deployer"].call("POST", "tokens", {**body, "user": "a-deployer"}), 403, None, "Unix socket")
    made = api.ok("POST", "tokens", {**body, "user": "a-deployer"})
    assert api.get("session", headers=bearer(made["token"])).json["user"] == "a-deployer"
    assert made["id"] in [t["id"] for t in api.items("tokens?all=true")]
    assert browsers["deployer"].call("GET", "tokens?all=true").status == 403
    api.ok("PATCH", "users/a-deployer", {"disabled": True})
    assert api.get("session", headers=bearer(made["token"])).status == 401
    api.ok("PATCH", "users/a-deployer", {"disabled": False})
    assert browsers["deployer"].sign_in("a-deployer").status == 201


@pytest.mark.parametrize("value", ["Bearer", "Bearer x", "Basic YTpi", "Bearer gwt_" + "A" * 43, "gwt_" + "A" * 43, ""])
def test_what_is_no_token(api, value):
    assert api.get("certificates", headers={"Authorization": value}).status == 401


# ---- The second factor ----

def test_second_factor(api):
    browser = add_user(api, "careful", ["viewer"])
    assert browser.call("POST", "session/totp/confirm", {"code": "123456"}).status == 409
    assert browser.call("POST", "session/totp", {"password": "wrong"}).json["reason"] == "credentials"
    begun = browser.call("POST", "session/totp", {"password": PASSWORD}).json
    assert begun["uri"] == f"otpauth://totp/Gatewright:careful?secret={begun['secret']}&issuer=Gatewright"
    assert Browser(api).sign_in("careful").status == 201, "it counts only after it was confirmed"
    refused(browser.call("POST", "session/totp/confirm", {"code": "000000x"}), 422, "code-wrong")
    step = step_now()
    codes = browser.call("POST", "session/totp/confirm", {"code": totp(begun["secret"], step)}).json["recovery_codes"]
    assert len(set(codes)) == 10
    assert browser.call("POST", "session/totp", {"password": PASSWORD}).status == 409
    other = Browser(api)
    assert other.sign_in("careful").json["reason"] == "code-needed"
    assert other.sign_in("careful", "wrong", totp(begun["secret"], step + 1)).json["reason"] == "credentials"
    assert other.sign_in("careful", code=totp(begun["secret"], step)).json["reason"] == "code-wrong", "a step is accepted once"
    assert other.sign_in("careful", code=totp(begun["secret"], step + 1)).json["totp"] is True
    assert other.sign_in("careful", code=codes[3].upper().replace("-", " ")).status == 201
    assert other.sign_in("careful", code=codes[3]).json["reason"] == "code-wrong", "a recovery code works once"
    assert other.call("POST", "session/totp/remove", {"password": PASSWORD, "code": "abcd"}).json["reason"] == "code-wrong"
    assert other.call("POST", "session/totp/remove", {"password": PASSWORD, "code": codes[4]}).status == 204
    assert Browser(api).sign_in("careful").status == 201
    assert api.ok("GET", "users/careful")["totp"] is False


def test_a_second_factor_that_is_required(build):
    with Daemon(build) as d:
        browser = add_user(d.api, "late", ["administrator"])
        assert d.api.ok("PATCH", "settings", {"require_totp": True})["require_totp"] is True
        refused(browser.call("GET", "users"), 403, "second-factor")
        secret = browser.call("POST", "session/totp", {"password": PASSWORD}).json["secret"]
        assert browser.call("POST", "session/totp/confirm", {"code": totp(secret, step_now())}).status == 200
        assert browser.call("GET", "users").status == 200


# ---- Settings ----

def test_settings(api):
    shown = api.ok("GET", "settings")
    assert set(shown) == {"session_idle_s", "session_absolute_s", "approve_key_export", "approve_ca", "audit_syslog", "require_totp", "limits"}
    assert shown["session_idle_s"] == 1800 and shown["session_absolute_s"] == 43200 and shown["limits"]["session_idle_s"]["min"] == 60
    for body in ({"session_idle_s": 59}, {"session_idle_s": 86401}, {"session_idle_s": True}, {"require_totp": 1}, {"x": 1}):
        assert api.patch("settings", body).status == 400, body
    assert api.ok("PATCH", "settings", {"session_idle_s": 60, "dry_run": True})["session_idle_s"] == 1800
    assert api.ok("PATCH", "settings", {"session_idle_s": 3600})["session_idle_s"] == 3600
    assert api.ok("PATCH", "settings", {"session_idle_s": 1800})["session_idle_s"] == 1800
