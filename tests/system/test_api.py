"""Every call of docs/api.md against the real gatewrightd, good and bad."""
import base64
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from api import Api, Daemon, UnixConnection

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
GATEWAY = {"name": "edge-1", "target": "nginx", "params": {}, "tls": ["127.0.0.1:1"], "server_names": ["gw.example.com"],
           "ssh": {"host": "127.0.0.1", "port": 22, "user": "root"}}


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build) as d:
        yield d
    assert "ERROR: AddressSanitizer" not in d.log_text() if d.log.exists() else True


@pytest.fixture
def api(daemon):
    return daemon.api


@pytest.fixture(scope="module")
def root(daemon):
    return daemon.api.root("Module Root", organization="Example Ltd", country="ES")


def problem(answer, status, *words):
    """The answer is a problem of this status whose sentence has these words."""
    assert answer.status == status, answer
    assert answer.type == "application/problem+json"
    assert answer.json["type"] == "about:blank" and answer.json["status"] == status and answer.json["title"]
    assert "\n" not in answer.detail and not answer.detail.endswith(".")
    for word in words:
        assert word in answer.detail, answer.detail
    return answer


# ---- The protocol itself ----

def test_health(api):
    answer = api.get("health")
    assert answer.json == {"status": "ok", "version": answer.json["version"], "processes": {"manager": "up", "keys": "up"},
                           "console": {"state": "off", "error": None}}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method,path,status", [
    ("GET", "/", 404), ("GET", "/api/v1", 404), ("GET", "/api/v1/nothing", 404), ("GET", "/api/v1/health/", 404),
    ("GET", "/api/v2/health", 404), ("GET", "/api/v1/certificates/x", 404), ("GET", "/api/v1/certificates/0", 404),
    ("GET", "/api/v1/certificates/-1", 404), ("GET", "/api/v1/certificates/99999999999999999999", 404),
    ("GET", "/api/v1/certificates/4711", 404), ("GET", "/api/v1/gateways/none", 404), ("GET", "/api/v1/gateways/%ff", 400),
    ("GET", "/api/v1/gateways/%00", 400), ("GET", "/api/v1/gateways/%2", 400), ("GET", "/api/v1/jobs/4711", 404),
    ("GET", "/api/v1/jobs/4711/events", 404), ("GET", "/api/v1/jobs/4711/proof", 404), ("POST", "/api/v1/jobs/4711/cancel", 404),
    ("PUT", "/api/v1/health", 405), ("POST", "/api/v1/health", 405), ("DELETE", "/api/v1/certificates", 405),
    ("PATCH", "/api/v1/certificates/1", 405), ("GET", "/api/v1/certificates/import", 404),
    ("GET", "/api/v1/health?x=1", 400), ("GET", "/api/v1/certificates?x=1", 400), ("GET", "/api/v1/certificates?limit=0", 400),
    ("GET", "/api/v1/certificates?limit=1001", 400), ("GET", "/api/v1/certificates?limit=x", 400),
    ("GET", "/api/v1/certificates?cursor=x", 400), ("GET", "/api/v1/certificates?kind=leaf", 400),
    ("GET", "/api/v1/certificates?used=false", 400), ("GET", "/api/v1/certificates?order=up", 400),
    ("GET", "/api/v1/certificates?expires_before=tomorrow", 400), ("GET", "/api/v1/certificates?root=r", 400),
    ("GET", "/api/v1/jobs?state=odd", 400), ("GET", "/api/v1/jobs?gateway=none", 404), ("GET", "/api/v1/gateways?name=x", 400),
])
def test_paths_and_queries(api, method, path, status):
    problem(api.call(method, path), status)


BAD_BODIES = [
    (b"", "application/json", 400), (b"{", "application/json", 400), (b"[]", "application/json", 400), (b"null", "application/json", 400),
    (b'"x"', "application/json", 400), (b"\xff\xfe", "application/json", 400), (b'{"kind": "root", "kind": "root"}', "application/json", 400),
    (b'{"kind": "root"} x', "application/json", 400), (b'{"display_name": "\\u0000"}', "application/json", 400),
    (b'{"display_name": "\xc3\x28"}', "application/json", 400), (b"[" * 100000, "application/json", 400),
    (b"kind=root", "application/x-www-form-urlencoded", 415), (b'{"kind": "root"}', "text/plain", 415),
    (b'{"kind": "root"}', "application/jsonx", 415), (b"{}" + b" " * (256 * 1024), "application/json", 413),
    (b"{}" + b" " * (900 * 1024), "application/json", 413),
]


@pytest.mark.parametrize("body,kind,status", BAD_BODIES, ids=[f"{b[:12]!r}-{len(b)}-{k}" for b, k, _ in BAD_BODIES])
def test_garbage_bodies(api, body, kind, status):
    answer = api.call("POST", "/api/v1/certificates", body, {"Content-Type": kind})
    assert answer.status in ((status, 422) if body == b"" else (status,)), answer


def test_body_limit_is_exact(api):
    fits = b'{"kind": "odd"}' + b" " * (256 * 1024 - 15)
    problem(api.call("POST", "/api/v1/certificates", fits, {"Content-Type": "application/json; charset=utf-8"}), 422)
    problem(api.call("POST", "/api/v1/certificates", fits + b" ", {"Content-Type": "application/json"}), 413)


