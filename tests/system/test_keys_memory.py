"""A CA's private key is nowhere but in the keys process: not in the manager's memory, not in the parent's, not in any file."""
import base64
import ctypes
import os
import re
import subprocess

import pytest

from api import Daemon

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="reading another process's memory needs root")

PASSPHRASE = "correct horse battery"


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


class Key:
    """A private key in every form in which it could lie about."""

    def __init__(self, pem):
        self.pem = pem
        text = openssl("pkey", "-noout", "-text", data=pem).decode()
        digits = re.search(r"priv:\s*((?:[0-9a-f]{2}:?\s*)+)", text).group(1)
        scalar = bytes.fromhex(re.sub(r"[:\s]", "", digits))[-32:]
        pkcs8 = openssl("pkey", "-outform", "DER", data=pem)
        sec1 = openssl("ec", "-outform", "DER", data=pem)
        self.needles = {"scalar": scalar, "scalar, reversed (a bignum's limbs)": scalar[::-1], "hex": scalar.hex().encode(),
                        "PKCS#8": pkcs8, "SEC 1": sec1}
        for i, line in enumerate(l for l in pem.splitlines() if l and not l.startswith(b"-")):
            # the last lines hold the public half, which is everywhere
            if i < 2:
                self.needles[f"PEM line {i + 1}"] = line
        # The upload is base64 of the PEM text: what stays the same at any of the three alignments.
        body = pem[pem.index(b"\n") + 1:][:60]
        for shift in range(3):
            encoded = base64.b64encode(b"x" * shift + body)
            self.needles[f"upload, shifted by {shift}"] = encoded[4:-4]

    def found_in(self, data):
        return [name for name, needle in self.needles.items() if needle in data]


def memory_of(pid):
    """Every readable byte of a process."""
    with open(f"/proc/{pid}/maps") as maps:
        regions = [line.split() for line in maps]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for region in regions:
            name = region[5] if len(region) > 5 else ""
            if "r" not in region[1] or name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            start, end = (int(x, 16) for x in region[0].split("-"))
            chunk = b""
            while start < end:
                try:
                    mem.seek(start)
                    more = mem.read(min(end - start, 1 << 22))
                except OSError:
                    break
                if not more:
                    break
                chunk = chunk[-4096:] + more
                yield chunk
                start += len(more)


def in_memory(key, pid):
    return sorted({name for chunk in memory_of(pid) for name in key.found_in(chunk)})


def in_files(key, folder):
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            found += [(str(path), name) for name in key.found_in(path.read_bytes())]
    return found


def make_ca(folder):
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    path = folder / "ca.key"
    path.touch(0o600)
    path.write_bytes(key)
    certificate = openssl("req", "-x509", "-new", "-key", str(path), "-subj", "/CN=Imported Root", "-days", "3650", "-addext",
                          "keyUsage=critical,keyCertSign,cRLSign")
    return key, certificate


def pkcs12_of(folder, key, certificate):
    (folder / "ca.pem").write_bytes(key + certificate)
    return openssl("pkcs12", "-export", "-in", str(folder / "ca.pem"), "-passout", f"pass:{PASSPHRASE}")


def assert_nowhere(daemon, key):
    roles = daemon.roles()
    assert "manager" in roles and "keys" in roles
    assert in_memory(key, roles["manager"]) == []
    assert in_memory(key, daemon.process.pid) == []
    assert in_files(key, daemon.state) == []
    assert key.found_in(daemon.log.read_bytes()) == []


def test_the_scan_finds_what_is_there(tmp_path):
    """The positive control: this very process holds the key, each form of it in a buffer, and a file does."""
    pem, _ = make_ca(tmp_path)
    key = Key(pem)
    buffers = [ctypes.create_string_buffer(needle, len(needle)) for needle in key.needles.values()]
    assert in_memory(key, os.getpid()) == sorted(key.needles)
    assert len(buffers) == len(key.needles)
    assert in_files(key, tmp_path) != []


@pytest.mark.parametrize("form", ["pem", "pkcs12"])
def test_an_imported_ca_key(build, tmp_path, form):
    pem, certificate = make_ca(tmp_path)
    key = Key(pem)
    with Daemon(build) as daemon:
        if form == "pem":
            answer = daemon.api.import_(pem + certificate)
        else:
            answer = daemon.api.import_(pkcs12_of(tmp_path, pem, certificate), PASSPHRASE)
        assert answer.status == 201, answer
        root = answer.json["imported"][0]
        assert root["has_key"]
        # The key works: keys has it, whoever else has not.
        leaf = daemon.api.leaf(root["id"])
        assert leaf["issuer"] == root["id"]
        assert_nowhere(daemon, key)


def test_a_generated_ca_key(build, tmp_path):
    with Daemon(build) as daemon:
        root = daemon.api.root()
        daemon.api.leaf(root["id"])
        exported = daemon.api.ok("POST", f"certificates/{root['id']}/export", {"format": "keystore", "passphrase": PASSPHRASE})
        keystore = tmp_path / "root.p12"
        keystore.write_bytes(base64.b64decode(exported["data"]))
        bare = openssl("pkcs12", "-in", str(keystore), "-nocerts", "-nodes", "-passin", f"pass:{PASSPHRASE}")
        key = Key(openssl("pkey", data=bare))
        assert_nowhere(daemon, key)


def test_nobody_but_root_may_look(build):
    """The keys process is hidden from its own user: its memory belongs to root, and it has no core file."""
    with Daemon(build) as daemon:
        pid = daemon.roles()["keys"]
        status = open(f"/proc/{pid}/status").read()
        assert re.search(r"^NoNewPrivs:\s*1$", status, re.M)
        assert re.search(r"^Seccomp:\s*2$", status, re.M)
        limits = open(f"/proc/{pid}/limits").read()
        assert re.search(r"^Max core file size\s+0\s+0", limits, re.M)
        # No file of the disk is open but what a process can't do without, and the last head of the audit log.
        files = {os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")}
        assert {f for f in files if not f.startswith(("socket:", "/dev/null"))} <= {str(daemon.log), str(daemon.state / "keys/audit-head")}
