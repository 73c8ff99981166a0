"""The overview, the metrics, the history of a gateway, and revoking: what people and monitors look at."""
import datetime
import re
import sqlite3
import subprocess
import time

import pytest

from api import Daemon
from ports import free_port

OFTEN = {"target": "nginx", "params": {}, "server_names": ["localhost"], "ssh": {"host": "127.0.0.1"}}


@pytest.fixture
def daemon(build):
    with Daemon(build, https=True) as d:
        d.console_root()
        yield d
    assert "ERROR: AddressSanitizer" not in d.log_text()


def in_days(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_door(d, name="door"):
    """A gateway that is the console's own door: what it serves is known."""
    d.api.ok("POST", "gateways", {**OFTEN, "name": name, "tls": [f"127.0.0.1:{d.https_port}"]})
    return d.api.ok("POST", f"gateways/{name}/probe")


def overview(d):
    return d.api.ok("GET", "overview")


def attention(d, kind):
    return [(a["severity"], a.get("id") or a.get("name"), a["text"]) for a in overview(d)["attention"] if a["kind"] == kind]


def test_fresh(build):
    with Daemon(build) as d:
        assert overview(d) == {"now": overview(d)["now"], "attention": [], "timeline": [], "gateways": [], "running": [],
                               "counts": {"roots": 0, "intermediates": 0, "end_entities": 0, "gateways": 0},
                               "totals": {"attention": 0, "timeline": 0, "gateways": {"ok": 0, "warning": 0, "danger": 0, "unknown": 0}}}


def test_gateways(daemon):
    certificate = daemon.api.ok("GET", "console-certificate")["certificate"]
    assert add_door(daemon)["certificate"] == certificate
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "new", "tls": ["127.0.0.1:1"]})
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "gone", "tls": [f"127.0.0.1:{free_port()}"]})
    daemon.api.ok("POST", "gateways/gone/probe")
    found = overview(daemon)
    states = {g["name"]: g for g in found["gateways"]}
    assert [states[n]["state"] for n in ("door", "new", "gone")] == ["ok", "unknown", "danger"]
    assert states["door"]["days_left"] in (364, 365) and states["door"]["certificate"] == certificate and states["door"]["probed_at"]
    assert states["new"]["days_left"] is None and states["new"]["probed_at"] is None
    assert found["counts"] == {"roots": 1, "intermediates": 0, "end_entities": 1, "gateways": 3}
    assert [(t["certificate"], t["gateways"]) for t in found["timeline"]] == [(certificate, ["door"])]
    assert [a[:2] for a in attention(daemon, "gateway")] == [("danger", "gone"), ("info", "new")]
    assert [a["severity"] for a in found["attention"]] == ["danger", "info"]
    assert found["totals"] == {"attention": 2, "timeline": 1, "gateways": {"ok": 1, "warning": 0, "danger": 1, "unknown": 1}}
    cut = daemon.api.ok("GET", "overview?limit=1")
    assert [a["severity"] for a in cut["attention"]] == ["danger"] and [g["name"] for g in cut["gateways"]] == ["gone"]
    assert cut["totals"] == found["totals"]


@pytest.mark.parametrize("days,severity", [(40, None), (20, "warning"), (3, "danger")])
def test_an_end_that_is_near(daemon, days, severity):
    leaf = daemon.api.leaf(daemon.api.root()["id"], "localhost;127.0.0.1", "Short", not_after=in_days(days))
    daemon.api.ok("PUT", "console-certificate", {"certificate": leaf["id"], "force_warnings": True})
    add_door(daemon)
    found = attention(daemon, "certificate")
    if severity is None:
        assert found == []
    else:
        assert [a[:2] for a in found] == [(severity, leaf["id"])]
        assert re.search(rf"'Short' of the console and gateway 'door' ends in ({days}|{days - 1}) days", found[0][2])
        assert overview(daemon)["gateways"][0]["state"] == severity


# ---- Revoking ----

def test_revoke(daemon):
    root = daemon.api.root()["id"]
    leaf = daemon.api.leaf(root)["id"]
    assert daemon.api.ok("POST", f"certificates/{leaf}/revoke", {"dry_run": True})["status"] == "valid"
    assert daemon.api.ok("GET", f"certificates/{leaf}")["status"] == "valid"
    for _ in range(2):
        assert daemon.api.ok("POST", f"certificates/{leaf}/revoke")["status"] == "revoked"
    refused = daemon.api.call("PUT", "console-certificate", {"certificate": leaf, "force_warnings": True})
    assert refused.status == 422 and "revoked" in refused.finding_ids
    assert daemon.api.ok("POST", f"certificates/{root}/revoke")["status"] == "revoked"
    assert daemon.api.post("certificates/999/revoke").status == 404
    assert daemon.api.post(f"certificates/{root}/revoke", {"more": 1}).status == 400


