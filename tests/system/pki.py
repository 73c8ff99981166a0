"""Certificates for tests, made by the openssl command: not by the code under test."""
import pathlib
import subprocess


def openssl(*args, stdin=None):
    return subprocess.run(["openssl", *args], input=stdin, check=True, capture_output=True, text=True).stdout


class Authority:
    """A root with an intermediate below it, in a directory."""

    def __init__(self, directory, name="Test Root"):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.serial = 1000
        self._make_ca("root", name, None)
        self._make_ca("intermediate", name + " Intermediate", "root")

    def _key(self, path):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(path))

    def _sign(self, stem, subject, issuer, extensions, days):
        ext = self.dir / f"{stem}.ext"
        ext.write_text(extensions)
        self.serial += 1
        openssl("req", "-new", "-key", str(self.dir / f"{stem}.key"), "-subj", subject, "-out", str(self.dir / f"{stem}.csr"))
        signer = (["-signkey", str(self.dir / f"{stem}.key")] if issuer is None else
                  ["-CA", str(self.dir / f"{issuer}.crt"), "-CAkey", str(self.dir / f"{issuer}.key")])
        openssl("x509", "-req", "-in", str(self.dir / f"{stem}.csr"), *signer, "-set_serial", str(self.serial), "-days", str(days),
                "-extfile", str(ext), "-out", str(self.dir / f"{stem}.crt"), "-sha256")

    def _make_ca(self, stem, name, issuer):
        self._key(self.dir / f"{stem}.key")
        self._sign(stem, f"/CN={name}", issuer, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
                   "subjectKeyIdentifier=hash\n" + ("authorityKeyIdentifier=keyid\n" if issuer else ""), 3650)

    def leaf(self, stem, names="DNS:gw.example.test", days=300, name=None):
        """A key and a signed certificate; returns a Leaf."""
        self._key(self.dir / f"{stem}.key")
        self._sign(stem, f"/CN={name or stem}", "intermediate", "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                   "extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                   f"subjectAltName={names}\n", days)
        return Leaf(self, stem)

    def pem(self, stem):
        return (self.dir / f"{stem}.crt").read_text()


class Leaf:
    def __init__(self, authority, stem):
        self.key = (authority.dir / f"{stem}.key").read_text()
        self.pem = authority.pem(stem)
        self.fullchain = self.pem + authority.pem("intermediate")
        self.chain = self.fullchain + authority.pem("root")
        self.fingerprint = openssl("x509", "-noout", "-fingerprint", "-sha256", stdin=self.pem).split("=")[1].strip().replace(
            ":", "").lower()
