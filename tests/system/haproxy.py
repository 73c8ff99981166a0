"""A real HAProxy in master-worker mode with files of its own in a directory; started, stopped and looked at as nginx is."""
import os
import pathlib
import subprocess

from nginx import Nginx
from ports import free_port


class Haproxy(Nginx):
    def __init__(self, directory, leaf):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True)
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.bundle, self.config, self.pid_file = self.dir / "server.pem", self.dir / "haproxy.cfg", self.dir / "haproxy.pid"
        self.bundle.write_text(leaf.key + leaf.fullchain)
        os.chmod(self.bundle, 0o600)
        self.write_config()
        self.keystore = self.dir / "keystores"

    def write_config(self, extra=""):
        self.config.write_text(f"""
global
    maxconn 256
    {extra}
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 10s
frontend tls
    bind 127.0.0.1:{self.port} ssl crt {self.bundle}
    http-request return status 200 content-type text/plain string "fine"
""")

    def command(self, *more):
        return ["haproxy", "-W", *more, "-f", str(self.config), "-p", str(self.pid_file)]

    def start(self):
        subprocess.run(self.command("-D"), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd="/")
        return self.wait_started()

    def stop(self):
        """It leaves the number of a master that is gone behind."""
        super().stop()
        self.pid_file.unlink(missing_ok=True)

    @property
    def master(self):
        return int(self.pid_file.read_text())

    def params(self, keystore=None):
        return [f"bundle={self.bundle}", f"config={self.config}", f"pid={self.pid_file}", f"keystore={keystore or self.keystore}",
                "boot-hook=none"]
