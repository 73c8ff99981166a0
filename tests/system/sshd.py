"""Real SSH servers for tests: OpenSSH and dropbear on 127.0.0.1, each in a mount namespace of its own.

In there private copies lie over /etc/passwd, /etc/shadow, /etc/group, /etc/sudoers.d, /etc/pam.d/sshd, /run, /var/log and /var/lib/sudo; the
system's own are not touched, and all is gone with the last process. Needs root.

    with SshHost(directory) as host:                 # user "operator" (password, key, sudo as asked for), and root
        host.port, host.fingerprint, host.password, host.key_file, host.home
"""
import crypt
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ports import free_port

USER, UID = "gwoperator", 43210
PASSWORD = "correct horse: 'battery' $taple"
ROOT_PASSWORD = "root's own password"
PASSPHRASE = "a passphrase for the key"

needs_root = os.geteuid() != 0


def wait_for_port(port, process=None, seconds=15, address="127.0.0.1"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server on port {port} ended with {process.returncode}")
        try:
            with socket.create_connection((address, port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


def keygen(path, kind="ed25519", passphrase="", *more):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path), *more], check=True,
                   stdin=subprocess.DEVNULL)


def fingerprint(public_key_file):
    out = subprocess.run(["ssh-keygen", "-l", "-E", "sha256", "-f", str(public_key_file)], check=True, capture_output=True, text=True)
    return out.stdout.split()[1]


class Namespace:
    """The private files, and the command that puts them into place before a server starts."""

    def __init__(self, directory, sudo):
        self.dir = pathlib.Path(directory)
        self.etc = self.dir / "etc"
        # every directory above a home must be open for its user, and pytest's are not
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="gatewright-home-"))
        os.chmod(self.base, 0o755)
        self.home = self.base / "home"
        self.sudoers = self.etc / "sudoers.d"
        for d in (self.etc, self.home, self.sudoers):
            d.mkdir(parents=True)
        os.chmod(self.dir, 0o755)
        os.chmod(self.home, 0o700)
        self._write_users()
        self.set_sudo(sudo)
        (self.etc / "pam-sshd").write_text("auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so\n")

    def _write_users(self):
        passwd = pathlib.Path("/etc/passwd").read_text()
        group = pathlib.Path("/etc/group").read_text()
        shadow = [f"root:{crypt.crypt(ROOT_PASSWORD, crypt.METHOD_SHA512)}:19000:0:99999:7:::",
                  f"{USER}:{crypt.crypt(PASSWORD, crypt.METHOD_SHA512)}:19000:0:99999:7:::", "sshd:!:19000::::::"]
        (self.etc / "passwd").write_text(passwd + f"{USER}:x:{UID}:{UID}:test:{self.home}:/bin/sh\n")
        (self.etc / "group").write_text(group + f"{USER}:x:{UID}:\n")
        (self.etc / "shadow").write_text("\n".join(shadow) + "\n")
        os.chmod(self.etc / "shadow", 0o640)
        shutil.chown(self.home, UID, UID)

    def set_sudo(self, sudo):
        """None, "nopasswd" or "password"."""
        rule = {None: "# nothing\n", "nopasswd": f"{USER} ALL=(root) NOPASSWD: ALL\n", "password": f"{USER} ALL=(root) ALL\n"}[sudo]
        path = self.sudoers / "test"
        path.write_text(rule)
        os.chmod(path, 0o440)

    def command(self, *argv):
        binds = [("passwd", "/etc/passwd"), ("shadow", "/etc/shadow"), ("group", "/etc/group"), ("sudoers.d", "/etc/sudoers.d"),
                 ("pam-sshd", "/etc/pam.d/sshd")]
        script = "set -e; mount -t tmpfs tmpfs /run; mkdir -m 755 /run/sshd; mount -t tmpfs tmpfs /var/log; : >/var/log/lastlog; "
        script += "[ ! -d /var/lib/sudo ] || mount -t tmpfs -o mode=700 tmpfs /var/lib/sudo; "
        script += "".join(f'mount --bind "{self.etc / a}" {b}; ' for a, b in binds if os.path.exists(b))
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script + 'exec "$@"', "sh", *argv]


