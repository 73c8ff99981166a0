"""gatewrightd in a folder of its own, and its HTTP API over the Unix socket. Standard library only; for every system test."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from ports import free_port  # noqa: F401 (for who imports it from here)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
READY_S = 30
STOP_S = 30


class UnixConnection(http.client.HTTPConnection):
    """http.client over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.unix_path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix_path)


class Answer:
    """One answer: status, headers, body; `json` when it is JSON."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()
        self.type = self.headers.get("content-type", "").split(";")[0]
        self.json = json.loads(self.body) if self.type.endswith("json") and self.body else None

    def __repr__(self):
        return f"<{self.status} {self.body[:2000]!r}>"

    @property
    def detail(self):
        return self.json["detail"]

    @property
    def finding_ids(self):
        return [f["id"] for f in (self.json.get("findings") or [])]


class Api:
    """Calls; a body that is a dict is sent as JSON, bytes are sent as they are."""

    check = None  # conftest.py: what looks at every call and its answer

    def __init__(self, path, timeout=120):
        self.path, self.timeout = path, timeout

    def connect(self):
        return UnixConnection(self.path, self.timeout)

    def call(self, method, path, body=None, headers=None):
        headers, sent = dict(headers or {}), body
        if isinstance(body, (dict, list)):
            sent = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        path = path if path.startswith("/") else "/api/v1/" + path
        connection = self.connect()
        try:
            connection.request(method, path, sent, headers)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        if Api.check:
            Api.check(method, path, body, answer)
        return answer

    def get(self, path, **kw):
        return self.call("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.call("POST", path, {} if body is None else body, **kw)

    def patch(self, path, body, **kw):
        return self.call("PATCH", path, body, **kw)

    def delete(self, path, body=None, **kw):
        return self.call("DELETE", path, body, **kw)

    def ok(self, method, path, body=None, status=(200, 201, 202, 204)):
        """The JSON of a call that must work."""
        answer = self.call(method, path, {} if body is None and method != "GET" else body)
        assert answer.status in status, f"{method} {path}: {answer}"
        return answer.json

    def items(self, path, limit=100):
        """Every item of a list, page by page."""
        found, cursor = [], ""
        join = "&" if "?" in path else "?"
        for _ in range(1000):
            page = self.ok("GET", f"{path}{join}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found
        raise AssertionError(f"{path}: the list does not end")

    def events(self, job, last=None, timeout=120, ask_every=None):
        """The events of a job as (id, name, data), until the server ends the stream."""
        connection = UnixConnection(self.path, timeout)
        try:
            connection.request("GET", f"/api/v1/jobs/{job}/events", headers={"Last-Event-ID": str(last)} if last else {})
            response = connection.getresponse()
            assert response.status == 200, response.read()
            assert response.getheader("Content-Type") == "text/event-stream"
            event = {}
            for line in response:
                line = line.decode().rstrip("\n")
                if line.startswith(":"):
                    continue
                if line:
                    key, _, value = line.partition(": ")
                    event[key] = value
                elif event:
                    yield int(event["id"]), event["event"], json.loads(event["data"])
                    event = {}
        finally:
            connection.close()

    def wait_job(self, job, timeout=120):
        """The job once it is done."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = self.ok("GET", f"jobs/{job}")
            if found["done"]:
                return found
            time.sleep(0.05)
        raise AssertionError(f"job {job} is not done after {timeout} s: {found}")

    # What most tests begin with

    def root(self, name="Test Root", **fields):
        return self.ok("POST", "certificates", {"kind": "root", "display_name": name, **fields})

    def leaf(self, issuer, names="gw.example.com", name="Test Gateway", **fields):
        return self.ok("POST", "certificates", {"kind": "end-entity", "issuer": issuer, "display_name": name, "names": names, **fields})

    def import_(self, data, passphrase=None, **fields):
        body = {"data": base64.b64encode(data).decode(), **fields}
        if passphrase is not None:
            body["passphrase"] = passphrase
        return self.post("certificates/import", body)


class HttpsApi(Api):
    """The same over the HTTPS door; `context` says whom to trust."""

    def __init__(self, port, context, timeout=120):
        super().__init__(None, timeout)
        self.port, self.context = port, context

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=self.timeout, context=self.context)


class Daemon:
    """gatewrightd on a temporary folder. `with Daemon(build) as d: d.api.get("health")`; `https`: with the HTTPS door, too."""

    def __init__(self, build, folder=None, targets=None, options="", program=None, https=False):
        self.build = pathlib.Path(build)
        self.own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="gw-daemon-"))
        self.socket = self.folder / "api.sock"
        self.state = self.folder / "state"
        self.log = self.folder / "log"
        self.config = self.folder / "gatewrightd.conf"
        self.program = pathlib.Path(program) if program else self.build / "src/gatewrightd/gatewrightd"
        self.https_port = free_port() if https else None
        self.config.write_text(
            f"https_listen = {f'127.0.0.1:{self.https_port}' if https else 'none'}\n"
            f"state_dir = {self.state}\nsocket = {self.socket}\ntargets_dir = {targets or ROOT / 'targets'}\n"
            f"log_level = debug\n{options}")
        self.process = None
        self.api = Api(self.socket)

    def __enter__(self):
        try:
            self.start()
        except BaseException:  # nobody leaves what was never entered: the process would stay
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.socket.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        self.wait_ready()

    def wait_ready(self):
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"gatewrightd ended with {self.process.returncode}:\n{self.log_text()}"
            try:
                if Api(self.socket, timeout=5).get("health").status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise AssertionError(f"gatewrightd is not ready after {READY_S} s:\n{self.log_text()}")

    def console_root(self):
        """The PEM of the root above the console's certificate, once the door serves with it."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            for found in self.api.items("certificates?used=true"):
                if any(u["console"] for u in found["used_by"]) and self.shows(found):
                    return self.api.ok("GET", f"certificates/{found['root']}")["pem"]
            time.sleep(0.02)
        raise AssertionError(f"the console has no certificate after {READY_S} s:\n{self.log_text()}")

    def served(self):
        """The DER that a handshake at the HTTPS door shows; None: there is none."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.https_port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as s:
                return s.getpeercert(binary_form=True)
        return None

    def shows(self, certificate):
        der = self.served()
        return der is not None and hashlib.sha256(der).hexdigest() == certificate["fingerprint"]

    def https(self):
        """An Api over the HTTPS door, which trusts the console's root only."""
        context = ssl.create_default_context(cadata=self.console_root())
        return HttpsApi(self.https_port, context)

    def log_text(self):
        return self.log.read_text(errors="replace")[-8000:] if self.log.exists() else ""

    def stop(self):
        """Orderly; the exit status."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"gatewrightd did not end within {STOP_S} s:\n{self.log_text()}") from None
        self.process = None
        return status

    def kill(self):
        """Every process of the daemon at once, as a machine that loses power."""
        if self.process:
            for pid in [self.process.pid, *self.roles().values()]:
                with contextlib.suppress(ProcessLookupError):  # it ended with its parent
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def roles(self):
        """The processes of this daemon by role; of several deploy processes any one."""
        found = {}
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                lines = status.read_text().splitlines()
                parent = next(int(l.split()[1]) for l in lines if l.startswith("PPid:"))
                words = (status.parent / "cmdline").read_bytes().split(b"\0")
            except (OSError, StopIteration):
                continue
            if self.process and parent == self.process.pid and b"--role" in words:
                found[words[words.index(b"--role") + 1].decode()] = int(status.parent.name)
        return found
