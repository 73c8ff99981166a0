"""A host for targets/host.sh in a temporary directory: a shell, a fake gateway, a fake clock and boot, and commands that can be
made to fail or to be the last thing that ever happens. Nothing outside of the directory is touched."""
import atexit
import functools
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "targets" / "host.sh"
BOOT = ('umask 077; LC_ALL=C; export LC_ALL; cd /; echo "gatewright-boot 1"; IFS= read -r n || exit 0; '
        'gw_script=$({ dd iflag=fullblock bs="$n" count=1 || dd bs=1 count="$n"; } 2>/dev/null; echo x); '
        'gw_script=${gw_script%x}; [ ${#gw_script} -eq "$n" ] || exit 65; eval "$gw_script"')
COMMANDS = ("mv ln cp rm mkdir chmod chown stat dd cat head cut tr sed sync sha256sum readlink sleep date df id ls setsid mktemp "
            "timeout tail pidof systemctl").split()
SHELLS = [s for s in ("dash", "busybox", "bash") if shutil.which(s)]

# Every external command of the script runs through this. Those that change something are the steps that are counted (between two of
# them the world stays as it is); at a given step the world (or the session) ends, before the command did anything. Then nobody who
# called it goes on either: up to the process `top`, which is the test, all die.
WRAPPER = r"""
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
static const char *const steps[] = { "mv", "ln", "cp", "rm", "mkdir", "chmod", "chown", "sync", "setsid", "dd", "cat", NULL };
static const char *world;
static char path[512];
static char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", world, name);
	return path;
}
static long read_number(const char *name)
{
	char text[32] = "";
	int fd = open(at(name), O_RDONLY);
	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof text - 1) <= 0)
		text[0] = 0;
	close(fd);
	return atol(text);
}
static long parent_of(long pid)
{
	char text[512] = "", *p;
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) <= 0)
		text[0] = 0;
	close(fd);
	p = strrchr(text, ')');
	return p ? strtol(p + 4, NULL, 10) : 0;
}
static void end_the_world(void)
{
	long pid = read_number("kill-pid"), top = read_number("top");
	if (access(at("stop"), F_OK) == 0) {
		kill((pid_t)pid, SIGSTOP);
		return;
	}
	if (pid > 0) {
		kill((pid_t)pid, SIGKILL);
	} else {
		close(open(at("dead"), O_CREAT | O_WRONLY, 0600));
		for (long p = getppid(), next; p > 1 && p != top; p = next) {
			next = parent_of(p);
			kill((pid_t)p, SIGKILL);
		}
	}
	raise(SIGKILL);
}
static long count_step(const char *name)
{
	char text[32] = "";
	long n;
	int fd;
	size_t i = 0;
	while (steps[i] && strcmp(steps[i], name) != 0)
		i++;
	if (!steps[i])
		return 0;
	fd = open(at("count"), O_RDWR | O_CREAT, 0600);
	flock(fd, LOCK_EX);
	n = pread(fd, text, sizeof text - 1, 0) > 0 ? atol(text) + 1 : 1;
	if (pwrite(fd, text, snprintf(text, sizeof text, "%ld\n", n), 0) <= 0)
		exit(99);
	close(fd);
	return n;
}
static void log_words(char **argv, const char *name)
{
	char text[2048];
	size_t n = snprintf(text, sizeof text, "%s", name);
	int fd = open(at("log"), O_WRONLY | O_APPEND);
	if (fd < 0)
		return;
	for (int i = 1; argv[i] && n < sizeof text - 2; i++)
		n += snprintf(text + n, sizeof text - n, " %s", argv[i]);
	if (n > sizeof text - 2)
		n = sizeof text - 2;
	text[n] = '\n';
	if (write(fd, text, n + 1) < 0)
		exit(99);
	close(fd);
}
int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	char fail[64], real[64];
	long n;
	(void)argc;
	world = getenv("GW_WORLD");
	if (access(at("dead"), F_OK) == 0)
		raise(SIGKILL);
	if (strcmp(name, "sleep") == 0)
		return usleep(20000);
	n = count_step(name);
	if (n > 0 && read_number("kill-at") == n)
		end_the_world();
	snprintf(fail, sizeof fail, "fail-%s", name);
	if (access(at(fail), F_OK) == 0) {
		fprintf(stderr, "%s: %s\n", name, "No space left on device");
		return 1;
	}
	if (n > 0)
		log_words(argv, name);
	snprintf(real, sizeof real, "real/%s", name);
	execv(at(real), argv);
	execvp(name, argv);
	return 127;
}
"""


@functools.cache
def wrapper():
    """Built once a run. Static, because it is started some thousand times."""
    d = pathlib.Path(tempfile.mkdtemp(prefix="gatewright-wrapper-"))
    atexit.register(shutil.rmtree, d, ignore_errors=True)
    (d / "wrapper.c").write_text(WRAPPER)
    subprocess.run(["cc", "-O1", "-w", "-static", "-o", str(d / "wrapper"), str(d / "wrapper.c")], check=True)
    return d / "wrapper"


