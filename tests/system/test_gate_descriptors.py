"""gatewright-gate with fewer descriptors than its max_connections wants: full, it neither spins nor goes deaf."""
import os
import resource
import shutil
import socket
import subprocess
import time

import pytest

from gate import Gate, Maker, wait_for

DESCRIPTORS = 60
NOBODY = 65534


@pytest.fixture
def gate(build, tmp_path_factory):
    path = tmp_path_factory.mktemp("descriptors")
    made = Gate(build, path / "gate", threads=2)
    maker = Maker(path / "pki")
    assert made.install(maker.leaf(maker.root())).returncode == 4
    made.program = shutil.copy(made.program, path)  # others may not be able to reach the build
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(path)], check=True)
        for directory in (path, *list(path.parents)[:3]):
            directory.chmod(directory.stat().st_mode | 0o011)

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    with open(made.log, "ab") as log:
        made.process = subprocess.Popen(made.command("run"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=few)
    wait_for(lambda: "serving generation" in made.log.read_text(), "the gate to start")
    yield made
    made.stop()


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_more_peers_than_descriptors(gate):
    assert f"got {DESCRIPTORS}: at most {DESCRIPTORS // 2} connections are taken" in gate.log.read_text()
    peers = [socket.create_connection(("127.0.0.1", gate.port), timeout=10) for _ in range(3 * DESCRIPTORS // 2)]
    wait_for(lambda: "max_connections is reached" in gate.log.read_text(), "a refusal")
    before = cpu_s(gate.process.pid)
    time.sleep(1)
    assert cpu_s(gate.process.pid) - before < 0.3, "it spins on a connection that it can't accept"
    assert gate.status()["connections"] == DESCRIPTORS // 2
    assert "no descriptors" not in gate.log.read_text()
    for s in peers:
        s.close()
    wait_for(lambda: gate.status()["connections"] == 0, "the rows to be free again")
    assert gate.health()["status"] == "ok"
