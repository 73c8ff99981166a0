"""The fault matrix, through the whole product: gatewrightd, its HTTP API and command line, real sshd and dropbear, real nginx and
gatewright-gate. Each row ends with the whole old or the whole new keystore served, the job's row true, and a sentence that names the cause."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys

import pytest

import sshd
from faults import (NAME, PASSPHRASE, SETTLED_S, Gateway, Keystore, Manager, short_directory, slow_store, together, wait_for)
from gate import request as http_request
from nginx import Nginx
from ports import free_port

pytestmark = pytest.mark.skipif(bool(sshd.needs_root), reason="needs root: mount namespaces with users and disks of their own")
KINDS = ["nginx", "gate"]
FAILED_WORDS = ["the old keystore is untouched"]


@pytest.fixture
def directory():
    with short_directory() as path:
        yield path


@pytest.fixture(scope="module")
def manager(build):
    with Manager(build) as m:
        yield m


@pytest.fixture(scope="module")
def openssh():
    with short_directory() as path, sshd.SshHost(path / "h", options=["MaxStartups 100"]) as host:
        yield host


@pytest.fixture(scope="module")
def dropbear():
    with short_directory() as path, sshd.SshHost(path / "h", "dropbear") as host:
        yield host


PAIRS = [("nginx", "openssh"), ("gate", "dropbear"), ("nginx", "dropbear"), ("gate", "openssh")]


@pytest.fixture(params=PAIRS, ids="-".join)
def every_place(request):
    """(kind of gateway, host) where the SSH server matters: each with each."""
    return request.param[0], request.getfixturevalue(request.param[1])


@pytest.fixture(params=PAIRS[:2], ids="-".join)
def place(request):
    """(kind of gateway, host) where it does not."""
    return request.param[0], request.getfixturevalue(request.param[1])


@pytest.fixture(params=PAIRS[:2], ids="-".join)
def own_place(request, directory):
    """A host that a test may spoil."""
    with sshd.SshHost(directory / "own", request.param[1]) as host:
        yield request.param[0], host


# ---- What takes minutes comes first, and side by side: the manager may only conclude when every limit is over ----

def killed_in(build, host, kind, state, victim):
    """`victim` is killed while the job is held in `state`. What was held goes on its way afterwards, as packets do."""
    with short_directory() as path, Manager(build) as m, Gateway(m, host, path, kind) as g:
        hold = g.hold(state)
        with slow_store(g, 10 ** 7 if victim == "deploy" else 10 ** 11) if state == "staged" else contextlib.nullcontext():
            job = g.begin()
            wait_for(lambda: g.job(job)["state"] == state, f"the state '{state}'", 60) if state == "staged" else hold.wait()
            assert g.job(job)["state"] == state
            if victim == "all":
                m.kill()
            else:
                m.kill_role(victim)
        if victim == "all":
            m.start()
        m.wait_ready()
        hold.go.set()
        if state in ("connecting", "checked") or (state == "staged" and victim != "deploy"):
            g.check_end(job, ["failed"], FAILED_WORDS + ["restarted" if victim != "deploy" else ""])
        else:  # a deploy process that was killed in "staged" had asked for "switched", and the manager stored that
            g.check_end(job, ["rolled-back"], ["the old certificate is served"], SETTLED_S)
        g.renew()


def killed_again_in_recovery(build, host, kind):
    """The manager dies in "switched", and its successor while it waits for what the host may still do."""
    with short_directory() as path, Manager(build) as m, Gateway(m, host, path, kind) as g:
        hold = g.hold("switched")
        job = g.begin()
        hold.wait()
        for _ in range(2):
            m.kill_role("manager")
            m.wait_ready()
            assert not g.job(job)["done"], "it can't be known yet"
        hold.go.set()
        g.check_end(job, ["rolled-back"], ["the old certificate is served"], SETTLED_S)
        g.renew()


def cut_for_good_in_switched(build, host, kind):
    """The request to switch never arrives, and no connection comes about any more."""
    with short_directory() as path, Manager(build) as m, Gateway(m, host, path, kind) as g:
        hold = g.hold("switched")
        job = g.begin()
        hold.wait()
        g.ssh_proxy.cut(refuse=True)
        g.check_end(job, ["rolled-back"], ["connection"], SETTLED_S)
        g.ssh_proxy.refusing = False
        g.renew()


@pytest.mark.slow(155)
def test_killed_or_cut_in_switched(build, openssh):
    rows = {f"{victim} killed, {kind}": lambda v=victim, k=kind: killed_in(build, openssh, k, "switched", v)
            for victim in ("manager", "deploy", "all") for kind in KINDS}
    rows |= {f"deploy killed in staged, {kind}": lambda k=kind: killed_in(build, openssh, k, "staged", "deploy") for kind in KINDS}
    rows |= {f"manager killed twice, {kind}": lambda k=kind: killed_again_in_recovery(build, openssh, k) for kind in KINDS}
    rows |= {f"cut for good, {kind}": lambda k=kind: cut_for_good_in_switched(build, openssh, k) for kind in KINDS}
    together(rows)


@pytest.mark.slow(35)
@pytest.mark.parametrize("kind", KINDS)
def test_killed_in_probing(build, openssh, kind):
    """Right after the switch: the host's dead-man switch fires, and the manager sees it."""
    together({v: lambda v=v: killed_in(build, openssh, kind, "probing", v) for v in ("manager", "deploy", "all")})


