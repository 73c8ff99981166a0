"""A gatewrightd, a gateway of either kind behind a real SSH server, and the ways to break a renewal on the way."""
import base64
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading

from api import ROOT, Daemon
from gate import Gate, wait_for
from nginx import Nginx
from proxy import Proxy

NAME = "gw.example.test"
WINDOW_S = 15    # the shortest that is allowed
SETTLED_S = 240  # a switch that was stored and perhaps never sent counts until every limit before it and its window are over
PASSPHRASE = "long enough"


@contextlib.contextmanager
def short_directory():
    """Below /tmp and open: homes and sockets have to be reached."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="gw-fault-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Keystore:
    """Key, chain and root of a certificate in the manager, as Nginx() and Gate.install() want them."""

    def __init__(self, api, cert, root):
        exported = api.ok("POST", f"certificates/{cert['id']}/export", {"format": "keystore", "passphrase": PASSPHRASE})
        self.p12 = base64.b64decode(exported["data"])
        key = self._openssl("pkcs12", "-nodes", "-nocerts").decode()
        self.key, self.fullchain, self.root = key[key.index("-----BEGIN"):], cert["pem"], root["pem"]

    def _openssl(self, *words):
        r, w = os.pipe()
        os.write(w, PASSPHRASE.encode() + b"\n")
        os.close(w)
        try:
            return subprocess.run(["openssl", *words, "-passin", f"fd:{r}"], input=self.p12, check=True, capture_output=True,
                                  pass_fds=[r]).stdout
        finally:
            os.close(r)

    def bundle(self):
        return self.key + self.fullchain + self.root


class Manager(Daemon):
    """gatewrightd with a root certificate, and targets of its own beside the product's."""

    EXTRA_TARGETS = {
        # a reload that says no, and a gateway that does not survive it
        "nginx-reload-fails": "echo 'the reload said no' && false",
        "nginx-dies": 'p=$(cat %{pid}) && kill -KILL $(ps -o pid= --ppid "$p") "$p" && while kill -0 "$p" 2>/dev/null; do sleep 0.1; done',
    }

    def __init__(self, build, folder=None):
        super().__init__(build, folder)
        self.targets = self.folder / "targets"
        shutil.copytree(ROOT / "targets", self.targets)
        text = (self.targets / "nginx.conf").read_text()
        for name, reload in self.EXTRA_TARGETS.items():
            changed, count = re.subn(r"(?m)^reload .*", lambda _: "reload " + reload, text)
            assert count == 1
            changed = changed.replace("\nname nginx\n", f"\nname {name}\n")
            (self.targets / f"{name}.conf").write_text(changed)
        self.config.write_text(self.config.read_text().replace(f"targets_dir = {ROOT / 'targets'}", f"targets_dir = {self.targets}"))
        self.store = self.state / "store/gatewright.db"
        self.authority = None
        self.gateways = 0

    def start(self):
        super().start()
        if self.authority is None:
            self.authority = self.api.root()

    def kill_role(self, role):
        pid = wait_for(lambda: self.roles().get(role), f"a process '{role}'")
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.roles().get(role) != pid, f"the end of '{role}'")

    def sql(self, text, *values):
        """Read the store beside the running manager; what is read is committed."""
        with contextlib.closing(sqlite3.connect(self.store, timeout=10, isolation_level=None)) as db:
            return db.execute(text, values).fetchall()


class Hold:
    """Holds everything that goes to the host, or to the gateway by TLS, from the moment that the job's stored state is `state`.

    The manager commits a state before it lets the deploy process act on it, so the first byte of that act is held, every time.
    """

    def __init__(self, manager, gateway, state):
        self.manager, self.gateway, self.state = manager, gateway, state
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self):
        if self.go.is_set():
            return
        if not self.reached.is_set():
            rows = self.manager.sql("SELECT state FROM job WHERE gateway_name = ? ORDER BY id DESC LIMIT 1", self.gateway)
            if not rows or rows[0][0] != self.state:
                return
            self.reached.set()
        self.go.wait(SETTLED_S)

    def wait(self, seconds=120):
        assert self.reached.wait(seconds), f"the job never came to '{self.state}'"


class HoldingProxy(Proxy):
    """`on_data`, when there, is called before anything is passed on to the server."""

    on_data = None

    class Source:
        def __init__(self, proxy, sock):
            self.proxy, self.sock = proxy, sock

        def recv(self, n):
            data = self.sock.recv(n)
            if data and self.proxy.on_data:
                self.proxy.on_data()
            return data

        def shutdown(self, how):
            self.sock.shutdown(how)

    def _pump(self, source, sink, is_up):
        super()._pump(self.Source(self, source) if is_up else source, sink, is_up)


