"""A running gatewright-gate on a free port, and certificates for it that only the openssl command line makes."""
import base64
import contextlib
import hashlib
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import time

from ports import free_port

SAN = "DNS:gw.example.com,IP:127.0.0.1"
LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"


def openssl(*args, stdin=None):
    done = subprocess.run(["openssl", *map(str, args)], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def wait_for(condition, what, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {what}")


class Cert:
    """key and cert are PEM text; chain is leaf first, without the root."""

    def __init__(self, key, cert, issuer=None):
        self.key, self.cert, self.issuer = key, cert, issuer

    @property
    def fingerprint(self):
        body = "".join(self.cert.split("-----")[2].split())
        return hashlib.sha256(base64.b64decode(body)).hexdigest()

    @property
    def root(self):
        return self.issuer.root if self.issuer else self

    @property
    def chain(self):
        return self.cert + (self.issuer.chain if self.issuer and self.issuer.issuer else "")

    def bundle(self):
        return self.key + self.chain + self.root.cert


class Maker:
    """Issues certificates in a directory."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.count = 0

    def make(self, name, issuer=None, ext="", start="-1h", days=365):
        """A certificate; issuer None: a self-signed one. start: "-1h" or days back, as a number."""
        self.count += 1
        base = self.path / f"c{self.count}"
        key, csr, pem, conf = (base.with_suffix(s) for s in (".key", ".csr", ".pem", ".ext"))
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        openssl("req", "-new", "-key", key, "-subj", f"/O=Test/CN={name}", "-out", csr)
        ids = "subjectKeyIdentifier=hash\n" + ("authorityKeyIdentifier=keyid\n" if issuer else "")
        conf.write_text(ext + ids)
        args = ["x509", "-req", "-in", csr, "-days", str(days), "-sha256", "-extfile", conf, "-out", pem]
        if issuer:
            ca, ca_key = base.with_suffix(".ca"), base.with_suffix(".cakey")
            ca.write_text(issuer.cert)
            ca_key.write_text(issuer.key)
            args += ["-CA", ca, "-CAkey", ca_key, "-set_serial", f"0x4{hashlib.sha256(str(base).encode()).hexdigest()[:30]}"]
        else:
            args += ["-signkey", key]
        openssl(*args)
        return Cert(key.read_text(), pem.read_text(), issuer)

    def root(self, name="Root A"):
        return self.make(name, ext=CA, days=3650)

    def intermediate(self, root, name="Intermediate"):
        return self.make(name, root, ext=CA, days=1800)

    def leaf(self, issuer, name="gw", san=SAN, days=365, ext=LEAF):
        return self.make(name, issuer, ext=ext + f"subjectAltName={san}\n", days=days)

    def p12(self, cert, passphrase):
        """A PKCS#12 file; returns its path."""
        self.count += 1
        source, out = self.path / f"p{self.count}.pem", self.path / f"p{self.count}.p12"
        source.write_text(cert.bundle())
        openssl("pkcs12", "-export", "-in", source, "-out", out, "-passout", "stdin", stdin=passphrase.encode())
        return out


class Session:
    """The manager's side of the host protocol."""

    def __init__(self, gate):
        self.p = subprocess.Popen(gate.command("keystore", "session"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.greeting = self.p.stdout.readline().decode().rstrip("\n")

    def reply(self):
        """(final line, {fact: value}, [chain lines]); final None: end of file."""
        facts, chain = {}, []
        while True:
            line = self.p.stdout.readline().decode()
            if not line:
                return None, facts, chain
            line = line.rstrip("\n")
            if line.startswith("= "):
                _, key, value = line.split(" ", 2)
                facts.setdefault(key, value)
            elif line.startswith("+ "):
                chain.append(line[2:])
            else:
                return line, facts, chain

    def send(self, data):
        self.p.stdin.write(data if isinstance(data, bytes) else data.encode() + b"\n")
        self.p.stdin.flush()

    def ask(self, line):
        self.send(line)
        return self.reply()

    def stage(self, ident, files, spoil=None):
        """files: [(name, bytes)]. spoil: change the announced hash of that file."""
        out = f"stage {ident} {len(files)}\n".encode()
        for name, data in files:
            digest = hashlib.sha256(data + (b"x" if name == spoil else b"")).hexdigest()
            out += f"file {name} {len(data)} {digest}\n".encode() + data
        self.send(out)
        return self.reply()

    def stage_cert(self, ident, cert, root=None):
        return self.stage(ident, [("key.pem", cert.key.encode()), ("chain.pem", cert.chain.encode()),
                                  ("root.pem", (root or cert.root).cert.encode())])

    def close(self):
        if self.p.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.p.stdin.close()
        code = self.p.wait(timeout=20)
        self.p.stdout.close()
        self.p.stderr.close()
        return code


class Gate:
    """One gate in a directory of its own; nothing runs until start()."""

    def __init__(self, build, path, **options):
        self.program = pathlib.Path(build) / "src/gate/gatewright-gate"
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.keystore = self.path / "keystore"
        self.control = self.path / "control"
        self.config = self.path / "gatewright-gate.conf"
        self.log = self.path / "log"
        self.port = free_port()
        self.process = None
        rows = {"listen": f"127.0.0.1:{self.port}", "keystore": self.keystore, "control": self.control, **options}
        self.config.write_text("".join(f"{k} = {v}\n" for k, v in rows.items()))

    def command(self, *args):
        return [str(self.program), "--config", str(self.config), *map(str, args)]

    def run(self, *args, stdin=None, pass_fds=()):
        return subprocess.run(self.command(*args), input=stdin, capture_output=True, text=True, timeout=60, pass_fds=pass_fds)

    def install(self, cert, *args):
        """`keystore install` of a certificate's PEM bundle over standard input."""
        return self.run("keystore", "install", "-", *args, stdin=cert.bundle())

    def start(self, wait=True):
        with open(self.log, "ab") as log:
            before = self.log.stat().st_size
            self.process = subprocess.Popen(self.command("run"), stdin=subprocess.DEVNULL, stderr=log, stdout=log)

        def ready():
            text = self.log.read_bytes()[before:].decode()
            assert self.process.poll() is None, text
            return "serving generation" in text or "no keystore yet" in text
        if wait:
            wait_for(ready, "the gate to start")
        return self

    def stop(self, sig=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            self.process.wait(timeout=30)
        code = self.process.returncode if self.process else None
        self.process = None
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)

    def status(self):
        done = self.run("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def session(self):
        return Session(self)

    def context(self, **kw):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
        for key, value in kw.items():
            setattr(c, key, value)
        return c

    def connect(self, context=None, session=None):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return (context or self.context()).wrap_socket(raw, server_hostname="gw.example.com", session=session)

    def served(self):
        """SHA-256 of the certificate that a new client sees."""
        with self.connect() as s:
            return hashlib.sha256(s.getpeercert(binary_form=True)).hexdigest()

    def health(self):
        with self.connect() as s:
            return request(s)[2]


def request(s, method="GET", path="/healthz", extra=""):
    """One request on an open connection: (status, headers, body as JSON or None)."""
    s.sendall(f"{method} {path} HTTP/1.1\r\nHost: gw\r\n{extra}\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        part = s.recv(4096)
        assert part, "the connection ended in the middle of an answer"
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    while method != "HEAD" and len(body) < int(headers["content-length"]):
        body += s.recv(4096)
    return int(lines[0].split()[1]), headers, json.loads(body) if body else None