@pytest.mark.slow(30)
def test_cut_for_good_in_probing(build, manager, place, directory):
    kind, host = place
    with Gateway(manager, host, directory, kind) as g:
        hold = g.hold("probing")
        job = g.begin()
        hold.wait()
        g.ssh_proxy.cut(refuse=True)
        hold.go.set()
        g.check_end(job, ["rolled-back"], ["connection was lost", "went back by itself"], 90)
        g.ssh_proxy.refusing = False
        g.renew()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["connecting", "checked", "staged"])
def test_killed_before_the_switch(build, openssh, kind, state):
    victims = ("manager", "all") if state == "staged" else ("manager", "deploy", "all")
    together({v: lambda v=v: killed_in(build, openssh, kind, state, v) for v in victims})


# ---- The connection ----

def test_wrong_password(manager, every_place, directory):
    kind, host = every_place
    with Gateway(manager, host, directory, kind) as g:
        job = g.begin(ssh={"auth": "password", "password": "not the one"})
        done = g.check_end(job, ["failed"], ["wrong password", *FAILED_WORDS])
        assert "not the one" not in str(done)
        g.renew()


def test_host_key_changed(manager, own_place, directory):
    kind, own_host = own_place
    with Gateway(manager, own_host, directory / "gw", kind) as g:
        pinned = own_host.fingerprint
        with sshd.SshHost(directory / "other", own_host.server) as impostor:
            g.ssh_proxy.target = ("127.0.0.1", impostor.port)
            job = g.begin()
            g.check_end(job, ["failed"], ["host key", impostor.fingerprint, *FAILED_WORDS])
            assert pinned == manager.api.ok("GET", f"gateways/{g.name}")["ssh"]["host_key"], "a pin never moves by itself"
            log = (directory / "other/server.log").read_text(errors="replace").lower()
            assert f"for {own_host.user}" not in log and "auth succeeded" not in log, "nothing is shown to a stranger"
        g.ssh_proxy.target = ("127.0.0.1", own_host.port)
        g.renew()


CUTS = [
    # state          come back?  outcomes                       words
    ("connecting", False, ["failed"], ["closed the connection", *FAILED_WORDS]),
    ("checked", False, ["failed"], ["connection was lost", *FAILED_WORDS]),
    ("staged", False, ["failed"], ["connection was lost", *FAILED_WORDS]),
    ("switched", True, ["rolled-back"], ["went back by itself"]),
    ("probing", True, ["confirmed"], ["the new certificate is served"]),
]