def test_endless_chunked_body_is_cut(daemon):
    connection = UnixConnection(daemon.socket, 30)
    connection.connect()
    connection.sock.sendall(b"POST /api/v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(1000):
            connection.sock.sendall(chunk)
    connection.close()
    assert daemon.api.get("health").status == 200


@pytest.mark.slow(30)
def test_garbage_instead_of_http(daemon):
    for text in (b"\0\1\2\3" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 100000 + b"\r\n\r\n",
                 b"GET /api/v1/health HTTP/1.1\r\n" + b"X: " + b"y" * 200000 + b"\r\n\r\n"):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(45)  # a head that never ends is dropped after the server's 30 s of silence
            s.connect(str(daemon.socket))
            try:
                s.sendall(text)
                s.shutdown(socket.SHUT_WR)
                s.recv(65536)
            except (BrokenPipeError, ConnectionResetError):
                pass
    assert daemon.api.get("health").status == 200


def test_unknown_and_mistyped_members(api):
    problem(api.post("certificates", {"knid": "root"}), 400, "'knid'", "no such member")
    problem(api.post("certificates", {"kind": 7}), 400, "'kind'", "want a string, got a number")
    problem(api.post("certificates", {"issuer": "1"}), 400, "'issuer'", "whole number")
    problem(api.post("certificates", {"issuer": 1.5}), 400, "'issuer'", "fraction")
    problem(api.post("certificates", {"not_after": "2027-02-30T00:00:00Z"}), 400, "'not_after'", "2027-02-30")
    problem(api.post("certificates", {"dry_run": "yes"}), 400, "'dry_run'", "true or false")
    problem(api.post("gateways", {**GATEWAY, "tls": "127.0.0.1:1"}), 400, "'tls'", "a list")
    problem(api.post("gateways", {**GATEWAY, "ssh": {"hots": "x"}}), 400, "'ssh.hots'")


def test_peer_without_right_is_refused(daemon):
    import os
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    daemon.socket.chmod(0o666)
    daemon.folder.chmod(0o755)
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os._exit(Api(daemon.socket).get("health").status - 300)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 103
    daemon.socket.chmod(0o600)


# ---- Certificates ----

def test_create_root_and_show(api):
    made = api.root("Shown Root", organization="Örg", locality="Málaga", country="UK")
    assert made["country"] == "GB" and [n["id"] for n in made["notes"]] == ["country-uk"]
    shown = api.ok("GET", f"certificates/{made['id']}")
    assert {k: v for k, v in made.items() if k != "notes"} == shown
    assert shown["kind"] == "root" and shown["root"] == shown["id"] and shown["issuer"] is None and shown["chain"] == [shown["id"]]
    assert shown["key"] == "ec-p256" and shown["has_key"] and shown["status"] == "valid" and 3640 < shown["days_left"] < 3660
    assert shown["fingerprint_groups"].replace(" ", "") == shown["fingerprint"]
    assert all(TIME.match(shown[k]) for k in ("not_before", "not_after", "created_at"))
    text = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=shown["pem"].encode(), capture_output=True,
                          check=True).stdout.decode()
    assert text.split("=")[1].strip().replace(":", "").lower() == shown["fingerprint"]
    assert {"name": "display name", "value": "Shown Root"} in shown["fields"]


def test_create_leaf_below_intermediate(api, root):
    mid = api.ok("POST", "certificates", {"kind": "intermediate", "issuer": root["id"], "display_name": "Mid"})
    leaf = api.leaf(mid["id"], "gw.example.com; 192.0.2.7 ;2001:db8::1;*.wild.example.com;bücher.example", key="ec-p384")
    assert leaf["names"] == ["gw.example.com", "192.0.2.7", "2001:db8::1", "*.wild.example.com", "xn--bcher-kva.example"]
    assert leaf["chain"] == [leaf["id"], mid["id"], root["id"]] and leaf["key"] == "ec-p384"


@pytest.mark.parametrize("fields,finding", [
    ({"display_name": ""}, "display-name-empty"), ({"display_name": "x" * 65}, "display-name-long"),
    ({"display_name": "Module Root"}, "display-name-of-root"), ({"names": ""}, "names-empty"), ({"names": "a b"}, "names-malformed"),
    ({"names": "xn--\u00fc"}, "names-malformed"), ({"names": "a.example;A.example"}, "names-duplicate"), ({"country": "XX"}, "country-unknown"),
    ({"not_after": "2020-01-01T00:00:00Z"}, "not-after-past"), ({"not_after": "2099-01-01T00:00:00Z"}, "not-after-beyond-issuer"),
    ({"key": "rsa-1024"}, "key-spec-unknown"), ({"kind": "leaf"}, "kind-unknown"), ({"holder": "x" * 200}, "holder-long"),
    ({"issuer": None}, "issuer-missing"), ({"kind": "root", "names": None}, "issuer-of-root"),
    ({"kind": "intermediate", "names": "a.example"}, "names-on-ca"),
])
def test_refused_fields(api, root, fields, finding):
    before = len(api.items("certificates"))
    body = {"kind": "end-entity", "issuer": root["id"], "display_name": "Web", "names": "gw.example.com", **fields}
    for dry_run in (True, False):
        answer = problem(api.post("certificates", {**body, "dry_run": dry_run}), 422)
        assert finding in answer.finding_ids, answer
        assert all(f["text"] and f["severity"] for f in answer.json["findings"])
    assert len(api.items("certificates")) == before