class HostedNginx(Nginx):
    """Runs in its host's mount namespace: it sees the disks that the host sees, and dies with the host."""

    kind = "nginx"

    def __init__(self, host, directory, keystore):
        super().__init__(directory, keystore)
        self.host = host

    def start(self):
        """As a child of ours that is waited for: a zombie of which nobody takes notice looks alive to `kill -0`."""
        self.pid_file.unlink(missing_ok=True)
        child = subprocess.Popen(["nsenter", "-t", str(self.host.process.pid), "-m", "nginx", "-p", self.dir, "-c", self.config, "-g",
                                  "daemon off;"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 start_new_session=True, cwd="/")
        threading.Thread(target=child.wait, daemon=True).start()
        return self.wait_started()

    def kill(self):
        """Master and workers, by force. The session is the master's own; a worker that it forked meanwhile is in it, too."""
        try:
            master = int(self.pid_file.read_text())
            assert os.getsid(master) == master
        except (OSError, ValueError):
            return

        def is_gone():
            subprocess.run(["pkill", "-KILL", "-s", str(master)], check=False)
            return self.served() is None
        wait_for(is_gone, "the end of nginx")

    def stop(self):
        self.kill()

    def target_params(self):
        return dict(p.split("=", 1) for p in self.params())

    def keystore_of(self, gateway):
        return self.keystore / gateway


class HostedGate(Gate):
    """The same for a gatewright-gate."""

    kind = "gatewright-gate"

    def __init__(self, host, build, directory, keystore):
        super().__init__(build, directory)
        self.host = host
        done = self.install(keystore)
        assert done.returncode == 4, "in place for the first start, nothing proven: " + done.stderr

    def start(self, wait=True):
        command, pid = self.command, self.host.process.pid
        self.command = lambda *args: ["nsenter", "-t", str(pid), "-m", *command(*args)]
        try:
            return super().start(wait)
        finally:
            self.command = command

    def target_params(self):
        return {"program": str(self.program), "config": str(self.config)}

    def keystore_of(self, gateway):
        return self.keystore

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Gateway:
    """A gateway of `kind` on `host`, in the inventory of `manager`; it serves `old`, which is proven; `new` waits."""

    def __init__(self, manager, host, directory, kind="nginx", target=None):
        self.manager, self.api, self.host = manager, manager.api, host
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        manager.gateways += 1
        self.name = f"edge-{manager.gateways}"
        self.target = target or ("nginx" if kind == "nginx" else "gatewright-gate")
        self.old = self.api.leaf(manager.authority["id"], f"{NAME};127.0.0.1", name=f"{self.name} old")
        self.new = self.successor("new")
        keystore = Keystore(self.api, self.old, manager.authority)
        self.server = (HostedNginx(host, self.dir / "nginx", keystore) if kind == "nginx" else
                       HostedGate(host, manager.build, self.dir / "gate", keystore))
        self.ssh_proxy = self.tls_proxy = None

    def successor(self, name):
        return self.api.ok("POST", "certificates", {"renews": self.old["id"], "display_name": f"{self.name} {name}",
                                                     "not_after": "2028-01-01T00:00:00Z"})

    def __enter__(self):
        self.server.start()
        self.ssh_proxy, self.tls_proxy = HoldingProxy(self.host.port), HoldingProxy(self.server.port)
        self.api.ok("POST", "gateways", {
            "name": self.name, "target": self.target, "params": self.server.target_params(), "tls": [f"127.0.0.1:{self.tls_proxy.port}"],
            "server_names": [NAME], "ssh": {"host": "127.0.0.1", "port": self.ssh_proxy.port, "user": self.host.user,
                                            "host_key": self.host.fingerprint}})
        assert self.api.ok("POST", f"gateways/{self.name}/probe")["certificate"] == self.old["id"]
        return self

    def __exit__(self, *_):
        for proxy in (self.ssh_proxy, self.tls_proxy):
            if proxy:
                proxy.close()
        self.server.stop()

    def hold(self, state):
        """Holds SSH in `state`; in "probing", which talks TLS, that."""
        hold = Hold(self.manager, self.name, state)
        (self.tls_proxy if state == "probing" else self.ssh_proxy).on_data = hold
        return hold

    def body(self, certificate=None, **more):
        return {"certificate": (certificate or self.new)["id"], "ssh": {"auth": "password", "password": self.host.password},
                "confirm_within": WINDOW_S, "force_warnings": True, **more}

    def begin(self, **more):
        return self.api.ok("POST", f"gateways/{self.name}/keystore-updates", self.body(**more), status=(202,))["id"]

    def job(self, number):
        return self.api.ok("GET", f"jobs/{number}")

    def handshake(self):
        """A handshake that verifies chain and name: the fingerprint. That it comes about proves that key and certificate fit."""
        context = ssl.create_default_context(cadata=self.manager.authority["pem"])
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as raw, \
                context.wrap_socket(raw, server_hostname=NAME) as tls:
            return hashlib.sha256(tls.getpeercert(True)).hexdigest()

    def wait_served(self, fingerprint, seconds=30):
        """Several times in a row: for a moment after a reload, nginx's old workers still accept."""
        row = 0

        def seen():
            nonlocal row
            try:
                row = row + 1 if self.handshake() == fingerprint else 0
            except OSError:
                row = 0
            return row == 4
        wait_for(seen, f"a whole keystore with certificate {fingerprint[:16]}; {self.name}", seconds)

    def check_end(self, number, outcomes, words, timeout=120):
        """The row once it is done: true in every respect, and its sentence holds every one of `words`."""
        done = self.api.wait_job(number, timeout)
        assert done["outcome"] in outcomes, done
        is_new = done["outcome"] == "confirmed"
        self.wait_served((self.new if is_new else self.old)["fingerprint"])
        assert done["state"] == done["outcome"], done
        for word in words:
            assert word.lower() in done["detail"].lower(), (word, done)
        assert self.host.password not in str(done) and self.host.root_password not in str(done)
        gateway = self.api.ok("GET", f"gateways/{self.name}")
        assert gateway["active_job"] is None and gateway["certificate"] == (self.new if is_new else self.old)["id"], gateway
        used = [bool(self.api.ok("GET", f"certificates/{c['id']}")["used_by"]) for c in (self.old, self.new)]
        assert used == [not is_new, is_new], (used, done)
        begun = [s for s in done["steps"] if s["outcome"] == "started" and s["state"] in ("queued", "connecting", "checked", "staged")]
        assert not begun or done["outcome"] == "failed", (begun, done)
        assert done["proof"] == (self.api.get(f"jobs/{number}/proof").status == 200)
        health = self.api.ok("GET", "health")
        assert health["status"] == "ok" and self.manager.process.poll() is None, health
        return done

    def renew(self, **more):
        """Once more, and now nothing is in the way."""
        for proxy in (self.ssh_proxy, self.tls_proxy):
            proxy.on_data = None
        number = self.begin(confirm_within=60, **more)
        return self.check_end(number, ["confirmed"], ["the new certificate is served"])

    def generations(self):
        return sorted(p.name for p in (self.server.keystore_of(self.name) / "generations").glob("*"))


@contextlib.contextmanager
def slow_store(gateway, rows):
    """Storing "switched" takes the manager as long as counting to `rows`: meanwhile the job's state is "staged".

    Between those two states the deploy process talks to nobody but the manager. Ten million rows are about a second.
    """
    def change(text):
        with contextlib.closing(sqlite3.connect(gateway.manager.store, timeout=120)) as db, db:
            db.execute(text)
    change("CREATE TRIGGER slow BEFORE UPDATE OF state ON job WHEN NEW.state = 'switched' BEGIN SELECT count(*) FROM "
           f"(WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {rows}) SELECT x FROM n); END")
    try:
        yield
    finally:
        change("DROP TRIGGER slow")


def together(rows):
    """Run rows {name: function} side by side, because they mostly wait; every failure is told."""
    failed, lock = {}, threading.Lock()

    def run(name, row):
        try:
            row()
        except BaseException as e:  # an assertion too
            with lock:
                failed[name] = e
    threads = [threading.Thread(target=run, args=r, name=r[0]) for r in rows.items()]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failed, "\n\n".join(f"{name}: {type(e).__name__}: {e}" for name, e in failed.items())


class Spy:
    """Reads every process's arguments and environment while it runs, and keeps where a secret was seen."""

    def __init__(self, secrets):
        self.secrets = [s.encode() if isinstance(s, str) else s for s in secrets]
        self.found, self.rounds, self.over = [], 0, threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.over.is_set():
            for entry in os.listdir("/proc"):
                for name in ("cmdline", "environ") if entry.isdigit() else ():
                    with contextlib.suppress(OSError):
                        data = pathlib.Path("/proc", entry, name).read_bytes()
                        if any(s in data for s in self.secrets) and not data.startswith(b"ssh-keygen\0"):  # the tests' own
                            self.found.append((entry, name, data[:200]))
            self.rounds += 1
            self.over.wait(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