@pytest.mark.parametrize("state,back,outcomes,words", CUTS, ids=[c[0] for c in CUTS])
def test_connection_cut_in(manager, every_place, directory, state, back, outcomes, words):
    kind, host = every_place
    with Manager(manager.build) if state == "staged" else contextlib.nullcontext(manager) as m, Gateway(m, host, directory, kind) as g:
        hold = g.hold(state)
        with slow_store(g, 5 * 10 ** 6) if state == "staged" else contextlib.nullcontext():
            job = g.begin(confirm_within=60)
            wait_for(lambda: g.job(job)["state"] == state, f"the state '{state}'", 60) if state == "staged" else hold.wait()
            g.ssh_proxy.cut(refuse=not back)
        hold.go.set()
        g.check_end(job, outcomes, words)
        g.ssh_proxy.refusing = False
        if outcomes != ["confirmed"]:
            g.renew()


# ---- The host's disk and clock ----

def small_disk(g, size):
    """The keystore's directory lies on a disk of its own from now on; a gate holds its directory open, so it starts anew."""
    store = g.server.keystore
    store.mkdir(exist_ok=True)
    if g.server.kind != "nginx":
        g.server.stop()
    g.host.inside(f"cp -a {store} {g.dir}/kept; mount -t tmpfs -o size={size} tmpfs {store}; cp -a {g.dir}/kept/. {store}/")
    if g.server.kind != "nginx":
        g.server.start()


def fill_disk(g):
    g.host.inside(f"dd if=/dev/zero of={g.server.keystore}/ballast bs=1k || true")
    return lambda: g.host.inside(f"rm {g.server.keystore}/ballast")


def test_disk_full(manager, own_place, directory):
    kind, own_host = own_place
    with Gateway(manager, own_host, directory / "gw", kind) as g:
        small_disk(g, "1m")
        mend = fill_disk(g)
        job = g.begin()
        done = g.check_end(job, ["failed"], ["space", *FAILED_WORDS])
        assert "staged" not in [s["state"] for s in done["steps"]]
        mend()
        g.renew()


def test_disk_fills_up_during_the_transfer(manager, own_place, directory):
    """There was space when the host was asked."""
    kind, own_host = own_place
    with Gateway(manager, own_host, directory / "gw", kind) as g:
        small_disk(g, "1m")
        hold = g.hold("checked")
        job = g.begin()
        hold.wait()
        mend = fill_disk(g)
        hold.go.set()
        g.check_end(job, ["failed"], ["space", *FAILED_WORDS])
        mend()
        g.renew()


def test_read_only_directory(manager, own_place, directory):
    kind, own_host = own_place
    with Gateway(manager, own_host, directory / "gw", kind) as g:
        store = g.server.keystore
        store.mkdir(exist_ok=True)
        own_host.inside(f"mount --bind {store} {store}; mount -o remount,bind,ro {store}")
        job = g.begin()
        g.check_end(job, ["failed"], ["read-only", *FAILED_WORDS])
        own_host.inside(f"umount {store}")
        g.renew()