def test_dry_run_changes_nothing(api, root):
    before = api.items("certificates")
    answer = api.post("certificates", {"kind": "end-entity", "issuer": root["id"], "display_name": "W", "names": "a.example", "dry_run": True})
    assert answer.status == 200 and answer.json == {"notes": []}
    assert api.items("certificates") == before


def test_issuer_must_exist_and_be_a_ca(api, root):
    problem(api.post("certificates", {"kind": "end-entity", "issuer": 4711, "display_name": "W", "names": "a.example"}), 404, "4711")
    leaf = api.leaf(root["id"])
    assert api.post("certificates", {"kind": "end-entity", "issuer": leaf["id"], "display_name": "W", "names": "a.example"}).status == 422


def rows(n, **more):
    return [{"display_name": f"Batch {i}", "names": f"b{i}.example.com", **more} for i in range(n)]


def test_batch(api, root):
    before = len(api.items("certificates"))
    made = api.post("certificates/batch", {"certificates": rows(3, issuer=root["id"], country="UK")})
    assert made.status == 201, made
    assert [i["display_name"] for i in made.json["items"]] == ["Batch 0", "Batch 1", "Batch 2"]
    assert [(f["item"], f["id"]) for f in made.json["notes"]] == [(0, "country-uk"), (1, "country-uk"), (2, "country-uk")]
    for i, item in enumerate(made.json["items"]):
        whole = api.ok("GET", f"certificates/{item['id']}")
        assert whole["names"] == item["names"] == [f"b{i}.example.com"] and whole["has_key"] and whole["chain"][1:] == [root["id"]]
        assert (whole["fingerprint"], whole["not_after"]) == (item["fingerprint"], item["not_after"])
    # of several kinds, issuers and predecessors
    mixed = [{"kind": "root", "display_name": "Batch Root"}, {"renews": made.json["items"][1]["id"]},
             {"kind": "intermediate", "issuer": root["id"], "display_name": "Batch CA", "path_len": 0}]
    answer = api.post("certificates/batch", {"certificates": mixed})
    assert answer.status == 201, answer
    found = [api.ok("GET", f"certificates/{i['id']}") for i in answer.json["items"]]
    assert [c["kind"] for c in found] == ["root", "end-entity", "intermediate"]
    assert [c["predecessor"] for c in found] == [None, made.json["items"][1]["id"], None]
    assert len(api.items("certificates")) == before + 6


def test_batch_is_all_or_none_and_names_every_bad_item(api, root):
    before = api.items("certificates")
    good = rows(4, issuer=root["id"])
    bad = [good[0], {**good[1], "names": "bad_name!"}, good[2], {**good[3], "country": "XX"}]
    for dry_run in (False, True):
        answer = problem(api.post("certificates/batch", {"certificates": bad, "dry_run": dry_run}), 422, "bad_name!")
        assert answer.detail.startswith("certificates[1]: ")
        assert [(f["item"], f["id"]) for f in answer.json["findings"]] == [(1, "names-malformed"), (3, "country-unknown")]
    words = [{**good[0], "key": "dsa"}, good[1], {**good[2], "kind": "odd"}]
    answer = problem(api.post("certificates/batch", {"certificates": words}), 422, "certificates[0]: key 'dsa'")
    assert [(f["item"], f["id"]) for f in answer.json["findings"]] == [(0, "key-spec-unknown"), (2, "kind-unknown")]
    checked = api.post("certificates/batch", {"certificates": good, "dry_run": True})
    assert checked.status == 200 and checked.json == {"items": [], "notes": []}
    assert api.items("certificates") == before


BAD_BATCHES = [({}, 400, "'certificates' is missing"), ({"certificates": []}, 400, "want 1 to 256 items, got none"),
               ({"certificates": {}}, 400, "want a list of objects, got an object"),
               ({"certificates": ["x"]}, 400, "want a list of objects, got a string"),
               ({"certificates": [{"kind": "root", "display_name": "x"}] * 257}, 400, "want at most 256 items, got 257"),
               ({"certificates": [{}], "colour": 1}, 400, "'colour'"),
               ({"certificates": [{"kind": "root"}, {"colour": 1}]}, 400, "certificates[1]: member 'colour'"),
               ({"certificates": [{"kind": "root"}, {"names": 1}]}, 400, "certificates[1]: member 'names': want a string"),
               ({"certificates": [{"kind": "root", "dry_run": True}]}, 400, "certificates[0]: member 'dry_run'"),
               ({"certificates": [{"kind": "root", "display_name": "x"}, {"issuer": 999999, "names": "a.example"}]}, 404,
                "certificates[1]: there is no certificate 999999")]


@pytest.mark.parametrize("body,status,words", BAD_BATCHES, ids=[w for _, _, w in BAD_BATCHES])
def test_bad_batches(api, body, status, words):
    before = api.items("certificates")
    problem(api.post("certificates/batch", body), status, words)
    assert api.items("certificates") == before


def test_batch_survives_the_loss_of_power(build):
    with Daemon(build) as d:
        root = d.api.root()["id"]
        made = d.api.post("certificates/batch", {"certificates": rows(256, issuer=root)})
        assert made.status == 201, made
        d.kill()
        d.start()
        assert {c["fingerprint"] for c in d.api.items("certificates?kind=end-entity")} == {i["fingerprint"] for i in made.json["items"]}


def cpu_ticks(pid):
    return sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))


