"""A real nginx with files of its own in a directory."""
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time
import hashlib

from gate import wait_for
from ports import free_port
from sshd import wait_for_port


def served(port, name="gw.example.test", address="127.0.0.1", timeout=5):
    """SHA-256 of the certificate that is served, hex; None when there is no handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((address, port), timeout=timeout) as raw, context.wrap_socket(raw, server_hostname=name) as tls:
            return hashlib.sha256(tls.getpeercert(True)).hexdigest()
    except OSError:
        return None


def runs(pid):
    """Not gone, and no zombie that nobody has taken notice of yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Nginx:
    def __init__(self, directory, leaf, extra=""):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True)
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.certificate, self.key, self.pid_file = self.dir / "server.crt", self.dir / "server.key", self.dir / "nginx.pid"
        self.certificate.write_text(leaf.fullchain)
        self.key.write_text(leaf.key)
        os.chmod(self.key, 0o600)
        self.config = self.dir / "nginx.conf"
        self.write_config(extra)
        self.keystore = self.dir / "keystores"

    def write_config(self, extra=""):
        self.config.write_text(f"""
pid {self.pid_file};
error_log {self.dir}/error.log;
worker_processes 1;
user root;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {self.dir}/t1; proxy_temp_path {self.dir}/t2; fastcgi_temp_path {self.dir}/t3;
    uwsgi_temp_path {self.dir}/t4; scgi_temp_path {self.dir}/t5;
    server {{
        listen 127.0.0.1:{self.port} ssl;
        server_name gw.example.test;
        ssl_certificate {self.certificate};
        ssl_certificate_key {self.key};
        {extra}
        location / {{ return 200 "fine\\n"; }}
    }}
}}
""")

    def start(self):
        subprocess.run(["nginx", "-p", str(self.dir), "-c", str(self.config)], check=True, capture_output=True, cwd="/")
        return self.wait_started()

    def wait_started(self):
        """What listens comes first, then the parent that was waited for ends, then the master writes who it is."""
        wait_for_port(self.port)
        wait_for(lambda: self.pid_file.exists() and self.pid_file.read_text().strip(), "the master's process number")
        return self

    def stop(self):
        try:
            pid = int(self.pid_file.read_text())
        except (OSError, ValueError):
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if runs(pid):
                os.kill(pid, number)
            for _ in range(500):
                if not runs(pid):
                    return
                time.sleep(0.01)

    def params(self, keystore=None):
        return [f"certificate={self.certificate}", f"key={self.key}", f"prefix={self.dir}", f"config={self.config}",
                f"pid={self.pid_file}", f"keystore={keystore or self.keystore}", "boot-hook=none"]

    def served(self):
        return served(self.port)

    def wait_served(self, fingerprint, seconds, times=1):
        """`times` in a row: for a moment after a reload, nginx's old workers still accept."""
        deadline, row = time.monotonic() + seconds, 0
        while time.monotonic() < deadline:
            row = row + 1 if self.served() == fingerprint else 0
            if row == times:
                return True
            time.sleep(0.1)
        return False

    def settled(self, times=4):
        """What is served, the same so many times in a row."""
        row = []
        while len(row) < times:
            now = self.served()
            row = [*row, now] if not row or row[-1] == now else [now]
            time.sleep(0.05)
        return row[-1]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
