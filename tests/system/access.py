"""Who calls: browsers with their cookies, tokens, one-time codes. For the tests of access and audit."""
import base64
import hashlib
import hmac
import json
import re
import struct
import time

from api import ROOT, Answer, UnixConnection

PASSWORD = "correct horse battery"
ROLES = ["viewer", "deployer", "issuer", "administrator"]
ROUTE = re.compile(r'^ROUTE\("(\w+)", "(\S+)", (\w+), (\w+), (\w+)\)$', re.M)


def routes():
    """(method, pattern, handler, permission, action) of every call."""
    found = ROUTE.findall((ROOT / "src/gatewrightd/manager/api/routes.def").read_text())
    assert len(found) > 40
    return found


def totp(secret, step):
    """RFC 6238."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


def step_now():
    return int(time.time()) // 30


class Browser:
    """Keeps cookies, sends the CSRF token with changing calls."""

    def __init__(self, api):
        self.path, self.cookies, self.csrf = api.path, {}, None

    def call(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        # A browser sends no cookie to a Unix socket; one that is none says that this call is not the machine's user's.
        cookies = self.cookies or {"__Host-gatewright": "none"}
        headers.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in cookies.items()))
        if self.csrf and method != "GET":
            headers.setdefault("X-CSRF-Token", self.csrf)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        connection = UnixConnection(self.path, 120)
        try:
            connection.request(method, path if path.startswith("/") else "/api/v1/" + path, body,
                               {k: v for k, v in headers.items() if v is not None})
            response = connection.getresponse()
            for name, value in response.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    assert rest.endswith("; Path=/; Secure; HttpOnly; SameSite=Strict"), value
                    self.cookies[key] = rest.split(";")[0]
            return Answer(response)
        finally:
            connection.close()

    def sign_in(self, user, password=PASSWORD, code=None):
        answer = self.call("POST", "session", {"user": user, "password": password, "code": code})
        if answer.status == 201:
            self.csrf = answer.json["csrf"]
        return answer


def add_user(api, name, roles, password=PASSWORD):
    """A user that has a password of its own, and its browser, signed in."""
    made = api.ok("POST", "users", {"name": name, "roles": roles})
    browser = Browser(api)
    assert browser.sign_in(name, made["one_time_password"]).status == 201
    answer = browser.call("POST", "session/password", {"current": made["one_time_password"], "new": password})
    assert answer.status == 204, answer
    return browser


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def in_days(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