def is_making(d):
    """True once keys has worked on the batch for a while; it takes several times as long."""
    keys = d.roles()["keys"]
    start = cpu_ticks(keys)
    return lambda: cpu_ticks(keys) >= start + 10


def is_storing(d):
    """True once the batch's rows are on their way into the store's log."""
    log = d.state / "store" / "gatewright.db-wal"
    start = log.stat().st_mtime_ns
    return lambda: log.stat().st_mtime_ns != start


@pytest.mark.parametrize("when,key", [(is_making, "rsa-2048"), (is_storing, "ec-p256")])
def test_manager_dies_in_the_middle_of_a_batch(build, when, key):
    """Each batch is there as a whole or not at all, whatever its caller was told."""
    with Daemon(build) as d:
        root = d.api.root()["id"]
        for turn in range(1 if key == "rsa-2048" else 5):
            before = len(d.api.items("certificates?kind=end-entity"))
            reached, manager, answers = when(d), d.roles()["manager"], []

            def ask():
                try:
                    answers.append(d.api.post("certificates/batch", {"certificates": rows(100, issuer=root, key=key)}).status)
                except (OSError, http.client.HTTPException):
                    answers.append(None)

            thread = threading.Thread(target=ask)
            thread.start()
            while not reached() and thread.is_alive():
                pass
            assert when is is_storing or thread.is_alive()  # what is stored may be answered before this process sees it
            os.kill(manager, signal.SIGKILL)
            thread.join()
            d.wait_ready()
            made = len(d.api.items("certificates?kind=end-entity")) - before
            assert made in ((100,) if answers == [201] else (0, 100)), (turn, made, answers)
            assert when is is_storing or made == 0
        assert d.api.post("certificates/batch", {"certificates": rows(2, issuer=root)}).status == 201


def test_a_batch_of_slow_keys_lets_others_in_between(build):
    """Also on one core, where the batch's own thread asks again before another has run."""
    with Daemon(build) as d:
        root, answers = d.api.root()["id"], []
        core = min(os.sched_getaffinity(0))
        for role in ("manager", "keys"):
            for task in pathlib.Path(f"/proc/{d.roles()[role]}/task").iterdir():
                os.sched_setaffinity(int(task.name), {core})
        reached = is_making(d)
        body = {"certificates": rows(40, issuer=root, key="rsa-2048")}
        thread = threading.Thread(target=lambda: answers.append(d.api.post("certificates/batch", body).status))
        thread.start()
        while not reached():
            assert thread.is_alive()
        for i in range(3):
            d.api.leaf(root, name=f"In between {i}")
        assert thread.is_alive(), "three single ones waited for the whole batch"
        thread.join()
        assert answers == [201]


def test_renewal_is_prefilled(api, root):
    old = api.leaf(root["id"], "gw.example.com;192.0.2.1", "Renewed", holder="A. Person", organization="Org", locality="Town", country="ES",
                   key="rsa-2048")
    body = api.ok("GET", f"certificates/{old['id']}/renewal")
    assert body == {"kind": "end-entity", "issuer": root["id"], "display_name": "Renewed", "holder": "A. Person", "organization": "Org",
                    "locality": "Town", "country": "ES", "names": "gw.example.com;192.0.2.1", "renews": old["id"], "key": "rsa-2048"}
    new = api.ok("POST", "certificates", {"renews": old["id"]})
    assert new["predecessor"] == old["id"]
    for member in ("display_name", "holder", "organization", "locality", "country", "names", "key", "issuer"):
        assert new[member] == old[member], member
    other = api.ok("POST", "certificates", {"renews": old["id"], "names": "gw.example.com;192.0.2.1;more.example", "key": "ec-p256"})
    assert api.ok("GET", f"certificates/{old['id']}")["successors"] == [new["id"], other["id"]]
    problem(api.post("certificates", {"renews": 4711}), 404)
    found = api.ok("GET", f"certificates/{old['id']}/compare/{other['id']}")
    assert found["compatible"] and {"name-added", "key-type-changes"} <= {f["id"] for f in found["findings"]}
    assert {"field": "organization", "current": "Org", "candidate": "Org", "same": True} in found["rows"]
    assert [r["current"] for r in found["rows"] if r["candidate"] == "more.example"] == [None]


def test_compare_refuses_another_root(api, root):
    other = api.root("Another Root")
    a, b = api.leaf(root["id"]), api.leaf(other["id"])
    found = api.ok("GET", f"certificates/{a['id']}/compare/{b['id']}")
    assert not found["compatible"] and "root-differs" in [f["id"] for f in found["findings"]]
    problem(api.get(f"certificates/{a['id']}/compare/4711"), 404)