def test_revoke_what_is_in_use(daemon):
    used = daemon.api.ok("GET", "console-certificate")["certificate"]
    root = daemon.api.ok("GET", f"certificates/{used}")["root"]
    answer = daemon.api.post(f"certificates/{used}/revoke")
    assert answer.status == 409 and "in use by the console" in answer.detail
    answer = daemon.api.post(f"certificates/{root}/revoke")
    assert answer.status == 409 and f"certificate {used}, which is in use, is below" in answer.detail
    add_door(daemon)
    assert "in use by gateway 'door'" in daemon.api.post(f"certificates/{used}/revoke").detail


# ---- History ----

def test_probes(daemon):
    add_door(daemon)
    for _ in range(4):
        daemon.api.ok("POST", "gateways/door/probe")
    rounds = daemon.api.items("gateways/door/probes", limit=2)
    assert [r["id"] for r in rounds] == sorted((r["id"] for r in rounds), reverse=True) and len(rounds) == 5
    assert {(r["phase"], r["job"], r["probes"][0]["ok"]) for r in rounds} == {("asked", None, True)}
    assert daemon.api.get("gateways/nobody/probes").status == 404
    assert daemon.api.get("gateways/door/probes?limit=0").status == 400
    assert daemon.api.get("gateways/door/probes?cursor=x").status == 400


def add_job(d, number, kind, generation, outcome, certificate=None, ended=1700000000, old=None):
    """A job that has ended, straight into the store."""
    with sqlite3.connect(d.state / "store/gatewright.db", timeout=30) as db:
        db.execute("INSERT INTO job (id, kind, gateway_id, gateway_name, certificate_id, state, done, outcome, detail, created_at, moved_at, "
                   "finished_at, generation, old_generation, findings) SELECT ?, ?, id, name, ?, ?, 1, ?, 'a sentence', 1, 1, ?, ?, ?, '[]' FROM gateway LIMIT 1",
                   (number, kind, certificate, "failed" if outcome == "unknown" else outcome, outcome, ended, generation, old))
    db.close()


def test_keystores(daemon):
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "edge", "tls": ["127.0.0.1:1"]})
    assert daemon.api.items("gateways/edge/keystores") == []
    certificate = daemon.api.ok("GET", "console-certificate")["certificate"]
    add_job(daemon, 1, "update", "g1", "confirmed", certificate)
    add_job(daemon, 2, "update", "g2", "confirmed")
    add_job(daemon, 3, "update", "g3", "rolled-back")
    found = daemon.api.items("gateways/edge/keystores")
    assert [(k["generation"], k["job"], k["certificate"], k["current"]) for k in found] == [("g2", 2, None, True), ("g1", 1, certificate, False)]
    add_job(daemon, 4, "rollback", "g1", "confirmed")
    found = daemon.api.items("gateways/edge/keystores", limit=1)
    assert [(k["generation"], k["current"]) for k in found] == [("g2", False), ("g1", True)]
    assert daemon.api.get("gateways/nobody/keystores").status == 404


def test_keystores_that_jobs_found(daemon):
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "edge", "tls": ["127.0.0.1:1"]})
    add_job(daemon, 1, "update", "g1", "rolled-back", old="by-hand-0")
    add_job(daemon, 2, "update", "g2", "confirmed", old="by-hand-1")
    add_job(daemon, 3, "update", "g3", "confirmed", old="g2")
    add_job(daemon, 4, "rollback", "by-hand-1", "confirmed", old="g3")
    add_job(daemon, 5, "update", "g5", "confirmed", old="by-hand-1")
    add_job(daemon, 6, "update", "g6", "confirmed", old="by-hand-2")
    wanted = [("g6", 6, True), ("by-hand-2", 6, False), ("g5", 5, False), ("g3", 3, False), ("g2", 2, False), ("by-hand-1", 2, False)]
    for limit in (1, 100):
        found = daemon.api.items("gateways/edge/keystores", limit=limit)
        assert [(k["generation"], k["job"], k["current"]) for k in found] == wanted
    assert {k["generation"] for k in found if k["installed_at"] is None} == {"by-hand-1", "by-hand-2"}