SHIM = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
	long r = syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		t->tv_sec += OFFSET;
	return (int)r;
}
time_t time(time_t *t)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (t)
		*t = now.tv_sec;
	return now.tv_sec;
}
"""


def skew(g, days):
    """The host's clock is off: for the script by its `date`, for the gate's session by what its program asks."""
    if g.server.kind == "nginx":
        shutil.copy("/usr/bin/date", g.dir / "date")
        (g.dir / "wrapper").write_text(f'#!/bin/sh\nexec {g.dir}/date -d "{days} day" "$@"\n')
        (g.dir / "wrapper").chmod(0o755)
        g.host.inside(f"mount --bind {g.dir}/wrapper /usr/bin/date")
        return lambda: g.host.inside("umount /usr/bin/date")
    (g.dir / "shim.c").write_text(SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", f"-DOFFSET={days * 86400}", "-o", g.dir / "shim.so", g.dir / "shim.c"], check=True)
    (g.dir / "wrapper").write_text(f'#!/bin/sh\nLD_PRELOAD={g.dir}/shim.so exec {g.server.program} "$@"\n')
    (g.dir / "wrapper").chmod(0o755)
    g.api.ok("PATCH", f"gateways/{g.name}", {"params": {**g.server.target_params(), "program": str(g.dir / "wrapper")}})
    return lambda: g.api.ok("PATCH", f"gateways/{g.name}", {"params": g.server.target_params()})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("days,word", [(1, "ahead"), (-1, "behind")])
def test_clock_skew_of_a_day(manager, directory, kind, days, word):
    with sshd.SshHost(directory / "own") as host, Gateway(manager, host, directory / "gw", kind) as g:
        mend = skew(g, days)
        job = g.begin()
        g.check_end(job, ["failed"], ["clock", f"s {word}", "set the clock", *FAILED_WORDS])
        mend()
        g.renew()


# ---- The gateway's own programs ----

def test_config_test_fails(manager, openssh, directory):
    with Gateway(manager, openssh, directory) as g:
        text = g.server.config.read_text()
        g.server.config.write_text(text.replace("worker_processes 1;", "worker_processes 1; no_such_directive;"))
        job = g.begin()
        done = g.check_end(job, ["failed", "rolled-back"], ["test"])
        assert any("no_such_directive" in (s["host_output"] or "") for s in done["steps"]), "what the host printed is shown"
        g.server.config.write_text(text)
        g.renew()


def test_reload_fails(manager, dropbear, directory):
    with Gateway(manager, dropbear, directory, target="nginx-reload-fails") as g:
        job = g.begin()
        done = g.check_end(job, ["failed", "rolled-back"], ["reload"])
        assert any("the reload said no" in (s["host_output"] or "") for s in done["steps"])


def test_dies_at_the_reload(manager, openssh, directory):
    """The host sees it, restores the old files and starts the gateway with them."""
    with Gateway(manager, openssh, directory, target="nginx-dies") as g:
        job = g.begin(confirm_within=60)
        g.check_end(job, ["rolled-back"], ["not running"])


def test_nginx_dies_after_the_reload(manager, dropbear, directory):
    """The host said that it runs; then it ends. The probe cannot connect, and the host starts it with the old keystore."""
    with Gateway(manager, dropbear, directory) as g:
        hold = g.hold("probing")
        job = g.begin()
        hold.wait()
        g.server.kill()
        hold.go.set()
        g.check_end(job, ["rolled-back"], ["probe"])
        g.renew()


@pytest.mark.slow(20)
def test_gate_dies_after_the_switch(manager, openssh, directory):
    """A gate that starts inside the window goes back natively."""
    with Gateway(manager, openssh, directory, "gate") as g:
        hold = g.hold("probing")
        job = g.begin(confirm_within=60)
        hold.wait()
        g.server.kill()
        g.server.start()
        assert g.handshake() == g.old["fingerprint"]
        hold.go.set()
        g.check_end(job, ["rolled-back"], ["old"])
        g.renew()


# ---- What the probe sees ----

def test_probe_sees_the_old_certificate(manager, place, directory):
    """A second address of the gateway keeps it."""
    kind, host = place
    with Gateway(manager, host, directory / "gw", kind) as g, \
            Nginx(directory / "second", Keystore(g.api, g.old, manager.authority)) as second:
        both = [f"127.0.0.1:{g.tls_proxy.port}", f"127.0.0.1:{second.port}"]
        g.api.ok("PATCH", f"gateways/{g.name}", {"tls": both})
        job = g.begin()
        g.check_end(job, ["rolled-back"], ["still the old certificate", f"127.0.0.1:{second.port}"])
        g.api.ok("PATCH", f"gateways/{g.name}", {"tls": both[:1]})
        g.renew()


def test_probe_cannot_connect(manager, place, directory):
    kind, host = place
    with Gateway(manager, host, directory, kind) as g:
        hold = g.hold("probing")
        job = g.begin()
        hold.wait()
        good, g.tls_proxy.target = g.tls_proxy.target, ("127.0.0.1", free_port())
        g.tls_proxy.cut()
        hold.go.set()
        wait_for(lambda: g.job(job)["state"] == "rolling-back", "the way back", 60)
        g.tls_proxy.target = good
        g.check_end(job, ["rolled-back"], ["probe", f"127.0.0.1:{g.tls_proxy.port}"])
        g.renew()


# ---- The host itself ----

def reboot(host, g, directory):
    """Every process of the host ends, another boot begins; the manager does not reach it, and nginx is not started yet."""
    host.stop()
    g.server.pid_file.unlink()  # as /run is empty after a boot
    (directory / "boot_id").write_text("01234567-89ab-cdef-0123-456789abcdef\n")
    g.ssh_proxy.refusing = True
    host.start()
    host.inside(f"mount --bind {directory}/boot_id /proc/sys/kernel/random/boot_id")


@pytest.mark.slow(20)
@pytest.mark.parametrize("order", ["hook first", "gateway first"])
def test_host_reset_in_the_window_nginx(manager, directory, order):
    """Every process of the host ends, another boot begins: the boot hook's command, and nginx before or after it."""
    with sshd.SshHost(directory / "own") as host, Gateway(manager, host, directory / "gw") as g:
        hold = g.hold("probing")
        job = g.begin(confirm_within=300)
        hold.wait()
        g.wait_served(g.new["fingerprint"])
        reboot(host, g, directory)

        def recover():
            host.inside(f"sh {g.server.keystore_of(g.name)}/host.sh recover")
        for step in [recover, g.server.start] if order == "hook first" else [g.server.start, recover]:
            step()
        g.wait_served(g.old["fingerprint"])
        g.ssh_proxy.refusing = False
        hold.go.set()
        g.check_end(job, ["rolled-back"], ["old"])
        g.renew()


