#!/usr/bin/python3
"""Reads of the API with many records, against nginx serving a static file of one object's size to the same client in the same run.

bench/api/run.py [BUILD] [SECONDS] [STORE]. BUILD is a release build (default build/release). STORE is a folder that keeps the filled store for
the next run. Asks a store with 100,000 certificates, 2,000 gateways and 20,000 jobs, with 8 clients whose connections stay open, for pages, searches and
single objects: over the Unix socket, over HTTPS (TLS 1.3), and with the daemon, or nginx, held to core 0 and the client to core 1. Prints
medians and ratios. Exit status 1 when a bar is missed: a median of 50 ms for pages and searches, 2,000 single objects a second on one core."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
sys.dont_write_bytecode = True

from filled import CERTIFICATES, GATEWAYS, JOBS, Nginx, filled_daemon, load, pin  # noqa: E402
import access  # noqa: E402

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release")
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 5
STORE = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
CLIENTS = 8
C = "/api/v1/certificates"

PAGES = [
    ("certificates, a page of 100", [f"{C}?limit=100&cursor={c}" for c in range(0, 99000, 1000)]),
    ("certificates as a tree, a page of 100", [f"{C}?limit=100&order=tree"]),
    ("what stands at the top", [f"{C}?issuer=none"]),
    ("children of one with 100,000, a page of 100", [f"{C}?issuer=ROOT&cursor={c}" for c in range(0, 99000, 1000)]),
    ("certificates in use, a page of 100", [f"{C}?limit=100&used=true"]),
    ("search: a host name", [f"{C}?q=gw{i}.example.com" for i in range(10, 90000, 977)]),
    ("search: the middle of a host name", [f"{C}?q={i}.example.ne" for i in range(10, 90000, 977)]),
    ("search: a piece of the subject that 200 have", [f"{C}?q=L=Place%20{i}," for i in range(100, 500)]),
    ("search: a piece that all have", [f"{C}?q=ample"]),
    ("search: the same, from the middle", [f"{C}?q=ample&cursor=50000"]),
    ("search: a word that all begin with, two letters", [f"{C}?q=ga"]),
    ("search: a serial number with colons", ["SERIALS"]),
    ("search: nothing found", [f"{C}?q=nowhere{i}" for i in range(50)]),
    ("search: nothing found, of pieces that all have", [f"{C}?q=example.netway"]),
    ("search: CA certificates only", [f"{C}?q=bench&kind=root"]),
    ("gateways, a page of 100", ["/api/v1/gateways?limit=100"]),
    ("keystores of one gateway", [f"/api/v1/gateways/edge-{i}/keystores" for i in range(0, 2000, 13)]),
    ("probes of one gateway", [f"/api/v1/gateways/edge-{i}/probes" for i in range(0, 2000, 13)]),
    ("jobs, a page of 100", [f"/api/v1/jobs?limit=100&cursor={c}" for c in range(200, 20000, 977)]),
    ("jobs of one gateway", [f"/api/v1/jobs?gateway=edge-{i}" for i in range(0, 2000, 13)]),
    ("jobs in a state that 20,000 have", ["/api/v1/jobs?state=confirmed&limit=100"]),
    ("jobs in a state that none has", ["/api/v1/jobs?state=probing&limit=100"]),
    ("audit events, a page of 100", ["/api/v1/audit-events?limit=100"]),
    ("audit events of an action", ["/api/v1/audit-events?action=gateway.create&limit=100"]),
    ("audit events of an action that never was", ["/api/v1/audit-events?action=gateway.delete&limit=100"]),
    ("audit events on one object", [f"/api/v1/audit-events?object=gateway:edge-{i}" for i in range(0, 2000, 13)]),
    ("users", ["/api/v1/users"]),
    ("overview, the worst 50", ["/api/v1/overview?limit=50"]),
]
OTHERS = [("overview, all of it", ["/api/v1/overview"]), ("metrics", ["/metrics"])]
SINGLES = [
    ("one certificate", [f"{C}/{i}" for i in range(10, 99000, 997)]),
    ("one gateway", [f"/api/v1/gateways/edge-{i}" for i in range(0, 2000, 13)]),
]


def cpu_s(pid):
    """What a process has had of the processors: it says more than the clock does when others are at work."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, daemon):
        self.token, self.missed, self.manager = "-", False, daemon.roles()["manager"]

    def measure(self, target, paths, core=None):
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        before = cpu_s(self.manager)
        words = subprocess.run([*pinned, BUILD / "bench/api/api_bench", str(target), str(CLIENTS), str(SECONDS), str(self.token), *paths],
                               check=True, capture_output=True, text=True).stdout.split()
        rate, median, p99 = map(float, words)
        return rate, median, p99, 1000 * (cpu_s(self.manager) - before) / (rate * SECONDS)

    def row(self, name, found, peer=None, bad=False):
        self.missed = self.missed or bad
        ratio = f"{found[0] / peer[0]:6.3f} of nginx, {found[3]:6.3f} ms of the manager's time each" if peer else ""
        print(f"{name:52} {found[0]:9.0f}/s  median {found[1]:8.3f} ms  p99 {found[2]:8.3f} ms  {ratio}{'  MISSED' if bad else ''}", flush=True)