def test_jobs_that_went_wrong(daemon):
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "edge", "tls": ["127.0.0.1:1"]})
    now = int(datetime.datetime.now().timestamp())
    add_job(daemon, 1, "update", "g1", "unknown", ended=now - 8 * 86400)
    assert attention(daemon, "job") == []
    add_job(daemon, 2, "update", "g2", "rolled-back", ended=now - 6 * 86400)
    assert attention(daemon, "job") == [("warning", 2, "job 2 on gateway 'edge': rolled-back: a sentence")]
    add_job(daemon, 3, "update", "g3", "failed", ended=now)
    assert [a[:2] for a in attention(daemon, "job")] == [("danger", 3)]
    add_job(daemon, 4, "update", "g4", "confirmed", ended=now)
    assert attention(daemon, "job") == []


# ---- Monitors ----

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
VALUE = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN")


def labels_of(text, line):
    """The labels between braces, as a sorted tuple; the only escapes are those of the format."""
    found, at = [], 0
    while at < len(text):
        label = LABEL.match(text, at)
        assert label, line
        found.append((label[1], re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), label[2])))
        at = label.end()
        assert at == len(text) or text[at] == ",", line
        at += at < len(text)
    assert len({name for name, _ in found}) == len(found) and not text.endswith(","), line
    return tuple(sorted(found))


def metrics(text):
    """
    Samples by name and labels. The format, strictly: each family has one HELP, then one TYPE, then its samples in one piece; counters end
    in _total and are whole; no sample is there twice; the last line ends.
    """
    assert text.endswith("\n") and "\r" not in text
    samples, helped, family, kind = {}, set(), None, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert NAME.fullmatch(family) and family not in helped and len(line.split(" ", 3)[3]) > 5, line
            helped.add(family)
            kind = None
        elif line.startswith("# TYPE "):
            assert kind is None and line.split(" ")[2] == family, line
            kind = line.split(" ", 3)[3]
            assert kind in ("gauge", "counter") and (kind == "counter") == family.endswith("_total"), line
        else:
            name = NAME.match(line)[0]
            rest = line[len(name):]
            labels = ()
            if rest.startswith("{"):
                end = rest.rindex("} ")
                labels, rest = labels_of(rest[1:end], line), rest[end + 1:]
            assert name == family and kind and rest[0] == " " and VALUE.fullmatch(rest[1:]) and (name, labels) not in samples, line
            samples[name, labels] = float(rest[1:])
            assert kind == "gauge" or (samples[name, labels] >= 0 and samples[name, labels].is_integer()), line
    return samples


@pytest.mark.parametrize("text", [
    "", "a 1\n", "# HELP a some help\na 1\n", "# HELP a some help\n# TYPE a gauge\na 1", "# HELP a some help\n# TYPE a counter\na 1\n",
    "# HELP a some help\n# TYPE a gauge\na 1\na 1\n", '# HELP a some help\n# TYPE a gauge\na{b="\\x"} 1\n', '# HELP a some help\n# TYPE a gauge\na{b="c",} 1\n',
    '# HELP a some help\n# TYPE a gauge\na{b="""} 1\n', "# HELP a some help\n# TYPE a gauge\na one\n"])
def test_the_parser_is_strict(text):
    with pytest.raises((AssertionError, TypeError)):
        metrics(text)


def sample(found, name, **labels):
    return found.get((name, tuple(sorted(labels.items()))))


