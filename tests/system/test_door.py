"""The HTTPS door: TLS, who gets in, the headers for browsers, the console's files, its own certificate."""
import gzip
import hashlib
import http.client
import re
import socket
import ssl
import subprocess
import threading

import pytest

import contract
from api import Daemon
from ports import free_port

BROWSER_HEADERS = {
    "strict-transport-security": "max-age=31536000",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
                               "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SCRIPT = "console.log('gatewright');\n" * 40


def write_console(folder):
    """A small console: index.html, hashed assets, one of them packed; a link and a hidden file that nobody gets."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Gatewright</title>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets/app-1a2b3c.js").write_text(SCRIPT)
    (folder / "assets/app-1a2b3c.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder / "assets/style-1a2b3c.css").write_text("body{}")
    (folder / ".hidden").write_text("hidden")
    (folder / "link.txt").symlink_to("/etc/hostname")
    return folder


@pytest.fixture(scope="module")
def daemon(build, tmp_path_factory):
    console = write_console(tmp_path_factory.mktemp("door") / "console")
    with Daemon(build, https=True, options=f"console_dir = {console}\n") as d:
        yield d
    assert d.stop() in (None, 0)


@pytest.fixture(scope="module")
def https(daemon):
    return daemon.https()


# ---- Who gets in ----

@pytest.mark.parametrize("method,pattern", [key for key, operation in contract.operations().items() if operation["x-permission"] != "PUBLIC"])
def test_a_stranger_is_refused(https, method, pattern):
    answer = https.call(method, re.sub(r"\{\w+\}", "1", pattern), {} if method != "GET" else None)
    assert answer.status == 401, answer
    assert answer.type == "application/problem+json" and answer.json["status"] == 401
    assert answer.headers["www-authenticate"] == "Bearer"


# ---- TLS ----

def handshake(port, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    for name, value in options.items():
        setattr(context, name, value)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain) as s:
        return s.version(), s.cipher()[0]


def test_tls_1_3_and_1_2(daemon, https):
    assert handshake(daemon.https_port)[0] == "TLSv1.3"
    version, cipher = handshake(daemon.https_port, maximum_version=ssl.TLSVersion.TLSv1_2)
    assert version == "TLSv1.2" and cipher.startswith("ECDHE-") and ("GCM" in cipher or "CHACHA20" in cipher)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("options", [
    pytest.param({"minimum_version": ssl.TLSVersion.TLSv1, "maximum_version": ssl.TLSVersion.TLSv1_1}, id="tls-1.1"),
    pytest.param({"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "AES128-GCM-SHA256"}, id="no-forward-secrecy"),
    pytest.param({"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-ECDSA-AES128-SHA256"}, id="cbc"),
])
def test_weak_tls_is_refused(daemon, https, options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(options.pop("ciphers", "ALL") + ":@SECLEVEL=0")
    for name, value in options.items():
        setattr(context, name, value)
    with socket.create_connection(("127.0.0.1", daemon.https_port), timeout=10) as plain, pytest.raises(OSError):
        context.wrap_socket(plain)


def test_plain_http_is_no_answer(daemon, https):
    with pytest.raises((OSError, http.client.HTTPException)):
        connection = http.client.HTTPConnection("127.0.0.1", daemon.https_port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse()


# ---- Headers ----

@pytest.mark.parametrize("path,status", [("/", 200), ("/assets/app-1a2b3c.js", 200), ("/api/v1/health", 401), ("/api/nothing", 404)])
def test_headers_for_browsers(https, path, status):
    answer = https.get(path)
    assert answer.status == status
    assert {k: answer.headers.get(k) for k in BROWSER_HEADERS} == BROWSER_HEADERS


def test_no_headers_for_browsers_on_the_unix_socket(daemon):
    headers = daemon.api.get("health").headers
    assert "content-security-policy" not in headers and headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/assets/app-1a2b3c.js"])
def test_head_is_get_without_content(https, path):
    got, head = https.get(path), https.call("HEAD", path)
    assert (head.status, head.body) == (200, b"") and head.headers["content-length"] == str(len(got.body))
    assert {k: v for k, v in head.headers.items() if k != "date"} == {k: v for k, v in got.headers.items() if k != "date"}


def test_head_of_a_call(daemon):
    answer = daemon.api.call("HEAD", "health")
    assert (answer.status, answer.body) == (200, b"") and int(answer.headers["content-length"]) > 0


# ---- Files ----

@pytest.mark.parametrize("path,status,kind,cache", [
    ("/", 200, "text/html", "no-cache"),
    ("/index.html", 200, "text/html", "no-cache"),
    ("/gateways/edge-1", 200, "text/html", "no-cache"),
    ("/certificates/7?tab=fields", 200, "text/html", "no-cache"),
    ("/favicon.svg", 200, "image/svg+xml", "no-cache"),
    ("/assets/app-1a2b3c.js", 200, "text/javascript", "public, max-age=31536000, immutable"),
    ("/assets/style-1a2b3c.css", 200, "text/css", "public, max-age=31536000, immutable"),
    ("/assets/gone-000000.js", 404, "application/problem+json", "no-store"),
    ("/assets/app-1a2b3c.js.gz", 404, "application/problem+json", "no-store"),
    ("/link.txt", 404, "application/problem+json", "no-store"),
    ("/.hidden", 404, "application/problem+json", "no-store"),
    ("/../state/kek.txt", 404, "application/problem+json", "no-store"),
    ("/assets/%2e%2e/index.html", 404, "application/problem+json", "no-store"),
    ("/api/v1/nothing", 404, "application/problem+json", "no-store"),
    ("/api", 404, "application/problem+json", "no-store"),
])
def test_files(https, path, status, kind, cache):
    answer = https.get(path)
    assert (answer.status, answer.type, answer.headers["cache-control"]) == (status, kind, cache), answer


@pytest.mark.parametrize("accepts,packed", [("gzip", True), ("deflate, gzip;q=0.5", True), ("GZIP ; q=1", True), ("", False),
                                            ("br", False), ("gzip;q=0", False), ("gzip; q=0.0, br", False), ("xgzip", False)])
def test_packed_when_it_is_taken(https, accepts, packed):
    answer = https.get("/assets/app-1a2b3c.js", headers={"Accept-Encoding": accepts})
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    assert (gzip.decompress(answer.body) if packed else answer.body).decode() == SCRIPT
    assert answer.headers["vary"] == "Accept-Encoding"


def test_asked_for_anew(https):
    first = https.get("/")
    again = https.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert https.get("/", headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(https, method):
    answer = https.call(method, "/", b"x")
    assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("method,path,allow", [("POST", "/api/v1/health", "GET, HEAD"), ("PUT", "/api/v1/gateways/x", "GET, HEAD, PATCH, DELETE"),
                                               ("GET", "/api/v1/certificates/import", "POST"), ("POST", "/api/v1/console-certificate", "GET, HEAD, PUT")])
def test_allow(daemon, method, path, allow):
    answer = daemon.api.call(method, path)
    assert answer.status in (404, 405) and answer.headers.get("allow") == (allow if answer.status == 405 else None)


def test_without_files_one_sentence(build):
    with Daemon(build, https=True, options="console_dir = /nonexistent\n") as d:
        answer = d.https().get("/")
        assert (answer.status, answer.type) == (404, "text/html") and b"not installed" in answer.body
        assert d.https().get("/gateways").status == 404


# ---- The certificate ----

def test_its_certificate_is_one_of_the_inventory(daemon, https):
    used = daemon.api.items("certificates?used=true")
    assert [c["display_name"] for c in used] == ["Gatewright Console"]
    assert {"localhost", "127.0.0.1", "::1"} <= set(used[0]["names"])
    assert [(u["gateway"], u["console"], u["by"]) for u in used[0]["used_by"]] == [(None, True, "console")]
    assert daemon.api.ok("GET", f"certificates/{used[0]['root']}")["display_name"] == "Gatewright Console CA"
    refused = daemon.api.delete(f"certificates/{used[0]['id']}")
    assert refused.status == 409 and "in use by the console" in refused.detail


def test_the_same_after_a_restart(build):
    with Daemon(build, https=True, options="console_names = console.example.com\nconsole_names = 192.0.2.7\n") as d:
        d.console_root()
        before, stored = d.served(), d.api.items("certificates")
        assert sorted(stored[1]["names"]) == ["192.0.2.7", "console.example.com"]
        assert d.stop() == 0
        d.start()
        d.console_root()
        assert d.served() == before and [c["id"] for c in d.api.items("certificates")] == [c["id"] for c in stored]


@pytest.fixture
def own(build):
    with Daemon(build, https=True) as d:
        d.console_root()
        yield d
    assert "ERROR: AddressSanitizer" not in d.log_text()


def console(d):
    return d.api.ok("GET", "console-certificate")


def test_another_certificate(own):
    first = console(own)
    assert first["addresses"] == [f"127.0.0.1:{own.https_port}"] and first["error"] is None and first["served_since"]
    root = own.api.root("Our Root")["id"]
    names = ";".join(own.api.ok("GET", f"certificates/{first['certificate']}")["names"])
    fresh = own.api.leaf(root, names + ";console.example.com", "Our Console")
    context = ssl.create_default_context(cadata=own.console_root())
    kept = http.client.HTTPSConnection("127.0.0.1", own.https_port, timeout=30, context=context)
    kept.request("GET", "/api/v1/health")
    assert kept.getresponse().read()
    assert own.api.call("PUT", "console-certificate", {"certificate": fresh["id"], "dry_run": True}).json == {"findings": [], "compatible": True}
    assert console(own) == first
    answer = own.api.call("PUT", "console-certificate", {"certificate": fresh["id"]})
    assert answer.status == 200 and answer.json["certificate"] == fresh["id"], answer
    assert own.shows(fresh) and console(own) == answer.json
    kept.request("GET", "/api/v1/health")  # the connection of before goes on
    assert kept.getresponse().status == 401
    kept.close()
    assert own.api.delete(f"certificates/{first['certificate']}").status == 204
    assert own.api.delete(f"certificates/{fresh['id']}").status == 409
    assert own.stop() == 0
    own.start()
    own.console_root()
    assert own.shows(fresh)


def test_a_certificate_that_does_not_fit(own):
    first = console(own)
    root = own.api.root("Our Root")["id"]
    other = own.api.leaf(root, "other.example.com")
    cases = [
        ({"certificate": root}, 422, "is-ca"),
        ({"certificate": other["id"]}, 422, "console-name-missing"),
        ({"certificate": 999}, 404, None),
        ({}, 400, None),
        ({"certificate": "1"}, 400, None),
        ({"certificate": other["id"], "more": 1}, 400, None),
    ]
    for body, status, finding in cases:
        answer = own.api.call("PUT", "console-certificate", body)
        assert answer.status == status and (finding is None or finding in answer.finding_ids), (body, answer)
    assert console(own) == first
    assert own.api.call("PUT", "console-certificate", {"certificate": other["id"], "force_warnings": True}).status == 200
    assert own.shows(other)


def test_handshakes_go_on_while_it_changes(own):
    root = own.api.root("Our Root")["id"]
    leaves = [own.api.leaf(root, "localhost;127.0.0.1", f"Console {i}") for i in range(2)]
    seen, stop = set(), threading.Event()

    def shake():
        while not stop.is_set():
            seen.add(own.served())

    threads = [threading.Thread(target=shake) for _ in range(4)]
    for t in threads:
        t.start()
    for i in range(10):
        own.api.ok("PUT", "console-certificate", {"certificate": leaves[i % 2]["id"], "force_warnings": True})
    stop.set()
    for t in threads:
        t.join()
    assert None not in seen and {hashlib.sha256(d).hexdigest() for d in seen} >= {c["fingerprint"] for c in leaves}


def test_without_a_door(build):
    with Daemon(build) as d:
        leaf = d.api.leaf(d.api.root()["id"])
        assert console(d) == {"certificate": None, "served_since": None, "addresses": [], "error": None}
        answer = d.api.call("PUT", "console-certificate", {"certificate": leaf["id"], "force_warnings": True})
        assert answer.status == 409 and "https_listen" in answer.detail


def test_none_makes_none(build):
    with Daemon(build) as d:
        assert d.api.items("certificates") == []


@pytest.mark.parametrize("host", ["127.0.0.1", "*"])
def test_an_address_in_use_ends_the_start(build, host):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        d = Daemon(build, options="")
        d.config.write_text(d.config.read_text().replace("https_listen = none", f"https_listen = {host}:{port}"))
        try:
            with pytest.raises(AssertionError, match=r"option 'https_listen': listen on '.*': another process listens there already"):
                d.start()
            assert d.process.wait(10) == 1
        finally:
            d.process = None
            d.__exit__()


def test_several_addresses(build):
    ports = [free_port(), free_port()]
    with Daemon(build, https=True, options=f"https_listen = [::1]:{ports[0]}\n") as d:
        d.console_root()
        with socket.create_connection(("::1", ports[0]), timeout=10) as plain:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(plain) as s:
                assert s.getpeercert(binary_form=True) == d.served()


def test_console_on_the_command_line(own, build):
    def run(*words, code=0):
        done = subprocess.run([build / "src/cli/gatewright", "--socket", own.socket, *map(str, words)], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    assert f"127.0.0.1:{own.https_port}" in run("console", "show") and "Gatewright Console" in run("console", "show")
    other = own.api.leaf(own.api.root()["id"], "other.example.com", "Other")
    assert "console-name-missing" in run("console", "set-certificate", "Other", code=3)
    assert "can serve" in run("console", "set-certificate", "Other", "--dry-run")
    assert "'Other'" in run("console", "set-certificate", "Other", "--force-warnings") and own.shows(other)
    assert "by the console, since" in run("certificate", "show", "Other")
    assert "the console" in run("certificate", "list")
    assert "console: up" in " ".join(run("health").split())