def with_names(d, paths):
    """What is known only from the store."""
    if paths == ["SERIALS"]:
        serials = [d.api.ok("GET", f"certificates/{i}")["serial"].upper() for i in range(100, 90000, 1977)]
        return [f"{C}?q=" + ":".join(s[i:i + 2] for i in range(0, len(s), 2)) for s in serials]
    root = next(c["id"] for c in d.api.items("certificates?issuer=none") if c["display_name"] == "Bench Root")
    return [p.replace("ROOT", str(root)) for p in paths]


def make_token(d, folder):
    """Over HTTPS somebody has to be somebody."""
    d.api.call("DELETE", "users/bench")
    access.add_user(d.api, "bench", ["viewer"])
    answer = d.api.ok("POST", "tokens", {"name": "bench", "user": "bench", "roles": ["viewer"],
                                         "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))})
    path = folder / "token"
    path.touch(0o600)
    path.write_text(answer["token"])
    return path


def run(d, folder):
    one = d.api.get("certificates/5000").body
    b = Bench(d)
    nginx = Nginx(folder / "nginx", {"file.json": one})
    try:
        file = f"nginx, a static file of {len(one)} bytes"
        print("-- over the Unix socket")
        peer = b.measure(nginx.socket, ["/file.json"])
        b.row(file, peer)
        for name, paths in PAGES:
            found = b.measure(d.socket, with_names(d, paths))
            b.row(name, found, peer, found[1] > 50)
        for name, paths in OTHERS + SINGLES:
            b.row(name, b.measure(d.socket, with_names(d, paths)), peer)
        print("-- over HTTPS, TLS 1.3")
        b.token = make_token(d, folder)
        peer = b.measure(f"127.0.0.1:{nginx.port}", ["/file.json"])
        b.row(file, peer)
        for name, paths in [PAGES[0], PAGES[5], *SINGLES]:
            b.row(name, b.measure(f"127.0.0.1:{d.https_port}", paths), peer)
        print("-- over the Unix socket, the server on core 0, the client on core 1")
        b.token = "-"
        pin(nginx.process, 0)
        pin(d.process, 0)
        peer = b.measure(nginx.socket, ["/file.json"], 1)
        b.row(file, peer)
        for name, paths in SINGLES:
            found = b.measure(d.socket, paths, 1)
            b.row(name, found, peer, found[0] < 2000)
        print("-- over HTTPS, the server on core 0, the client on core 1")
        b.token = folder / "token"
        peer = b.measure(f"127.0.0.1:{nginx.port}", ["/file.json"], 1)
        b.row(file, peer)
        for name, paths in SINGLES:
            found = b.measure(f"127.0.0.1:{d.https_port}", paths, 1)
            b.row(name, found, peer)
    finally:
        nginx.stop()
    return b.missed


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gw-bench-api-", dir="/var/tmp"))
    folder.chmod(0o755)
    d = None
    try:
        begin = time.monotonic()
        d = filled_daemon(BUILD, STORE or folder / "daemon")
        print(f"{CERTIFICATES} certificates, {GATEWAYS} gateways, {JOBS} jobs, ready after {time.monotonic() - begin:.0f} s; {CLIENTS} clients, {SECONDS:g} s each; {load()}")
        missed = run(d, folder)
        print(load())
    finally:
        if d:
            d.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return missed


sys.exit(main())