def test_lists_and_cursors(api):
    one = api.root("List Root")
    mid = api.ok("POST", "certificates", {"kind": "intermediate", "issuer": one["id"], "display_name": "List Mid"})
    leaves = [api.leaf(mid["id"], f"list{i}.example") for i in range(5)]
    ids = [one["id"], mid["id"], *[l["id"] for l in leaves]]
    for limit in (1, 2, 3, 100):
        assert [c["id"] for c in api.items(f"certificates?root={one['id']}", limit)] == ids
        assert [c["id"] for c in api.items(f"certificates?root={one['id']}&kind=end-entity", limit)] == ids[2:]
        assert [c["id"] for c in api.items(f"certificates?order=tree&root={one['id']}", limit)] == ids
    assert [c["id"] for c in api.items("certificates?q=LIST3.exam")] == [leaves[3]["id"]]
    assert [c["id"] for c in api.items("certificates?q=list%20mid")] == [mid["id"]]
    assert [c["id"] for c in api.items("certificates?q=IST3.exam")] == [leaves[3]["id"]]
    for written in (leaves[0]["fingerprint"].upper(), ":".join(re.findall("..", leaves[0]["fingerprint"])), leaves[0]["serial"].upper(),
                    "%20".join(re.findall("..?", leaves[0]["serial"]))):
        assert [c["id"] for c in api.items(f"certificates?q={written}")] == [leaves[0]["id"]]
    assert [c["id"] for c in api.items(f"certificates?issuer={mid['id']}&q=list")] == [c["id"] for c in api.items(f"certificates?issuer={mid['id']}")]
    assert one["id"] in [c["id"] for c in api.items("certificates?issuer=none")]
    got, = api.ok("GET", f"certificates?ids={mid['id']},999999")["items"]
    assert got["path"] == [one["id"]] and got["children"] == len(api.items(f"certificates?issuer={mid['id']}"))
    for bad in ("issuer=all", "issuer=0", "ids=1,", "ids=x", "ids=1&kind=root", "ids=" + ",".join(["1"] * 101)):
        assert api.call("GET", f"certificates?{bad}").status == 400
    assert [c["id"] for c in api.items(f"certificates?q={leaves[0]['fingerprint'][:20]}")] == [leaves[0]["id"]]
    assert api.items("certificates?expires_before=2020-01-01T00:00:00Z") == []
    soon = api.items("certificates?expires_before=2031-01-01T00:00:00Z", 3)
    assert [c["not_after"] for c in soon] == sorted(c["not_after"] for c in soon) and set(ids[2:]) <= {c["id"] for c in soon}
    tree = api.items("certificates?order=tree", 7)
    seen = set()
    for c in tree:
        assert c["issuer"] is None or c["issuer"] in seen
        seen.add(c["id"])
    assert sorted(c["id"] for c in tree) == sorted(c["id"] for c in api.items("certificates", 7))


def test_delete(api):
    root = api.root("Deleted Root")
    leaf = api.leaf(root["id"])
    problem(api.delete(f"certificates/{root['id']}"), 409, "issued")
    assert api.delete(f"certificates/{leaf['id']}", {"dry_run": True}).status == 204
    assert api.get(f"certificates/{leaf['id']}").status == 200
    assert api.delete(f"certificates/{leaf['id']}").status == 204
    problem(api.delete(f"certificates/{leaf['id']}"), 404)
    problem(api.get(f"certificates/{leaf['id']}"), 404)
    assert api.delete(f"certificates/{root['id']}").status == 204


# ---- Export and import ----

def openssl(*args, data=b""):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def test_export(api, root):
    leaf = api.leaf(root["id"], name="Exported / Gateway")
    pem = api.ok("POST", f"certificates/{leaf['id']}/export", {"format": "pem"})
    assert pem["data"] == leaf["pem"] and pem["file_name"].endswith(".pem") and "/" not in pem["file_name"]
    chain = api.ok("POST", f"certificates/{leaf['id']}/export", {"format": "chain"})
    assert chain["data"] == leaf["pem"] + root["pem"]
    keystore = api.ok("POST", f"certificates/{leaf['id']}/export", {"format": "keystore", "passphrase": "ein langes Wort"})
    opened = openssl("pkcs12", "-nodes", "-passin", "pass:ein langes Wort", data=base64.b64decode(keystore["data"])).decode()
    assert opened.count("BEGIN CERTIFICATE") == 2 and opened.count("BEGIN PRIVATE KEY") == 1
    path = f"certificates/{leaf['id']}/export"
    problem(api.post(path, {"format": "keystore"}), 400, "passphrase")
    problem(api.post(path, {"format": "keystore", "passphrase": "short"}), 422, "at least")
    problem(api.post(path, {"format": "pfx"}), 400, "'format'")
    problem(api.post(path, {}), 400, "'format'", "missing")
    problem(api.post("certificates/4711/export", {"format": "pem"}), 404)
    problem(api.post(f"certificates/{root['id']}/export", {"format": "keystore", "passphrase": 7}), 400, "'passphrase'")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """A root and a leaf that OpenSSL made."""
    d = tmp_path_factory.mktemp("foreign")
    run = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True, cwd=d)
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key", "-out", "root.crt", "-days", "900",
        "-subj", "/CN=Foreign Root", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=Foreign Leaf")
    (d / "ext").write_text("subjectAltName=DNS:foreign.example\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n"
                           "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nbasicConstraints=critical,CA:false\n")
    run("x509", "-req", "-in", "leaf.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "300", "-out", "leaf.crt",
        "-extfile", "ext")
    run("pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.crt", "-certfile", "root.crt", "-out", "leaf.p12", "-passout", "pass:passphrase 1")
    run("ec", "-in", "leaf.key", "-aes256", "-passout", "pass:passphrase 2", "-out", "locked.key")
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "self.key", "-out", "self.crt", "-days", "30",
        "-subj", "/CN=self.example", "-addext", "basicConstraints=critical,CA:false", "-addext", "subjectAltName=DNS:self.example")
    return {p.name: p.read_bytes() for p in d.iterdir()}


