"""Keystore updates of a real nginx over a real sshd, one deploy process each: the good way, and every way to break it. Each ends with the
whole old or the whole new keystore served, and with a sentence that names the cause."""
import os
import re
import shutil
import socket
import ssl
import threading
import time

import pytest

import driver
import gate as gate_tools
import sshd
from nginx import Nginx, served
from pki import Authority
from ports import free_port
from proxy import Proxy

WINDOW_S = 15  # the shortest that is allowed: for what is to end by it

pytestmark = pytest.mark.skipif(sshd.needs_root, reason="needs root: a mount namespace with users of its own")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("ca") / "ca")
    other = Authority(tmp_path_factory.mktemp("other") / "ca", "Other Root")
    return {"old": authority.leaf("old"), "new": authority.leaf("new"), "again": authority.leaf("again"),
            "short": authority.leaf("short", names="DNS:other.example.test"),
            "stranger": other.leaf("stranger"), "authority": authority}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with sshd.SshHost(tmp_path_factory.mktemp("host") / "h") as h:
        yield h


@pytest.fixture
def nginx(tmp_path, pki):
    with Nginx(tmp_path / "nginx", pki["old"]) as n:
        yield n


class World:
    def __init__(self, build, host, nginx, pki, directory):
        self.build, self.host, self.nginx, self.pki, self.dir = build, host, nginx, pki, directory
        self.log = directory / "deploy.log"

    def job(self, **more):
        old, new = self.pki["old"], self.pki["new"]
        job = {"kind": "update", "gateway": "edge-1", "target": driver.target("nginx"), "params": self.nginx.params(),
               "tls": [f"127.0.0.1:{self.nginx.port}"], "names": ["gw.example.test"], "ssh_host": "127.0.0.1",
               "ssh_port": self.host.port, "ssh_user": self.host.user, "ssh_auth": "password", "ssh_password": self.host.password,
               "pins": [self.host.fingerprint], "certificate": new.chain, "current": old.chain, "key_pem": new.key,
               "sealed_key": "sealed", "generation": "20261124T000000Z-0000abcd", "token": "t0ken", "confirm_within": 60}
        return {k: v for k, v in {**job, **more}.items() if v is not None}

    def deploy(self, on_move=None, **more):
        return driver.Deploy(self.build, self.job(**more), on_move, log=self.log)

    def run(self, on_move=None, **more):
        deploy = self.deploy(on_move, **more)
        return deploy, deploy.run()

    def assert_old(self, within=0):
        assert self.nginx.wait_served(self.pki["old"].fingerprint, within + 1)
        assert self.nginx.key.read_text().split() == self.pki["old"].key.split()
        assert self.nginx.certificate.read_text().split() == self.pki["old"].fullchain.split()

    def assert_new(self):
        assert self.nginx.wait_served(self.pki["new"].fingerprint, 2)
        assert self.nginx.key.read_text().split() == self.pki["new"].key.split()


@pytest.fixture
def world(build, host, nginx, pki, tmp_path):
    w = World(build, host, nginx, pki, tmp_path)
    yield w
    if w.log.exists():
        assert "Sanitizer" not in w.log.read_text(), w.log.read_text()[-4000:]


def test_update_and_rollback(world):
    deploy, result = world.run()
    assert result["result"] == "confirmed", (result, deploy.events)
    assert deploy.states == ["connecting", "checked", "staged", "switched", "probing"]
    assert deploy.released == 1 and result["probes"][0]["fingerprint"] == world.pki["new"].fingerprint
    world.assert_new()
    before, after = deploy.steps("check")[0]["probes"][0], deploy.steps("probe")[-1]["probes"][0]
    assert before["fingerprint"] == world.pki["old"].fingerprint and after["fingerprint"] == world.pki["new"].fingerprint
    assert after["ok"] and after["protocol"] == "TLSv1.3" or after["protocol"] == "TLSv1.2"
    assert after["names"] == ["gw.example.test"] and len(after["chain"]) == 2 and after["handshake_ms"] > 0
    old_generation = deploy.steps("switch")[0]["old_generation"]

    # the same once more changes nothing and is fine
    deploy, result = world.run()
    assert result["result"] in ("confirmed", "failed"), result
    world.assert_new()

    deploy, result = world.run(kind="rollback", generation=old_generation, token="t0ken2", certificate=None, key_pem=None,
                               sealed_key=None, current=world.pki["new"].chain)
    assert result["result"] == "confirmed", (result, deploy.events)
    assert "staged" not in deploy.states and deploy.released == 0
    world.assert_old()


