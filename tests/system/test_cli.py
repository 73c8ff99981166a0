"""The command line: against the real gatewrightd, and against a fake one that misbehaves."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import termios
import threading
import time

import pytest

from api import Daemon
from fake_api import FakeApi

DONE, FAILED, USAGE, REFUSED, ROLLED_BACK, UNREACHABLE, UNKNOWN = range(7)
KEY = "SHA256:" + "A" * 43


class Cli:
    def __init__(self, build, path):
        self.program, self.path = build / "src/cli/gatewright", str(path)
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "Europe/Berlin", "TERM": "dumb",
                            "GATEWRIGHT_SOCKET": self.path}

    def run(self, *words, stdin=b"", code=DONE, pass_fds=()):
        done = subprocess.run([self.program, *map(str, words)], input=stdin, capture_output=True, timeout=120,
                              env=self.environment, pass_fds=pass_fds, start_new_session=True)
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        assert "Sanitizer" not in done.err and "runtime error" not in done.err, done.err
        assert done.returncode == code, f"{words}: exit {done.returncode}, want {code}\n{done.out}\n{done.err}"
        return done

    def json(self, *words, **kw):
        return json.loads(self.run(*words, "--json", **kw).out)

    def on_terminal(self, *words, answers=(), code=DONE, seconds=60, during=None, columns=0):
        """Run on a terminal of its own; `answers` are (text to wait for, what is typed, or a function that makes it of what was
        shown). What the terminal showed."""
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
            os.execve(self.program, [str(self.program), *map(str, words)], {**self.environment, "TERM": "xterm"})
        shown, answers, end = b"", list(answers), time.monotonic() + seconds
        while time.monotonic() < end:
            if answers and answers[0][0].encode() in shown.split(b"\0")[-1]:
                typed = answers.pop(0)[1]
                os.write(fd, (typed if isinstance(typed, str) else typed(shown.decode(errors="replace"))).encode())
                shown += b"\0"
            if during and during(pid, shown):
                during = None
            if not select.select([fd], [], [], 0.05)[0]:
                continue
            try:
                part = os.read(fd, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        else:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(fd)
        shown = shown.replace(b"\0", b"").decode(errors="replace")
        assert os.waitstatus_to_exitcode(status) == code, f"exit {status}, want {code}\n{shown}"
        assert not answers, f"never asked: {answers[0][0]}\n{shown}"
        return shown


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build) as d:
        yield d


@pytest.fixture
def cli(build, daemon):
    return Cli(build, daemon.socket)


@pytest.fixture(scope="module")
def world(build, daemon):
    """A root and two certificates for the same names."""
    c = Cli(build, daemon.socket)
    c.run("certificate", "create", "--kind", "root", "--display-name", "Example Root", "--organization", "Example", "--country", "ES")
    c.run("certificate", "create", "--issuer", "Example Root", "--display-name", "edge 2026", "--names", "gw.example.com; 192.0.2.1",
          "--valid-until", "2027-06-30")
    c.run("certificate", "create", "--renews", "edge 2026", "--display-name", "edge 2027")
    c.run("gateway", "add", "edge-1", "--target", "nginx", "--tls", "127.0.0.1:1", "--server-name", "gw.example.com", "--ssh-host",
          "127.0.0.1", "--ssh-port", "1", "--ssh-user", "root")
    return c


# ---- The real daemon ----

def test_health(cli):
    assert cli.run("health").out.startswith("status:      ok\n")
    assert cli.json("health")["status"] == "ok"


def test_last_day_is_local(world):
    found = world.json("certificate", "show", "edge 2026")
    assert found["not_after"] == "2027-06-30T21:59:59Z"
    assert "valid until:         2027-06-30 23:59:59 +0200" in world.run("certificate", "show", "edge 2026").out


def test_tree(world):
    lines = world.run("certificate", "list", "--columns", "display-name,id,names,status,used").out.splitlines()
    assert lines[0].split() == ["DISPLAY", "NAME", "ID", "NAMES", "STATUS", "USED"]
    assert re.match(r"Example Root +1 +valid", lines[1])
    assert re.match(r"[├└]─edge 2026 +2 gw.example.com; 192.0.2.1 valid", lines[2])
    world.environment["LC_ALL"] = "C"
    assert re.match(r"[|`]-edge 2026 ", world.run("certificate", "list").out.splitlines()[2])
    world.environment["LC_ALL"] = "C.UTF-8"


def test_list_json_and_filters(world):
    assert [c["display_name"] for c in world.json("certificate", "list", "--kind", "root")["items"]] == ["Example Root"]
    assert len(world.json("certificate", "list", "--query", "edge")["items"]) >= 2
    assert world.json("certificate", "list", "--expires-before", "2027-07-01", "--kind", "end-entity")["items"][0]["id"] == 2
    assert world.json("certificate", "list", "--expires-before", "2027-06-30", "--kind", "end-entity")["items"] == []
    assert world.json("certificate", "list", "--root", "Example Root", "--kind", "end-entity")["items"]
    assert "no column 'x', '--columns help' lists them" in world.run("certificate", "list", "--columns", "id,x", code=USAGE).err


def test_refused_fields_name_their_options(world):
    before = len(world.json("certificate", "list")["items"])
    err = world.run("certificate", "create", "--issuer", 1, "--display-name", "Example Root", "--names", "bad_name!", "--country", "XX",
                    "--valid-until", "2020-01-01", code=REFUSED).err
    for option in ("--display-name", "--names", "--country", "--valid-until"):
        assert f"  blocker: {option}: " in err
    assert len(world.json("certificate", "list")["items"]) == before


def test_dry_run_creates_nothing(world):
    before = len(world.json("certificate", "list")["items"])
    assert "would be created" in world.run("certificate", "create", "--renews", 2, "--display-name", "edge 2028", "--dry-run").out
    assert len(world.json("certificate", "list")["items"]) == before


FLEET = """# the fleet
{"display_name": "fleet 1", "names": "f1.example.com"}

  {"display_name": "fleet 2", "names": "f2.example.com", "organization": "Other", "country": "UK"}
{"renews": 2, "display_name": "fleet 3"}
"""


def test_batch(world, tmp_path):
    file = tmp_path / "fleet"
    file.write_text(FLEET)
    create = ["certificate", "create", "--issuer", "Example Root", "--organization", "Example"]
    before = len(world.json("certificate", "list")["items"])
    checked = world.run(*create, "--batch", file, "--dry-run")
    assert "checked: 3 certificates would be created" in checked.out and "  line 4: note: --country" in checked.out
    assert len(world.json("certificate", "list")["items"]) == before
    out = world.run(*create, "--batch", file).out.splitlines()
    assert [l.split("'")[1] for l in out[:3]] == ["fleet 1", "fleet 2", "fleet 3"] and out[3].startswith("  line 4: note: --country")
    for line, organization in zip(out, ("Example", "Other", "Example")):
        assert world.json("certificate", "show", line.split()[1])["organization"] == organization
    made = world.json(*create, "--batch", "-", stdin=FLEET.encode())["items"]
    assert [i["display_name"] for i in made] == ["fleet 1", "fleet 2", "fleet 3"]
    for item in [line.split()[1] for line in out[:3]] + [i["id"] for i in made]:
        world.run("certificate", "delete", item, "--yes")


GOOD = '{"names": "a.example.com", "display_name": "a"}'
BAD_LINES = [("{\n", USAGE, "standard input line 1: want a JSON object"), (f"{GOOD}\n\n[1]\n", USAGE, "line 3: want a JSON object"),
             (f"# one\n{GOOD[:-1]}, \"names\": \"b.example.com\"}}\n", USAGE, "line 2: want a JSON object"),
             ("# nothing\n\n", USAGE, "want a certificate on at least one line, got none"), ("", USAGE, "got none"),
             (f"{GOOD}\n" * 257, USAGE, "line 257: want at most 256 certificates"), (" " * 262145, FAILED, "want at most 262144 bytes"),
             (f"{GOOD}\n# here\n{{\"colour\": 1}}\n", FAILED, "line 3: member 'colour'"),
             (f"{GOOD}\n{{\"issuer\": 999999}}", FAILED, "line 2: there is no certificate 999999"),
             (f"\n{GOOD}\n{{\"names\": \"bad_name!\"}}\n{{\"names\": \"b.example.com\", \"country\": \"XX\"}}", REFUSED, "line 3: ")]


@pytest.mark.parametrize("text,code,words", BAD_LINES, ids=[w for _, _, w in BAD_LINES])
def test_batch_with_a_bad_line(world, text, code, words):
    before = len(world.json("certificate", "list")["items"])
    err = world.run("certificate", "create", "--issuer", 1, "--batch", "-", stdin=text.encode(), code=code).err
    assert words in err
    if code == REFUSED:
        assert "  line 3: blocker: --names: " in err and "  line 4: blocker: --country: " in err and "none was created" in err
    assert len(world.json("certificate", "list")["items"]) == before


def test_batch_without_its_file(world, tmp_path):
    assert "no such file" in world.run("certificate", "create", "--batch", tmp_path / "none", code=FAILED).err.lower()


@pytest.mark.parametrize("change", [str.upper, lambda s: s[:8], lambda s: ":".join(s[i:i + 2] for i in range(0, 64, 2)),
                                    lambda s: " ".join(s[i:i + 16] for i in range(0, 64, 16))])
def test_named_by_fingerprint(world, change):
    print_ = world.json("certificate", "show", 2)["fingerprint"]
    if print_[:8].isdigit():
        pytest.skip("eight decimal digits are a number")
    assert world.json("certificate", "show", change(print_))["id"] == 2


def test_compare(world):
    good = world.run("certificate", "compare", "edge 2026", "edge 2027").out
    assert re.search(r"^\* display name +edge 2026 +edge 2027$", good, re.M) and "compatible: the candidate can replace" in good
    bad = world.run("certificate", "compare", "edge 2026", "Example Root", code=REFUSED).out
    assert "blocker: --kind" not in bad and "(is-ca)" in bad and bad.endswith("not compatible\n")


def test_export_and_import(world, tmp_path):
    out = tmp_path / "edge.p12"
    world.run("certificate", "create", "--issuer", 1, "--display-name", "moved", "--names", "moved.example.com")
    world.run("certificate", "export", "moved", "--format", "keystore", "--out", out, "--passphrase-stdin", stdin=b"correct horse\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert b"moved" not in out.read_bytes()
    before = out.read_bytes()
    assert "is there already" in world.run("certificate", "export", "moved", "--out", out, code=FAILED).err
    assert out.read_bytes() == before and os.listdir(tmp_path) == ["edge.p12"]
    world.run("certificate", "delete", "moved", "--yes")
    assert "a passphrase is needed" in world.run("certificate", "import", out, code=REFUSED).err
    r, w = os.pipe()
    os.write(w, b"wrong\n")
    os.close(w)
    assert "the passphrase is wrong" in world.run("certificate", "import", out, "--passphrase-fd", r, pass_fds=[r], code=REFUSED).err
    os.close(r)
    err = world.run("certificate", "import", out, "--passphrase-stdin", stdin=b"correct horse\n").err
    assert "imported end-entity 'moved'" in err and "with its key" in err
    assert world.run("certificate", "export", "moved", "--format", "chain").out.count("BEGIN CERTIFICATE") == 2
    assert "want '--out FILE'" in world.run("certificate", "export", "moved", "--format", "keystore", code=USAGE).err


def test_passphrase_on_the_terminal(world, tmp_path):
    out = tmp_path / "edge.p12"
    ask = ("certificate", "export", "edge 2026", "--format", "keystore", "--out", out)
    shown = world.on_terminal(*ask, answers=[("New passphrase", "correct horse\n"), ("Again", "other horse\n")], code=FAILED)
    assert "the two passphrases differ" in shown and "horse" not in shown and not out.exists()
    shown = world.on_terminal(*ask, answers=[("New passphrase", "correct horse\n"), ("Again", "correct horse\n")])
    assert "horse" not in shown and out.exists()
    shown = world.on_terminal("certificate", "import", out, answers=[("Passphrase of the file", "correct horse\n")])
    assert "skipped" in shown
    shown = world.on_terminal("certificate", "export", "edge 2026", "--format", "keystore", "--out", "-", code=USAGE)
    assert "not written to a terminal" in shown


def test_delete_asks(world):
    world.run("certificate", "create", "--issuer", 1, "--display-name", "gone", "--names", "gone.example.com")
    assert "want '--yes'" in world.run("certificate", "delete", "gone", code=USAGE).err
    world.on_terminal("certificate", "delete", "gone", answers=[("[y/N]", "n\n")], code=FAILED)
    world.on_terminal("certificate", "delete", "gone", answers=[("[y/N]", "y\n")])
    assert "no certificate 'gone'" in world.run("certificate", "show", "gone", code=FAILED).err
    assert "issued others" in world.run("certificate", "delete", 1, "--yes", code=REFUSED).err


def test_gateway(world):
    assert re.search(r"^edge-1 +nginx +127.0.0.1:1 +root@127.0.0.1:1 ", world.run("gateway", "list").out, re.M)
    world.run("gateway", "set", "edge-1", "--ssh-host", "::1")
    assert "root@[::1]:1" in world.run("gateway", "show", "edge-1").out
    world.run("gateway", "set", "edge-1", "--ssh-host", "127.0.0.1")
    assert "there is no gateway 'none'" in world.run("gateway", "show", "none", code=FAILED).err
    assert "nothing listens" in world.run("gateway", "probe", "edge-1", code=FAILED).out
    candidates = world.run("gateway", "candidates", "edge-1").out
    assert "usable\n" in candidates and re.search(r"^ +3  edge 2027, until \d{4}-\d\d-\d\d \(\d+ days left\)$", candidates, re.M)


NAMES = "gw.example.com; 192.0.2.1"
TERMINALS = [
    # what, columns, what is there, what is not
    (("certificate", "list"), 80, ["NAMES", NAMES], ["SUBJECT"]),
    (("certificate", "list"), 140, ["NAMES", NAMES, "SUBJECT"], []),
    (("certificate", "compare", "edge 2026", "edge 2027"), 80, ["edge 2027", "valid until", "end entity"], ["organization", "locality"]),
    (("job", "list"), 80, ["CREATED"], ["DETAIL", "FINISHED"]),
    (("job", "list"), 120, ["the old keystore is untouched: connect"], ["FINISHED"]),
    (("job", "list"), 150, ["the old keystore is untouched: connect", "FINISHED"], []),
]


def failed_update(world):
    return world.run("gateway", "update-keystore", "edge-1", "--certificate", "edge 2027", "--accept-host-key", KEY, "--password-stdin",
                     "--yes", stdin=b"hunter22\n", code=FAILED)


def test_update_that_cannot_connect(world):
    err = failed_update(world)
    assert "the old keystore is untouched" in err.err and "hunter22" not in err.out + err.err
    job = world.json("job", "list")["items"][0]
    assert job["outcome"] == "failed"
    assert world.run("job", "watch", job["id"], code=FAILED).out.startswith("✗ connecting")
    assert json.loads(world.run("job", "watch", job["id"], "--json", code=FAILED).out.splitlines()[-1])["data"]["done"]


@pytest.mark.parametrize("words,columns,there,absent", TERMINALS, ids=[f"{' '.join(t[0][:2])} {t[1]}" for t in TERMINALS])
def test_narrow_terminal(world, words, columns, there, absent):
    """What matters is not cut away by what does not."""
    if words == ("job", "list") and not world.json("job", "list")["items"]:
        failed_update(world)
    shown = world.on_terminal(*words, columns=columns)
    assert all(t in shown for t in there) and not any(a in shown for a in absent), shown
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\r"))) for line in shown.splitlines() if ": " not in line) <= columns, shown



def test_what_is_not_compatible_is_refused_before_anything_is_asked(world):
    err = world.run("gateway", "update-keystore", "edge-1", "--certificate", "Example Root", code=REFUSED).err
    assert "blocker: " in err and "(is-ca)" in err and "nothing was changed" in err


def test_proof_key_and_targets(world):
    assert re.fullmatch(r"fingerprint: +[0-9a-f]{64}", world.run("proof", "key").out.splitlines()[0])
    assert "nginx: " in world.run("target", "list").out


# ---- A fake daemon that misbehaves ----

@pytest.fixture
def fake(build):
    with FakeApi({}) as f:
        f.cli = Cli(build, f.socket_path)
        yield f


def test_no_socket(build, tmp_path):
    err = Cli(build, tmp_path / "none.sock").run("health", code=UNREACHABLE).err
    assert err == (f"gatewright: no socket '{tmp_path}/none.sock': gatewrightd is not running, or serves another one (--socket, "
                   "GATEWRIGHT_SOCKET)\n")


def test_socket_that_nobody_serves(build, tmp_path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(tmp_path / "x.sock"))
    assert "nobody serves the socket" in Cli(build, tmp_path / "x.sock").run("health", code=UNREACHABLE).err
    (tmp_path / "file").write_text("")
    assert "is not a socket" in Cli(build, tmp_path / "file").run("health", code=UNREACHABLE).err
    long = tmp_path / ("x" * 120)
    assert "no socket" in Cli(build, long).run("health", code=UNREACHABLE).err


@pytest.mark.skipif(os.geteuid() != 0, reason="as root: another user has to be refused")
def test_socket_that_is_not_for_everybody(fake, build, tmp_path):
    os.chmod(fake.folder, 0o711)
    os.chmod(fake.socket_path, 0o600)
    program = shutil.copy(fake.cli.program, fake.folder)  # others may not be able to reach the build
    done = subprocess.run([program, "health"], capture_output=True, text=True, user=65534, group=65534, extra_groups=[],
                          env=fake.cli.environment, timeout=60)
    assert done.returncode == UNREACHABLE and "not allowed to use the socket" in done.stderr


def test_problem_without_a_word(fake):
    fake.answers["GET /api/v1/health"] = (500, {})
    assert "answers 500 without a reason" in fake.cli.run("health", code=FAILED).err
    fake.answers["GET /api/v1/health"] = (500, None)
    assert fake.cli.run("health", code=FAILED).err


@pytest.mark.parametrize("body,content_type", [(b"<html>", "text/html"), (b"{", "application/json"), (b"[]", "application/json"),
                                               (b'{"a":1,"a":2}', "application/json"), (b'{"a":"\xff"}', "application/json"), (b"", "application/json")])
def test_garbage(fake, body, content_type):
    fake.answers["GET /api/v1/health"] = lambda h: h.answer(200, body, content_type)
    assert "gatewrightd answers 200: want" in fake.cli.run("health", code=FAILED).err
    fake.answers["POST /api/v1/certificates"] = lambda h: h.answer(201, body, content_type)
    assert "not known whether" in fake.cli.run("certificate", "create", "--kind", "root", "--display-name", "x", code=UNKNOWN).err


def test_members_of_other_types(fake):
    fake.answers["GET /api/v1/certificates"] = (200, {"items": [{"id": "x", "names": 7, "issuer": [], "used_by": {}, "not_after": 3}, 5, None], "next": None})
    assert fake.cli.run("certificate", "list").out.count("\n") == 4
    fake.answers["GET /api/v1/certificates"] = (200, {"items": 7})
    assert "want a list" in fake.cli.run("certificate", "list", code=FAILED).err


def test_a_list_that_does_not_end(fake):
    fake.answers["GET /api/v1/gateways"] = (200, {"items": [], "next": "again"})
    assert "want a cursor that moves on" in fake.cli.run("gateway", "list", code=FAILED).err


def test_pages_are_joined(fake):
    def page(h):
        second = "cursor=" in h.path
        h.answer(200, {"items": [{"name": "b" if second else "a"}], "next": None if second else "c/1 &"})
    fake.answers["GET /api/v1/gateways"] = page
    assert [g["name"] for g in fake.cli.json("gateway", "list")["items"]] == ["a", "b"]
    assert fake.asked[1][1] == "/api/v1/gateways?limit=1000&cursor=c%2F1%20%26"


def test_cut(fake):
    fake.answers["GET /api/v1/health"] = lambda h: h.cut()
    assert "ended before the answer was complete" in fake.cli.run("health", code=FAILED).err
    fake.answers["POST /api/v1/gateways"] = lambda h: h.cut()
    assert "not known whether" in fake.cli.run("gateway", "add", "x", "--target", "nginx", code=UNKNOWN).err


def test_what_comes_from_certificates_steers_no_terminal(fake):
    evil = "a\x1b[2Jb\u202ec\nd"
    cert = {"id": 1, "display_name": evil, "subject": evil, "names": [evil], "status": evil, "fields": [{"name": "x", "value": evil}]}
    fake.answers["GET /api/v1/certificates"] = (200, {"items": [cert], "next": None})
    fake.answers["GET /api/v1/certificates/1"] = (200, cert)
    fake.answers["POST /api/v1/certificates"] = (422, {"detail": evil, "findings": [{"severity": evil, "text": evil, "id": evil}]})
    for words, code in ((["list"], DONE), (["show", "1"], DONE), (["create"], REFUSED)):
        done = fake.cli.run("certificate", *words, code=code)
        assert "\x1b" not in done.out + done.err and "\u202e" not in done.out + done.err
    assert json.loads(fake.cli.run("certificate", "list", "--json").out)["items"][0]["display_name"] == evil


def test_no_colour_and_colour(fake):
    fake.answers["GET /api/v1/certificates"] = (200, {"items": [{"id": 1, "status": "expired", "days_left": -3}], "next": None})
    assert "\x1b[31m" in fake.cli.on_terminal("certificate", "list")
    fake.cli.environment["NO_COLOR"] = "1"
    assert "\x1b[31m" not in fake.cli.on_terminal("certificate", "list")


# ---- Updates: the order of questions, and the watching ----

OLD = {"id": 2, "display_name": "old", "fingerprint": "aa" * 32}
NEW = {"id": 3, "display_name": "new", "fingerprint": "bb" * 32}


def step(n, outcome, text="connect", state="connecting"):
    return {"n": n, "state": state, "text": text, "outcome": outcome, "detail": None, "host_output": None, "time_ms": 100}


def job(outcome=None, steps=(), **more):
    state = outcome or "connecting"
    return {"id": 9, "kind": "update", "gateway": "edge", "state": state, "done": outcome is not None, "outcome": outcome,
            "detail": "a sentence", "served_fingerprint": "bb" * 32 if outcome == "confirmed" else None, "proof": outcome == "confirmed",
            "steps": list(steps), **more}


@pytest.fixture
def renewal(fake):
    fake.used = 2
    fake.dry = {"findings": [], "plan": ["write it"], "compatible": True}
    fake.key = {"host_key": KEY, "type": "ssh-ed25519", "pinned": KEY, "matches": True}
    fake.outcome = "confirmed"

    def update(h):
        body = h.server.asked[-1][2]
        if body.get("dry_run"):
            return h.answer(200, fake.dry)
        fake.started = body
        h.answer(202, job())

    def events(h):
        h.begin_events()
        h.event(1, "step", step(1, "started"))
        h.event(2, "step", step(1, "done"))
        fake.used = 3 if fake.outcome == "confirmed" else 2
        h.event(3, "job", job(fake.outcome))
    fake.answers.update({
        "GET /api/v1/gateways/edge": lambda h: h.answer(200, {"name": "edge", "certificate": fake.used, "ssh": {"user": "op"}}),
        "GET /api/v1/certificates/2": (200, OLD), "GET /api/v1/certificates/3": (200, NEW),
        "POST /api/v1/gateways/edge/keystore-updates": update,
        "POST /api/v1/gateways/edge/host-key": lambda h: h.answer(200, fake.key),
        "GET /api/v1/jobs/9/events": events,
        "GET /api/v1/jobs/9": lambda h: h.answer(200, job(fake.outcome)),
    })
    fake.words = ("gateway", "update-keystore", "edge", "--certificate", "3", "--password-stdin")
    return fake


def test_renewal(renewal):
    out = renewal.cli.run(*renewal.words, stdin=b"secret\nnot this\n").out
    assert out == ("✓ connecting    connect  0.1 s\njob 9: confirmed: a sentence\n\n"
                   f"before:  {'aa' * 32}  certificate 2 'old'\nserved:  {'bb' * 32}  certificate 3 'new'\n"
                   "Used: now certificate 3 'new', no longer its predecessor\nproof: gatewright job proof 9 --out FILE\n")
    assert renewal.started == {"certificate": 3, "ssh": {"auth": "password", "password": "secret"}}
    dry = [a for a in renewal.asked if a[0] == "POST"][0][2]
    assert dry == {"certificate": 3, "dry_run": True}


@pytest.mark.parametrize("outcome,code", [("confirmed", DONE), ("rolled-back", ROLLED_BACK), ("failed", FAILED), ("unknown", UNKNOWN)])
def test_exit_code_is_the_outcome(renewal, outcome, code):
    renewal.outcome = outcome
    renewal.cli.run(*renewal.words, stdin=b"s\n", code=code)
    assert renewal.cli.json(*renewal.words, stdin=b"s\n", code=code)["outcome"] == outcome


def test_warnings(renewal):
    renewal.dry["findings"] = [{"id": "wildcard", "severity": "warning", "field": "names", "text": "has a wildcard"}]
    err = renewal.cli.run(*renewal.words, stdin=b"s\n", code=REFUSED).err
    assert err == ("warning: has a wildcard (wildcard)\n"
                   "gatewright: there are warnings: want '--force-warnings' to go on; nothing was changed\n")
    renewal.cli.run(*renewal.words, "--force-warnings", stdin=b"s\n")
    assert renewal.started["force_warnings"] is True


def test_blockers_are_never_forced(renewal):
    renewal.dry.update(findings=[{"id": "expired", "severity": "blocker", "text": "it is over"}], compatible=False)
    assert "nothing was changed" in renewal.cli.run(*renewal.words, "--force-warnings", "--yes", stdin=b"s\n", code=REFUSED).err
    assert not hasattr(renewal, "started")


def test_unknown_host_key(renewal):
    renewal.key.update(pinned=None, matches=False)
    err = renewal.cli.run(*renewal.words, stdin=b"s\n", code=REFUSED).err
    assert f"'--accept-host-key {KEY}'" in err and not hasattr(renewal, "started")
    renewal.cli.run(*renewal.words, "--accept-host-key", KEY, stdin=b"s\n")
    assert renewal.started["accept_host_key"] == KEY


def test_changed_host_key_stops(renewal):
    renewal.key.update(pinned="SHA256:other", matches=False)
    assert "is not the one that is pinned" in renewal.cli.run(*renewal.words, stdin=b"s\n", code=REFUSED).err
    assert not hasattr(renewal, "started")


def test_questions_on_a_terminal(renewal):
    renewal.key.update(pinned=None, matches=False)
    words = renewal.words[:-1]
    shown = renewal.cli.on_terminal(*words, answers=[("It will be pinned. [y/N]", "n\n")], code=REFUSED)
    assert KEY in shown and "was not accepted" in shown
    shown = renewal.cli.on_terminal(*words, answers=[("It will be pinned. [y/N]", "y\n"), ("on gateway 'edge'? [y/N]", "n\n")], code=FAILED)
    assert "not wanted: nothing was changed" in shown and not hasattr(renewal, "started")
    shown = renewal.cli.on_terminal(*words, answers=[("pinned. [y/N]", "yes\n"), ("'edge'? [y/N]", "y\n"),
                                                     ("Password of op on gateway 'edge': ", "secret\n")])
    assert "secret" not in shown and renewal.started["ssh"]["password"] == "secret"
    assert renewal.started["accept_host_key"] == KEY


def test_key_login(renewal, tmp_path):
    key = tmp_path / "key"
    key.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    words = renewal.words[:-1]
    renewal.cli.run(*words, "--key-file", key, "--ssh-user", "root", "--ssh-port", "2222")
    assert renewal.started["ssh"] == {"auth": "key", "key": key.read_text(), "user": "root", "port": 2222}
    renewal.cli.environment["SSH_AUTH_SOCK"] = "/run/agent"
    renewal.cli.run(*words, "--auth", "agent")
    assert renewal.started["ssh"] == {"auth": "agent", "agent": "/run/agent"}
    assert "only for '--auth key'" in renewal.cli.run(*words, "--auth", "agent", "--key-file", key, code=USAGE).err
    key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n")
    assert "a passphrase is needed" in renewal.cli.run(*words, "--key-file", key, code=USAGE).err


def test_secrets_are_in_no_argument_and_no_environment(renewal):
    seen = []

    def slow(h):
        pids = [p for p in os.listdir("/proc") if p.isdigit()]
        for p in pids:
            try:
                with open(f"/proc/{p}/cmdline", "rb") as c, open(f"/proc/{p}/environ", "rb") as e:
                    seen.append(c.read() + e.read())
            except OSError:
                pass
        h.answer(200, job("confirmed"))
    renewal.answers["GET /api/v1/jobs/9"] = slow
    renewal.answers["GET /api/v1/jobs/9/events"] = lambda h: h.begin_events()
    renewal.cli.run(*renewal.words, stdin=b"a very secret word\n")
    assert seen and not any(b"a very secret word" in s for s in seen)


def test_no_watch(renewal):
    assert renewal.cli.run(*renewal.words, "--no-watch", stdin=b"s\n").out == "job 9: gatewright job watch 9\n"


def test_stream_is_resumed(renewal):
    calls = []

    def events(h):
        calls.append(h.headers.get("Last-Event-ID"))
        h.begin_events()
        if len(calls) == 1:
            h.event(1, "step", step(1, "done", "first"))
            h.event(2, "step", step(2, "started", "second"))
            return h.cut()
        h.event(2, "step", step(1, "done", "first"))  # told twice, shown once
        h.event(3, "step", step(2, "done", "second"))
        h.event(4, "job", job("confirmed"))
    renewal.answers["GET /api/v1/jobs/9/events"] = events
    renewal.answers["GET /api/v1/jobs/9"] = lambda h: h.answer(200, job() if len(calls) == 1 else job("confirmed"))
    out = renewal.cli.run("job", "watch", "9").out
    assert calls == [None, "2"]
    assert out == "✓ connecting    first  0.1 s\n✓ connecting    second  0.1 s\njob 9: confirmed: a sentence\n"


def test_steps_that_ended_while_nobody_listened(renewal):
    renewal.answers["GET /api/v1/jobs/9/events"] = lambda h: h.cut()
    renewal.answers["GET /api/v1/jobs/9"] = (200, job("rolled-back", [step(1, "done", "a"), step(2, "failed", "b")]))
    done = renewal.cli.run("job", "watch", "9", code=ROLLED_BACK)
    assert done.out == "✓ connecting    a  0.1 s\n✗ connecting    b  0.1 s\n"
    assert done.err == "gatewright: job 9: rolled-back: a sentence\n"


def test_a_sentence_is_said_once_until_it_changes(renewal):
    steps = [{**step(n, "failed", f"probe {n}"), "detail": detail} for n, detail in ((1, "old"), (2, "old"), (3, "other"), (4, "old"))]
    lines = ("✗ connecting    probe 1  0.1 s\n    old\n✗ connecting    probe 2  0.1 s\n"
             "✗ connecting    probe 3  0.1 s\n    other\n✗ connecting    probe 4  0.1 s\n    old\n")
    renewal.answers["GET /api/v1/jobs/9/events"] = lambda h: h.cut()
    renewal.answers["GET /api/v1/jobs/9"] = (200, job("failed", steps))
    assert renewal.cli.run("job", "watch", "9", code=FAILED).out == lines
    assert renewal.cli.run("job", "show", "9").out.endswith("\n\n" + lines)


def test_daemon_is_away_for_a_while(renewal, build):
    """The socket vanishes in the middle and comes back, as with a restart."""
    moved = str(renewal.socket_path) + ".away"
    first = threading.Event()

    def events(h):
        h.begin_events()
        if not first.is_set():
            os.rename(renewal.socket_path, moved)
            first.set()
            h.event(1, "step", step(1, "done"))
            return h.cut()
        h.event(2, "job", job("confirmed"))
    renewal.answers["GET /api/v1/jobs/9/events"] = events
    child = subprocess.Popen([renewal.cli.program, "job", "watch", "9"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=renewal.cli.environment, text=True)
    line = child.stderr.readline()
    assert line == "gatewrightd does not answer; waiting for it, the job is stored and goes on\n"
    os.rename(moved, renewal.socket_path)
    out, err = child.communicate(timeout=60)
    assert child.returncode == DONE and "gatewrightd is back" in err and "job 9: confirmed" in out


def test_interrupt_ends_the_watching_not_the_job(renewal):
    release = threading.Event()

    def events(h):
        h.begin_events()
        h.event(1, "step", step(1, "started", "a long step"))
        release.wait(30)
    renewal.answers["GET /api/v1/jobs/9/events"] = events

    def interrupt(pid, shown):
        if b"a long step" in shown:
            os.kill(pid, signal.SIGINT)
            return True
    shown = renewal.cli.on_terminal("job", "watch", "9", code=UNKNOWN, during=interrupt)
    release.set()
    assert "No longer watching; job 9 goes on: gatewright job watch 9" in shown
    assert ("POST", "/api/v1/jobs/9/cancel") not in [(a[0], a[1]) for a in renewal.asked]


def test_no_such_job(renewal):
    renewal.answers["GET /api/v1/jobs/9/events"] = (404, {"detail": "no"})
    assert "knows no job 9" in renewal.cli.run("job", "watch", "9", code=FAILED).err
    assert "want the number of a job, got 'nine'" in renewal.cli.run("job", "watch", "nine", code=USAGE).err


def test_full_disk_behind_standard_output(fake):
    fake.answers["GET /api/v1/health"] = (200, {"status": "ok"})
    with open("/dev/full", "wb") as full:
        done = subprocess.run([fake.cli.program, "health"], stdout=full, stderr=subprocess.PIPE, env=fake.cli.environment, timeout=60)
    assert done.returncode == FAILED and b"no space left" in done.stderr.lower()


# ---- The renewal itself: the real daemon, a real sshd, a real nginx ----

class Leaf:
    """What Nginx() wants of a certificate: exported from the daemon."""

    def __init__(self, cli, name, folder):
        keystore = folder / "exported.p12"
        cli.run("certificate", "export", name, "--format", "keystore", "--out", keystore, "--overwrite", "--passphrase-stdin",
                stdin=b"correct horse\n")
        self.key = subprocess.run(["openssl", "pkcs12", "-in", keystore, "-passin", "pass:correct horse", "-nocerts", "-nodes"],
                                  check=True, capture_output=True, text=True).stdout
        self.fullchain = cli.run("certificate", "export", name, "--format", "chain").out


@pytest.mark.skipif(os.geteuid() != 0, reason="as root: the SSH server lives in a mount namespace of its own")
def test_a_renewal_from_the_command_line(build, tmp_path):
    import sshd
    from nginx import Nginx, served
    with Daemon(build) as daemon, sshd.SshHost(tmp_path / "host", sudo="nopasswd") as host:
        c = Cli(build, daemon.socket)
        c.run("certificate", "create", "--kind", "root", "--display-name", "Root")
        for name in ("edge 2026", "edge 2027"):
            c.run("certificate", "create", "--issuer", "Root", "--display-name", name, "--names", "gw.example.test;127.0.0.1",
                  "--valid-until", f"{int(name[-4:]) + 1}-06-30")
        old, new = (c.json("certificate", "show", n)["fingerprint"] for n in ("edge 2026", "edge 2027"))
        with Nginx(tmp_path / "nginx", Leaf(c, "edge 2026", tmp_path)) as nginx:
            params = {"certificate": nginx.certificate, "key": nginx.key, "prefix": nginx.dir, "config": nginx.config,
                      "pid": nginx.pid_file, "keystore": nginx.keystore, "boot-hook": "none"}
            c.run("gateway", "add", "edge", "--target", "nginx", *(w for k, v in params.items() for w in ("--param", f"{k}={v}")),
                  "--tls", f"127.0.0.1:{nginx.port}", "--server-name", "gw.example.test", "--ssh-host", "127.0.0.1", "--ssh-port",
                  host.port, "--ssh-user", host.user)
            assert "certificate 2 'edge 2026'" in c.run("gateway", "probe", "edge").out
            assert [u["gateway"] for u in c.json("certificate", "show", 2)["used_by"]] == ["edge"]
            words = ("gateway", "update-keystore", "edge", "--certificate", "edge 2027", "--password-stdin")
            password = host.password.encode() + b"\n"
            seen = c.run(*words, stdin=password, code=REFUSED).err
            assert host.fingerprints[0] in seen and served(nginx.port) == old
            wrong = c.run(*words, "--accept-host-key", host.fingerprints[0], stdin=b"Tr0ub4dor\n", code=FAILED)
            assert served(nginx.port) == old and "wrong password" in wrong.err and "Tr0ub4dor" not in wrong.out + wrong.err
            done = c.run(*words, "--accept-host-key", host.fingerprints[0], stdin=password)
            assert nginx.wait_served(new, 10, 3)
            assert f"before:  {old}  certificate 2 'edge 2026'\nserved:  {new}  certificate 3 'edge 2027'\n" in done.out
            assert "Used: now certificate 3 'edge 2027', no longer its predecessor" in done.out
            number = re.search(r"gatewright job proof (\d+) ", done.out)[1]
            proof, key = tmp_path / "proof.json", tmp_path / "key.json"
            c.run("job", "proof", number, "--out", proof)
            c.run("proof", "key", "--out", key)
            offline = Cli(build, "/nowhere")
            verdict = offline.run("proof", "verify", proof, "--key-file", key).out
            assert "the proof is valid" in verdict and "BAD" not in verdict
            assert offline.json("proof", "verify", proof, "--fingerprint", c.json("proof", "key")["fingerprint"])["valid"] is True
            assert "another key" in offline.run("proof", "verify", proof, "--fingerprint", "00" * 32, code=REFUSED).err
            proof.write_bytes(proof.read_bytes().replace(b"A", b"B", 1))
            offline.run("proof", "verify", proof, code=REFUSED)
            shown = c.on_terminal("gateway", "rollback", "edge", answers=[("[y/N]", "y\n"), ("Password of", host.password + "\n")])
            assert nginx.wait_served(old, 10, 3) and "Used: now certificate 2 'edge 2026'" in shown and host.password not in shown