def test_host_reset_in_the_window_cron(manager, directory):
    """A real cron: the boot hook is an entry of its own, and a boot runs it, here after the gateway has started."""
    with sshd.SshHost(directory / "own") as host:
        crontabs = directory / "cron.d"
        crontabs.mkdir()

        def start_cron():
            host.inside(f"mount --bind {crontabs} /etc/cron.d; mount --bind {host.namespace.etc}/pam-sshd /etc/pam.d/cron; "
                        "cron </dev/null >/dev/null 2>&1")
        start_cron()
        g = Gateway(manager, host, directory / "gw")
        params = g.server.target_params() | {"boot-hook": "auto"}
        g.server.target_params = lambda: params
        with g:
            hold = g.hold("probing")
            job = g.begin(confirm_within=300)
            hold.wait()
            g.wait_served(g.new["fingerprint"])
            assert len(list(crontabs.iterdir())) == 1
            reboot(host, g, directory)
            g.server.start()
            assert g.handshake() == g.new["fingerprint"]
            start_cron()
            g.wait_served(g.old["fingerprint"])
            g.ssh_proxy.refusing = False
            hold.go.set()
            g.check_end(job, ["rolled-back"], ["old"])
            g.renew()


@pytest.mark.slow(20)
def test_host_reset_in_the_window_gate(manager, directory):
    with sshd.SshHost(directory / "own") as host, Gateway(manager, host, directory / "gw", "gate") as g:
        hold = g.hold("probing")
        job = g.begin(confirm_within=300)
        hold.wait()
        assert g.handshake() == g.new["fingerprint"]
        g.server.kill()
        host.stop()
        host.start()
        g.server.start()
        assert g.handshake() == g.old["fingerprint"], "the very first handshake"
        hold.go.set()
        g.check_end(job, ["rolled-back"], ["old"])
        g.renew()


