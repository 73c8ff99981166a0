"""Logging in to real SSH servers, and becoming root there: each way, and each way to fail, ends with a sentence that says why."""
import os
import pathlib
import socket
import subprocess

import pytest

import driver
import sshd
from nginx import Nginx
from pki import Authority

pytestmark = pytest.mark.skipif(sshd.needs_root, reason="needs root: a mount namespace with users of its own")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    directory = tmp_path_factory.mktemp("login")
    for d in (directory, directory.parent):
        os.chmod(d, 0o755)
    authority = Authority(directory / "ca")
    old, new = authority.leaf("old"), authority.leaf("new")
    with Nginx(directory / "nginx", old) as nginx:
        yield directory, nginx, old, new


@pytest.fixture(scope="module")
def openssh(world):
    with sshd.SshHost(world[0] / "openssh", options=["MaxAuthTries 3"]) as host:
        yield host


@pytest.fixture(scope="module")
def dropbear(world):
    with sshd.SshHost(world[0] / "dropbear", "dropbear") as host:
        yield host


@pytest.fixture(scope="module")
def prompts(world):
    options = ["UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no"]
    with sshd.SshHost(world[0] / "prompts", options=options) as host:
        yield host


def job_for(host, world, **more):
    """An update that stops before it touches anything: the tests of logging in end it at "checked"."""
    directory, nginx, old, new = world
    job = {"kind": "update", "gateway": "edge-1", "target": driver.target("nginx"), "params": nginx.params(),
           "tls": [f"127.0.0.1:{nginx.port}"], "names": ["gw.example.test"], "ssh_host": host.address, "ssh_port": host.port,
           "ssh_user": host.user, "ssh_auth": "password", "ssh_password": host.password, "pins": [host.fingerprint],
           "certificate": new.chain, "current": old.chain, "key_pem": new.key, "sealed_key": "sealed", "generation": "20261124T000000Z-login",
           "token": "t0ken"}
    return {k: v for k, v in {**job, **more}.items() if v is not None}


def run(build, job, directory):
    deploy = driver.Deploy(build, job, {"checked": "cancel"}, log=directory / "deploy.log")
    result = deploy.run()
    assert result is not None and deploy.exit_status == 0, (directory / "deploy.log").read_text()[-2000:]
    assert deploy.released == 0, "no key may be asked for before everything was checked"
    return deploy, result["text"]


def key_job(host, world, path, **more):
    return job_for(host, world, ssh_auth="key", ssh_password=None, ssh_key=path.read_text(), sudo_password=None, **more)


def assert_checked(deploy, text):
    assert deploy.states == ["connecting", "checked"] and "cancelled" in text, (deploy.states, text)


@pytest.mark.parametrize("server", ["openssh", "dropbear"])
@pytest.mark.parametrize("how", ["password", "key", "locked key", "agent", "root"])
def test_login(build, world, request, server, how):
    host = request.getfixturevalue(server)
    if how == "password":
        deploy, text = run(build, job_for(host, world), world[0])
    elif how == "root":
        deploy, text = run(build, job_for(host, world, ssh_user="root", ssh_password=host.root_password), world[0])
    elif how == "key":
        deploy, text = run(build, key_job(host, world, host.key_file), world[0])
    elif how == "locked key":
        deploy, text = run(build, key_job(host, world, host.locked_key_file, ssh_key_passphrase=host.passphrase), world[0])
    else:
        with sshd.Agent(host.dir, host.key_file) as agent:
            job = job_for(host, world, ssh_auth="agent", ssh_password=None, ssh_agent=str(agent.socket))
            deploy, text = run(build, job, world[0])
        agent.socket.unlink(missing_ok=True)
    assert_checked(deploy, text)
    connected = deploy.steps("connect")[0]
    assert connected["host_key"] == host.fingerprint and connected["host_key_type"] == "ssh-ed25519"


def test_keyboard_interactive(build, world, prompts):
    assert_checked(*run(build, job_for(prompts, world), world[0]))


REFUSALS = [
    # name, server, changes to the job, what the sentence must hold, what it must not
    ("wrong password", "openssh", {"ssh_password": "wrong"}, ["wrong password", "offers: ", "password"], []),
    ("wrong password, dropbear", "dropbear", {"ssh_password": "wrong"}, ["wrong password", "offers: "], []),
    ("wrong password, prompts", "prompts", {"ssh_password": "wrong"}, ["wrong password", "keyboard-interactive"], []),
    ("unknown user", "openssh", {"ssh_user": "nobody-here"}, ["wrong password", "nobody-here"], []),
    ("no password given", "openssh", {"ssh_password": None}, ["no password was given"], ["wrong"]),
    ("unknown host key", "openssh", {"pins": []}, ["is not known yet", "SHA256:"], []),
    ("changed host key", "openssh", {"pins": ["SHA256:" + "A" * 43]}, ["changed", "SHA256:" + "A" * 43], []),
    ("one pin of several", "openssh", {"pins": ["SHA256:" + "A" * 43, "SHA256:" + "B" * 43]}, ["changed", "B" * 43], []),
    ("no key at all", "openssh", {"ssh_auth": "key"}, ["no SSH key was given"], []),
    ("garbage as key", "openssh", {"ssh_auth": "key", "ssh_key": "not a key"}, ["can't be read"], []),
    ("agent without socket", "openssh", {"ssh_auth": "agent"}, ["no SSH agent"], []),
    ("agent socket missing", "openssh", {"ssh_auth": "agent", "ssh_agent": "/nonexistent/agent"}, ["agent", "No such file"], []),
    ("nothing listens", "openssh", {"ssh_port": 1}, ["connection refused", "127.0.0.1:1"], []),
    ("name unknown", "openssh", {"ssh_host": "no-such-host.invalid"}, ["no-such-host.invalid"], []),
    ("nginx instead of sshd", "openssh", {"ssh_port": "nginx"}, ["SSH"], []),
]