def test_no_leaks(world):
    deploy, result = world.run(no_sandbox=True)
    assert result["result"] == "confirmed" and deploy.exit_status == 0


@pytest.mark.parametrize("login", ["root", "sudo with password", "dropbear"])
def test_update_as(world, login, tmp_path):
    kind = "dropbear" if login == "dropbear" else "openssh"
    with sshd.SshHost(tmp_path / "other", kind, sudo="password") as other:
        change = {"ssh_port": other.port, "pins": [other.fingerprint]}
        if login == "root":
            change.update(ssh_user="root", ssh_password=other.root_password)
        _, result = world.run(**change)
        assert result["result"] == "confirmed", result
        world.assert_new()


@pytest.mark.parametrize("state", ["connecting", "checked", "staged", "switched"])
def test_cut_before_the_switch(world, state):
    with Proxy(world.host.port) as proxy:
        def cut():
            proxy.cut(refuse=True)
            return "ok"
        deploy, result = world.run({state: cut}, ssh_port=proxy.port)
        assert result["result"] == "failed", result
        assert ("closed the connection" if state == "connecting" else "connection was lost") in result["text"], result
        world.assert_old()


def test_cut_after_the_switch_and_back(world):
    """The connection goes right after the switch and can be made again: the update goes on."""
    with Proxy(world.host.port) as proxy:
        def cut():
            proxy.cut()
            return "ok"
        _, result = world.run({"probing": cut}, ssh_port=proxy.port)
        assert result["result"] == "confirmed", result
        world.assert_new()


def test_cut_after_the_switch_for_good(world):
    """No connection any more: the host goes back by itself, and the probe says so."""
    with Proxy(world.host.port) as proxy:
        def cut():
            proxy.cut(refuse=True)
            return "ok"
        _, result = world.run({"probing": cut}, ssh_port=proxy.port, confirm_within=WINDOW_S)
        assert result["result"] == "rolled-back", result
        world.assert_old()


@pytest.mark.slow(125)
@pytest.mark.parametrize("refuse", [False, True])
def test_cut_while_switching(world, refuse):
    """The request went out, the answer never comes."""
    with Proxy(world.host.port) as proxy:
        def deafen():
            proxy.deaf = True
            proxy.refusing = refuse
            proxy.cut_after_up = proxy.up + 1
            return "ok"
        deploy = world.deploy({"switched": deafen}, ssh_port=proxy.port, confirm_within=WINDOW_S)
        while (event := deploy.next()) is not None:
            if event["event"] == "step" and event["outcome"] == "failed" and "switch" in event["step"]:
                proxy.deaf = False
        result = deploy.result
        assert result["result"] in (("rolled-back", "confirmed") if not refuse else ("rolled-back",)), result
        world.assert_new() if result["result"] == "confirmed" else world.assert_old()


@pytest.mark.parametrize("state", ["connecting", "checked", "staged", "switched"])
def test_process_killed_before_the_switch(world, state):
    deploy, result = world.run({state: "kill"})
    assert result is None and deploy.exit_status == -9
    world.assert_old()
    assert world.run()[1]["result"] == "confirmed", "nothing of it may be in the way of the next one"


def test_process_killed_after_the_switch(world):
    deploy, result = world.run({"probing": "kill"}, confirm_within=WINDOW_S)
    assert result is None and deploy.exit_status == -9
    assert world.nginx.wait_served(world.pki["new"].fingerprint, 5, times=5), "a reload takes a moment"
    began = time.monotonic()
    assert world.nginx.wait_served(world.pki["old"].fingerprint, 40), "the host's dead-man switch did not fire"
    assert time.monotonic() - began > 5
    world.assert_old()