# ---- A manager that is slow ----

# Each is asked before the deploy process goes on, and gives what tells that it came to its end.

def no_deploy(g):
    return lambda: "deploy" not in g.manager.roles()


def discarded(g):
    before, staged = g.generations(), []

    def ended():
        now = g.generations()
        staged.append(now != before)
        return any(staged) and now == before
    return ended


def old_again(g):
    switched = []

    def ended():
        if not switched:
            g.wait_served(g.new["fingerprint"])
            switched.append(True)
        return g.handshake() == g.old["fingerprint"]
    return ended


STOPPED = [
    # held in     until      outcomes         words
    ("checked", discarded, ["failed"], ["did not store the state 'staged'", *FAILED_WORDS]),
    ("switched", old_again, ["rolled-back"], ["the old keystore is served again", "did not store the state 'probing'"]),
    ("probing", no_deploy, ["confirmed"], ["the new certificate is served"]),
]


def stores_late(build, host, kind, state, until, outcomes, words):
    """The manager is there all the time, but stores what comes after `state` later than the deploy process waits for it."""
    with short_directory() as path, Manager(build) as m, Gateway(m, host, path, kind) as g:
        hold = g.hold(state)
        job = g.begin(confirm_within=60)
        hold.wait()
        ended = until(g)
        stopped = m.roles()["manager"]
        os.kill(stopped, signal.SIGSTOP)
        try:
            hold.go.set()
            wait_for(ended, "what the deploy process does without its manager", 120)
        finally:
            os.kill(stopped, signal.SIGCONT)
        done = g.check_end(job, outcomes, words)
        assert "restarted" not in done["detail"] and "went away" not in done["detail"]
        assert (outcomes == ["rolled-back"]) == any(s["state"] == "rolling-back" for s in done["steps"])
        if outcomes != ["confirmed"]:
            g.renew()


@pytest.mark.slow(35)
def test_manager_stores_late(build, openssh):
    together({f"{s[0]}, {k}": lambda s=s, k=k: stores_late(build, openssh, k, *s) for s in STOPPED for k in KINDS})


# ---- Two at once, and a store that lies ----

def test_two_updates_of_one_gateway(manager, place, directory):
    kind, host = place
    with Gateway(manager, host, directory, kind) as g:
        hold = g.hold("probing")
        job = g.begin(confirm_within=60)
        hold.wait()
        answer = g.api.post(f"gateways/{g.name}/keystore-updates", g.body())
        assert answer.status == 409 and f"job {job}" in answer.detail, answer
        assert g.api.delete(f"gateways/{g.name}").status == 409
        hold.go.set()
        g.check_end(job, ["confirmed"], [])


def test_rollback_to_the_generation_before(manager, place, directory):
    kind, host = place
    with Gateway(manager, host, directory, kind) as g:
        assert g.renew()["proof"]
        fresh, before = g.api.items(f"gateways/{g.name}/keystores")
        assert fresh["current"] and before["installed_at"] is None and before["certificate"] == g.old["id"], before
        back = g.api.ok("POST", f"gateways/{g.name}/rollback",
                        {"generation": before["generation"], "ssh": {"auth": "password", "password": host.password}}, status=(202,))
        assert g.api.wait_job(back["id"])["outcome"] == "confirmed"
        g.wait_served(g.old["fingerprint"])
        assert g.api.ok("GET", f"gateways/{g.name}")["certificate"] == g.old["id"]


