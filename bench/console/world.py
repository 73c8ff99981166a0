"""What bench/console/run.mjs looks at: a filled gatewrightd with the console, and an nginx with a static page. Started by it; prints one
JSON line and ends, removing what it made, when standard input does. Arguments: BUILD [STORE], as of bench/api/run.py."""
import json
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
sys.dont_write_bytecode = True

from filled import Nginx, filled_daemon, load  # noqa: E402

ROWS = 100


def page(certificates):
    """A table of as many rows as the console shows at first, with nothing else."""
    rows = "".join(f"<tr><td>{c['display_name']}</td><td>{c['subject']}</td><td>{', '.join(c['names'])}</td><td>{c['not_after']}</td><td>{c['status']}</td></tr>"
                   for c in certificates)
    return f"<!doctype html><html lang=en><title>Certificates</title><h1>Certificates</h1><table>{rows}</table></html>".encode()


def main():
    build = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gw-bench-console-", dir="/var/tmp"))
    folder.chmod(0o755)
    d = nginx = None
    try:
        d = filled_daemon(build, pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "daemon", ROOT / "console/dist")
        d.api.call("DELETE", "users/painter")
        once = d.api.ok("POST", "users", {"name": "painter", "roles": ["administrator"]})["one_time_password"]
        nginx = Nginx(folder / "nginx", {"page.html": page(d.api.ok("GET", f"certificates?limit={ROWS}")["items"])})
        print(json.dumps({"url": f"https://127.0.0.1:{d.https_port}", "page": f"https://127.0.0.1:{nginx.port}/page.html", "once": once, "load": load()}), flush=True)
        sys.stdin.read()
    finally:
        if nginx:
            nginx.stop()
        if d:
            d.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