def test_import(build, foreign):
    with Daemon(build) as d:
        api = d.api
        # a leaf without its issuer is no chain
        answer = problem(api.import_(foreign["leaf.crt"]), 422)
        assert "chain-incomplete" in answer.finding_ids
        # any order, a dry run first
        both = foreign["leaf.crt"] + foreign["root.crt"]
        dry = api.import_(both, dry_run=True)
        assert dry.status == 200 and dry.json["would_import"] == 2 and api.items("certificates") == []
        made = api.import_(both)
        assert made.status == 201 and [c["kind"] for c in made.json["imported"]] == ["root", "end-entity"]
        leaf = made.json["imported"][1]
        assert leaf["names"] == ["foreign.example"] and not leaf["has_key"] and leaf["issuer"] == made.json["imported"][0]["id"]
        # again: skipped, by fingerprint
        again = api.import_(both)
        assert again.status == 201 and again.json["imported"] == [] and len(again.json["skipped"]) == 2
        # its key comes later, in a PKCS#12 file
        problem(api.import_(foreign["leaf.p12"]), 422, "passphrase")
        problem(api.import_(foreign["leaf.p12"], "wrong one"), 422, "passphrase")
        keyed = api.import_(foreign["leaf.p12"], "passphrase 1")
        assert keyed.status == 201 and [c["id"] for c in keyed.json["imported"]] == [leaf["id"]]
        assert api.ok("GET", f"certificates/{leaf['id']}")["has_key"]
        # refused ones
        problem(api.import_(foreign["self.crt"]), 422)
        problem(api.import_(foreign["self.key"]), 422)
        problem(api.import_(foreign["root.crt"] + foreign["self.key"]), 422, "key")
        problem(api.import_(b"what is this"), 422)
        problem(api.import_(b""), 422)
        problem(api.post("certificates/import", {"data": "not base64!"}), 400, "'data'", "base64")
        problem(api.post("certificates/import", {}), 400, "'data'", "missing")
        assert len(api.items("certificates")) == 2


def test_import_encrypted_pem_key_and_issue_from_it(build, foreign):
    with Daemon(build) as d:
        bundle = foreign["locked.key"] + foreign["leaf.crt"] + foreign["root.crt"] + foreign["root.key"]
        problem(d.api.import_(bundle), 422, "passphrase")
        made = d.api.import_(bundle, "passphrase 2").json["imported"]
        assert [c["has_key"] for c in made] == [True, True]
        assert d.api.leaf(made[0]["id"], "own.example")["issuer"] == made[0]["id"]


# ---- Targets and gateways ----

def test_targets(api):
    items = api.ok("GET", "targets")["items"]
    names = [t["name"] for t in items]
    assert names == sorted(names) and {"nginx", "gatewright-gate"} <= set(names)
    nginx = next(t for t in items if t["name"] == "nginx")
    assert nginx["title"] and {"name", "default", "meaning"} == set(nginx["params"][0])


def test_gateways(api):
    made = api.ok("POST", "gateways", {**GATEWAY, "name": "edge-9", "tls": ["127.0.0.1:1", "[::1]:2"]})
    assert made == {"name": "edge-9", "target": "nginx", "params": {}, "tls": ["127.0.0.1:1", "[::1]:2"], "server_names": ["gw.example.com"],
                    "ssh": {"host": "127.0.0.1", "port": 22, "user": "root", "host_key": None}, "certificate": None, "proven_at": None,
                    "last_probe": None, "active_job": None}
    assert api.ok("GET", "gateways/edge-9") == made
    problem(api.post("gateways", {**GATEWAY, "name": "edge-9"}), 409, "'edge-9'")
    changed = api.ok("PATCH", "gateways/edge-9", {"ssh": {"user": "admin"}, "server_names": []})
    assert changed == {**made, "server_names": [], "ssh": {**made["ssh"], "user": "admin"}}
    assert api.ok("PATCH", "gateways/edge-9", {"ssh": {"port": 2222}, "dry_run": True}) == changed
    problem(api.patch("gateways/edge-9", {"name": "edge-10"}), 400, "keeps its name")
    problem(api.patch("gateways/none", {}), 404)
    problem(api.patch("gateways/edge-9", {"tls": []}), 400, "tls")
    assert made["name"] in [g["name"] for g in api.items("gateways", 1)]
    assert made["name"] in [g["name"] for g in api.items(f"gateways?q={made['name'][:2]}", 1)]
    assert api.items(f"gateways?q={made['name']}x") == []
    assert api.delete("gateways/edge-9", {"dry_run": True}).status == 204
    assert api.delete("gateways/edge-9").status == 204
    problem(api.delete("gateways/edge-9"), 404)


def test_gateway_defaults(api):
    made = api.ok("POST", "gateways", {"name": "least", "target": "gatewright-gate", "tls": ["gw.example.com:8443"]})
    assert made["ssh"] == {"host": "gw.example.com", "port": 22, "user": "root", "host_key": None} and made["server_names"] == []
    api.ok("DELETE", "gateways/least")


