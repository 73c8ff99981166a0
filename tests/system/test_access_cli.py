"""The command line for users, tokens, settings, approvals and the audit log, against the real gatewrightd."""
import json
import os
import re
import subprocess

import pytest

from access import PASSWORD, add_user, in_days, step_now, totp
from api import Daemon
from pki import Authority
from test_cli import REFUSED, UNREACHABLE, USAGE, Cli


@pytest.fixture(scope="module")
def daemon(build):
    with Daemon(build) as d:
        yield d


@pytest.fixture(scope="module")
def cli(build, daemon):
    return Cli(build, daemon.socket)


def test_users(cli):
    done = cli.run("user", "add", "ann", "--role", "deployer", "--role", "issuer")
    assert re.fullmatch(r"([a-z0-9]{4}-){3}[a-z0-9]{4}\n", done.out) and "added user 'ann'" in done.err
    assert cli.json("user", "show", "ann")["roles"] == ["deployer", "issuer"]
    text = cli.run("user", "list").out
    assert re.search(r"^ann +deployer, issuer +new password +no +- ", text, re.M), text
    assert "disabled:" in cli.run("user", "set", "ann", "--role", "viewer", "--disabled", "yes").out
    assert cli.json("user", "show", "ann")["disabled"] is True
    cli.run("user", "set", "ann", code=USAGE)
    cli.run("user", "set", "ann", "--disabled", "maybe", code=USAGE)
    assert "'--yes'" in cli.run("user", "reset", "ann", code=USAGE).err
    assert len(cli.run("user", "reset", "ann", "--yes").out) == 20
    assert cli.json("user", "add", "bob")["one_time_password"]
    assert "no administrator" in cli.run("user", "delete", "admin", "--yes", code=REFUSED).err
    cli.run("user", "delete", "bob", "--yes")
    assert cli.run("user", "show", "bob", code=1).err
    assert [u["name"] for u in cli.json("user", "list")["items"]] == ["admin", "ann"]


def test_tokens(cli, daemon, tmp_path):
    add_user(daemon.api, "tina", ["viewer", "deployer"])
    done = cli.run("token", "create", "ci", "--user", "tina", "--role", "viewer", "--valid-until", "2026-12-31")
    token = done.out.strip()
    assert token.startswith("gwt_") and "of 'tina'" in done.err
    file = tmp_path / "token"
    file.write_text(token + "\n")
    file.chmod(0o644)
    assert "0600" in cli.run("session", "show", "--token-file", file, code=USAGE).err
    file.chmod(0o600)
    assert cli.json("session", "show", "--token-file", file)["by"] == "token"
    text = cli.run("session", "show", "--token-file", file).out
    assert "tina" in text and "VIEW" in text and "DEPLOY" not in text
    cli.environment["GATEWRIGHT_TOKEN_FILE"] = str(file)
    try:
        assert cli.json("session", "show")["user"] == "tina"
        done = cli.run("user", "list", code=UNREACHABLE)
        assert "ADMIN" in done.err
        assert cli.json("certificate", "list")["items"] == []
    finally:
        del cli.environment["GATEWRIGHT_TOKEN_FILE"]
    read, write = os.pipe()
    os.write(write, (token + "\n").encode())
    os.close(write)
    assert cli.json("session", "show", "--token-fd", read, pass_fds=(read,))["by"] == "token"
    os.close(read)
    cli.run("session", "show", "--token-fd", 99, code=USAGE)
    cli.run("session", "show", "--token-fd", 0, "--token-file", file, code=USAGE)
    assert cli.run("session", "show", "--token-fd", 0, stdin=b"gwt_wrong\n", code=UNREACHABLE).err
    assert cli.run("session", "show", "--token-fd", 0, stdin=b"a b\n", code=1).err
    number = next(t["id"] for t in cli.json("token", "list")["items"] if t["name"] == "ci")
    assert re.search(rf"^ +{number} ci +tina +viewer ", cli.run("token", "list").out, re.M)
    cli.run("token", "delete", number)
    cli.run("session", "show", "--token-file", file, code=UNREACHABLE)
    cli.run("token", "delete", "x", code=USAGE)
    assert cli.json("session", "show")["by"] == "unix"


def lines(*texts):
    """A descriptor to read them from."""
    read, write = os.pipe()
    os.write(write, "".join(t + "\n" for t in texts).encode())
    os.close(write)
    return read


def with_lines(cli, *words, code=0, **options):
    """Run with a descriptor of lines per option."""
    descriptors = {name: lines(*texts) for name, texts in options.items()}
    more = [w for name, fd in descriptors.items() for w in ("--" + name.replace("_", "-"), fd)]
    try:
        return cli.run("session", *words, *more, code=code, pass_fds=tuple(descriptors.values()))
    finally:
        for fd in descriptors.values():
            os.close(fd)


