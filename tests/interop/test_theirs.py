"""Certificates that OpenSSL and GnuTLS made, and odd ones, through our parse and compatibility check: golden texts."""
import pytest

from conftest import DATA, check_golden, run

NOW = "2026-12-01T00:00:00Z"
CAS = sorted(DATA.glob("*/*root.pem")) + sorted(DATA.glob("*/int.pem")) + [DATA / "openssl/constrained.pem"]

USABLE = ["openssl/leaf-p256", "openssl/leaf-p384", "openssl/leaf-ed25519", "openssl/leaf-rsa2048", "openssl/leaf-pss",
          "gnutls/leaf-ecdsa", "gnutls/leaf-eddsa", "gnutls/leaf-rsa"]
# With a wildcard below a CA whose excluded subtree it reaches; no names at all; a key that only signs RSA-PSS; CA certificates.
BLOCKED = ["openssl/leaf-wildcard", "openssl/leaf-bare", "gnutls/leaf-rsa-pss", "openssl/root", "openssl/int", "gnutls/root"]


def facts(tools, *files, now=NOW):
    """What facts_tool says, and its exit status. What a sanitizer prints would stand in there as well."""
    done = run(tools / "facts_tool", "chain", now, *files)
    return done.returncode, done.stdout.replace(str(DATA) + "/", "")


@pytest.mark.parametrize("name", USABLE + BLOCKED)
def test_chain(tools, name):
    status, text = facts(tools, DATA / f"{name}.pem", *CAS)
    check_golden(name.replace("/", "-"), text)
    assert status == (0 if name in USABLE else 1)


@pytest.mark.parametrize("path", sorted((DATA / "odd").glob("*.der")), ids=lambda p: p.stem)
def test_odd(tools, path):
    """None of the odd ones is usable: their issuer is not there. What is said about each stands in its golden text."""
    status, text = facts(tools, path)
    check_golden(f"odd-{path.stem}", text)
    assert status in (1, 2)
    assert "Sanitizer" not in text and "runtime error" not in text


ODD_FINDINGS = {
    "serial-zero": "serial-zero", "serial-negative": "serial-negative", "serial-21": "serial-long", "v1": "version",
    "eku-empty": "extended-key-usage-empty", "san-none": "san-missing", "san-nul": "san-malformed", "sha1": "weak-signature",
    "rsa1024": "weak-key", "unknown-critical": "unknown-critical", "san-twice": "duplicate-extension",
    "algorithms-differ": "signature-algorithm-mismatch", "subject-nul": "chain-incomplete", "own-key": "self-signed",
    "bc-no-ca-path": "path-length-not-ca", "san-empty": "san-missing", "bc-ca": "is-ca",
}


@pytest.mark.parametrize("name", sorted(ODD_FINDINGS))
def test_odd_is_named(tools, name):
    """Where OpenSSL shrugs (zero and negative serials, empty EKU, no SAN), there is a blocker with a name."""
    _, text = facts(tools, DATA / f"odd/{name}.der")
    assert f"blocker {ODD_FINDINGS[name]}: " in text


COMPARE = {
    "same-ca": ("openssl/leaf-p256", "openssl/leaf-p384", 0),
    "key-type-changes": ("openssl/leaf-p256", "openssl/leaf-ed25519", 0),
    "same-certificate": ("openssl/leaf-p256", "openssl/leaf-p256", 1),
    "other-root": ("openssl/leaf-p256", "gnutls/leaf-ecdsa", 1),
    "other-root-back": ("gnutls/leaf-ecdsa", "openssl/leaf-p256", 1),
    "name-lost": ("openssl/leaf-p256", "openssl/leaf-wildcard", 1),
    "to-a-ca": ("openssl/leaf-p256", "openssl/int", 1),
    "gnutls-same-ca": ("gnutls/leaf-ecdsa", "gnutls/leaf-rsa", 0),
}


@pytest.mark.parametrize("name", sorted(COMPARE))
def test_compare(tools, name):
    current, candidate, want = COMPARE[name]
    done = run(tools / "facts_tool", "compare", NOW, DATA / f"{current}.pem", DATA / f"{candidate}.pem", *CAS)
    check_golden(f"compare-{name}", done.stdout)
    assert done.returncode == want


@pytest.mark.parametrize("now,want", [("2026-12-01T00:00:00Z", 0), ("2025-12-31T23:50:00Z", 1), ("2043-12-31T23:59:59Z", 0),
                                      ("2044-01-01T00:00:01Z", 1)])
def test_dates(tools, now, want):
    """A GnuTLS leaf valid from 2026-01-01 to 2044-01-01, on both sides of each end."""
    status, text = facts(tools, DATA / "gnutls/leaf-ecdsa.pem", *CAS, now=now)
    assert status == want, text
