#!/usr/bin/python3
"""Reads of the API with many records, against nginx serving a static file over a Unix socket by the same client in the same run.

bench/api/run.py [BUILD] [SECONDS]. BUILD is a release build (default build/release). Fills a store with 100,000 certificates and
2,000 gateways, asks with 8 clients for pages, searches and single objects, prints medians and ratios. Exit status 1 when a bar is
missed: a median of 50 ms for pages and searches, 2,000 single objects a second."""
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/system"))
sys.dont_write_bytecode = True

from api import Daemon  # noqa: E402

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release")
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 5
CERTIFICATES, GATEWAYS, CLIENTS = 100_000, 2_000, 8


def fill(d):
    """Certificates as an administrator makes them; gateways too; what they use is written as probes would have."""
    root = d.api.root("Bench Root")["id"]
    for at in range(0, CERTIFICATES, 250):
        d.api.ok("POST", "certificates/batch", {"certificates": [
            {"issuer": root, "display_name": f"Gateway {i}", "names": f"gw{i}.example.com;gw{i}.example.net"} for i in range(at, at + 250)]})
    for i in range(GATEWAYS):
        d.api.ok("POST", "gateways", {"name": f"edge-{i}", "target": "nginx", "tls": [f"gw{i}.example.com:443"]})
    with sqlite3.connect(d.state / "store/gatewright.db", timeout=60) as db:
        db.execute("INSERT INTO certificate_use (gateway_id, certificate_id, proven_at, proven_by) SELECT id, id + 1, 1700000000, 'probe' FROM gateway")
        db.execute("UPDATE certificate SET used = 1 WHERE id IN (SELECT certificate_id FROM certificate_use)")
    db.close()


def measure(socket, paths):
    words = subprocess.run([BUILD / "bench/api/api_bench", str(socket), str(CLIENTS), str(SECONDS), *paths], check=True,
                           capture_output=True, text=True).stdout.split()
    return tuple(float(w) for w in words)


class Nginx:
    """A static file of some kilobytes over a Unix socket, two workers."""

    def __init__(self, folder, content):
        (folder / "file.json").write_bytes(content)
        self.socket = folder / "nginx.sock"
        (folder / "nginx.conf").write_text(
            f"user root;\nworker_processes 2;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
            f"http {{ access_log off; keepalive_requests 1000000; server {{ listen unix:{self.socket}; root {folder}; }} }}\n")
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        self.process = subprocess.Popen([program, "-c", folder / "nginx.conf", "-g", "daemon off;"])
        while not self.socket.exists():
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gw-bench-api-", dir="/var/tmp"))
    (folder / "daemon").mkdir()
    folder.chmod(0o755)
    nginx, missed = None, False
    try:
        with Daemon(BUILD, folder=folder / "daemon") as d:
            begin = time.monotonic()
            fill(d)
            print(f"{CERTIFICATES} certificates, {GATEWAYS} gateways, made in {time.monotonic() - begin:.0f} s; {CLIENTS} clients, {SECONDS:g} s each")
            one = d.api.get("certificates/5000").body
            nginx = Nginx(folder, one)
            peer = measure(nginx.socket, ["/file.json"])
            print(f"{'nginx, a static file of ' + str(len(one)) + ' bytes':52} {peer[0]:9.0f}/s  median {peer[1]:8.3f} ms  p99 {peer[2]:8.3f} ms")
            rows = [
                ("certificates, a page of 100", ["/api/v1/certificates?limit=100&cursor=" + str(c) for c in range(0, 99000, 1000)], "page"),
                ("certificates as a tree, a page of 100", ["/api/v1/certificates?limit=100&order=tree"], "page"),
                ("certificates in use, a page of 100", ["/api/v1/certificates?limit=100&used=true"], "page"),
                ("search for a host name", [f"/api/v1/certificates?q=gw{i}" for i in range(10, 90000, 977)], "page"),
                ("search for a word that all have", ["/api/v1/certificates?q=gateway"], "page"),
                ("gateways, a page of 100", ["/api/v1/gateways?limit=100"], "page"),
                ("one certificate", [f"/api/v1/certificates/{i}" for i in range(2, 99000, 997)], "single"),
                ("one gateway", [f"/api/v1/gateways/edge-{i}" for i in range(0, 2000, 13)], "single"),
                ("overview", ["/api/v1/overview"], None),
            ]
            for name, paths, kind in rows:
                rate, median, p99 = measure(d.socket, paths)
                bad = (kind == "page" and median > 50) or (kind == "single" and rate < 2000)
                missed = missed or bad
                print(f"{name:52} {rate:9.0f}/s  median {median:8.3f} ms  p99 {p99:8.3f} ms  {rate / peer[0]:6.3f} of nginx{'  MISSED' if bad else ''}")
    finally:
        if nginx:
            nginx.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return missed


sys.exit(main())
