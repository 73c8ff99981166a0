"""The command line for users, tokens, settings, approvals and the audit log, against the real gatewrightd."""
import json
import os
import re

import pytest

from access import add_user
from api import Daemon
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
    token = ben.call("POST", "tokens", {"name": "t", "roles": ["administrator"], "expires_at": "2026-12-31T00:00:00Z"}).json["token"]
    assert "granted" in cli.run("approval", "grant", number, "--token-fd", 0, stdin=token.encode() + b"\n").err
    cli.run(*export, "--approval", number, stdin=b"a passphrase\n")
    assert (tmp_path / "k.p12").exists()
    done = cli.run("certificate", "create", "--kind", "root", "--display-name", "Next", code=REFUSED)
    number = re.search(r"'--approval (\d+)'", done.err)[1]
    assert cli.json("approval", "refuse", number, "--token-fd", 0, stdin=token.encode() + b"\n")["state"] == "refused"
    batch = tmp_path / "batch"
    batch.write_text('{"kind": "root", "display_name": "B"}\n')
    assert "--approval" in cli.run("certificate", "create", "--batch", batch, code=REFUSED).err
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