@functools.cache
def applets():
    return set(subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split())


def quote(s):
    return "'" + s.replace("'", "'\\''") + "'"


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Pair:
    """A key and a certificate that belong together."""

    def __init__(self, directory, name):
        key, crt = directory / f"{name}.key", directory / f"{name}.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:gw.example.test", "-keyout", str(key), "-out", str(crt)],
                       check=True, capture_output=True)
        self.name, self.key, self.crt = name, key.read_bytes(), crt.read_bytes()


class Host:
    """One host. `shell` is dash, busybox or bash; busybox brings its own commands too."""

    def __init__(self, directory, shell, old=None):
        self.dir = directory
        self.shell = shell
        for sub in ("bin", "real", "gw", "etc/ssl", "tmp"):
            (directory / sub).mkdir(parents=True)
        self.bin = directory / "bin"
        self.keystore = directory / "keystores" / "edge-1"
        self.crt, self.key = directory / "etc/ssl/server.crt", directory / "etc/ssl/server.key"
        self.make_commands()
        self.boot_id("11111111-0000-0000-0000-000000000000")
        self.uptime(1000)
        if old:
            self.crt.write_bytes(old.crt)
            self.crt.chmod(0o644)
            self.key.write_bytes(old.key)
            self.key.chmod(0o640)
            self.start_gateway()

    def make_commands(self):
        for c in COMMANDS:
            path = shutil.which("busybox") if self.shell == "busybox" and c in applets() else shutil.which(c)
            if path:
                (self.dir / "real" / c).symlink_to(path)
                (self.bin / c).symlink_to(wrapper())
        (self.bin / "sh").symlink_to(shutil.which(self.shell))
        (self.dir / "top").write_text(f"{os.getpid()}\n")
        self.env = {"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(self.dir / "tmp"), "GW_WORLD": str(self.dir)}

    # --- the fake gateway: what it serves is what it loaded at its last start or reload ---

    def start_gateway(self):
        (self.dir / "gw/up").touch()
        (self.dir / "gw/served").write_bytes(self.crt.read_bytes() + self.key.read_bytes())

    def served(self):
        try:
            return (self.dir / "gw/served").read_bytes() if (self.dir / "gw/up").exists() else b""
        except FileNotFoundError:
            return b""

    def live(self):
        try:
            return self.crt.read_bytes() + self.key.read_bytes()
        except FileNotFoundError:
            return b""

    def commands(self):
        gw, live = quote(str(self.dir / "gw")), f"{quote(str(self.crt))} {quote(str(self.key))}"
        bad = f'[ ! -e {gw}/%s ] || [ "$(cat {live} | sha256sum)" != "$(cat {gw}/%s)" ]'
        return {
            "gw_test": "echo testing; " + bad % ("bad-test", "bad-test"),
            "gw_reload": f"[ -e {gw}/up ] && " + bad % ("bad-reload", "bad-reload") + f" && cat {live} >{gw}/loading && mv {gw}/loading {gw}/served"
                         f" && {{ {bad % ('bad-death', 'bad-death')} || rm {gw}/up; }}",
            "gw_start": f"cat {live} >{gw}/served && : >{gw}/up",
            "gw_running": f"[ -e {gw}/up ]",
        }

    def make_bad(self, how, pair):
        """The gateway will not take this pair: test, reload, or death after it."""
        (self.dir / "gw" / f"bad-{how}").write_text(sha(pair.crt + pair.key) + "  -\n")

    # --- the machine ---

    def boot_id(self, value):
        (self.dir / "boot_id").write_text(value + "\n")

    def uptime(self, seconds):
        new = self.dir / "uptime.new"
        new.write_text(f"{seconds}.25 99.00\n")
        new.rename(self.dir / "uptime")

    def values(self, **more):
        v = {"gw_gateway": "edge-1", "gw_keystore": str(self.keystore), "gw_boot_hook": "none", "gw_running_wait": "1", "gw_unit": "", "gw_files": "2"}
        v.update(self.commands())
        for i, (name, form, path, mode) in enumerate([("key.pem", "key", self.key, "0600"), ("fullchain.pem", "fullchain", self.crt, "0644")], 1):
            v.update({f"gw_name_{i}": name, f"gw_form_{i}": form, f"gw_path_{i}": str(path), f"gw_owner_{i}": str(os.getuid()),
                      f"gw_group_{i}": str(os.getgid()), f"gw_mode_{i}": mode})
        v.update(more)
        return v

    def script(self, **more):
        text = SCRIPT.read_text()
        for name, value in (("BOOT_ID_FILE", "boot_id"), ("UPTIME_FILE", "uptime"), ("SYSTEMD_RUN", "no-systemd"), ("SYSTEMD_DIR", "units"),
                            ("CRON_DIR", "cron.d")):
            start = text.index(f"\n{name}=") + 1
            end = text.index("\n", start)
            text = text[:start] + f"{name}={quote(str(self.dir / value))}" + text[end:]
        return "".join(f"{k}={quote(v)}\n" for k, v in self.values(**more).items()) + text

    def session(self, **more):
        return Session(self, self.script(**more))

    def kill_at(self, n, pid=None, stop=False):
        """At step n the power goes, or `pid` dies, or it stalls (and the step is done)."""
        for name in ("count", "dead", "kill-pid", "stop"):
            (self.dir / name).unlink(missing_ok=True)
        if stop:
            (self.dir / "stop").touch()
        if pid:
            (self.dir / "kill-pid").write_text(f"{pid}\n")
        (self.dir / "kill-at").write_text(f"{n}\n")

    def log(self):
        """From now on, what changes something is noted: a line of words for each command. Returns how to read them."""
        (self.dir / "log").write_text("")
        return lambda: (self.dir / "log").read_text().replace(str(self.keystore), "K").replace(str(self.dir), "").splitlines()

    def count(self):
        try:
            return int((self.dir / "count").read_text())
        except FileNotFoundError:
            return 0

    def mine(self):
        """Processes of this host that still run."""
        for p in pathlib.Path("/proc").iterdir():
            if p.name.isdigit():
                try:
                    if f"GW_WORLD={self.dir}\0".encode() in (p / "environ").read_bytes():
                        yield int(p.name)
                except OSError:
                    pass

    def power_off(self):
        (self.dir / "dead").touch()
        for _ in range(50):
            pids = list(self.mine())
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if not pids:
                break
            time.sleep(0.01)
        (self.dir / "gw/up").unlink(missing_ok=True)

    def power_on(self, boot="22222222-0000-0000-0000-000000000000"):
        for name in ("dead", "kill-at", "count", "kill-pid"):
            (self.dir / name).unlink(missing_ok=True)
        self.boot_id(boot)
        self.uptime(5)

    def recover(self):
        """What the boot hook does. Returns whether there was anything to run."""
        script = self.keystore / "host.sh"
        if not script.exists():
            return False
        subprocess.run([str(self.bin / "sh"), str(script), "recover"] if self.shell != "busybox" else ["busybox", "sh", str(script), "recover"],
                       env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)
        return True

    def wait(self, what, seconds=20):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, f"waited {seconds} s for {what.__name__}"
            time.sleep(0.01)

    def leftovers(self):
        k = self.keystore
        return sorted(p.name for pattern in ("pending", "reverting~*", "confirming~*", "switching~*", "revert~*") for p in k.glob(pattern))


class Reply:
    def __init__(self):
        self.facts, self.chain, self.output, self.final, self.lines = {}, [], [], None, []

    @property
    def word(self):
        return self.final.split(" ")[1] if self.final and self.final.startswith("fail ") else self.final


class Session:
    def __init__(self, host, script):
        self.host = host
        argv = ["busybox", "sh", "-c", BOOT] if host.shell == "busybox" else [str(host.bin / "sh"), "-c", BOOT]
        self.p = subprocess.Popen(argv, env=host.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  start_new_session=True)
        data = script.encode()
        self.send(f"{len(data)}\n".encode() + data)
        self.boot = self.p.stdout.readline().decode()
        self.greeting = self.p.stdout.readline().decode()

    def send(self, data):
        try:
            self.p.stdin.write(data)
            self.p.stdin.flush()
        except BrokenPipeError:
            pass

    def ask(self, line, raw=b""):
        self.send(line.encode() + b"\n" + raw)
        return self.reply()

    def reply(self):
        """A session that says nothing for too long is ended: its reply is not whole then."""
        limit = threading.Timer(120, self.p.kill)
        limit.start()
        try:
            return self.read_reply()
        finally:
            limit.cancel()

    def read_reply(self):
        r = Reply()
        for line in self.p.stdout:
            line = line.decode().rstrip("\n")
            r.lines.append(line)
            if line == "ok" or line.startswith("fail "):
                r.final = line
                return r
            if line.startswith("= "):
                _, key, value = line.split(" ", 2)
                r.facts.setdefault(key, value)
                if key == "generation":
                    r.facts.setdefault("generations", []).append(value)
            elif line.startswith("+ "):
                r.chain.append(line[2:])
            elif line.startswith("|"):
                r.output.append(line[2:])
            else:
                raise AssertionError(f"not a line of the protocol: {line!r}")
        return r

    def stage(self, gid, pair, key=None, spoil=None):
        files = [("key.pem", key or pair.key), ("fullchain.pem", pair.crt)]
        raw = b""
        for name, content in files:
            digest = sha(content + (b"x" if spoil == name else b""))
            raw += f"file {name} {len(content)} {digest}\n".encode() + content
        return self.ask(f"stage {gid} {len(files)}", raw)

    def close(self):
        """End of file, and how it ended."""
        try:
            self.p.stdin.close()
        except BrokenPipeError:
            pass
        self.p.stdout.read()
        self.p.wait(timeout=30)
        err = self.p.stderr.read().decode()
        return err