def test_a_password_of_ones_own(cli, daemon):
    first = cli.json("user", "add", "paul", "--role", "viewer")["one_time_password"]
    assert "code" not in with_lines(cli, "totp", "paul", password_fd=[first], code=UNREACHABLE).out  # the password comes first
    assert "at least 12" in with_lines(cli, "password", "paul", password_fd=[first], new_password_fd=["short"], code=REFUSED).err
    done = with_lines(cli, "password", "paul", password_fd=[first], new_password_fd=[PASSWORD])
    assert "changed the password of 'paul'" in done.err and done.out == ""
    assert cli.json("user", "show", "paul")["must_change_password"] is False
    assert "wrong" in with_lines(cli, "password", "paul", password_fd=[first], new_password_fd=[PASSWORD], code=UNREACHABLE).err
    shown = cli.on_terminal("session", "password", "paul", answers=[
        ("Password of paul in Gatewright: ", PASSWORD + "\n"), ("New password: ", PASSWORD + "!\n"), ("Again: ", PASSWORD + "!\n")])
    assert PASSWORD not in shown and "changed" in shown
    sessions = [e for e in cli.json("audit", "list", "--object", "user:paul")["items"] if e["action"] in ("session.create", "session.end")]
    assert len([e for e in sessions if e["action"] == "session.end"]) == 4, "each that signed in signed out"


def test_sessions_end_everywhere(cli, daemon):
    browsers = [add_user(daemon.api, "eve", ["viewer"])]
    assert browsers[0].call("GET", "session").status == 200
    assert "everywhere" in with_lines(cli, "end-all", "eve", password_fd=[PASSWORD]).err
    assert browsers[0].call("GET", "session").status == 401
    assert "want no token" in with_lines(cli, "end-all", "eve", password_fd=[PASSWORD], token_fd=["gwt_x"], code=USAGE).err
    assert "no terminal" in cli.run("session", "end-all", "eve", code=USAGE).err


@pytest.mark.slow(25)
def test_a_second_factor(cli, daemon):
    add_user(daemon.api, "otto", ["viewer"])
    seen = {}

    def code(shown):
        seen["secret"] = re.search(r"secret=([A-Z2-7]+)&", shown)[1]
        return totp(seen["secret"], step_now()) + "\n"

    shown = cli.on_terminal("session", "totp", "otto", answers=[
        ("Password of otto in Gatewright: ", PASSWORD + "\n"), ("Code that the authenticator shows: ", "000000\n"),
        ("Code that the authenticator shows: ", code)])
    assert "is the device's clock right" in shown and "otpauth://totp/Gatewright:otto" in shown
    assert re.search(r"^([A-Z2-7]{4} ){7}[A-Z2-7]{4}\r$", shown, re.M), shown
    codes = re.findall(r"^((?:[a-z0-9]{4}-){3}[a-z0-9]{4})\r$", shown, re.M)
    assert len(set(codes)) == 10
    assert cli.json("user", "show", "otto")["totp"] is True
    assert "code" in with_lines(cli, "end-all", "otto", password_fd=[PASSWORD], code=USAGE).err
    with_lines(cli, "end-all", "otto", password_fd=[PASSWORD], code_fd=[codes[0]])
    used = with_lines(cli, "end-all", "otto", password_fd=[PASSWORD], code_fd=[codes[0]], code=UNREACHABLE)
    assert "used already" in used.err
    with_lines(cli, "totp-remove", "otto", password_fd=[PASSWORD], code_fd=codes[1:3])
    assert cli.json("user", "show", "otto")["totp"] is False
    assert "no second factor" in with_lines(cli, "totp-remove", "otto", password_fd=[PASSWORD], code_fd=[codes[3]], code=3).err


def test_a_second_factor_by_a_script(cli, daemon, build):
    add_user(daemon.api, "uma", ["viewer"])
    password, (codes, to) = lines(PASSWORD), os.pipe()
    program = subprocess.Popen([cli.program, "session", "totp", "uma", "--json", "--password-fd", str(password), "--code-fd", str(codes)],
                               env=cli.environment, stdout=subprocess.PIPE, pass_fds=(password, codes))
    secret = json.loads(program.stdout.readline())["secret"]
    os.write(to, (totp(secret, step_now()) + "\n").encode())
    assert len(json.loads(program.stdout.readline())["recovery_codes"]) == 10
    assert program.wait(60) == 0
    for fd in (password, codes, to):
        os.close(fd)