def test_two_managers_on_one_gateway(manager, place, directory):
    """The second one knows the same certificates and the same gateway, and nothing of the first one's job."""
    kind, host = place
    with Gateway(manager, host, directory, kind) as g, Manager(manager.build) as second:
        for certificate in (g.old, g.new):
            answer = second.api.import_(Keystore(g.api, certificate, manager.authority).p12, PASSPHRASE)
            assert answer.status == 201, answer
        record = g.api.ok("GET", f"gateways/{g.name}")
        record["tls"], record["ssh"]["port"] = [f"127.0.0.1:{g.server.port}"], host.port  # its own ways, which nobody holds
        second.api.ok("POST", "gateways", {k: record[k] for k in ("name", "target", "params", "tls", "server_names", "ssh")})
        theirs = {c["fingerprint"]: c["id"] for c in second.api.items("certificates")}
        assert second.api.ok("POST", f"gateways/{g.name}/probe")["certificate"] == theirs[g.old["fingerprint"]]
        hold = g.hold("probing")
        job = g.begin(confirm_within=60)
        hold.wait()
        body = {**g.body(), "certificate": theirs[g.new["fingerprint"]]}
        other = second.api.ok("POST", f"gateways/{g.name}/keystore-updates", body, status=(202,))["id"]
        done = second.api.wait_job(other, 40)
        assert done["outcome"] == "failed" and "another update" in done["detail"], done
        hold.go.set()
        g.check_end(job, ["confirmed"], [])


@pytest.mark.parametrize("kind", KINDS)
def test_key_of_another_certificate(build, openssh, directory, kind):
    """Two sealed keys change places in the store while nobody looks: refused before a job is made, and nothing is sent."""
    with Manager(build) as m, Gateway(m, openssh, directory, kind) as g:
        before = g.generations()
        m.stop()
        with contextlib.closing(sqlite3.connect(m.store)) as db, db:
            keys = dict(db.execute("SELECT id, sealed_key FROM certificate WHERE id IN (?, ?)", (g.old["id"], g.new["id"])))
            for here, there in ((g.old, g.new), (g.new, g.old)):
                db.execute("UPDATE certificate SET sealed_key = ? WHERE id = ?", (keys[there["id"]], here["id"]))
        m.start()
        answer = g.api.post(f"gateways/{g.name}/keystore-updates", g.body())
        assert answer.status == 422 and answer.finding_ids == ["key-mismatch"] and "does not belong to certificate" in answer.detail, answer
        assert g.generations() == before and g.api.items("jobs") == [] and g.handshake() == g.old["fingerprint"]
        g.new = g.successor("next")
        g.renew()


# ---- Nobody notices a renewal ----

@contextlib.contextmanager
def crowd(port, clients):
    """They must all have succeeded, every time."""
    program = pathlib.Path(__file__).parent / "crowd.py"
    child = subprocess.Popen([sys.executable, program, str(port), NAME, str(clients)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
    try:
        assert child.stdout.readline() == "ready\n"
        yield
        result = json.loads(child.communicate("", timeout=120)[0])
        assert not result["failed"], (len(result["failed"]), result["failed"][:3], result["made"])
        assert result["made"] >= 2 * clients, result
    finally:
        child.kill()
        child.wait()


def connect(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60), server_hostname=NAME)


@pytest.mark.parametrize("kind", KINDS)
def test_no_handshake_fails_meanwhile(manager, openssh, directory, kind):
    """A renewal that goes back and one that is confirmed, with 100 clients; those who are connected to a gate stay."""
    with Gateway(manager, openssh, directory, kind) as g:
        first, g.new = g.new, g.successor("unproven")
        stay = [connect(g.server.port) for _ in range(20)] if kind == "gate" else []
        with crowd(g.server.port, 100):
            hold = g.hold("probing")
            job = g.begin(confirm_within=60)
            hold.wait()
            g.api.ok("POST", f"jobs/{job}/cancel")
            hold.go.set()
            g.check_end(job, ["rolled-back"], ["cancelled"], 120)
            g.new = first
            g.renew()
        for tls in stay:
            assert http_request(tls)[0] == 200, "a connected client was dropped"
            tls.close()
