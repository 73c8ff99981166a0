"""targets/host.sh under every shell of this machine: the conversation, the failure matrix, and a crash at every step.

The gateway here is a few files: what it serves is what it loaded at its last start or reload. After whatever went wrong, what is
served and what lies in the live files is the whole old or the whole new keystore, never a mixture.
"""
import contextlib
import functools
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import tempfile
import threading

import pytest

from host_harness import ROOT, SHELLS, Host, Pair, Session, quote

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount and give files away")


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    d = tmp_path_factory.mktemp("pairs")
    return {name: Pair(d, name) for name in ("old", "new", "newer")}


@pytest.fixture
def tmp_path():
    """In memory where there is such a place: the script syncs a lot, and a crash here is a process that ends, not a lost disk."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="gatewright-host-", dir=base, ignore_cleanup_errors=True) as d:
        yield pathlib.Path(d)


def pytest_generate_tests(metafunc):
    """dash and busybox see every test; bash reads the same text as dash does, and sees those that are marked."""
    if "shell" in metafunc.fixturenames and not any("shell" in m.args[0] for m in metafunc.definition.iter_markers("parametrize")):
        metafunc.parametrize("shell", SHELLS if hasattr(metafunc.function, "bash_too") else [x for x in SHELLS if x != "bash"])


def bash_too(f):
    f.bash_too = True
    return f


@pytest.fixture
def host(tmp_path, shell, pairs):
    h = Host(tmp_path / "host", shell, pairs["old"])
    yield h
    h.power_off()


def both(pair):
    return pair.crt + pair.key


def switch(s, gid="g1", token="t1", seconds=60):
    return s.ask(f"switch {gid} {token} {seconds}")


def renew(s, pair, gid, token):
    """A whole update, good from start to end."""
    assert s.stage(gid, pair).final == "ok"
    r = switch(s, gid, token)
    assert r.final == "ok", r.lines
    assert s.ask(f"confirm {token} 5").final == "ok"


# --- the conversation ---


@bash_too
def test_whole_update(host, pairs):
    s = host.session()
    assert s.boot == "gatewright-boot 1\n"
    assert s.greeting == "gatewright-host 1 script\n"
    r = s.ask("check")
    assert r.final == "ok"
    assert {"clock", "free", "live", "pending", "left", "boot-hook", "user", "running"} <= set(r.facts)
    assert (r.facts["live"], r.facts["pending"], r.facts["left"], r.facts["running"]) == ("-", "-", "-", "yes")
    assert "\n".join(r.chain) + "\n" == pairs["old"].crt.decode()
    assert s.stage("g1", pairs["new"]).facts["verified"] == "2"
    assert host.live() == host.served() == both(pairs["old"])
    r = switch(s)
    assert r.final == "ok" and r.facts["live"] == "g1" and r.facts["old"].startswith("adopted-")
    assert host.live() == host.served() == both(pairs["new"])
    r = s.ask("status")
    assert (r.facts["live"], r.facts["pending"], r.facts["left"]) == ("g1", "t1", "60")
    r = s.ask("confirm t1 5")
    assert (r.final, r.facts["live"], r.facts["removed"]) == ("ok", "g1", "0")
    assert s.ask("check").facts["live"] == "g1"
    assert s.ask("bye").final == "ok"
    assert s.close() == ""
    assert host.leftovers() == []
    host.wait(lambda: not list(host.mine()))


def test_second_update_moves_one_link(host, pairs):
    s = host.session()
    renew(s, pairs["new"], "g1", "t1")
    links = os.lstat(host.crt).st_ino, os.lstat(host.key).st_ino
    renew(s, pairs["newer"], "g2", "t2")
    assert (os.lstat(host.crt).st_ino, os.lstat(host.key).st_ino) == links
    assert os.readlink(host.keystore / "current") == "generations/g2"
    assert host.live() == host.served() == both(pairs["newer"])


@bash_too
def test_rollback(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    r = s.ask("rollback t1")
    assert (r.final, r.facts["restored"]) == ("ok", "yes")
    assert host.live() == host.served() == both(pairs["old"])
    assert s.ask("rollback t1").word == "not-pending"
    assert s.ask("confirm t1 5").word == "not-pending"
    assert host.leftovers() == []


def test_confirmed_stays(host, pairs):
    s = host.session()
    renew(s, pairs["new"], "g1", "t1")
    assert s.ask("rollback t1").word == "not-pending"
    assert s.ask("confirm t1 5").word == "not-pending"
    host.uptime(9999)
    assert host.recover()
    assert host.served() == both(pairs["new"])


def test_keeps_generations(host, pairs):
    s = host.session()
    for i in range(1, 5):
        assert s.stage(f"g{i}", pairs["new" if i % 2 else "newer"]).final == "ok"
        os.utime(host.keystore / f"generations/g{i}", (2000000000 + i, 2000000000 + i))  # busybox's ls sees whole seconds
        assert switch(s, f"g{i}", f"t{i}").final == "ok"
        r = s.ask(f"confirm t{i} 2")
    assert r.facts["removed"] == "1"
    assert s.ask("list").facts["generations"] == ["g3 complete", "g4 complete"]
    s.stage("g5", pairs["new"])
    switch(s, "g5", "t5")
    assert s.ask("confirm t5 08").facts["removed"] == "0"


def test_stage_again(host, pairs):
    s = host.session()
    assert s.stage("g1", pairs["new"]).final == "ok"
    log = host.log()
    assert s.stage("g1", pairs["new"]).final == "ok"
    assert "sync K/generations" in log()
    assert s.stage("g1", pairs["newer"]).word == "exists"
    assert switch(s).final == "ok"
    assert host.served() == both(pairs["new"])


def test_switch_without_deadline(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    assert switch(s, seconds=0).final == "ok"
    assert host.leftovers() == []
    assert host.served() == both(pairs["new"])


def test_discard(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    assert s.ask("discard g1").final == "ok"
    assert s.ask("discard g1").final == "ok"
    assert switch(s).word == "missing"
    s.stage("g2", pairs["new"])
    switch(s, "g2")
    assert s.ask("discard g2").word == "busy"
    old = os.path.basename(os.readlink(next(host.keystore.glob("revert~*"))))
    assert s.ask(f"discard {old}").word == "busy"


@pytest.mark.parametrize("request_line", [
    "", "hello", "check now", "stage", "switch g1", "switch g1 t1 -1", "switch ../x t1 60", "switch g1 t/1 60", "switch g1 t1 6x", "confirm t1 0",
    "confirm t1", "rollback", "rollback a b", "discard .x", "discard generations/x", "check;id", "check $(id)", "list " + "x" * 5000])
def test_bad_requests(host, request_line):
    s = host.session()
    assert s.ask(request_line).word == "bad-request"
    assert s.ask("check").final == "ok"


@pytest.mark.parametrize("files", [
    b"file key.pem 3 " + b"0" * 64 + b"\nabcfile",           # no second file
    b"file key.pem x " + b"0" * 64 + b"\n",                  # no size
    b"file key.pem 1048577 " + b"0" * 64 + b"\n",            # too large
    b"file ../../etc/passwd 3 " + b"0" * 64 + b"\nabc",      # a path
    b"file key.pem 3 " + b"0" * 63 + b"\nabc",               # a short hash
    b"fail key.pem 3 " + b"0" * 64 + b"\nabc"])
def test_bad_files_end_the_session(host, files):
    s = host.session()
    s.send(b"stage g1 2\n" + files + b"\n")
    s.p.stdin.close()
    lines = s.p.stdout.read().decode().splitlines()
    assert not any(line == "ok" for line in lines)
    s.p.wait(timeout=10)
    assert not list(host.keystore.glob("generations/*")) and not list(host.keystore.glob("generations/.*"))


def test_file_of_no_use_is_read_and_refused(host, pairs):
    s = host.session()
    assert s.ask("stage g1 1", b"file other.pem 3 " + b"0" * 64 + b"\nabc").word == "bad-request"
    assert s.ask("status").final == "ok"
    assert s.stage("g1", pairs["new"]).final == "ok"


@bash_too
def test_wrong_hash(host, pairs):
    s = host.session()
    assert s.stage("g1", pairs["new"], spoil="key.pem").word == "mismatch"
    assert s.ask("list").facts.get("generations") is None
    assert s.stage("g1", pairs["new"]).final == "ok"


def test_key_of_another(host, pairs):
    s = host.session()
    r = s.stage("g1", pairs["new"], key=pairs["newer"].key)
    assert r.final == "fail mismatch the key does not belong to the certificate"


# --- files ---


def test_owner_and_mode_are_kept(host, pairs):
    host.key.chmod(0o600)
    host.crt.chmod(0o640)
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    g = host.keystore / "generations/g1"
    assert stat.S_IMODE((g / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((g / "fullchain.pem").stat().st_mode) == 0o640


@needs_root
def test_owner_is_given(host, pairs):
    os.chown(host.key, 12345, 54321)
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    st = host.key.stat()
    assert (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) == (12345, 54321, 0o640)
    assert next(host.keystore.glob("generations/adopted-*/key.pem")).stat().st_uid == 12345


def test_a_readable_key_is_not_copied_as_such(host, pairs):
    host.key.chmod(0o644)
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    assert stat.S_IMODE(host.key.stat().st_mode) == 0o640


def test_first_installation(tmp_path, shell, pairs):
    host = Host(tmp_path / "host", shell)
    (host.dir / "gw/up").touch()
    s = host.session()
    assert s.ask("check").facts["live"] == "-"
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert (r.final, r.facts["old"], r.facts["live"]) == ("ok", "-", "g1")
    assert stat.S_IMODE(host.key.stat().st_mode) == 0o600
    assert s.ask("rollback t1").final == "ok"
    assert not os.path.lexists(host.crt) and not os.path.lexists(host.keystore / "current")
    switch(s, token="t2")
    assert s.ask("confirm t2 3").final == "ok"
    assert host.live() == both(pairs["new"])
    host.power_off()


def test_live_file_that_was_a_link(host, pairs):
    """As certbot leaves it: the content behind the link is what generation 0 keeps."""
    target = host.dir / "archive.crt"
    host.crt.rename(target)
    host.crt.symlink_to(target)
    s = host.session()
    s.stage("g1", pairs["new"])
    assert switch(s).final == "ok"
    assert s.ask("rollback t1").facts["restored"] == "yes"
    assert host.live() == host.served() == both(pairs["old"])
    assert target.read_bytes() == pairs["old"].crt


def test_somebody_wrote_over_the_links(host, pairs):
    """A copy by hand breaks the link: it becomes a generation of its own, and going back leads to it."""
    s = host.session()
    renew(s, pairs["new"], "g1", "t1")
    for path, content in ((host.crt, pairs["old"].crt), (host.key, pairs["old"].key)):
        path.unlink()
        path.write_bytes(content)
    assert s.ask("check").facts["live"] == "-"
    s.stage("g2", pairs["newer"])
    r = switch(s, "g2", "t2")
    assert r.final == "ok" and r.facts["old"].startswith("adopted-")
    assert s.ask("rollback t2").final == "ok"
    assert host.live() == host.served() == both(pairs["old"])


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n\n"], ids=["none", "CRLF", "two"])
@bash_too
def test_live_chain_without_a_proper_end(host, pairs, end):
    """What `check` says is lines, however the file ends."""
    host.crt.write_bytes(pairs["old"].crt.rstrip(b"\n") + end)
    r = host.session().ask("check")
    assert r.final == "ok" and "\n".join(r.chain) + "\n" == pairs["old"].crt.decode()


def test_directory_is_missing(host):
    s = host.session(gw_path_1="/nowhere/at/all/server.key")
    assert s.ask("check").final == "fail missing there is no directory for '/nowhere/at/all/server.key'"


def test_check_changes_nothing(host):
    def tree():
        return sorted(str(p.relative_to(host.dir)) for top in ("etc", "keystores", "tmp") for p in (host.dir / top).rglob("*"))

    before = tree()
    s = host.session()
    assert s.ask("check").final == "ok"
    s.close()
    assert tree() == before


@bash_too
def test_quoting(tmp_path, shell, pairs):
    """Paths with spaces and quotes go through every command untouched."""
    host = Host(tmp_path / "it's a \"host\" $HOME", shell, pairs["old"])
    s = host.session(gw_keystore=str(tmp_path / "ks"))
    s.stage("g1", pairs["new"])
    assert switch(s).final == "ok"
    assert host.served() == both(pairs["new"])
    assert s.ask("rollback t1").facts["restored"] == "yes"
    assert host.live() == both(pairs["old"])
    host.power_off()


# --- going wrong ---


@pytest.mark.parametrize("how, word", [("test", "test-failed"), ("reload", "reload-failed"), ("death", "reload-failed")])
def test_gateway_refuses(host, pairs, how, word):
    host.make_bad(how, pairs["new"])
    s = host.session()
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert (r.word, r.facts["restored"]) == (word, "yes"), r.lines
    assert host.live() == host.served() == both(pairs["old"])
    assert host.leftovers() == []
    renew(s, pairs["newer"], "g2", "t2")
    assert host.served() == both(pairs["newer"])


def test_gateway_is_gone_for_good(host, pairs):
    """It can't be started again: restored says no, and the old files are back all the same."""
    host.make_bad("death", pairs["new"])
    s = host.session(gw_start="false")
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert (r.word, r.facts["restored"]) == ("reload-failed", "no")
    assert host.live() == both(pairs["old"])


