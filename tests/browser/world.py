"""What a browser test works against, all real: gatewrightd, a host with sshd, and a gatewright-gate on it that serves a certificate.

Started by a test, which writes one JSON request a line to standard input and reads one JSON answer a line:
{"do": "restart"} and what else `World` has. Ends, and removes everything, when standard input does.
"""
import contextlib
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))

from faults import NAME, Gateway, Manager, short_directory  # noqa: E402
from sshd import SshHost, free_port  # noqa: E402

ADMIN, ADMIN_PASSWORD = "admin", "a password for the browser tests"


class World:
    def __init__(self, manager, host, directory, stack):
        self.manager, self.host, self.directory, self.stack = manager, host, directory, stack
        self.gateway_n = 0

    def add_gateway(self):
        """One more gateway on the host; it serves a certificate that ends soon, and a successor waits."""
        self.gateway_n += 1
        g = self.stack.enter_context(Gateway(self.manager, self.host, self.directory / f"gw{self.gateway_n}", "gate"))
        return {"name": g.name, "old": g.old["id"], "new": g.new["id"], "oldFingerprint": g.old["fingerprint"],
                "newFingerprint": g.new["fingerprint"], "user": self.host.user, "password": self.host.password,
                "keyFile": str(self.host.key_file), "hostKey": self.host.fingerprint, "serverName": NAME}

    def change_host_key(self):
        """The host comes back with another key, as after a new installation, or with somebody in between."""
        self.host.stop()
        self.host.make_host_keys()
        self.host.start()
        return {"hostKey": self.host.fingerprint}

    def kill(self):
        self.manager.kill()
        return {}

    def start(self):
        self.manager.start()
        return {}

    def call(self, method, path, body=None):
        """A call as root over the Unix socket."""
        return self.manager.api.ok(method, path, body)


def serve(world):
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": getattr(world, request["do"])(*request.get("args", []))}
        except Exception as e:  # told to the test, which fails
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


def main():
    build = pathlib.Path(os.environ["GATEWRIGHT_BUILD"])
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(short_directory())
        manager = stack.enter_context(Manager(build))
        host = stack.enter_context(SshHost(directory / "own"))
        print(json.dumps({"socket": str(manager.socket)}), flush=True)
        serve(World(manager, host, directory, stack))


if __name__ == "__main__":
    main()
