"""A renewal by the command line against the whole product, with each way to log in; and the places where no secret may ever be."""
import contextlib
import os
import subprocess

import pytest

import sshd
from faults import Gateway, Keystore, Manager, Spy, short_directory, wait_for
from test_cli import DONE, FAILED, Cli

pytestmark = pytest.mark.skipif(bool(sshd.needs_root), reason="needs root: mount namespaces with users of their own")


@pytest.fixture
def directory():
    with short_directory() as path:
        yield path


LOGINS = [
    # how, server, sudo, kind of gateway
    ("password", "openssh", "nopasswd", "nginx"),
    ("password", "dropbear", "nopasswd", "gate"),
    ("password and sudo", "openssh", "password", "gate"),
    ("password and sudo", "dropbear", "password", "nginx"),
    ("keyboard-interactive", "openssh", "nopasswd", "nginx"),
    ("key", "openssh", "nopasswd", "gate"),
    ("key", "dropbear", "nopasswd", "nginx"),
    ("key and sudo", "openssh", "password", "nginx"),
    ("locked key", "openssh", "nopasswd", "nginx"),
    ("locked key", "dropbear", "nopasswd", "gate"),
    ("agent", "openssh", "nopasswd", "gate"),
    ("agent", "dropbear", "nopasswd", "nginx"),
    ("root", "openssh", None, "nginx"),
    ("root", "dropbear", None, "gate"),
]


class Fds:
    """Secrets for a command, each readable once from a descriptor."""

    def __init__(self):
        self.open = []

    def give(self, secret):
        r, w = os.pipe()
        os.write(w, secret.encode() + b"\n")
        os.close(w)
        self.open.append(r)
        return r

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for fd in self.open:
            os.close(fd)


def login_words(how, host, fds):
    """(options, standard input) of a login."""
    if how == "password":
        return ["--password-stdin"], host.password.encode() + b"\n"
    if how == "keyboard-interactive":
        return ["--password-fd", fds.give(host.password)], b""
    if how == "password and sudo":
        return ["--password-fd", fds.give(host.password), "--sudo-password-fd", fds.give(host.password)], b""
    if how == "key":
        return ["--key-file", host.key_file], b""
    if how == "key and sudo":
        return ["--key-file", host.key_file, "--sudo-password-fd", fds.give(host.password)], b""
    if how == "locked key":
        return ["--key-file", host.locked_key_file, "--key-passphrase-fd", fds.give(host.passphrase)], b""
    if how == "agent":
        return ["--auth", "agent"], b""
    assert how == "root"
    return ["--ssh-user", "root", "--password-fd", fds.give(host.root_password)], b""


def no_secret_in_files(manager, secrets):
    paths = [manager.log, *(p for p in manager.state.rglob("*") if p.is_file())]
    assert len(paths) > 2
    for path in paths:
        data = path.read_bytes()
        assert not any(s in data for s in secrets), f"a secret lies in {path}"


@pytest.mark.parametrize("how,server,sudo,kind", LOGINS, ids=["-".join([r[0], r[1]]).replace(" ", "-") for r in LOGINS])
def test_by_command_line(build, directory, how, server, sudo, kind):
    options = ["UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no"] if how == "keyboard-interactive" else []
    with Manager(build) as m, sshd.SshHost(directory / "own", server, sudo=sudo, options=options) as host, \
            Gateway(m, host, directory / "gw", kind) as g, Fds() as fds, contextlib.ExitStack() as stack:
        cli = Cli(build, m.socket)
        if how == "agent":
            agent = stack.enter_context(sshd.Agent(directory, host.key_file))
            cli.environment["SSH_AUTH_SOCK"] = str(agent.socket)
        body = "".join(Keystore(m.api, g.new, m.authority).key.split("-----")[2].split())
        words, stdin = login_words(how, host, fds)
        secrets = [s.encode() for s in (host.password, host.root_password, host.passphrase, body[-40:],
                                        host.key_file.read_text().splitlines()[3])]
        with Spy(secrets) as spy:
            done = cli.run("gateway", "update-keystore", g.name, "--certificate", g.new["id"], "--force-warnings", "--yes", *words,
                           stdin=stdin, pass_fds=fds.open, code=DONE)
        assert f"served:  {g.new['fingerprint']}" in done.out, done.out + done.err
        g.check_end(m.api.items("jobs")[0]["id"], ["confirmed"], ["the new certificate is served"])
        assert spy.rounds > 2 and not spy.found, spy.found
        assert not any(s in (done.out + done.err).encode() for s in secrets)
        m.stop()
        no_secret_in_files(m, secrets)
        m.start()


def test_spy_sees():
    """The look for secrets itself finds one that is there."""
    with Spy(["a-word-for-the-spy"]) as spy:
        child = subprocess.Popen(["sh", "-c", "read x; exit 0", "a-word-for-the-spy"], stdin=subprocess.PIPE)
        wait_for(lambda: spy.found, "the spy")
        child.communicate(b"\n")


def test_command_line_says_the_cause(build, directory):
    """Exit status and sentence of a failed update."""
    with Manager(build) as m, sshd.SshHost(directory / "own") as host, Gateway(m, host, directory / "gw") as g:
        done = Cli(build, m.socket).run(
            "gateway", "update-keystore", g.name, "--certificate", g.new["id"], "--force-warnings", "--yes", "--password-stdin",
            stdin=b"Tr0ub4dor\n", code=FAILED)
        assert "wrong password" in done.err and "Tr0ub4dor" not in done.out + done.err
        g.check_end(g.api.items(f"jobs?gateway={g.name}")[0]["id"], ["failed"], ["wrong password"])
