"""The manager, its deploy process, or all of it killed in each state of an update: at the end the gateway serves a whole keystore and the
job's row says which. The real gatewrightd, sshd and nginx."""
import base64
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest

from api import Daemon
from nginx import Nginx
from sshd import SshHost, needs_root

pytestmark = pytest.mark.skipif(bool(needs_root), reason="needs root: mount namespaces, sshd")
WINDOW_S = 15
SETTLED_S = 240  # a switch that was stored and perhaps never sent counts until every limit before it and its window are over


class Files:
    def __init__(self, api, cert):
        exported = api.ok("POST", f"certificates/{cert['id']}/export", {"format": "keystore", "passphrase": "long enough"})
        key = subprocess.run(["openssl", "pkcs12", "-nodes", "-nocerts", "-passin", "pass:long enough"], check=True, capture_output=True,
                             input=base64.b64decode(exported["data"])).stdout.decode()
        self.key, self.fullchain = key[key.index("-----BEGIN"):], cert["pem"]


@pytest.fixture
def world(build):
    """A daemon, a host with nginx that serves `old`, which is proven; `new` waits."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="gw-recovery-"))
    directory.chmod(0o755)
    with Daemon(build) as d, SshHost(directory / "ssh") as host:
        api = d.api
        root = api.root()
        d.old = api.leaf(root["id"], "gw.example.test")
        with Nginx(directory / "nginx", Files(api, d.old)) as nginx:
            api.ok("POST", "gateways", {"name": "edge", "target": "nginx", "params": dict(p.split("=", 1) for p in nginx.params()),
                                        "tls": [f"127.0.0.1:{nginx.port}"], "server_names": ["gw.example.test"],
                                        "ssh": {"host": "127.0.0.1", "port": host.port, "user": host.user, "host_key": host.fingerprint}})
            assert api.ok("POST", "gateways/edge/probe")["certificate"] == d.old["id"]
            d.new = api.ok("POST", "certificates", {"renews": d.old["id"], "not_after": "2028-01-01T00:00:00Z"})
            d.nginx, d.host = nginx, host
            yield d
    subprocess.run(["rm", "-rf", str(directory)], check=False)


def start(d):
    body = {"certificate": d.new["id"], "ssh": {"auth": "password", "password": d.host.password}, "confirm_within": WINDOW_S,
            "force_warnings": True}
    return d.api.ok("POST", "gateways/edge/keystore-updates", body, status=(202,))["id"]


def wait_state(d, job, state):
    for _, name, data in d.api.events(job):
        if name == "job" and data["state"] == state:
            return
    raise AssertionError(f"job {job} never was in state {state}")


def check_truth(d, job, may_be_new=True):
    """Row, Used flags and what nginx serves tell the same."""
    done = d.api.wait_job(job, timeout=SETTLED_S)
    served = d.nginx.settled()
    assert served in (d.old["fingerprint"], d.new["fingerprint"])
    is_new = served == d.new["fingerprint"]
    assert done["outcome"] == ("confirmed" if is_new else "rolled-back" if done["state"] == "rolled-back" else "failed"), done
    assert is_new <= may_be_new and done["detail"]
    assert d.api.ok("GET", "gateways/edge")["active_job"] is None
    used = {c["id"]: bool(d.api.ok("GET", f"certificates/{c['id']}")["used_by"]) for c in (d.old, d.new)}
    assert used == {d.old["id"]: not is_new, d.new["id"]: is_new}
    assert not any(s["outcome"] == "started" for s in done["steps"] if s["state"] in ("queued", "connecting", "checked", "staged")) or \
        done["outcome"] == "failed"
    return done


@pytest.mark.slow
@pytest.mark.parametrize("state", ["connecting", "checked", "probing"])
def test_everything_killed_in(world, state):
    job = start(world)
    wait_state(world, job, state)
    world.kill()
    world.start()
    check_truth(world, job)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["connecting", "probing"])
def test_deploy_process_killed_in(world, state):
    job = start(world)
    wait_state(world, job, state)
    os.kill(world.roles()["deploy"], signal.SIGKILL)
    check_truth(world, job)


@pytest.mark.slow
def test_manager_killed_after_the_switch_and_again_during_recovery(world):
    job = start(world)
    wait_state(world, job, "switched")
    os.kill(world.roles()["manager"], signal.SIGKILL)
    world.wait_ready()
    time.sleep(1)
    os.kill(world.roles()["manager"], signal.SIGKILL)
    world.wait_ready()
    check_truth(world, job)


def test_two_updates_of_one_gateway(world):
    job = start(world)
    answer = world.api.post("gateways/edge/keystore-updates", {"certificate": world.new["id"], "ssh": {"auth": "password", "password": "x"}})
    assert answer.status == 409 and f"job {job}" in answer.detail
    answer = world.api.delete("gateways/edge")
    assert answer.status == 409
    done = check_truth(world, job)
    assert done["outcome"] == "confirmed" and done["proof"]
    # and back again: the generation before
    back = world.api.ok("POST", "gateways/edge/rollback", {"ssh": {"auth": "password", "password": world.host.password}}, status=(202,))
    done = world.api.wait_job(back["id"])
    assert done["outcome"] == "confirmed" and world.nginx.settled() == world.old["fingerprint"], done
    assert world.api.ok("GET", "gateways/edge")["certificate"] == world.old["id"]


def test_wrong_password_fails_with_the_old_keystore_untouched(world):
    job = world.api.ok("POST", "gateways/edge/keystore-updates",
                       {"certificate": world.new["id"], "ssh": {"auth": "password", "password": "not the one"}}, status=(202,))["id"]
    done = check_truth(world, job, may_be_new=False)
    assert done["outcome"] == "failed" and "wrong password" in done["detail"] and "not the one" not in str(done)
