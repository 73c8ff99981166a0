"""A gatewrightd with 100,000 certificates, 2,000 gateways and 20,000 jobs, and an nginx beside it: for the benches that need many records."""
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/system"))
sys.dont_write_bytecode = True

from api import Daemon  # noqa: E402
from ports import free_port  # noqa: E402

CERTIFICATES, GATEWAYS, JOBS = 100_000, 2_000, 20_000
PROBE = ('[{"address":"gw.example.com:443","server_name":"gw.example.com","ok":true,"error":null,"fingerprint":"%s","names":["gw.example.com"],'
         '"protocol":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384","handshake_ms":3.2,"chain":["%s","%s"],"days_left":300}]')


def fill(d):
    """Certificates as an administrator makes them, below one root; gateways too; what they use, and what probes saw, is written as probes
    would have."""
    root = d.api.root("Bench Root")["id"]
    for at in range(0, CERTIFICATES, 250):
        d.api.ok("POST", "certificates/batch", {"certificates": [
            {"issuer": root, "display_name": f"Gateway {i}", "names": f"gw{i}.example.com;gw{i}.example.net", "organization": "Example Ltd",
             "locality": f"Place {i % 500}"} for i in range(at, at + 250)]})
    for i in range(GATEWAYS):
        d.api.ok("POST", "gateways", {"name": f"edge-{i}", "target": "nginx", "tls": [f"gw{i}.example.com:443"]})
    one = d.api.ok("GET", f"certificates/{root + 1}")
    pem = one["pem"].replace("\n", "\\n")
    probe = PROBE % (one["fingerprint"], pem, pem)
    with sqlite3.connect(d.state / "store/gatewright.db", timeout=60) as db:
        db.execute("INSERT INTO certificate_use (gateway_id, certificate_id, proven_at, proven_by) SELECT id, id + ?, 1700000000, 'probe' FROM gateway", (root,))
        db.execute("UPDATE certificate SET used = used + 1 WHERE id IN (SELECT certificate_id FROM certificate_use)")
        db.execute("INSERT INTO probe (id, gateway_id, phase, probed_at, body) SELECT id, id, 'asked', 1700000000, ? FROM gateway", (probe,))
        db.execute("UPDATE gateway SET probed_at = 1700000000, probe_ok = 1")
        db.execute("INSERT INTO job (kind, gateway_id, gateway_name, certificate_id, state, done, outcome, detail, created_at, moved_at, finished_at, "
                   "generation, old_generation, findings) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                   "SELECT 'update', g.id, g.name, g.id + ?, 'confirmed', 1, 'confirmed', 'the new certificate is served', 1700000000, 1700000000, "
                   "1700000000, 'g' || i, 'g' || (i - 1), '[]' FROM n CROSS JOIN gateway g", (JOBS // GATEWAYS, root))
        db.execute("INSERT INTO probe (gateway_id, job_id, phase, probed_at, body) SELECT gateway_id, id, 'after', 1700000000, ? FROM job", (probe,))
    db.close()


def filled_daemon(build, folder, console_dir=None):
    """`folder` may have the store of an earlier run; then it is not filled again."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    d = Daemon(build, folder=folder, https=True, options=f"console_dir = {console_dir}\n" if console_dir else "")
    d.start()
    d.console_root()
    if not (folder / "filled").exists():
        fill(d)
        (folder / "filled").write_text("")
    return d


def pin(process, core):
    """A process with its children and all their threads."""
    for pid in [process.pid, *map(int, subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split())]:
        subprocess.run(["taskset", "-a", "-p", "-c", str(core), str(pid)], check=True, stdout=subprocess.DEVNULL)


class Nginx:
    """Static files over a Unix socket and, TLS 1.3 with a P-256 key, over TCP."""

    def __init__(self, folder, files, workers=2):
        folder.mkdir()
        folder.chmod(0o755)
        (folder / "files").mkdir()
        for name, content in files.items():
            (folder / "files" / name).write_bytes(content)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "key.pem",
                        "-out", folder / "cert.pem", "-days", "9", "-subj", "/CN=localhost"], check=True, capture_output=True)
        self.socket, self.port = folder / "nginx.sock", free_port()
        (folder / "nginx.conf").write_text(
            f"user root;\nworker_processes {workers};\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
            f"http {{ access_log off; keepalive_requests 100000000; server {{ listen unix:{self.socket}; root {folder}/files;\n"
            f"listen 127.0.0.1:{self.port} ssl; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem; ssl_protocols TLSv1.3;\n"
            f"types {{ text/html html; application/json json; }} gzip on; }} }}\n")
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        self.process = subprocess.Popen([program, "-c", folder / "nginx.conf", "-g", "daemon off;"])
        while not self.answers():
            assert self.process.poll() is None, "nginx did not start"
            time.sleep(0.05)

    def answers(self):
        with socket.socket() as s:
            return self.socket.exists() and s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait()


def load():
    """How busy the machine was, for the record."""
    return "load " + " ".join(f"{x:.1f}" for x in os.getloadavg()) + f" on {os.cpu_count()} cores"
