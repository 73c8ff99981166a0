"""What a browser test works against, all real: gatewrightd, a host with sshd, and gatewright-gates on it.

Started by a test, which writes one JSON request a line to standard input, {"do": NAME, "args": [...]} with NAME a method of
World, and reads one JSON answer a line. Ends, and removes everything, when standard input does. Needs root.
"""
import contextlib
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))

from faults import NAME, Gateway, Manager, short_directory  # noqa: E402
from ports import free_port  # noqa: E402
from sshd import Agent, SshHost  # noqa: E402


class World:
    def __init__(self, manager, host, directory, stack):
        self.manager, self.host, self.directory, self.stack = manager, host, directory, stack
        self.gateways, self.holds = {}, {}

    def add_gateway(self):
        """One more gateway on the host: it serves a certificate, and a successor waits."""
        directory = self.directory / f"gw{len(self.gateways)}"
        g = self.stack.enter_context(Gateway(self.manager, self.host, directory, "gate"))
        self.gateways[g.name] = g
        return {"name": g.name, "old": g.old, "new": g.new, "password": self.host.password, "keyFile": str(self.host.key_file),
                "hostKey": self.host.fingerprint, "serverName": NAME}

    def add_user(self, name, roles):
        """A user; the answer has the one-time password."""
        return self.manager.api.ok("POST", "users", {"name": name, "roles": roles})

    def served(self, name):
        """The fingerprint that a TLS client sees at a gateway."""
        return self.gateways[name].handshake()

    def hold(self, name, state):
        """The gateway's job stands still in that state until release()."""
        self.holds[name] = self.gateways[name].hold(state)

    def wait_held(self, name):
        self.holds[name].wait()

    def release(self, name):
        self.holds.pop(name).go.set()

    def change_host_key(self):
        """The host comes back with another key, as after a new installation, or with somebody in between."""
        self.host.stop()
        self.host.make_host_keys()
        self.host.start()
        return self.host.fingerprint

    def add_agent(self):
        """An SSH agent beside the manager that has the key of the host's user; the answer is its socket."""
        return str(self.stack.enter_context(Agent(self.directory, self.host.key_file)).socket)

    def unpin(self, name):
        """The gateway's record anew, as if nobody had ever looked at its host."""
        api = self.manager.api
        g = api.ok("GET", f"gateways/{name}")
        api.ok("DELETE", f"gateways/{name}")
        g["ssh"].pop("host_key")
        api.ok("POST", "gateways", {k: g[k] for k in ("name", "target", "params", "tls", "server_names", "ssh")})
        api.ok("POST", f"gateways/{name}/probe")

    def kill(self):
        self.manager.kill()

    def start(self):
        self.manager.start()

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
    port = free_port()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(short_directory())
        manager = Manager(pathlib.Path(os.environ["GATEWRIGHT_BUILD"]))
        text = manager.config.read_text().replace("https_listen = none\n", f"https_listen = 127.0.0.1:{port}\nconsole_dir = {ROOT / 'console/dist'}\n")
        manager.config.write_text(text)
        stack.enter_context(manager)
        host = stack.enter_context(SshHost(directory / "own"))
        print(json.dumps({"url": f"https://127.0.0.1:{port}", "socket": str(manager.socket)}), flush=True)
        serve(World(manager, host, directory, stack))


if __name__ == "__main__":
    main()