@pytest.mark.parametrize("fields,word", [
    ({"name": ""}, "name"), ({"name": "-x"}, "name"), ({"name": "a/b"}, "name"), ({"name": "x" * 64}, "name"), ({"name": "é"}, "name"),
    ({"target": "iis"}, "target"), ({"params": {"nope": "x"}}, "nope"), ({"params": {"certificate": 1}}, "certificate"),
    ({"params": {"certificate": "relative"}}, ""), ({"tls": []}, "tls"), ({"tls": ["127.0.0.1"]}, "tls"), ({"tls": ["::1:443"]}, "tls"),
    ({"tls": ["127.0.0.1:0"]}, "tls"), ({"tls": ["127.0.0.1:65536"]}, "tls"), ({"tls": ["*.example.com:443"]}, "wildcard"),
    ({"tls": [7]}, "tls"), ({"tls": ["a:1"] * 17}, "tls"), ({"server_names": ["a b"]}, "server_names"), ({"ssh": {"port": 0}}, "port"),
    ({"ssh": {"port": 65536}}, "port"), ({"ssh": {"user": "-oProxyCommand=x"}}, "user"), ({"ssh": {"user": ""}}, "user"),
    ({"ssh": {"host": "-x"}}, "host"), ({"ssh": {"host": "a b"}}, "host"), ({"ssh": {"host_key": "MD5:x"}}, "host key"),
])
def test_refused_gateways(api, fields, word):
    answer = problem(api.post("gateways", {**GATEWAY, "name": "refused", **fields}), 400)
    assert word in answer.detail, answer.detail
    problem(api.get("gateways/refused"), 404)


def test_candidates(api):
    root, other = api.root("Candidate Root"), api.root("Candidate Other")
    current = api.leaf(root["id"], "cand.example")
    good = api.ok("POST", "certificates", {"renews": current["id"]})
    foreign = api.leaf(other["id"], "cand.example")
    unrelated = api.leaf(root["id"], "elsewhere.example")
    api.ok("POST", "gateways", {**GATEWAY, "name": "cand", "server_names": ["cand.example"]})
    found = api.ok("GET", "gateways/cand/candidates")
    assert found["current"] is None
    usable = [i["certificate"]["id"] for i in found["items"] if i["usable"]]
    assert good["id"] in usable and current["id"] in usable
    items = {i["certificate"]["id"]: i for i in found["items"]}
    assert foreign["id"] in items and unrelated["id"] in items
    flags = [i["usable"] for i in found["items"]]
    assert flags == sorted(flags, reverse=True)
    assert len(api.ok("GET", "gateways/cand/candidates?limit=2")["items"]) == 2
    problem(api.get("gateways/none/candidates"), 404)


# ---- Updates, as far as no host is needed ----

SSH = {"auth": "password", "password": "secret word"}
KEY = "SHA256:" + "A" * 43


@pytest.fixture(scope="module")
def updatable(daemon, root):
    leaf = daemon.api.leaf(root["id"], "gw.example.com")
    daemon.api.ok("POST", "gateways", {**GATEWAY, "name": "upd"})
    return leaf


@pytest.mark.parametrize("body,status,word", [
    ({}, 400, "'certificate'"), ({"certificate": "x"}, 400, "'certificate'"), ({"certificate": 4711, "ssh": SSH, "accept_host_key": KEY}, 404, "4711"),
    ({"ssh": SSH}, 422, "host key"), ({"ssh": {}}, 400, "ssh.auth"), ({"ssh": {"auth": "none"}}, 400, "ssh.auth"),
    ({"ssh": {"auth": "password"}}, 400, "ssh.password"), ({"ssh": {"auth": "key"}}, 400, "ssh.key"), ({"ssh": {"auth": "agent"}}, 400, "ssh.agent"),
    ({"ssh": {**SSH, "passwrd": "x"}}, 400, "ssh.passwrd"), ({"ssh": {**SSH, "host": "a b"}}, 400, "ssh.host"),
    ({"ssh": {**SSH, "user": "a b"}}, 400, "user"), ({"ssh": {**SSH, "port": 0}}, 400, "ssh.port"),
    ({"ssh": SSH, "accept_host_key": "SHA256:short"}, 400, "accept_host_key"), ({"ssh": SSH, "confirm_within": 14}, 400, "confirm_within"),
    ({"ssh": SSH, "confirm_within": 3601}, 400, "confirm_within"), ({"ssh": SSH, "more": 1}, 400, "'more'"),
])
def test_refused_updates(api, updatable, body, status, word):
    if body and "certificate" not in body:
        body = {"certificate": updatable["id"], **body}
    answer = problem(api.post("gateways/upd/keystore-updates", body), status)
    assert word in answer.detail, answer.detail
    assert "secret word" not in answer.body.decode()
    assert api.items("jobs?gateway=upd") == []


def test_update_with_what_can_not_be_used(api, updatable, root):
    answer = problem(api.post("gateways/upd/keystore-updates", {"certificate": root["id"], "ssh": SSH, "accept_host_key": KEY}), 422)
    assert "is-ca" in answer.finding_ids
    problem(api.post("gateways/none/keystore-updates", {"certificate": updatable["id"], "ssh": SSH}), 404)


def test_update_dry_run(api, updatable):
    found = api.ok("POST", "gateways/upd/keystore-updates", {"certificate": updatable["id"], "dry_run": True}, status=(200,))
    assert found["compatible"] and found["findings"] == [] and len(found["plan"]) > 3 and all(isinstance(s, str) for s in found["plan"])
    assert api.items("jobs?gateway=upd") == [] and api.ok("GET", "gateways/upd")["ssh"]["host_key"] is None