@pytest.mark.parametrize("state", ["checked", "staged", "probing"])
def test_manager_gone(world, state):
    """The process notices and goes back at once, it does not wait for the dead-man switch."""
    began = time.monotonic()
    deploy, result = world.run({state: "close"}, confirm_within=300)
    assert result is None and deploy.exit_status == 1
    assert time.monotonic() - began < 60
    world.assert_old()
    assert not list(world.nginx.keystore.glob("*/generations/20261124T000000Z-0000abcd")) or state == "probing"


@pytest.mark.parametrize("state,outcome", [("connecting", "failed"), ("staged", "failed"), ("probing", "rolled-back")])
def test_cancel(world, state, outcome):
    _, result = world.run({state: "cancel"})
    assert result["result"] == outcome and "cancelled" in result["text"], result
    world.assert_old()


def test_manager_can_not_store(world):
    deploy, result = world.run({"switched": "refuse"})
    assert result["result"] == "failed", result
    world.assert_old()


def test_probe_sees_the_old_certificate(world, pki, tmp_path):
    """The gateway that is probed is another one that never changes: never proven, so it goes back."""
    with Nginx(tmp_path / "second", pki["old"]) as second:
        _, result = world.run(tls=[f"127.0.0.1:{second.port}"], confirm_within=WINDOW_S)
        assert result["result"] == "rolled-back" and "still the old certificate" in result["text"], result
        world.assert_old()


def test_probe_can_not_connect(world):
    tls = [f"127.0.0.1:{world.nginx.port}", f"127.0.0.1:{free_port()}"]
    _, result = world.run(tls=tls, confirm_within=WINDOW_S)
    assert result["result"] in ("rolled-back", "unknown") and "connection refused" in result["text"], result
    world.assert_old()


def test_probe_misses_a_name(world):
    _, result = world.run(names=["gw.example.test", "missing.example.test"])
    assert result["result"] == "rolled-back" and "missing.example.test" in result["text"], result
    world.assert_old()


REFUSED_BEFORE = [
    ("names are missing", lambda w: {"certificate": w.pki["short"].chain, "key_pem": w.pki["short"].key}, ["not compatible", "gw.example.test"]),
    ("another root", lambda w: {"certificate": w.pki["stranger"].chain, "key_pem": w.pki["stranger"].key}, ["not compatible", "root"]),
    ("other than the manager believes", lambda w: {"current": w.pki["short"].chain}, ["another certificate"]),
    ("nothing believed, another root", lambda w: {"current": None, "certificate": w.pki["stranger"].chain, "key_pem": w.pki["stranger"].key},
     ["not compatible"]),
    ("key of another certificate", lambda w: {"key_pem": w.pki["old"].key}, ["does not belong", "nothing was sent"]),
]


@pytest.mark.parametrize("name,change,wanted", REFUSED_BEFORE, ids=[r[0] for r in REFUSED_BEFORE])
def test_refused_before_anything_is_sent(world, name, change, wanted):
    _, result = world.run(**change(world))
    assert result["result"] == "failed", result
    for word in wanted:
        assert word in result["text"], result["text"]
    world.assert_old()
    assert not list(world.nginx.keystore.glob("*/generations/20261124T000000Z-0000abcd"))


def test_first_install(world):
    """The manager knows nothing; what is there is compatible."""
    _, result = world.run(current=None)
    assert result["result"] == "confirmed", result
    world.assert_new()


def test_config_test_fails(world):
    world.nginx.config.write_text(world.nginx.config.read_text().replace("worker_processes 1;", "worker_processes 1; no_such_directive;"))
    _, result = world.run()
    assert result["result"] in ("failed", "rolled-back"), result
    assert "test" in result["text"], result
    world.assert_old()