@pytest.mark.parametrize("name,server,change,wanted,unwanted", REFUSALS, ids=[r[0] for r in REFUSALS])
def test_refused(build, world, request, name, server, change, wanted, unwanted):
    host = request.getfixturevalue(server)
    if change.get("ssh_port") == "nginx":
        change = {"ssh_port": world[1].port}
    deploy, text = run(build, job_for(host, world, **change), world[0])
    assert deploy.result["result"] == "failed"
    assert deploy.states in (["connecting"], []), deploy.states
    for word in wanted:
        assert word in text, text
    for word in unwanted:
        assert word not in text, text
    assert host.password not in text and "wrong\n" not in text
    if "host key" in name:
        assert deploy.result["host_key"] == host.fingerprint


def test_wrong_passphrase_and_stranger(build, world, openssh):
    _, text = run(build, key_job(openssh, world, openssh.locked_key_file), world[0])
    assert "no passphrase was given" in text
    _, text = run(build, key_job(openssh, world, openssh.locked_key_file, ssh_key_passphrase="wrong"), world[0])
    assert "passphrase is wrong" in text
    _, text = run(build, key_job(openssh, world, openssh.stranger_key_file), world[0])
    assert "does not accept the key " + sshd.fingerprint(f"{openssh.stranger_key_file}.pub") in text


def test_method_not_offered(build, world):
    with sshd.SshHost(world[0] / "keyonly", options=["PasswordAuthentication no"]) as host:
        _, text = run(build, job_for(host, world), world[0])
        assert "takes no password; it offers: publickey" in text and "wrong" not in text
    with sshd.SshHost(world[0] / "pwonly", options=["PubkeyAuthentication no"]) as host:
        _, text = run(build, key_job(host, world, host.key_file), world[0])
        assert "takes no key; it offers: password" in text


SUDO = [
    # name, rule, how the job differs, None or what the sentence holds
    ("without password", "nopasswd", {}, None),
    ("the login password", "password", {}, None),
    ("a password of its own", "password", {"ssh_auth": "key", "ssh_password": None, "sudo_password": sshd.PASSWORD}, None),
    ("a wrong one", "password", {"sudo_password": "wrong"}, ["sudo", "password"]),
    ("none given", "password", {"ssh_auth": "key", "ssh_password": None}, ["sudo", "none was given"]),
    ("no rule", None, {}, ["sudo"]),
]


@pytest.fixture(scope="module")
def sudo_host(world):
    with sshd.SshHost(world[0] / "sudo", sudo=None) as host:
        yield host


@pytest.mark.parametrize("name,rule,change,wanted", SUDO, ids=[s[0] for s in SUDO])
def test_sudo(build, world, sudo_host, name, rule, change, wanted):
    sudo_host.namespace.set_sudo(rule)
    if change.get("ssh_auth") == "key":
        change = {**change, "ssh_key": sudo_host.key_file.read_text()}
    deploy, text = run(build, job_for(sudo_host, world, **change), world[0])
    if wanted is None:
        assert_checked(deploy, text)
        return
    assert deploy.states == ["connecting"]
    for word in wanted:
        assert word in text, text


def test_ipv6(build, world):
    with sshd.SshHost(world[0] / "six", address="::1") as host:
        assert_checked(*run(build, job_for(host, world), world[0]))


def test_pin_of_another_kind_of_key(build, world):
    """A host with two keys whose RSA one is pinned: it proves that one too."""
    with sshd.SshHost(world[0] / "two", host_key_types=("ed25519", "rsa")) as host:
        deploy, text = run(build, job_for(host, world, pins=[host.fingerprints[1]]), world[0])
        assert_checked(deploy, text)
        assert deploy.steps("connect")[0]["host_key_type"] == "ssh-rsa"


def test_old_algorithms_are_refused(build, world):
    options = ["Ciphers aes128-cbc", "MACs hmac-sha1"]
    with sshd.SshHost(world[0] / "cbc", options=options) as host:
        _, text = run(build, job_for(host, world), world[0])
        assert "no algorithm in common" in text


@pytest.mark.slow(40)
def test_silent_server(build, world):
    """Accepts the connection and says nothing: the state's limit ends it."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        class Silent:
            address, port, user, password, fingerprint = "127.0.0.1", s.getsockname()[1], "x", "y", "SHA256:z"
        _, text = run(build, job_for(Silent, world), world[0])
        assert "did not finish the SSH key exchange in time" in text


def test_scan_host_key(build, world, openssh):
    job = {"kind": "scan-host-key", "gateway": "edge-1", "ssh_host": "127.0.0.1", "ssh_port": openssh.port}
    deploy = driver.Deploy(build, job)
    result = deploy.run()
    assert result["result"] == "confirmed" and result["host_key"] == openssh.fingerprint and result["host_key_type"] == "ssh-ed25519"
    assert deploy.states == []


def test_nothing_of_the_system_changed(world, openssh):
    """What the tests do in their namespaces is not seen outside."""
    assert sshd.USER not in pathlib.Path("/etc/passwd").read_text()
    assert not os.path.exists("/etc/sudoers.d/test")
    assert subprocess.run(["id", sshd.USER], capture_output=True).returncode != 0