class SshHost:
    def __init__(self, directory, server="openssh", sudo="nopasswd", options=(), address="127.0.0.1", host_key_types=("ed25519",)):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.server, self.options, self.address = server, options, address
        self.namespace = Namespace(self.dir / "ns", sudo)
        self.home = self.namespace.home
        self.user, self.password, self.root_password, self.passphrase = USER, PASSWORD, ROOT_PASSWORD, PASSPHRASE
        self.port = free_port(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.host_key_types = host_key_types
        self.process = None
        self._make_keys()

    def _make_keys(self):
        self.key_file, self.locked_key_file, self.stranger_key_file = (self.dir / n for n in ("id", "id_locked", "id_stranger"))
        keygen(self.key_file)
        keygen(self.locked_key_file, "ed25519", PASSPHRASE)
        keygen(self.stranger_key_file)
        ssh = self.home / ".ssh"
        ssh.mkdir(mode=0o700)
        (ssh / "authorized_keys").write_text("".join(pathlib.Path(f"{k}.pub").read_text() for k in (self.key_file, self.locked_key_file)))
        os.chmod(ssh / "authorized_keys", 0o600)
        for p in (ssh, ssh / "authorized_keys"):
            shutil.chown(p, UID, UID)
        self.make_host_keys()

    def make_host_keys(self):
        """New ones, also for a server that is to come back with others."""
        self.host_keys = []
        for kind in self.host_key_types:
            path = self.dir / f"host_{kind}_{len(list(self.dir.glob('host_*')))}"
            if self.server == "dropbear":
                subprocess.run(["dropbearkey", "-t", kind, "-f", str(path)], check=True, capture_output=True)
                out = subprocess.run(["dropbearkey", "-y", "-f", str(path)], check=True, capture_output=True, text=True).stdout
                pathlib.Path(f"{path}.pub").write_text([l for l in out.splitlines() if l.startswith(("ssh-", "ecdsa-"))][0] + "\n")
            else:
                keygen(path, kind)
            self.host_keys.append(path)
        self.fingerprints = [fingerprint(f"{p}.pub") for p in self.host_keys]
        self.fingerprint = self.fingerprints[0]

    def _openssh(self):
        config = self.dir / "sshd_config"
        lines = [f"Port {self.port}", f"ListenAddress {self.address}", f"PidFile {self.dir}/sshd.pid", "UsePAM no", "PrintMotd no",
                 "PasswordAuthentication yes", "KbdInteractiveAuthentication no", "PermitRootLogin yes", "StrictModes no",
                 "UseDNS no", "LogLevel DEBUG1", "AuthorizedKeysFile .ssh/authorized_keys"]
        for option in reversed(self.options):   # the first one counts
            lines.insert(0, option)
        lines += [f"HostKey {k}" for k in self.host_keys]
        config.write_text("\n".join(lines) + "\n")
        return ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)]

    def _dropbear(self):
        keys = [word for k in self.host_keys for word in ("-r", str(k))]
        return ["dropbear", "-F", "-E", "-p", f"{self.address}:{self.port}", *keys, *self.options]

    def start(self):
        self.log = open(self.dir / "server.log", "ab")
        argv = self._openssh() if self.server == "openssh" else self._dropbear()
        self.process = subprocess.Popen(self.namespace.command(*argv), stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
                                        start_new_session=True, cwd="/")
        wait_for_port(self.port, self.process, address=self.address)
        return self

    def kill_sessions(self):
        """Everything of this host but the server itself: what an operator's `kill` or an OOM killer does."""
        for pid in self.pids():
            if pid != self.process.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def inside(self, script):
        """Run a shell script in the host's namespace: mounts that only this host sees."""
        subprocess.run(["nsenter", "-t", str(self.process.pid), "-m", "sh", "-ec", script], check=True, capture_output=True)

    def pids(self):
        """Every process in the host's mount namespace."""
        try:
            mine = os.readlink(f"/proc/{self.process.pid}/ns/mnt")
        except OSError:
            return []
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.readlink(entry / "ns/mnt") == mine:
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def stop(self):
        if self.process is None:
            return
        for _ in range(20):
            pids = self.pids()
            if self.process.poll() is None and self.process.pid not in pids:
                pids.append(self.process.pid)
            for pid in sorted(pids, key=lambda p: p == self.process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if len(pids) <= 1:
                break
        self.process.wait(10)
        self.log.close()
        self.process = None

    def remove(self):
        shutil.rmtree(self.namespace.base, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        self.remove()


class Agent:
    """An ssh-agent with the given key."""

    def __init__(self, directory, key_file):
        self.socket = pathlib.Path(directory) / "agent"
        self.process = subprocess.Popen(["ssh-agent", "-D", "-a", str(self.socket)], stdout=subprocess.DEVNULL)
        for _ in range(500):
            if self.socket.exists():
                break
            time.sleep(0.01)
        subprocess.run(["ssh-add", "-q", str(key_file)], check=True, env={**os.environ, "SSH_AUTH_SOCK": str(self.socket)})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