def test_two_at_once(world):
    """The second one finds the first one's switch pending."""
    seen = {}

    def second():
        seen["second"] = world.run(token="t0ken2", generation="20261124T000000Z-0000ffff")[1]
        return "ok"
    _, result = world.run({"probing": second}, confirm_within=60)
    assert seen["second"]["result"] == "failed", seen
    assert result["result"] == "confirmed", result
    world.assert_new()


def test_probe_job(world):
    job = {"kind": "probe", "gateway": "edge-1", "tls": [f"localhost:{world.nginx.port}"], "names": ["gw.example.test", "192.0.2.1"],
           "current": world.pki["old"].chain}
    deploy = driver.Deploy(world.build, job, log=world.log)
    result = deploy.run()
    probes = {(p["address"], p["server_name"]): p for p in result["probes"]}
    good = probes[(f"127.0.0.1:{world.nginx.port}", "gw.example.test")]
    assert good["ok"] and good["fingerprint"] == world.pki["old"].fingerprint and good["error"] is None
    bad = probes[(f"127.0.0.1:{world.nginx.port}", "192.0.2.1")]
    assert not bad["ok"] and "without the name '192.0.2.1'" in bad["error"]
    assert deploy.states == []


@pytest.fixture
def own_host(tmp_path):
    """A host that a test may spoil."""
    with sshd.SshHost(tmp_path / "own") as h:
        yield h


@pytest.mark.parametrize("days,word", [(1, "ahead"), (-1, "behind"), (0, None)])
def test_clock_skew_of_a_day(world, own_host, tmp_path, days, word):
    shutil.copy("/usr/bin/date", tmp_path / "date")
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nexec {tmp_path}/date -d "{days} day" "$@"\n')
    os.chmod(wrapper, 0o755)
    own_host.inside(f"mount --bind {wrapper} /usr/bin/date")
    _, result = world.run(ssh_port=own_host.port, pins=[own_host.fingerprint])
    if word is None:
        assert result["result"] == "confirmed", result
        return
    assert result["result"] == "failed" and f"s {word}" in result["text"] and "set the clock" in result["text"], result
    world.assert_old()


@pytest.mark.parametrize("size,enough", [("16k", False), ("10m", True)])
def test_disk_full(world, own_host, size, enough):
    """Only the host sees this disk, so that with enough space the update fails later: nginx can't read from it."""
    world.nginx.keystore.mkdir()
    own_host.inside(f"mount -t tmpfs -o size={size} tmpfs {world.nginx.keystore}")
    deploy, result = world.run(ssh_port=own_host.port, pins=[own_host.fingerprint], confirm_within=WINDOW_S)
    assert ("space" in result["text"]) == (not enough) and ("staged" in deploy.states) == enough, result
    assert result["result"] == ("rolled-back" if enough else "failed"), result
    assert world.nginx.wait_served(world.pki["old"].fingerprint, 2)


def test_read_only_directory(world, own_host):
    world.nginx.keystore.mkdir()
    own_host.inside(f"mount --bind {world.nginx.keystore} {world.nginx.keystore}; mount -o remount,bind,ro {world.nginx.keystore}")
    _, result = world.run(ssh_port=own_host.port, pins=[own_host.fingerprint])
    assert result["result"] == "failed" and "read-only" in result["text"].lower(), result
    world.assert_old()


def test_gateway_is_not_running(world):
    world.nginx.stop()
    _, result = world.run()
    assert result["result"] == "failed" and "not running" in result["text"], result
    world.nginx.start()
    world.assert_old()


def with_reload(command):
    """nginx's target file with another reload."""
    text, count = re.subn(r"(?m)^reload .*", lambda _: "reload " + command, driver.target("nginx"))
    assert count == 1
    return text


def test_gateway_dies_at_the_reload(world):
    """The reload command ends the gateway: the host says so and has the old files back; the gateway is started with them."""
    target = with_reload('kill -KILL "-$(ps -o pgid= "$(cat %{pid})" | tr -d " ")"')
    _, result = world.run(target=target, confirm_within=WINDOW_S)
    assert result["result"] in ("rolled-back", "unknown", "failed"), result
    world.nginx.stop()
    world.nginx.pid_file.unlink(missing_ok=True)
    world.nginx.start()
    world.assert_old()