def test_metrics(daemon):
    leaf = daemon.api.leaf(daemon.api.root()["id"], "localhost;127.0.0.1", 'a "b" \\ c', not_after=in_days(20))
    daemon.api.ok("PUT", "console-certificate", {"certificate": leaf["id"], "force_warnings": True})
    add_door(daemon)
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "new", "tls": ["127.0.0.1:1"]})
    add_job(daemon, 1, "update", "g1", "confirmed")
    add_job(daemon, 2, "update", "g2", "rolled-back")
    add_job(daemon, 3, "rollback", "g1", "confirmed")
    add_job(daemon, 4, "update", "g3", "unknown")
    for api in (daemon.api, daemon.https()):
        for user in ("admin", "nobody"):
            assert api.post("session", {"user": user, "password": "wrong"}).status == 401
    daemon.stop()
    daemon.start()
    assert daemon.https().post("session", {"user": "admin", "password": "wrong"}).status == 401
    answer = daemon.api.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = metrics(answer.body.decode())
    number = str(leaf["id"])
    assert 19.9 < sample(found, "gatewright_certificate_days_left", certificate=number, display_name='a "b" \\ c') < 20.1
    assert 19.9 < sample(found, "gatewright_gateway_days_left", gateway="door") < 20.1
    assert sample(found, "gatewright_gateway_probe_ok", gateway="door") == 1 and sample(found, "gatewright_gateway_probe_ok", gateway="new") is None
    assert time.time() - 300 < sample(found, "gatewright_gateway_probe_time_seconds", gateway="door") <= time.time()
    assert sample(found, "gatewright_jobs", state="confirmed") == 2 and sample(found, "gatewright_jobs", state="failed") == 1
    ended = {k[1]: v for k, v in found.items() if k[0] == "gatewright_jobs_total"}
    assert {(dict(k)["kind"], dict(k)["outcome"]): v for k, v in ended.items()} == {
        ("update", "confirmed"): 1, ("update", "rolled-back"): 1, ("update", "failed"): 0, ("update", "unknown"): 1,
        ("rollback", "confirmed"): 1, ("rollback", "rolled-back"): 0, ("rollback", "failed"): 0, ("rollback", "unknown"): 0}
    failures = {(dict(k)["door"], dict(k)["reason"]): v for (n, k), v in found.items() if n == "gatewright_login_failures_total"}
    assert failures == {(door, reason): float((door, reason) == ("https", "credentials"))
                        for door in ("unix", "https") for reason in ("wait", "credentials", "code-wrong")}
    assert sample(found, "gatewright_store_up") == sample(found, "gatewright_keys_up") == 1
    assert 0 <= sample(found, "gatewright_store_seconds") < 60 and 0 <= sample(found, "gatewright_keys_seconds") < 60


def test_days_left_are_those_of_the_whole_chain(daemon):
    root = daemon.api.root(not_after=in_days(400))
    middle = daemon.api.ok("POST", "certificates", {"kind": "intermediate", "issuer": root["id"], "display_name": "Middle", "not_after": in_days(11)})
    leaf = daemon.api.leaf(middle["id"], "localhost;127.0.0.1", "Leaf", not_after=in_days(10))
    daemon.api.ok("PUT", "console-certificate", {"certificate": leaf["id"], "force_warnings": True})
    add_door(daemon)
    with sqlite3.connect(daemon.state / "store/gatewright.db", timeout=30) as db:
        db.execute("UPDATE certificate SET not_after = ? WHERE id = ?", (int(time.time()) + 3 * 86400, middle["id"]))
    found = metrics(daemon.api.get("/metrics").body.decode())
    assert 2.9 < sample(found, "gatewright_certificate_days_left", certificate=str(leaf["id"]), display_name="Leaf") < 3.1
    assert 2.9 < sample(found, "gatewright_gateway_days_left", gateway="door") < 3.1


def test_log_in_failures_are_counted(daemon):
    for _ in range(6):
        daemon.https().post("session", {"user": "admin", "password": "wrong"})
    found = metrics(daemon.api.get("/metrics").body.decode())
    wrong, wait = (sample(found, "gatewright_login_failures_total", door="https", reason=r) for r in ("credentials", "wait"))
    assert wrong >= 5 and wrong + wait == 6 and sample(found, "gatewright_login_failures_total", door="unix", reason="credentials") == 0


def test_healthz_needs_no_log_in(daemon):
    https = daemon.https()
    for api in (https, daemon.api):
        answer = api.get("/healthz")
        assert answer.status == 200 and answer.json == {"status": "ok"}
    assert https.get("/metrics").status == 401


# ---- The command line ----

def test_verbs(daemon, build):
    def run(*words, code=0):
        done = subprocess.run([build / "src/cli/gatewright", "--socket", daemon.socket, *map(str, words)], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == code, done
        return " ".join((done.stdout + done.stderr).split())

    assert "nothing wants attention" in run("overview")
    add_door(daemon)
    daemon.api.ok("POST", "gateways", {**OFTEN, "name": "new", "tls": ["127.0.0.1:1"]})
    assert "info gateway 'new' was never looked at" in run("overview")
    assert "1 of 1" in run("gateway", "probes", "door")
    assert "nobody has looked" in run("gateway", "probes", "new")
    assert "no job has installed" in run("gateway", "keystores", "door")
    leaf = daemon.api.leaf(daemon.api.root()["id"], "a.example.com", "Leaf")["id"]
    assert "--yes" in run("certificate", "revoke", leaf, code=2)
    assert "could revoke" in run("certificate", "revoke", leaf, "--dry-run")
    assert "revoked certificate" in run("certificate", "revoke", leaf, "--yes")
    assert '"status": "revoked"' in run("certificate", "show", leaf, "--json")
    assert "kind end-entity" in run("certificate", "renewal", "Leaf").replace("kind:", "kind")