def test_command_hangs(host, pairs):
    text = host.script(gw_test="exec /bin/sleep 600").replace("COMMAND_LIMIT_S=30", "COMMAND_LIMIT_S=1")
    s = Session(host, text)
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert (r.word, r.facts["restored"]) == ("test-failed", "yes")
    assert host.live() == host.served() == both(pairs["old"])


@pytest.mark.parametrize("text", ["exit 127", '[ "$1" = -t ] || { echo "usage: timeout -t SECS PROG ARGS" >&2; exit 1; }'], ids=["none", "old busybox"])
def test_without_timeout(host, pairs, text):
    """A host that has no `timeout`, or an old one with other words: the target's commands run all the same, and their answers count."""
    (host.bin / "timeout").unlink()
    (host.bin / "timeout").write_text(f"#!/bin/sh\n{text}\n")
    (host.bin / "timeout").chmod(0o755)
    s = host.session()
    assert s.ask("check").facts["running"] == "yes"
    renew(s, pairs["new"], "g1", "t1")
    assert host.served() == both(pairs["new"])
    host.make_bad("test", pairs["newer"])
    s.stage("g2", pairs["newer"])
    assert switch(s, "g2", "t2").word == "test-failed"
    assert host.live() == host.served() == both(pairs["new"])


def test_daemon_that_keeps_the_output_open(host, pairs):
    """A gateway started by the reload inherits nothing that the conversation waits for."""
    s = host.session(gw_reload=host.commands()["gw_reload"] + " && { /bin/sleep 30 & }")
    s.stage("g1", pairs["new"])
    assert switch(s).final == "ok"
    assert s.ask("confirm t1 5").final == "ok"
    s.close()