def test_reload_fails(world):
    target = with_reload("false")
    _, result = world.run(target=target)
    assert result["result"] in ("rolled-back", "failed"), result
    assert "reload" in result["text"], result
    world.assert_old()


def test_every_process_of_the_host_killed_in_the_window(world, own_host):
    """The session and the waiting dead-man switch die; the SSH server takes a new connection, and the host still knows what pends."""
    def kill():
        own_host.kill_sessions()
        return "ok"
    _, result = world.run({"probing": kill}, ssh_port=own_host.port, pins=[own_host.fingerprint], confirm_within=30)
    assert result["result"] in ("confirmed", "rolled-back"), result
    world.assert_new() if result["result"] == "confirmed" else world.assert_old()


def test_no_handshake_fails_meanwhile(world):
    """100 clients make handshakes all through a renewal and a rollback."""
    stop, failed, made = threading.Event(), [], []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def client():
        while not stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", world.nginx.port), timeout=20) as raw, \
                        context.wrap_socket(raw, server_hostname="gw.example.test"):
                    made.append(1)
            except OSError as e:
                failed.append(repr(e))
            stop.wait(0.2)
    threads = [threading.Thread(target=client) for _ in range(100)]
    for t in threads:
        t.start()
    _, first = world.run(confirm_within=60)
    _, second = world.run(names=["missing.example.test"], certificate=world.pki["again"].chain, key_pem=world.pki["again"].key,
                          current=world.pki["new"].chain, generation="20261124T000001Z-0000abcd", token="t0ken2", confirm_within=60)
    stop.set()
    for t in threads:
        t.join()
    assert first["result"] == "confirmed" and second["result"] == "rolled-back", (first, second)
    assert not failed and len(made) > 100, (len(failed), failed[:3], len(made))


def test_gatewright_gate(world, tmp_path):
    """The same over SSH with the gate's native session: hot swap, rollback when unproven, connections untouched."""
    maker = gate_tools.Maker(tmp_path / "ca")
    root = maker.root()
    between = maker.intermediate(root)
    old, new, third = (maker.leaf(between, name) for name in ("old", "new", "third"))
    gate = gate_tools.Gate(world.build, tmp_path / "gate")
    assert gate.install(old).returncode == 4, "in place for the first start, nothing proven"
    gate.start()
    try:
        job = {"target": driver.target("gatewright-gate"), "params": [f"program={gate.program}", f"config={gate.config}"],
               "tls": [f"127.0.0.1:{gate.port}"], "names": ["gw.example.com", "127.0.0.1"]}
        with socket.create_connection(("127.0.0.1", gate.port)) as raw:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(raw) as connected:
                chain = {c: c.chain + c.root.cert for c in (old, new, third)}
                _, result = world.run(**job, certificate=chain[new], current=chain[old], key_pem=new.key)
                assert result["result"] == "confirmed", result
                assert served(gate.port) == new.fingerprint
                deploy, result = world.run(**{**job, "names": ["missing.example.com"]}, certificate=chain[third], current=chain[new],
                                           key_pem=third.key, generation="20261124T000001Z-0000abcd", token="t0ken2")
                assert result["result"] == "rolled-back", result
                assert served(gate.port) == new.fingerprint
                deploy, result = world.run({"probing": "kill"}, **job, certificate=chain[third], current=chain[new], key_pem=third.key,
                                           generation="20261124T000002Z-0000abcd", token="t0ken3", confirm_within=WINDOW_S)
                assert result is None and served(gate.port) == third.fingerprint
                gate_tools.wait_for(lambda: served(gate.port) == new.fingerprint, "the gate's dead-man switch", 40)
                connected.sendall(b"GET /healthz HTTP/1.1\r\nHost: gw\r\n\r\n")
                assert connected.recv(100).startswith(b"HTTP/1.1 200"), "the old connection was dropped"
    finally:
        gate.stop()