def test_warnings_stop_unless_forced(api, root):
    api.ok("POST", "gateways", {**GATEWAY, "name": "warned"})
    wild = api.leaf(root["id"], "gw.example.com;*.gw.example.com")
    body = {"certificate": wild["id"], "ssh": SSH, "accept_host_key": KEY}
    answer = problem(api.post("gateways/warned/keystore-updates", body), 422, "force_warnings")
    assert answer.finding_ids == ["wildcard"]
    job = api.ok("POST", "gateways/warned/keystore-updates", {**body, "force_warnings": True}, status=(202,))
    assert api.wait_job(job["id"])["outcome"] == "failed"


def test_rollback_without_history(api, updatable):
    problem(api.post("gateways/upd/rollback", {"ssh": SSH, "accept_host_key": KEY}), 422, "no update")
    problem(api.post("gateways/upd/rollback", {"ssh": SSH, "generation": "../x"}), 400, "'generation'")
    problem(api.post("gateways/none/rollback", {"ssh": SSH}), 404)


def test_host_key(api, updatable):
    problem(api.post("gateways/none/host-key"), 404)
    problem(api.post("gateways/upd/host-key", {"accept": "x"}), 400, "host key")
    problem(api.post("gateways/upd/host-key", {"acept": KEY}), 400, "'acept'")
    api.ok("POST", "gateways", {**GATEWAY, "name": "pinned"})
    assert api.ok("POST", "gateways/pinned/host-key", {"accept": KEY})["pinned"] == KEY
    assert api.ok("GET", "gateways/pinned")["ssh"]["host_key"] == KEY
    api.ok("PATCH", "gateways/pinned", {"ssh": {"port": 1}})
    problem(api.post("gateways/pinned/host-key"), 500)


def test_proof_key(api):
    found = api.ok("GET", "proof-key")
    assert found["jwk"]["kty"] == "OKP" and found["jwk"]["crv"] == "Ed25519" and re.fullmatch("[0-9a-f]{64}", found["fingerprint"])
    assert found == api.ok("GET", "proof-key")


# ---- A job whose host is not there: the whole way through the supervisor ----

def test_job_that_fails_and_its_events(api, updatable):
    body = {"certificate": updatable["id"], "ssh": {**SSH, "port": 1}, "accept_host_key": KEY}
    job = api.ok("POST", "gateways/upd/keystore-updates", body, status=(202,))
    assert job["state"] == "queued" and not job["done"] and job["kind"] == "update" and job["certificate"] == updatable["id"]
    events = list(api.events(job["id"]))
    assert [i for i, _, _ in events] == sorted(i for i, _, _ in events)
    last_id, last_name, last = events[-1]
    assert last_name == "job" and last["done"] and last["outcome"] == "failed" and last["state"] == "failed"
    done = api.ok("GET", f"jobs/{job['id']}")
    assert last == done and done["steps"] and done["finished_at"] and not done["proof"] and "refused" in done["detail"].lower()
    # resuming: nothing twice but the end
    again = list(api.events(job["id"], last=last_id))
    assert [n for _, n, _ in again] == ["job"]
    steps = [i for i, n, _ in events if n == "step"]  # each is told once; of the states in between, only those that somebody saw
    rest = list(api.events(job["id"], last=steps[0]))
    assert all(i > steps[0] for i, _, _ in rest) and [i for i, n, _ in rest if n == "step"] == steps[1:]
    whole = [(i, n) for i, n, _ in api.events(job["id"], last=0)]
    assert "step" in [n for _, n in whole] and whole[-1] == (last_id, "job")
    problem(api.get(f"jobs/{job['id']}/events", headers={"Last-Event-ID": "x"}), 400)
    problem(api.get(f"jobs/{job['id']}/proof"), 404)
    problem(api.post(f"jobs/{job['id']}/cancel"), 409, "done")
    assert api.items("jobs?gateway=upd&state=failed", 1)[0]["id"] == job["id"] and "steps" not in api.items("jobs?gateway=upd")[0]
    assert api.ok("GET", "gateways/upd")["active_job"] is None


def test_probe_of_nothing(api, updatable):
    found = api.ok("POST", "gateways/upd/probe")
    assert not found["agree"] and found["certificate"] is None and [p["ok"] for p in found["probes"]] == [False] and found["probes"][0]["error"]
    problem(api.post("gateways/upd/probe", {"x": 1}), 400)
    problem(api.post("gateways/none/probe"), 404)


# ---- Processes that go away ----

def test_keys_away_is_503_and_comes_back(build):
    with Daemon(build) as d:
        root = d.api.root()
        os.kill(d.roles()["keys"], signal.SIGKILL)
        answer = d.api.post("certificates", {"kind": "end-entity", "issuer": root["id"], "display_name": "W", "names": "a.example"})
        assert answer.status in (201, 503), answer
        if answer.status == 503:
            problem(answer, 503, "keys process")
        deadline = time.monotonic() + 20
        while d.api.get("health").json["status"] != "ok":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert d.api.leaf(root["id"])["id"]


def test_restart_keeps_everything(build):
    with Daemon(build) as d:
        leaf = d.api.leaf(d.api.root()["id"])
        before = d.api.items("certificates")
        key = d.api.ok("GET", "proof-key")
        assert d.stop() == 0
        d.start()
        assert d.api.items("certificates") == before and d.api.ok("GET", "proof-key") == key
        d.kill()
        d.start()
        assert d.api.items("certificates") == before
        assert d.api.ok("POST", "certificates", {"renews": leaf["id"]})["predecessor"] == leaf["id"]
