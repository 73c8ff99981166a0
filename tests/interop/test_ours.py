"""Certificates, keys and keystores of ours, before the tools of OpenSSL and GnuTLS."""
import re

import pytest

from conftest import PASSPHRASE, must, run

SPECS = ["ec-p256", "ec-p384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"]


@pytest.fixture(scope="module", params=SPECS)
def chain(tools, tmp_path_factory, request):
    """A directory with root.pem, int.pem, leaf.pem, leaf.key and leaf.p12 of one kind of key."""
    directory = tmp_path_factory.mktemp(request.param)
    must(tools / "issue_tool", directory, request.param, input=PASSPHRASE + "\n")
    return directory


def test_openssl_verifies(chain):
    out = must("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "gw.example.com", "-CAfile",
               chain / "root.pem", "-untrusted", chain / "int.pem", chain / "leaf.pem")
    assert out.strip().endswith(": OK")
    must("openssl", "verify", "-x509_strict", "-verify_ip", "2001:db8::1", "-CAfile", chain / "root.pem", "-untrusted",
         chain / "int.pem", chain / "leaf.pem")


def test_openssl_refuses_the_wrong_name(chain):
    done = run("openssl", "verify", "-verify_hostname", "other.example.com", "-CAfile", chain / "root.pem", "-untrusted",
               chain / "int.pem", chain / "leaf.pem")
    assert done.returncode != 0


def test_certtool_verifies(chain):
    text = "".join((chain / name).read_text() for name in ("leaf.pem", "int.pem", "root.pem"))
    out = must("certtool", "--verify", "--verify-profile", "medium", "--verify-hostname", "gw.example.com", "--verify-purpose",
               "1.3.6.1.5.5.7.3.1", "--load-ca-certificate", chain / "root.pem", input=text)
    assert "Chain verification output: Verified" in out


def test_gnutls_reads_every_field(chain):
    out = must("certtool", "--certificate-info", "--infile", chain / "leaf.pem")
    for line in ("DNSname: gw.example.com", "DNSname: *.devices.example.com", "IPAddress: 192.0.2.1", "IPAddress: 2001:db8::1",
                 "TLS WWW Server", "Key Usage (critical)", "Subject Key Identifier (not critical)",
                 "Authority Key Identifier (not critical)", "Version: 3"):
        assert line in out, f"want '{line}' in\n{out}"
    assert "Subject Alternative Name (not critical)" in out


def test_subject_and_its_encodings(chain):
    out = must("openssl", "x509", "-in", chain / "leaf.pem", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus,sname,show_type")
    assert out.strip() == ("subject=C=PRINTABLESTRING:ES,L=UTF8STRING:Málaga,O=UTF8STRING:Example,"
                           "CN=UTF8STRING:Our Gateway,name=UTF8STRING:Ada Lovelace")


def test_extensions_of_the_cas(chain):
    root = must("openssl", "x509", "-in", chain / "root.pem", "-noout", "-ext", "basicConstraints,keyUsage")
    assert "X509v3 Basic Constraints: critical" in root and "CA:TRUE" in root and "pathlen" not in root
    assert "X509v3 Key Usage: critical" in root and "Certificate Sign, CRL Sign" in root
    sub = must("openssl", "x509", "-in", chain / "int.pem", "-noout", "-ext", "basicConstraints")
    assert "CA:TRUE, pathlen:0" in sub


def test_dates(chain):
    out = must("openssl", "x509", "-in", chain / "leaf.pem", "-noout", "-dates")
    assert re.search(r"notAfter=\w+ +\d+ 23:59:59 \d{4} GMT", out)


def test_key(chain):
    """The key is PKCS#8, passes OpenSSL's own check and belongs to the certificate."""
    must("openssl", "pkey", "-in", chain / "leaf.key", "-check", "-noout")
    of_key = must("openssl", "pkey", "-in", chain / "leaf.key", "-pubout")
    assert of_key == must("openssl", "x509", "-in", chain / "leaf.pem", "-noout", "-pubkey")
    must("certtool", "--key-info", "--infile", chain / "leaf.key")


def openssl_pkcs12(chain, passphrase, *more):
    return run("openssl", "pkcs12", "-in", chain / "leaf.p12", "-passin", "stdin", *more, input=passphrase + "\n")


def test_openssl_reads_the_keystore(chain):
    done = openssl_pkcs12(chain, PASSPHRASE, "-info", "-noout")
    assert done.returncode == 0, done.stdout
    assert "MAC: sha256, Iteration 100000" in done.stdout
    assert done.stdout.count("PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256") == 2
    certificates = openssl_pkcs12(chain, PASSPHRASE, "-nokeys").stdout
    assert certificates.count("BEGIN CERTIFICATE") == 3 and "friendlyName: gateway" in certificates
    assert openssl_pkcs12(chain, "wrong", "-noout").returncode != 0


def test_gnutls_reads_the_keystore(chain, tmp_path):
    """certtool takes a password only as an argument; this one protects nothing."""
    out = must("certtool", "--p12-info", "--inder", "--infile", chain / "leaf.p12", "--password", PASSPHRASE)
    assert out.count("BEGIN CERTIFICATE") == 3 and "PRIVATE KEY" in out
    assert run("certtool", "--p12-info", "--inder", "--infile", chain / "leaf.p12", "--password", "wrong").returncode != 0


def test_our_own_reading(tools, chain):
    """And what we make of it ourselves: usable, with no finding but the wildcard and the like."""
    done = run(tools / "facts_tool", "chain", "2027-01-01T00:00:00Z", chain / "leaf.pem", chain / "root.pem", chain / "int.pem")
    assert "3 certificates, complete" in done.stdout
    assert "blocker" not in done.stdout, done.stdout
