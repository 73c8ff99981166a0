"""Keystore updates of a real HAProxy in master-worker mode over a real sshd: its target file's commands, when all is well and when not.
Each ends with the whole old or the whole new keystore served."""
import os
import signal
import subprocess

import pytest

import driver
import sshd
from haproxy import Haproxy
from test_ssh_update import WINDOW_S, World, host, pki  # noqa: F401 (fixtures)

pytestmark = pytest.mark.skipif(sshd.needs_root, reason="needs root: a mount namespace with users of its own")


class HaproxyWorld(World):
    def job(self, **more):
        return super().job(**{"target": driver.target("haproxy"), **more})

    def assert_is(self, leaf):
        assert self.nginx.wait_served(leaf.fingerprint, 3)
        assert self.nginx.bundle.read_text().split() == (leaf.key + leaf.fullchain).split()

    def assert_old(self, within=0):
        self.assert_is(self.pki["old"])

    def assert_new(self):
        self.assert_is(self.pki["new"])


@pytest.fixture
def world(build, host, pki, tmp_path):  # noqa: F811
    with Haproxy(tmp_path / "haproxy", pki["old"]) as h:
        yield HaproxyWorld(build, host, h, pki, tmp_path)


def target_without_test():
    text = driver.target("haproxy")
    test = next(line for line in text.splitlines() if line.startswith("test "))
    return text.replace(test + "\n", "")


def test_update_and_rollback(world):
    """The file of `crt` is adopted with its owner and mode, switched, reloaded and served, by the same master; then back."""
    master = world.nginx.master
    deploy, result = world.run()
    assert result["result"] == "confirmed", (result, deploy.events)
    world.assert_new()
    assert world.nginx.bundle.is_symlink() and world.nginx.master == master
    assert world.nginx.bundle.stat().st_mode & 0o777 == 0o600
    old = deploy.steps("switch")[0]["old_generation"]
    assert old.startswith("adopted-")
    _, result = world.run(kind="rollback", generation=old, token="t0ken2", certificate=None, key_pem=None, sealed_key=None,
                          current=world.pki["new"].chain)
    assert result["result"] == "confirmed", result
    world.assert_old()
    assert world.nginx.master == master


def test_unproven(world):
    """A name that the probe misses: the reload back works too."""
    _, result = world.run(names=["missing.example.test"])
    assert result["result"] == "rolled-back" and "missing.example.test" in result["text"], result
    world.assert_old()


def test_config_test_fails(world):
    world.nginx.write_config("no-such-directive")
    _, result = world.run()
    assert result["result"] in ("failed", "rolled-back") and "test" in result["text"], result
    world.assert_old()


@pytest.mark.slow(20)
def test_reload_fails_unseen(world):
    """No configuration test, and a configuration that can't be loaded: the master keeps the old worker and tells nobody. The probe does."""
    world.nginx.write_config("no-such-directive")
    _, result = world.run(target=target_without_test(), confirm_within=WINDOW_S)
    assert result["result"] == "rolled-back" and "still the old certificate" in result["text"], result
    world.assert_old()
    world.nginx.write_config()
    _, result = world.run(token="t0ken2")
    assert result["result"] == "confirmed", result
    world.assert_new()


def test_dies_at_the_reload(world):
    """The host sees it although the process numbers are still there where nobody waits for them, and starts it with the old keystore."""
    dies = 'kill -KILL "-$p"; while read -r _ _ s _ <"/proc/$p/stat" && [ "$s" != Z ]; do sleep 0.1; done'
    target = driver.target("haproxy").replace('kill -USR2 "$p"', dies)
    assert "-KILL" in target
    master = world.nginx.master
    _, result = world.run(target=target, confirm_within=WINDOW_S)
    assert result["result"] == "rolled-back" and "not running" in result["text"], result
    world.assert_old()
    assert world.nginx.master != master


def test_zombie_is_not_running(world):
    """A master that ended and was not waited for answers to signals for ever."""
    world.nginx.stop()
    zombie = subprocess.Popen(world.nginx.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              cwd="/", start_new_session=True)
    try:
        world.nginx.wait_started()
        assert world.nginx.master == zombie.pid
        os.killpg(zombie.pid, signal.SIGKILL)
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        _, result = world.run()
        assert result["result"] == "failed" and "not running" in result["text"], result
    finally:
        zombie.kill()
        zombie.wait()
