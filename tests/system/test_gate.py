"""gatewright-gate, real: hot swap, host protocol, dead-man switch, crashes, local installs, limits."""
import json
import os
import socket
import ssl
import threading
import time

import pytest

from gate import CA, LEAF, Gate, Maker, request, wait_for


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    class Pki:
        pass
    p, m = Pki(), Maker(tmp_path_factory.mktemp("pki"))
    p.maker = m
    p.root, p.other_root = m.root(), m.root("Root B")
    p.middle = m.intermediate(p.root)
    p.one, p.two, p.three = (m.leaf(p.root, f"gw {n}", days=d) for n, d in (("1", 300), ("2", 330), ("3", 360)))
    p.below = m.leaf(p.middle, "gw below", days=340)
    return p


@pytest.fixture
def gate(build, tmp_path):
    made = []

    def make(cert=None, start=True, **options):
        g = Gate(build, tmp_path / f"gate{len(made)}", **options)
        made.append(g)
        if cert:
            done = g.install(cert)
            assert done.returncode == 4, done.stderr
        return g.start() if start else g
    yield make
    for g in made:
        g.stop()


def final(reply):
    return reply[0]


# health and HTTP

def test_health(gate, pki):
    g = gate(pki.below)
    h = g.health()
    assert h["status"] == "ok" and h["fingerprint"] == pki.below.fingerprint
    assert h["subject"] == "CN=gw below,O=Test" and h["names"] == ["gw.example.com", "127.0.0.1"]
    assert h["pending"] is None and h["days_left"] in (339, 340) and h["connections"] == 1
    assert h["generation"] == g.status()["generation"] and h["not_after"].endswith("Z") and h["uptime"] >= 0 and h["version"]


@pytest.mark.parametrize("method,path,extra,status,goes_on", [
    ("GET", "/healthz", "", 200, True),
    ("HEAD", "/healthz", "", 200, True),
    ("GET", "/healthz?x", "", 200, True),
    ("GET", "/", "", 404, True),
    ("POST", "/healthz", "", 405, True),
    ("GET", "/healthz", "Content-Length: 5\r\n", 413, False),
    ("GET", "/healthz", "Host: again\r\n", 400, False),
    ("GET", "/healthz", "Connection: close\r\n", 200, False),
    ("GET", "/healthz", "X: " + "x" * 8192 + "\r\n", 431, False),
])
def test_http(gate, pki, method, path, extra, status, goes_on):
    g = gate(pki.one)
    with g.connect() as s:
        got, headers, body = request(s, method, path, extra)
        assert got == status
        if status >= 400:
            assert headers["content-type"] == "application/problem+json" and body["status"] == status and body["detail"]
        if goes_on:
            assert request(s)[0] == 200
        else:
            assert s.recv(1) == b""


def test_tls_versions(gate, pki):
    g = gate(pki.one)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with g.connect(g.context(minimum_version=version, maximum_version=version)) as s:
            assert request(s)[0] == 200
    with g.connect() as s:
        assert s.version() == "TLSv1.3"
    strict = gate(pki.one, tls_min="1.3")
    with pytest.raises(ssl.SSLError):
        strict.connect(strict.context(maximum_version=ssl.TLSVersion.TLSv1_2))


def test_alpn(gate, pki):
    g = gate(pki.one)
    c = g.context()
    c.set_alpn_protocols(["h2", "http/1.1"])
    with g.connect(c) as s:
        assert s.selected_alpn_protocol() == "http/1.1"
    c.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        g.connect(c)


# the swap

def test_swap_under_load(gate, pki):
    """200 connected clients stay, handshakes all through it: none fails, each sees the old or the new one, then only the new one."""
    g = gate(pki.one)
    held = [g.connect() for _ in range(200)]
    stop, failures, seen = threading.Event(), [], []

    def handshakes():
        while not stop.is_set():
            try:
                seen.append((time.monotonic(), g.served()))
            except OSError as e:
                failures.append(repr(e))
    threads = [threading.Thread(target=handshakes) for _ in range(4)]
    for t in threads:
        t.start()
    try:
        order = [pki.one]
        for cert in (pki.two, pki.three):
            wait_for(lambda n=len(seen): len(seen) > n + 20, "handshakes")
            done = g.install(cert)
            assert done.returncode == 0, done.stderr
            after = time.monotonic()
            order.append(cert)
            wait_for(lambda n=len(seen): len(seen) > n + 20, "handshakes")
            assert {f for t, f in seen if t > after + 5} <= {cert.fingerprint}
    finally:
        stop.set()
        for t in threads:
            t.join()
    assert not failures
    assert {f for _, f in seen} == {c.fingerprint for c in order}
    for s in held:
        status, _, body = request(s)
        assert status == 200 and body["fingerprint"] == pki.three.fingerprint
        s.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_resumption_across_a_swap(gate, pki, version):
    """A ticket of the old generation must not let a client go on with the old certificate."""
    g = gate(pki.one, threads=1)
    c = g.context(minimum_version=version, maximum_version=version)
    with g.connect(c) as s:
        request(s)
        ticket = s.session
    with g.connect(c, session=ticket) as s:
        assert s.session_reused
        request(s)
        ticket = s.session
    assert g.install(pki.two).returncode == 0
    with g.connect(c, session=ticket) as s:
        assert not s.session_reused
        assert request(s)[0] == 200