def test_output_is_shown_clean(host, pairs):
    s = host.session(gw_test="printf 'a\\033[31mb\\n\\377\\n'; seq 1000; false")
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert r.word == "test-failed"
    assert r.output[0] == "a[31mb" and len(r.output) <= 60


@bash_too
def test_output_of_any_bytes_is_lines(host, pairs):
    """NUL, no line end, much: each line of the protocol has its limit."""
    s = host.session(gw_test="for i in 1 2 3 4 5 6 7 8; do printf '%0800d\\0' 1; done; printf '\\n%02000d\\nlast' 2; false")
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert r.word == "test-failed" and r.output[-1] == "last" and max(map(len, r.output)) == 900
    assert host.live() == host.served() == both(pairs["old"])


@bash_too
def test_dead_man_goes_back(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    s.p.kill()
    s.p.wait()
    host.uptime(1059)
    assert host.served() == both(pairs["new"])
    host.uptime(1060)
    host.wait(lambda: host.served() == both(pairs["old"]))
    host.wait(lambda: host.leftovers() == [])
    assert host.live() == both(pairs["old"])
    s = host.session()
    assert s.ask("confirm t1 5").word == "not-pending"
    assert s.ask("status").facts["pending"] == "-"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_watchdog_outlives_the_session(host, pairs, number):
    """Whoever ends the session ends its whole process group; the watchdog is in none of it, and holds nothing that it had open."""
    s = host.session()
    s.stage("g1", pairs["new"])
    assert switch(s).final == "ok"
    watcher = int((host.keystore / "watching").read_text().split()[1].split("~")[0])
    assert os.getsid(watcher) == watcher != os.getsid(s.p.pid)
    assert {os.readlink(f"/proc/{watcher}/fd/{n}") for n in (0, 1, 2)} == {"/dev/null"}
    assert not [f for f in os.listdir(f"/proc/{watcher}/fd") if os.readlink(f"/proc/{watcher}/fd/{f}").startswith("pipe:")]
    os.killpg(s.p.pid, number)
    s.p.stdin.close()
    assert s.p.stdout.read() == b""
    s.p.wait(timeout=10)
    host.uptime(1060)
    host.wait(lambda: host.served() == both(pairs["old"]))
    host.wait(lambda: host.leftovers() == [])


def test_end_of_input_leaves_the_switch_pending(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    s.close()
    assert "pending" in host.leftovers()
    s = host.session()
    r = s.ask("status")
    assert (r.facts["pending"], r.facts["live"]) == ("t1", "g1")
    assert s.ask("confirm t1 5").final == "ok"
    assert host.served() == both(pairs["new"])


def test_end_of_input_removes_what_was_only_staged(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    s.close()
    s = host.session()
    assert s.ask("list").facts.get("generations") is None
    s.send(b"stage g2 2\nfile key.pem 100 " + b"0" * 64 + b"\nonly a part")
    s.close()
    assert not list(host.keystore.glob("generations/.partial*"))


def test_dead_watchdog_is_started_again(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    watcher = int((host.keystore / "watching").read_text().split()[1].split("~")[0])
    os.kill(watcher, 9)
    s.close()
    s = host.session()
    assert s.ask("status").facts["pending"] == "t1"
    s.close()
    host.uptime(2000)
    host.wait(lambda: host.served() == both(pairs["old"]))


def test_overdue_without_watchdog(host, pairs):
    """Everything of ours was killed; the minutely hook, or the next session, finds it."""
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    for pid in host.mine():
        os.kill(pid, 9)
    host.uptime(1059)
    host.recover()
    assert host.served() == both(pairs["new"])
    host.uptime(1060)
    host.recover()
    assert host.served() == both(pairs["old"])
    assert host.leftovers() == []


def test_reboot_inside_the_window(host, pairs):
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    host.power_off()
    host.power_on()
    host.recover()
    assert host.live() == both(pairs["old"])
    host.start_gateway()
    assert host.leftovers() == []
    renew(host.session(), pairs["newer"], "g2", "t2")


def test_claim_that_comes_back_with_the_power(host, pairs):
    """A rollback was over, and the disk forgot that its claim was removed: the boot hook starts no gateway, it runs before it."""
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    pending = (host.keystore / "pending").read_bytes()
    assert s.ask("rollback t1").final == "ok"
    host.power_off()
    (host.keystore / "reverting~4242~77~11111111").write_bytes(pending)
    host.power_on()
    host.recover()
    assert host.leftovers() == [] and not (host.dir / "gw/up").exists()
    assert host.live() == both(pairs["old"])


def test_reboot_without_hook(host, pairs):
    """The gateway starts with the new keystore, whole; the next session goes back before anything else."""
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    host.power_off()
    host.power_on()
    host.start_gateway()
    assert host.served() == both(pairs["new"])
    s = host.session()
    assert s.ask("status").facts["pending"] == "-"
    assert host.served() == host.live() == both(pairs["old"])


def test_two_updates_at_once(host, pairs):
    a, b = host.session(), host.session()
    a.stage("g1", pairs["new"])
    b.stage("g2", pairs["newer"])
    assert switch(a, "g1", "t1").final == "ok"
    r = switch(b, "g2", "t2")
    assert r.word == "busy" and r.facts["pending"] == "t1" and "t1" in r.final
    assert b.ask("confirm t2 5").word == "not-pending"
    assert a.ask("confirm t1 5").final == "ok"
    assert switch(b, "g2", "t2").final == "ok"
    assert host.served() == both(pairs["newer"])


def test_lock_that_is_given_back_between_two_looks(host, pairs):
    """It is there when it is to be made, and gone when its owner is looked at: not a failure of the disk."""
    first = host.dir / "first"
    (host.bin / "ln").unlink()
    (host.bin / "ln").write_text(f"#!/bin/sh\ncase $* in *switcher) [ -e {first} ] || {{ : >{first}; echo 'ln: File exists' >&2; exit 1; }} ;; esac\n"
                                 f"exec {host.dir}/real/ln \"$@\"\n")
    (host.bin / "ln").chmod(0o755)
    s = host.session()
    renew(s, pairs["new"], "g1", "t1")
    assert first.exists() and host.served() == both(pairs["new"])


def test_lock_that_is_given_back_once_its_owner_was_seen(host, pairs):
    """Its owner lived when we looked: another update is at work, although the lock is gone when we say so."""
    s = host.session()
    renew(s, pairs["new"], "g1", "t1")
    lock = host.keystore / "switcher"
    (host.bin / "readlink").unlink()
    (host.bin / "readlink").write_text(f'#!/bin/sh\n{host.dir}/real/readlink "$@" || exit\ncase $* in *switcher) rm -f {lock} ;; esac\n')
    (host.bin / "readlink").chmod(0o755)
    s.stage("g2", pairs["newer"])
    start = pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19]
    lock.symlink_to(f"{os.getpid()}~{start}~11111111")
    r = switch(s, "g2", "t2")
    assert r.word == "busy" and not lock.is_symlink(), r.final
    assert switch(s, "g2", "t2").final == "ok"


def test_lock_that_can_not_be_made(host, pairs):
    s = host.session()
    renew(s, pairs["new"], "g1", "t1")
    s.stage("g2", pairs["newer"])
    (host.dir / "fail-ln").touch()
    r = switch(s, "g2", "t2")
    assert r.word == "no-space" and "lock the keystore" in r.final, r.final


def test_race_of_switches(host, pairs):
    """Many at the same moment: exactly one is armed, and what is live is its keystore."""
    sessions = [host.session() for _ in range(4)]
    for i, s in enumerate(sessions):
        assert s.stage(f"g{i}", pairs["new" if i % 2 else "newer"]).final == "ok"
    results = {}
    threads = [threading.Thread(target=lambda i=i, s=s: results.update({i: switch(s, f"g{i}", f"t{i}")})) for i, s in enumerate(sessions)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    won = [i for i, r in results.items() if r.final == "ok"]
    assert len(won) == 1, {i: r.lines for i, r in results.items()}
    assert all(r.word == "busy" for i, r in results.items() if i not in won)
    assert os.readlink(host.keystore / "current") == f"generations/g{won[0]}"
    assert host.served() == host.live()
    assert sessions[won[0]].ask(f"rollback t{won[0]}").facts["restored"] == "yes"
    assert host.served() == host.live() == both(pairs["old"])


def test_race_of_confirm_and_deadline(host, pairs):
    """At the very deadline one of both wins, and everybody agrees on which."""
    for i in range(3):
        before = host.served()
        s = host.session()
        s.stage(f"g{i}", pairs["new" if i % 2 else "newer"])
        switch(s, f"g{i}", f"t{i}")
        host.uptime(10000 * (i + 1))
        r = s.ask(f"confirm t{i} 9")
        host.wait(lambda: host.leftovers() == [])
        assert r.final == "ok" or r.word == "not-pending"
        assert host.served() == host.live() == (both(pairs["new" if i % 2 else "newer"]) if r.final == "ok" else before)
        s.close()


@needs_root
@pytest.mark.parametrize("size_kib", [16, 24, 32, 40, 48, 64, 96, 128])
def test_disk_full(host, pairs, size_kib):
    """A small disk: wherever it is full, the old keystore stays, is served, and there is a sentence."""
    host.keystore.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kib}k,nr_inodes=200", "tmpfs", str(host.keystore)], check=True)
    try:
        s = host.session()
        r = s.stage("g1", pairs["new"])
        if r.final == "ok":
            r = switch(s)
        assert r.final == "ok" or r.word in ("no-space", "io"), r.lines
        if r.final != "ok":
            assert host.live() == host.served() == both(pairs["old"])
            assert "pending" not in host.leftovers()
        else:
            fill = host.keystore / "fill"
            with open(fill, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"x" * 1024)
                except OSError:
                    pass
            assert s.ask("rollback t1").facts["restored"] == "yes"
            assert host.live() == host.served() == both(pairs["old"])
        s.close()
        host.wait(lambda: not list(host.mine()))
    finally:
        host.power_off()
        subprocess.run(["umount", "-l", str(host.keystore)], check=True)


@needs_root
@pytest.mark.parametrize("who", ["session", "watchdog"])
def test_going_back_on_a_full_disk_with_commands_that_print(host, pairs, who):
    """There is no space for what the reload says; it is done all the same."""
    host.keystore.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(host.keystore)], check=True)
    try:
        s = host.session(gw_reload="echo reloading && { " + host.commands()["gw_reload"] + "; }")
        s.stage("g1", pairs["new"])
        assert switch(s).final == "ok"
        with open(host.keystore / "fill", "wb", buffering=0) as f, contextlib.suppress(OSError):
            while True:
                f.write(b"x" * 1024)
        if who == "session":
            assert s.ask("rollback t1").facts["restored"] == "yes"
        else:
            host.uptime(5000)
            host.wait(lambda: in_flight(host) == [])
        assert host.live() == host.served() == both(pairs["old"])
        s.close()
    finally:
        host.power_off()
        subprocess.run(["umount", "-l", str(host.keystore)], check=True)


@needs_root
@pytest.mark.parametrize("where", ["keystores", "etc/ssl"])
def test_read_only(host, pairs, where):
    path = host.dir / where
    path.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", str(path), str(path)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(path)], check=True)
    try:
        s = host.session()
        r = s.stage("g1", pairs["new"])
        if r.final == "ok":
            r = switch(s)
        assert r.word == "read-only", r.lines
        assert host.live() == host.served() == both(pairs["old"])
        assert host.leftovers() == []
        s.close()
    finally:
        host.power_off()
        subprocess.run(["umount", "-l", str(path)], check=True)


NO_SPACE = ("no-space",)


@pytest.mark.parametrize("command, words", [
    ("mkdir", NO_SPACE), ("cat", ("reload-failed",)), ("sync", NO_SPACE), ("chmod", NO_SPACE), ("mv", NO_SPACE), ("ln", NO_SPACE),
    ("cp", NO_SPACE), ("sha256sum", ("ok",)), ("setsid", ("io",)), ("rm", ("ok",)), ("stat", NO_SPACE), ("readlink", ("io", "no-space"))])
def test_command_fails(host, pairs, command, words):
    """One command of the host fails from the switch on, always: the old keystore, or the new one whole and pending."""
    s = host.session()
    assert s.stage("g1", pairs["new"]).final == "ok"
    (host.dir / f"fail-{command}").touch()
    r = switch(s)
    (host.dir / f"fail-{command}").unlink()
    assert r.word in words, r.lines
    assert host.live() == both(pairs["new"] if r.final == "ok" else pairs["old"])
    assert command == "cat" or host.served() == host.live()  # the fake gateway needs cat itself
    host.uptime(5000)
    s.close()
    host.recover()
    host.wait(lambda: in_flight(host) == [])
    assert host.live() == both(pairs["old"])
    assert command == "cat" or host.served() == host.live()


@pytest.mark.parametrize("command, word", [("mv", "no-space"), ("sync", "no-space"), ("rm", "ok")])
def test_confirm_fails(host, pairs, command, word):
    """What could not be confirmed for good is not confirmed, and goes back; what was, stays, whatever was left to clear up."""
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    (host.dir / f"fail-{command}").touch()
    assert s.ask("confirm t1 5").word == word
    (host.dir / f"fail-{command}").unlink()
    assert ("pending" in host.leftovers()) == (word != "ok")
    host.uptime(5000)
    s.close()
    host.recover()
    host.wait(lambda: in_flight(host) == [])
    assert host.live() == host.served() == both(pairs["new"] if word == "ok" else pairs["old"])


@pytest.mark.parametrize("command, word", [("mv", "no-space"), ("sync", "no-space"), ("rm", "ok")])
def test_rollback_fails(host, pairs, command, word):
    """The watchdog ends what the session could not."""
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    (host.dir / f"fail-{command}").touch()
    assert s.ask("rollback t1").word == word
    (host.dir / f"fail-{command}").unlink()
    host.uptime(5000)
    s.close()
    host.wait(lambda: in_flight(host) == [])
    assert host.live() == host.served() == both(pairs["old"])


# --- a crash at every step ---


def run_update(host, pairs, confirm):
    """Stage, switch and confirm, as far as the machine lives. Returns the last final line that was seen, by verb."""
    seen = {}
    s = host.session()
    if s.greeting:
        seen["stage"] = s.stage("g1", pairs["new"]).final
        seen["switch"] = switch(s).final if seen["stage"] == "ok" else None
        if seen["switch"] == "ok" and confirm:
            seen["confirm"] = s.ask("confirm t1 5").final
    s.close()
    return seen


def assert_whole(host, pairs, seen):
    """After a crash and a start: one whole keystore; the new one only when it was confirmed (or the crash hit the confirmation)."""
    assert host.live() in (both(pairs["old"]), both(pairs["new"])), "half a keystore"
    if "confirm" not in seen:
        assert host.live() == both(pairs["old"])
    if seen.get("confirm") == "ok":
        assert host.live() == both(pairs["new"])


def roll_back(host, pairs, n):
    s = host.session()
    s.stage("g1", pairs["new"])
    switch(s)
    host.kill_at(n)
    s.ask("rollback t1")
    s.close()


def update_and_power_cut(host, pairs):
    """An update that nobody confirmed, and the machine after its next start."""
    run_update(host, pairs, False)
    host.power_off()
    host.power_on()


@pytest.fixture(scope="session")
def steps(pairs, tmp_path_factory):
    """How many steps something has under a shell; counted once."""
    @functools.cache
    def count(what, shell):
        host = Host(tmp_path_factory.mktemp("count") / "host", shell, pairs["old"])
        if what == "update":
            host.kill_at(0)
            run_update(host, pairs, True)
        elif what == "recover":
            update_and_power_cut(host, pairs)
            host.kill_at(0)
            host.recover()
        else:
            roll_back(host, pairs, 0)
        total = host.count()
        host.power_off()
        return total
    return count


PARTS = 4


def steps_under(dash, busybox):
    """Each so-many-th step under each shell; in parts, so that they can run side by side."""
    return pytest.mark.parametrize("shell, every, part", [(shell, every, part) for shell, every in (("dash", dash), ("busybox", busybox))
                                                          if shell in SHELLS for part in range(PARTS)])


def sweep(total, every, part):
    return range(1 + part * every, total + 1, PARTS * every)


def in_flight(host):
    return [x for x in host.leftovers() if x == "pending" or x.startswith(("reverting", "confirming"))]


@steps_under(dash=1, busybox=3)
def test_power_off_at_every_step(tmp_path, shell, every, part, pairs, steps):
    """The power goes at the n-th step, for every n; then the machine starts, and the boot hook runs first."""
    total = steps("update", shell)
    assert total > 30
    for n in sweep(total, every, part):
        host = Host(tmp_path / f"n{n}", shell, pairs["old"])
        host.kill_at(n)
        seen = run_update(host, pairs, True)
        host.power_off()
        assert host.live() in (both(pairs["old"]), both(pairs["new"])), f"half a keystore, power off at {n}"
        host.power_on()
        host.recover()
        assert_whole(host, pairs, seen)
        assert in_flight(host) == [], f"power off at {n}"
        host.start_gateway()
        if n % 5 == 0:
            renew(host.session(), pairs["newer"], "g9", "t9")
            assert host.served() == both(pairs["newer"])
            assert host.leftovers() == []
        host.power_off()


@steps_under(dash=1, busybox=3)
def test_session_killed_at_every_step(tmp_path, shell, every, part, pairs, steps):
    """Only the session dies (the connection, sudo, the oom killer); the watchdog lives. Unconfirmed in time, the old one is served."""
    for n in sweep(steps("update", shell), every, part):
        host = Host(tmp_path / f"n{n}", shell, pairs["old"])
        s = host.session()
        host.kill_at(n, s.p.pid)
        seen = {"stage": s.stage("g1", pairs["new"]).final}
        if seen["stage"] == "ok":
            seen["switch"] = switch(s).final
        if seen.get("switch") == "ok":
            seen["confirm"] = s.ask("confirm t1 5").final
        s.close()
        host.kill_at(0)
        host.uptime(5000)
        host.recover()
        host.wait(lambda: in_flight(host) == [])
        host.wait(lambda: not list(host.mine()))
        assert_whole(host, pairs, seen)
        assert host.served() == host.live(), f"killed at {n}"
        host.power_off()


@pytest.mark.parametrize("part", range(2))
def test_no_late_hand(tmp_path, pairs, part):
    """The session stalls at each step between the watchdog's start and its answer, and goes on after the watchdog went back: too late."""
    host = Host(tmp_path / "count", "dash", pairs["old"])
    s = host.session()
    s.stage("g1", pairs["new"])
    log = host.log()
    assert switch(s).final == "ok"
    steps = [line.split(" ")[0] for line in log()]
    host.power_off()
    for n in range(steps.index("setsid") + 2 + part, len(steps) + 1, 2):
        host = Host(tmp_path / f"n{n}", "dash", pairs["old"])
        s = host.session()
        s.stage("g1", pairs["new"])
        host.kill_at(n, s.p.pid, stop=True)
        s.send(b"switch g1 t1 60\n")
        host.wait(lambda: pathlib.Path(f"/proc/{s.p.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T")
        host.wait(lambda: (host.keystore / "watching").exists())
        host.uptime(5000)
        host.wait(lambda: in_flight(host) == [])
        os.kill(s.p.pid, signal.SIGCONT)
        s.close()
        assert host.live() == host.served() == both(pairs["old"]), f"stalled at {n}"
        assert in_flight(host) == []
        host.power_off()


@steps_under(dash=1, busybox=3)
def test_crash_while_going_back(tmp_path, shell, every, part, pairs, steps):
    """The power goes again, at every step of the recovery: the next start ends it."""
    total = steps("recover", shell)
    assert total >= 4
    for n in sweep(total, every, part):
        host = Host(tmp_path / f"n{n}", shell, pairs["old"])
        update_and_power_cut(host, pairs)
        host.kill_at(n)
        host.recover()
        host.power_off()
        host.power_on("33333333-0000-0000-0000-000000000000")
        host.recover()
        assert host.live() == both(pairs["old"]), f"power off at {n} of the recovery"
        assert in_flight(host) == []
        host.start_gateway()
        if n % 5 == 0:
            renew(host.session(), pairs["newer"], "g9", "t9")
        host.power_off()


@steps_under(dash=1, busybox=3)
def test_crash_while_rolling_back(tmp_path, shell, every, part, pairs, steps):
    total = steps("rollback", shell)
    assert total >= 4
    for n in sweep(total, every, part):
        host = Host(tmp_path / f"n{n}", shell, pairs["old"])
        roll_back(host, pairs, n)
        host.power_off()
        host.power_on()
        host.recover()
        assert host.live() == both(pairs["old"]), f"power off at {n} of the rollback"
        assert in_flight(host) == []
        host.power_off()


# --- what is on the disk before what ---


def order_of(log, *wanted):
    """The numbers of the first lines that match each, one after the other; each must follow the one before."""
    at = -1
    for w in wanted:
        found = [i for i, line in enumerate(log) if i > at and re.fullmatch(w, line)]
        assert found, f"want {w!r} after line {at}, got\n" + "\n".join(log)
        at = found[0]


SYNC_ROWS = [
    ("staged files, before their generation gets a name", "stage", [
     r"sync K/generations/\.partial~g1~\S+/fullchain\.pem K/generations/\.partial~g1~\S+/key\.pem K/generations/\.partial~g1~[^\s/]+", r"mv -T K/generations/\.partial~g1~\S+ K/generations/g1", r"sync K/generations"]),
    ("owner and mode, before the sync of a staged file", "stage", [r"chmod 0640 K/generations/\.partial~g1~\S+/key\.pem", r"sync K/generations/\.partial~g1~.*"]),
    ("a copy of what was live, before `current` names it", "switch", [r"cp \S+ K/generations/\.partial~adopted\S+/key\.pem",
     r"sync K/generations/\.partial~adopted\S+/fullchain\.pem K/generations/\.partial~adopted\S+/key\.pem K/generations/\.partial~adopted[^\s/]+", r"mv -T K/generations/\.partial~adopted\S+ K/generations/adopted\S+",
     r"sync K/generations", r"ln -sfn generations/adopted\S+ K/\.next\S+", r"mv -T K/\.next\S+ K/current", r"sync K"]),
    ("`current`, before a live path leads through it", "switch", [r"mv -T K/\.next\S+ K/current", r"sync K", r"mv -T /etc/ssl/server\.key\.gatewright-new /etc/ssl/server\.key",
     r"sync /etc/ssl/", r"mv -T /etc/ssl/server\.crt\.gatewright-new /etc/ssl/server\.crt", r"sync /etc/ssl/"]),
    ("the way back and the record, before the watchdog and the move", "switch", [r"mv -T K/\.script\S+ K/host\.sh", r"sync K/\.arming\S+", r"ln -sfn generations/adopted\S+ K/revert~t1",
     r"ln K/\.arming\S+ K/pending", r"sync K", r"setsid sh K/host\.sh watch t1", r"ln -sfn generations/g1 K/\.next\S+", r"mv -T K/\.next\S+ K/current",
     r"sync K"]),
    ("a confirmation, before it is forgotten and answered", "confirm", [r"mv -T K/pending K/confirming~\S+", r"sync K", r"rm -f K/revert~t1 K/switching~t1 \S+ K/confirming~\S+"]),
    ("a rollback, before its claim is forgotten", "rollback", [r"mv -T K/pending K/reverting~\S+", r"mv -T K/revert~t1 K/current", r"sync K",
     r"rm -f K/revert~t1 K/switching~t1 \S+ K/reverting~\S+"])]


@pytest.mark.parametrize("what, verb, wanted", SYNC_ROWS, ids=[row[0].replace(" ", "-") for row in SYNC_ROWS])
def test_is_durable(tmp_path, pairs, what, verb, wanted):
    """A lost write can't be made here; that it was written out before the next step counts on it can be seen."""
    host = Host(tmp_path / "host", "dash", pairs["old"])
    s = host.session()
    log = host.log()
    assert s.stage("g1", pairs["new"]).final == "ok"
    if verb != "stage":
        log = host.log()
        assert switch(s).final == "ok"
    if verb in ("confirm", "rollback"):
        log = host.log()
        assert s.ask("confirm t1 5" if verb == "confirm" else "rollback t1").final == "ok"
    order_of(log(), *wanted)
    host.power_off()


# --- the boot hook ---


def hooked(host, kind):
    more = {"systemd": {"no-systemd": True}, "cron": {}}[kind]
    for name in ("units", "cron.d"):
        (host.dir / name).mkdir()
    if more:
        (host.dir / "no-systemd").mkdir()
    for c, text in (("systemctl", 'echo "$*" >>%s/systemctl.log' % host.dir), ("pidof", "true")):
        (host.bin / c).unlink(missing_ok=True)
        (host.bin / c).write_text(f"#!/bin/sh\n{text}\n")
        (host.bin / c).chmod(0o755)


def test_systemd_hook(tmp_path, pairs):
    host = Host(tmp_path / "host", "dash", pairs["old"])
    hooked(host, "systemd")
    s = host.session(gw_boot_hook="auto", gw_unit="nginx.service")
    assert s.ask("check").facts["boot-hook"] == "systemd"
    renew(s, pairs["new"], "g1", "t1")
    service = next((host.dir / "units").glob("*.service")).read_text()
    assert "Before=nginx.service\n" in service and f"ExecStart=/bin/sh {host.keystore}/host.sh recover\n" in service
    if shutil.which("systemd-analyze"):
        units = [str(p) for p in (host.dir / "units").iterdir()]
        env = os.environ | {"SYSTEMD_UNIT_PATH": f"{host.dir}/units:"}
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, len(units)) == (0, 2) and "gatewright" not in done.stderr, done.stderr
    log = (host.dir / "systemctl.log").read_text().splitlines()
    assert log[0] == "daemon-reload" and log[1].startswith("enable gatewright-recover-") and log[2].startswith("enable --now gatewright-recover-")
    renew(s, pairs["newer"], "g2", "t2")
    assert len((host.dir / "systemctl.log").read_text().splitlines()) == 3, "written again without need"
    host.power_off()


def test_systemd_hook_is_tried_again(tmp_path, pairs):
    """A unit that could not be enabled is not left behind as if it were."""
    host = Host(tmp_path / "host", "dash", pairs["old"])
    hooked(host, "systemd")
    (host.bin / "systemctl").write_text("#!/bin/sh\nexit 1\n")
    s = host.session(gw_boot_hook="auto")
    s.stage("g1", pairs["new"])
    r = switch(s)
    assert r.final == "ok" and "the boot hook could not be installed" in r.output
    assert list((host.dir / "units").iterdir()) == []
    assert s.ask("confirm t1 5").final == "ok"
    (host.bin / "systemctl").write_text(f"#!/bin/sh\necho \"$*\" >>{host.dir}/systemctl.log\n")
    renew(s, pairs["newer"], "g2", "t2")
    assert len(list((host.dir / "units").iterdir())) == 2 and len((host.dir / "systemctl.log").read_text().splitlines()) == 3
    host.power_off()


@pytest.mark.parametrize("kind", ["systemd", "cron"])
def test_hook_is_on_the_disk_before_the_switch(tmp_path, pairs, kind):
    host = Host(tmp_path / "host", "dash", pairs["old"])
    hooked(host, kind)
    s = host.session(gw_boot_hook="auto")
    s.stage("g1", pairs["new"])
    log = host.log()
    assert switch(s).final == "ok"
    order_of(log(), r"mv -T /(units|cron\.d)/gatewright-recover-\S+\.gatewright-new \S+", "sync", r"ln K/\.arming\S+ K/pending")
    host.power_off()


@pytest.mark.parametrize("kind", ["systemd", "cron"])
@pytest.mark.parametrize("name", ["a b", "100%", "$HOME", "it's"])
def test_no_hook_for_a_path_that_needs_quotes(tmp_path, pairs, kind, name):
    """A unit file and a crontab read such a path in another way; `check` says so, and the switch is watched all the same."""
    host = Host(tmp_path / "host", "dash", pairs["old"])
    hooked(host, kind)
    s = host.session(gw_boot_hook="auto", gw_keystore=str(host.dir / name))
    assert s.ask("check").facts["boot-hook"] == "none"
    renew(s, pairs["new"], "g1", "t1")
    assert list((host.dir / "units").iterdir()) == list((host.dir / "cron.d").iterdir()) == []
    host.power_off()


def test_cron_hook(tmp_path, pairs):
    host = Host(tmp_path / "host", "dash", pairs["old"])
    hooked(host, "cron")
    s = host.session(gw_boot_hook="auto")
    assert s.ask("check").facts["boot-hook"] == "cron"
    renew(s, pairs["new"], "g1", "t1")
    files = list((host.dir / "cron.d").iterdir())
    assert len(files) == 1 and "." not in files[0].name
    text = files[0].read_text()
    assert f"\n@reboot root /bin/sh {host.keystore}/host.sh recover >/dev/null 2>&1\n" in text
    assert f"\n* * * * * root /bin/sh {host.keystore}/host.sh recover >/dev/null 2>&1\n" in text
    host.power_off()


# --- a real nginx ---


NGINX_CONF = """daemon on; master_process on; worker_processes 1; pid {d}/nginx.pid; error_log {d}/error.log; {user}
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {d}/t1; proxy_temp_path {d}/t2; fastcgi_temp_path {d}/t3; uwsgi_temp_path {d}/t4; scgi_temp_path {d}/t5;
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {crt}; ssl_certificate_key {key}; return 200 "here"; }} }}
"""


def target_line(name, values):
    """A command of targets/nginx.conf with its parameters, as the management server expands it."""
    text = next(line for line in (ROOT / "targets/nginx.conf").read_text().splitlines() if line.startswith(name + " "))[len(name) + 1:]
    for k, v in values.items():
        text = text.replace("%{" + k + "}", quote(v))
    return text


@contextlib.contextmanager
def process_named(path):
    """Something that runs under this program's name."""
    shutil.copy(shutil.which("sleep"), path)
    child = subprocess.Popen([path, "600"])
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def in_every_shell(command):
    for shell in SHELLS:
        words = ["busybox", "sh"] if shell == "busybox" else [shell]
        yield shell, subprocess.run([*words, "-c", command], capture_output=True, text=True, check=False)


def pid_line(target, name, file):
    text = next(line for line in (ROOT / f"targets/{target}.conf").read_text().splitlines() if line.startswith(name + " "))
    return text[len(name) + 1:].replace("%{pid}", quote(str(file)))


@pytest.mark.parametrize("target", ["nginx", "haproxy"])
@pytest.mark.parametrize("content, runs", [("{pid}\n", True), ("{pid}", True), ("{pid}\nmore\n", True), ("", False), ("\n", False), ("x\n", False),
                                           ("999999999\n", False), (None, False), ("{other}\n", False)], ids=repr)
def test_running_by_pid_file(tmp_path, target, content, runs):
    file = tmp_path / "a pid"
    with process_named(tmp_path / target) as child:
        if content is not None:
            file.write_text(content.format(pid=child.pid, other=os.getpid()))
        for shell, done in in_every_shell(pid_line(target, "running", file)):
            assert (done.returncode == 0) == runs, shell


@pytest.mark.parametrize("target", ["nginx", "haproxy"])
def test_a_number_that_was_used_again_gets_no_signal(tmp_path, target):
    file = tmp_path / "a pid"
    with process_named(tmp_path / "another") as child:
        file.write_text(f"{child.pid}\n")
        for shell, done in in_every_shell(pid_line(target, "reload", file)):
            assert done.returncode != 0 and f"process {child.pid} is (another), want {target}" in done.stderr, shell
        assert child.poll() is None  # either signal would have ended it


def served_by(port):
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=10)


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx(tmp_path, pairs):
    """Adoption, switch, confirmation, a refused configuration, the dead-man switch: each proven by a handshake."""
    host = Host(tmp_path / "host", "dash", pairs["old"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = host.dir / "nginx.conf"
    conf.write_text(NGINX_CONF.format(d=host.dir, port=port, crt=host.crt, key=host.key, user="user root;" if os.getuid() == 0 else ""))
    values = {"program": "nginx", "prefix": str(host.dir), "config": str(conf), "pid": str(host.dir / "nginx.pid"), "unit": "no-such.service"}
    commands = {f"gw_{name}": target_line(name, values) for name in ("test", "reload", "start", "running")}
    subprocess.run(["nginx", "-p", str(host.dir), "-c", str(conf)], check=True, env=host.env, capture_output=True)
    try:
        s = host.session(**commands)
        assert s.ask("check").facts["running"] == "yes"
        assert served_by(port) == pairs["old"].crt.decode()
        s.stage("g1", pairs["new"])
        r = switch(s)
        assert r.final == "ok", r.lines
        host.wait(lambda: served_by(port) == pairs["new"].crt.decode())
        assert s.ask("confirm t1 5").final == "ok"

        conf.write_text(conf.read_text() + "nonsense;\n")
        s.stage("g2", pairs["newer"])
        r = switch(s, "g2", "t2")
        assert (r.word, r.facts["restored"]) == ("test-failed", "yes") and any("nonsense" in line for line in r.output)
        assert served_by(port) == pairs["new"].crt.decode() and host.live() == both(pairs["new"])
        conf.write_text(conf.read_text().replace("nonsense;\n", ""))

        assert switch(s, "g2", "t3").final == "ok"
        host.wait(lambda: served_by(port) == pairs["newer"].crt.decode())
        s.p.kill()
        host.uptime(5000)
        host.wait(lambda: served_by(port) == pairs["new"].crt.decode())
        host.wait(lambda: host.leftovers() == [])
        assert host.live() == both(pairs["new"])
    finally:
        subprocess.run(["nginx", "-p", str(host.dir), "-c", str(conf), "-s", "quit"], env=host.env, capture_output=True)
        host.power_off()