def test_settings_and_approvals(cli, daemon, tmp_path):
    assert re.search(r"^session_idle_s +1800 +1800 seconds after", cli.run("setting", "list").out, re.M)
    assert cli.json("setting", "set", "session_idle_s", "600")["session_idle_s"] == 600
    cli.run("setting", "set", "session_idle_s", "1", code=1)
    cli.run("setting", "set", "session_idle_s", "much", code=USAGE)
    assert "no approvals" in cli.run("approval", "list").err
    root = cli.json("certificate", "create", "--kind", "root", "--display-name", "Root")["id"]
    leaf = cli.json("certificate", "create", "--issuer", root, "--display-name", "Leaf", "--names", "a.example")["id"]
    cli.run("setting", "set", "approve_key_export", "yes")
    cli.run("setting", "set", "approve_ca", "yes")
    export = ("certificate", "export", leaf, "--format", "keystore", "--out", tmp_path / "k.p12", "--passphrase-stdin")
    done = cli.run(*export, stdin=b"a passphrase\n", code=REFUSED)
    number = re.search(r"'--approval (\d+)'", done.err)[1]
    assert not (tmp_path / "k.p12").exists()
    assert cli.run("approval", "grant", number, code=UNREACHABLE).err, "who asks never approves"
    assert re.search(rf"^ +{number} waiting ", cli.run("approval", "list").out, re.M)
    ben = add_user(daemon.api, "ben", ["administrator"])
    token = ben.call("POST", "tokens", {"name": "t", "roles": ["administrator"], "expires_at": in_days(30)}).json["token"]
    assert "granted" in cli.run("approval", "grant", number, "--token-fd", 0, stdin=token.encode() + b"\n").err
    cli.run(*export, "--approval", number, stdin=b"a passphrase\n")
    assert (tmp_path / "k.p12").exists()
    done = cli.run("certificate", "create", "--kind", "root", "--display-name", "Next", code=REFUSED)
    number = re.search(r"'--approval (\d+)'", done.err)[1]
    assert cli.json("approval", "refuse", number, "--token-fd", 0, stdin=token.encode() + b"\n")["state"] == "refused"
    batch = tmp_path / "batch"
    batch.write_text('{"kind": "root", "display_name": "B"}\n')
    assert "--approval" in cli.run("certificate", "create", "--batch", batch, code=REFUSED).err
    pem = tmp_path / "root.pem"
    pem.write_text(Authority(tmp_path, "Foreign Root").pem("root"))
    done = cli.run("certificate", "import", pem, code=REFUSED)
    number = re.search(r"'--approval (\d+)'", done.err)[1]
    cli.run("approval", "grant", number, "--token-fd", 0, stdin=token.encode() + b"\n")
    assert "one file" in cli.run("certificate", "import", pem, pem, "--approval", number, code=USAGE).err
    assert "imported root 'Foreign Root'" in cli.run("certificate", "import", pem, "--approval", number).err
    cli.run("setting", "set", "approve_ca", "no")


def test_audit(cli, daemon, tmp_path):
    text = cli.run("audit", "list", "--action", "user.create", "--limit", 3).out
    assert "user.create" in text and "session.create" not in text
    assert cli.json("audit", "list", "--actor", "system")["items"][0]["object"] == "user:admin"
    assert cli.json("audit", "list", "--after", "2099-01-01")["items"] == []
    assert "no events" in cli.run("audit", "list", "--outcome", "failed").err
    cli.run("audit", "list", "--action", "odd", code=1)
    assert "whole" in cli.run("audit", "verify").out
    file = tmp_path / "log"
    assert daemon.stop() == 0  # signs a head
    daemon.start()
    cli.run("audit", "export", "--out", file)
    assert cli.run("audit", "export").out == file.read_text()
    cli.run("audit", "export", "--out", file, code=1)
    print_ = cli.json("proof", "key")["fingerprint"]
    verdict = cli.json("audit", "verify", file, "--fingerprint", print_)
    assert verdict["ok"] and verdict["pinned"] and verdict["heads"] == 1 and verdict["unsigned"] == 0, verdict
    key = tmp_path / "key"
    key.write_text(cli.run("proof", "key", "--json").out)
    assert cli.run("audit", "verify", file, "--key-file", key).out.endswith("the audit log is whole\n")
    assert "nothing says whose key" in cli.run("audit", "verify", file).out
    cli.run("audit", "verify", file, "--fingerprint", "0" * 64, code=REFUSED)
    lines = file.read_text().splitlines(keepends=True)
    changed = {"changed": lines[:2] + [lines[2].replace('"unix', '"xinu')] + lines[3:], "missing": lines[:2] + lines[3:],
               "order": lines[:2] + [lines[3], lines[2]] + lines[4:], "cut": lines[:-3] + lines[-1:]}
    for what, part in changed.items():
        assert part != lines
        file.write_text("".join(part))
        done = cli.run("audit", "verify", file, "--fingerprint", print_, code=REFUSED)
        assert "NOT WHOLE" in done.out and "BAD:" in done.out, what
    file.write_text("".join(lines[:-1]))
    assert json.loads(cli.run("audit", "verify", file, "--json").out)["unsigned"] == len(lines) - 1, "unsigned, and said so"