def test_first_install_into_a_running_gate(gate, pki):
    g = gate()
    assert g.status()["generation"] is None
    with pytest.raises(OSError):
        g.connect()
    done = g.install(pki.one, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "installed" and json.loads(done.stdout)["proven"]
    assert g.served() == pki.one.fingerprint


# local installs

def test_pkcs12(gate, pki, tmp_path):
    g = gate(pki.one)
    p12 = pki.maker.p12(pki.below, "geheim 1")

    def install(passphrase):
        r, w = os.pipe()
        os.write(w, passphrase.encode() + b"\n")
        os.close(w)
        try:
            return g.run("keystore", "install", p12, "--passphrase-fd", r, pass_fds=(r,))
        finally:
            os.close(r)
    wrong = install("falsch")
    assert wrong.returncode == 1 and "passphrase is wrong" in wrong.stderr
    assert g.served() == pki.one.fingerprint
    right = install("geheim 1")
    assert right.returncode == 0, right.stderr
    assert g.served() == pki.below.fingerprint


def refused(pki):
    m = pki.maker
    mixed = m.leaf(pki.root, "mixed")
    mixed.key = pki.one.key
    return {
        "root-differs": m.leaf(pki.other_root, "other"),
        "name-missing": m.leaf(pki.root, "less", san="DNS:gw.example.com"),
        "is-ca": m.make("ca", pki.root, ext=CA + "subjectAltName=DNS:gw.example.com,IP:127.0.0.1\n"),
        "does not belong|belongs to none": mixed,
        "expired": m.leaf(pki.root, "old", days=-1),
        "no-server-auth": m.leaf(pki.root, "client", ext=LEAF.replace("serverAuth", "clientAuth")),
        "same-certificate": pki.one,
    }


@pytest.mark.parametrize("word", ["root-differs", "name-missing", "is-ca", "does not belong|belongs to none", "expired",
                                  "no-server-auth", "same-certificate"])
@pytest.mark.parametrize("running", [True, False])
def test_refused(gate, pki, word, running):
    g = gate(pki.one, start=running)
    done = g.install(refused(pki)[word], "--force")
    assert done.returncode == 3, (done.stdout, done.stderr)
    assert any(w in done.stderr for w in word.split("|")), done.stderr
    listed = json.loads(g.run("keystore", "list", "--json").stdout)
    assert [x["fingerprint"] for x in listed if x["live"]] == [pki.one.fingerprint] and len(listed) == 1
    if running:
        assert g.served() == pki.one.fingerprint


def test_warning_needs_force(gate, pki):
    g = gate(pki.two)
    shorter = pki.maker.leaf(pki.root, "shorter", days=10)
    done = g.install(shorter)
    assert done.returncode == 3 and "--force" in done.stderr
    assert g.install(shorter, "--force").returncode == 0
    assert g.served() == shorter.fingerprint


def test_garbage_files(gate, pki):
    g = gate(pki.one)
    for text in ("", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", pki.two.cert, pki.two.key):
        done = g.run("keystore", "install", "-", stdin=text)
        assert done.returncode in (1, 3) and done.stderr, text
    assert g.served() == pki.one.fingerprint


def test_window_and_rollback(gate, pki):
    g = gate(pki.one)
    done = g.install(pki.two, "--confirm-within", "600", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["outcome"] == "awaiting-confirmation" and answer["proven"] and answer["token"]
    assert g.health()["pending"]["seconds_left"] > 500
    assert g.install(pki.three).returncode == 6
    back = g.run("keystore", "rollback", "--json")
    assert back.returncode == 0 and json.loads(back.stdout)["outcome"] == "rolled-back"
    assert g.served() == pki.one.fingerprint and g.health()["pending"] is None
    assert g.install(pki.two, "--confirm-within", "600").returncode == 0
    assert g.run("keystore", "confirm").returncode == 0
    assert g.health()["pending"] is None
    # nothing is pending any more: rollback means the previous generation
    assert g.run("keystore", "rollback").returncode == 0
    assert g.served() == pki.one.fingerprint
    assert g.run("keystore", "confirm").returncode == 1


def test_offline(gate, pki):
    g = gate(pki.one, start=False)
    assert g.install(pki.two, "--confirm-within", "60").returncode == 1
    done = g.install(pki.two)
    assert done.returncode == 4 and "no gate runs" in done.stderr
    g.start()
    assert g.served() == pki.two.fingerprint


# the host protocol

def test_session(gate, pki):
    g = gate(pki.one)
    s = g.session()
    assert s.greeting == "gatewright-host 1 gate"
    last, facts, chain = s.ask("check")
    assert last == "ok" and "\n".join(chain) + "\n" == pki.one.cert
    assert abs(int(facts["clock"]) - time.time()) < 5 and int(facts["free"]) > 0 and facts["boot-hook"] == "native"
    assert facts["running"] == "yes" and facts["pending"] == facts["left"] == "-" and facts["user"] == str(os.getuid())
    first = facts["live"]
    last, facts, _ = s.stage_cert("g2", pki.below)
    assert last == "ok" and facts["verified"] == "3"
    assert final(s.stage_cert("g2", pki.below)) == "ok"
    assert final(s.stage_cert("g2", pki.three)).startswith("fail exists ")
    last, facts, _ = s.ask("switch g2 tok 60")
    assert last == "ok" and facts == {"old": first, "live": "g2"}
    assert g.served() == pki.below.fingerprint
    assert final(s.ask("switch g2 tok 60")) == "ok"
    assert final(s.ask("switch g2 other 60")).startswith("fail busy ")
    last, facts, _ = s.ask("status")
    assert facts["live"] == "g2" and facts["pending"] == "tok" and 55 <= int(facts["left"]) <= 60
    last, facts, _ = s.ask("confirm tok 3")
    assert last == "ok" and facts == {"live": "g2", "removed": "0"}
    assert final(s.ask("confirm tok 3")).startswith("fail not-pending ")
    assert final(s.ask("discard g2")).startswith("fail busy ")
    assert final(s.ask("discard nothing")).startswith("fail missing ")
    assert final(s.ask(f"discard {first}")) == "ok"
    assert final(s.ask("bye")) == "ok"
    assert s.close() == 0


def test_session_refusals(gate, pki):
    g = gate(pki.one)
    s = g.session()
    key, chain, root = pki.two.key.encode(), pki.two.chain.encode(), pki.root.cert.encode()
    good = [("key.pem", key), ("chain.pem", chain), ("root.pem", root)]
    for files, spoil, word in (
            (good, "chain.pem", "mismatch"),
            (good[:2], None, "missing"),
            (good + [("extra.pem", b"x")], None, "bad-request"),
            (good + [("key.pem", key)], None, "bad-request"),
            ([("key.pem", pki.one.key.encode())] + good[1:], None, "mismatch"),
            (good[:2] + [("root.pem", pki.other_root.cert.encode())], None, "mismatch"),
            ([("key.pem", b"nonsense")] + good[1:], None, "incompatible"),
            ([("key.pem", b"")] + good[1:], None, "incompatible")):
        assert final(s.stage("bad", files, spoil)).startswith(f"fail {word} "), files
        assert "bad" not in str(s.ask("list"))
    for line in ("", "hello", "check now", "switch g2 tok", "switch nowhere tok 60", "switch ../x tok 60", "switch g2 - 60",
                 "switch g2 tok 86401", "rollback tok", "confirm tok 5", "discard .stage-1", "status\t"):
        assert final(s.ask(line)).startswith("fail "), line
    assert final(s.stage_cert("o", pki.maker.leaf(pki.other_root, "o"))) == "ok"
    assert final(s.ask("switch o tok 60")).startswith("fail incompatible ")
    assert g.served() == pki.one.fingerprint
    assert final(s.ask("status")) == "ok"
    s.close()
    for line in (b"stage g 3\nfile key.pem x y\n", b"stage g 99\n", b"x" * 5000 + b"\n"):
        s = g.session()
        s.send(line)
        while s.reply()[0] is not None:
            pass
        assert s.close() != 0


def test_end_of_file_removes_what_was_only_staged(gate, pki):
    g = gate(pki.one)
    s = g.session()
    assert final(s.stage_cert("g2", pki.two)) == "ok"
    assert s.close() == 0
    s = g.session()
    assert "g2" not in os.listdir(g.keystore / "generations")
    s.send(b"stage g3 3\nfile key.pem 100 " + b"0" * 64 + b"\nhalf")
    assert s.close() == 0
    assert len(os.listdir(g.keystore / "generations")) == 1
    s = g.session()
    assert final(s.stage_cert("g4", pki.two)) == "ok" and final(s.ask("switch g4 t 60")) == "ok"
    assert s.close() == 0
    assert g.health()["pending"]["generation"] == "g4"


def test_not_running(gate, pki):
    g = gate(pki.one, start=False)
    s = g.session()
    assert s.ask("check")[1]["running"] == "no"
    assert final(s.stage_cert("g2", pki.two)) == "ok"
    assert final(s.ask("switch g2 tok 60")).startswith("fail not-running ")
    assert final(s.ask("confirm tok 5")).startswith("fail not-running ")
    assert final(s.ask("rollback tok")).startswith("fail not-pending ")
    last, facts, _ = s.ask("switch g2 tok 0")
    assert last == "ok" and facts["live"] == "g2"
    s.close()
    g.start()
    assert g.served() == pki.two.fingerprint


# the dead-man switch

def test_dead_man(gate, pki):
    g = gate(pki.one)
    s = g.session()
    assert final(s.stage_cert("g2", pki.two)) == "ok"
    assert final(s.ask("switch g2 tok 1")) == "ok"
    assert g.served() == pki.two.fingerprint
    s.p.kill()
    s.close()
    wait_for(lambda: g.served() == pki.one.fingerprint, "the old keystore to come back")
    assert g.health()["pending"] is None and "DEAD-MAN" in g.log.read_text()
    wait_for(lambda: not (g.keystore / "pending").exists(), "the record to go")


@pytest.mark.parametrize("point", ["staged", "switched", "confirmed", "rolled back"])
@pytest.mark.parametrize("how", ["kill", "stop"])
def test_dies_at_each_point(gate, pki, point, how):
    """Killed (or ended) inside the window and started anew: whole old; behind the confirmation: whole new."""
    g = gate(pki.one)
    s = g.session()
    assert final(s.stage_cert("g2", pki.two)) == "ok"
    if point != "staged":
        assert final(s.ask("switch g2 tok 600")) == "ok"
    if point == "confirmed":
        assert final(s.ask("confirm tok 5")) == "ok"
    if point == "rolled back":
        assert final(s.ask("rollback tok")) == "ok"
    getattr(g, how)()
    assert s.ask("check")[1]["running"] == "no"
    g.start()
    want = pki.two if point == "confirmed" else pki.one
    assert g.served() == want.fingerprint
    assert not (g.keystore / "pending").exists()
    assert ("was not confirmed" in g.log.read_text()) == (point == "switched")
    assert final(s.ask("confirm tok 5")).startswith("fail not-pending ")
    s.close()


def test_broken_keystore_falls_back(gate, pki):
    g = gate(pki.one)
    assert g.install(pki.two).returncode == 0
    g.stop()
    (g.keystore / "current" / "key.pem").write_text("")
    g.start()
    assert g.served() == pki.one.fingerprint and "FALLBACK" in g.log.read_text()
    assert g.install(pki.three).returncode == 0


def test_rollback_without_a_gate_to_a_broken_generation(gate, pki):
    """The session says what is live, which is not the old one when that can't be served any more."""
    g = gate(pki.one)
    first = g.status()["generation"]
    assert g.install(pki.two).returncode == 0
    old = g.status()["generation"]
    s = g.session()
    assert final(s.stage_cert("next", pki.three)) == "ok"
    assert final(s.ask("switch next t0ken 60")) == "ok"
    g.kill()
    (g.keystore / "generations" / old / "key.pem").write_text("")
    reply, facts, _ = s.ask("rollback t0ken")
    assert (reply, facts["live"], facts["restored"]) == ("ok", first, "no")
    assert s.close() == 0 and os.readlink(g.keystore / "current") == f"generations/{first}"


def test_two_gates_on_one_keystore_or_port(gate, pki):
    g = gate(pki.one)
    same_port = gate(pki.two, start=False)
    same_port.config.write_text(same_port.config.read_text().replace(str(same_port.port), str(g.port)))
    done = same_port.run("run")
    assert done.returncode == 1 and "in use" in done.stderr
    same_keystore = gate(start=False, keystore=g.keystore)
    done = same_keystore.run("run")
    assert done.returncode == 1 and "in use by another gate" in done.stderr
    assert g.served() == pki.one.fingerprint


# limits and nonsense

def test_control_garbage(gate, pki):
    g = gate(pki.one)
    assert os.stat(g.control).st_mode & 0o777 == 0o600
    for data in (b"\n", b"x\n", b"status now\n", b"\x00\xff\n", b"a" * 600, b"activate g t\n", b"activate ../g t 5\n", b"rollback x\n"):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(g.control))
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            answer = b""
            while part := s.recv(4096):
                answer += part
        assert b"fail " in answer, data
    idle = [socket.socket(socket.AF_UNIX) for _ in range(40)]
    for s in idle:
        s.connect(str(g.control))
    for s in idle:
        s.close()
    wait_for(g.status, "the control socket to answer")
    assert g.served() == pki.one.fingerprint


def test_slow_and_silent_clients(gate, pki):
    """Each is closed at its deadline, while others are served."""
    g = gate(pki.one, idle="1s")
    silent = socket.create_connection(("127.0.0.1", g.port))
    idle, slow = g.connect(), g.connect()
    slow.sendall(b"GET /healthz HTTP/1.1\r\nHo")
    start = time.monotonic()
    assert idle.recv(1) == b"" and 0.5 < time.monotonic() - start < 5
    slow.settimeout(0.5)
    closed = None
    while closed is None and time.monotonic() - start < 20:
        try:
            slow.sendall(b"x")
            closed = time.monotonic() - start if slow.recv(1) == b"" else None
        except TimeoutError:
            continue
        except OSError:
            closed = time.monotonic() - start
    assert closed is not None and 8 < closed < 14
    silent.settimeout(10)
    assert silent.recv(1) == b"" and time.monotonic() - start < 15
    assert g.health()["connections"] == 1


def test_connection_limits(gate, pki):
    g = gate(pki.one, max_connections=8)
    held = [g.connect() for _ in range(8)]
    with pytest.raises(OSError):
        g.connect()
    assert request(held[0])[0] == 200
    held.pop().close()
    wait_for(lambda: g.status()["connections"] == 7, "the row to be free again")
    held.append(g.connect())
    per_source = gate(pki.one, max_connections_per_source=3)
    held += [per_source.connect() for _ in range(3)]
    with pytest.raises(OSError):
        per_source.connect()
    wait_for(lambda: "max_connections_per_source" in per_source.log.read_text(), "the reason in the log, written behind the refusal")
    for s in held:
        s.close()


def test_graceful_end(gate, pki):
    g = gate(pki.one)
    idle = g.connect()
    g.process.terminate()
    assert idle.recv(1) == b""  # close_notify, not a reset
    idle.close()
    g.process.wait(timeout=10)
    assert g.process.returncode == 0


@pytest.mark.parametrize("line,says", [
    ("liste = 127.0.0.1:1", "listen"),
    ("listen = 127.0.0.1", "listen"),
    ("keystore = relative", "keystore"),
    ("threads = many", "threads"),
    ("threads = 257", "threads"),
    ("tls_min = 1.1", "1.2"),
    ("idle = 0", "idle"),
    ("max_connections = 0", "max_connections"),
    ("log_level = loud", "log_level"),
    ("user = nobody\nuser = root", "user"),
    ("just words", ":"),
])
def test_config_typos(gate, line, says):
    g = gate(start=False)
    assert g.run("--check-config").returncode == 0
    g.config.write_text(f"{line}\n")
    done = g.run("--check-config")
    assert done.returncode == 2 and says in done.stderr and f"{g.config}:" in done.stderr, done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_user(gate, pki):
    """Started as root: the gate and what root's tools write belong to the configured user."""
    g = gate(start=False, user="nobody")
    for p in [g.path, *g.path.parents][:-1]:
        os.chmod(p, p.stat().st_mode | 0o011) if p.stat().st_uid == os.getuid() else None
    assert g.install(pki.one).returncode == 4
    g.start()
    uid = os.stat(g.keystore).st_uid
    assert uid != 0
    with open(f"/proc/{g.process.pid}/status") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    assert status["Uid"].split() == [str(uid)] * 4 and int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1"
    assert g.install(pki.two).returncode == 0
    assert g.served() == pki.two.fingerprint
    for root, dirs, files in os.walk(g.keystore):
        for name in dirs + files:
            st = os.lstat(os.path.join(root, name))
            assert st.st_uid == uid
            assert name == "current" or st.st_mode & 0o077 == 0
