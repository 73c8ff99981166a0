#!/usr/bin/python3
"""Certificates that no honest tool makes, for tests/interop/data/odd: built byte by byte, signed by openssl.

Run by make_data.sh. Every function below is one file; its first line says what is odd about it.
"""
import os
import subprocess
import sys

OUT = sys.argv[1]
KEY = sys.argv[2]  # P-256 key of the issuer, PEM
RSA = sys.argv[3]  # RSA-2048 key of the issuer, PEM


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = (n.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + n.to_bytes(size, "big") + body


def seq(*parts):
    return tlv(0x30, *parts)


def integer(v):
    return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, "big", signed=True))


def oid(text):
    numbers = [int(x) for x in text.split(".")]
    out = [numbers[0] * 40 + numbers[1]]
    for v in numbers[2:]:
        group = [v & 0x7F]
        while v > 0x7F:
            v >>= 7
            group.insert(0, 0x80 | (v & 0x7F))
        out += group
    return tlv(6, bytes(out))


def utf8(s):
    return tlv(12, s.encode())


def name(*attributes):
    """attributes: (oid, encoded value)"""
    return seq(*[tlv(0x31, seq(oid(o), v)) for o, v in attributes])


def ext(o, value, critical=None):
    flag = b"" if critical is None else tlv(1, b"\xff" if critical else b"\x00")
    return seq(oid(o), flag, tlv(4, value))


def dns(text):
    return tlv(0x82, text if isinstance(text, bytes) else text.encode())


def ip(data):
    return tlv(0x87, data)


CN, O, C = "2.5.4.3", "2.5.4.10", "2.5.4.6"
SAN, BC, KU, EKU, NC, SKI, AKI = ("2.5.29." + n for n in ("17", "19", "15", "37", "30", "14", "35"))
SERVER = oid("1.3.6.1.5.5.7.3.1")
ECDSA_SHA256 = seq(oid("1.2.840.10045.4.3.2"))
RSA_SHA1 = seq(oid("1.2.840.113549.1.1.5"), tlv(5))
RSA_SHA256 = seq(oid("1.2.840.113549.1.1.11"), tlv(5))


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, stdout=subprocess.PIPE, check=True).stdout


OWN = openssl("pkey", "-in", KEY, "-pubout", "-outform", "DER")  # of the key that signs
SPKI = openssl("pkey", "-pubout", "-outform", "DER", data=openssl(
    "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))


def good_extensions():
    return [
        ext(KU, tlv(3, b"\x07\x80"), True),
        ext(EKU, seq(SERVER)),
        ext(SAN, seq(dns("gw.example.com"), ip(b"\xc0\x00\x02\x01"))),
    ]


def build(version=2, serial=None, alg=ECDSA_SHA256, outer=None, issuer=None, before=None, after=None, subject=None,
          spki=SPKI, extensions=None, key=KEY, digest="-sha256", tail=b"", sign=True):
    issuer = issuer or name((CN, utf8("Odd Root")))
    parts = [] if version is None else [tlv(0xA0, integer(version))]
    parts += [
        serial or integer(0x1234),
        alg,
        issuer,
        seq(before or tlv(23, b"260101000000Z"), after or tlv(23, b"360101000000Z")),
        subject if subject is not None else name((CN, utf8("gw.example.com"))),
        spki,
    ]
    extensions = good_extensions() if extensions is None else extensions
    if extensions:
        parts.append(tlv(0xA3, seq(*extensions)))
    tbs = seq(*parts, tail)
    signature = openssl("dgst", digest, "-sign", key, data=tbs) if sign else bytes(70)
    return seq(tbs, outer or alg, tlv(3, b"\x00" + signature))


def replaced(extension_oid, *new):
    """the good extensions with one replaced (or left out)"""
    kept = [e for e in good_extensions() if oid(extension_oid) not in e[:12]]
    return kept + list(new)


def long_length(der):
    """the outermost length with a zero byte in front: BER, not DER"""
    size = der[1] & 0x7F
    return der[:1] + bytes([0x80 | (size + 1), 0]) + der[2:]


def constrained_ca(*constraints):
    return [
        ext(BC, seq(tlv(1, b"\xff")), True),
        ext(KU, tlv(3, b"\x01\x06"), True),
        ext(NC, seq(*constraints), True),
    ]


def subtree(general_name, *more):
    return seq(general_name, *more)


P521 = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521")
EXPLICIT = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
                   "ec_param_enc:explicit")
SECP256K1 = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")
ED448 = openssl("genpkey", "-algorithm", "ED448")
RSA1024 = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")


def public(private):
    return openssl("pkey", "-pubout", "-outform", "DER", data=private)


GOOD = build()

FILES = {
    "good": GOOD,
    "truncated": GOOD[:-7],
    "truncated-head": GOOD[:3],
    "trailing-byte": GOOD + b"\x00",
    "ber-length": long_length(GOOD),
    "tbs-trailing": build(tail=tlv(5)),
    "v1": build(version=None, extensions=[]),
    "v1-extensions": build(version=None),
    "v2": build(version=1, extensions=[]),
    "v4": build(version=3),
    "serial-zero": build(serial=integer(0)),
    "serial-negative": build(serial=integer(-5)),
    "serial-20": build(serial=tlv(2, b"\x7f" * 20)),
    "serial-21": build(serial=tlv(2, b"\x7f" * 21)),
    "serial-64": build(serial=tlv(2, b"\x7f" * 64)),
    "serial-65": build(serial=tlv(2, b"\x7f" * 65)),
    "serial-padded": build(serial=tlv(2, b"\x00\x01")),
    "algorithms-differ": build(outer=RSA_SHA256),
    "sha1": build(alg=RSA_SHA1, key=RSA, digest="-sha1"),
    "rsa1024": build(spki=public(RSA1024)),
    "p521": build(spki=public(P521)),
    "ec-explicit": build(spki=public(EXPLICIT)),
    "secp256k1": build(spki=public(SECP256K1)),
    "ed448": build(spki=public(ED448)),
    "rsa-damaged": build(spki=seq(seq(oid("1.2.840.113549.1.1.1"), tlv(5)), tlv(3, b"\x00" + seq(integer(5))))),
    "ed25519-damaged": build(spki=seq(seq(oid("1.3.101.112")), tlv(3, b"\x00" + bytes(31)))),
    "key-unknown": build(spki=seq(seq(oid("1.2.3.4.5")), tlv(3, b"\x00abc"))),
    "subject-empty": build(subject=seq(), extensions=replaced(
        SAN, ext(SAN, seq(dns("gw.example.com")), True))),
    "subject-bmp": build(subject=name((CN, tlv(30, "Pförtner".encode("utf-16-be"))), (O, utf8("Org")))),
    "subject-t61": build(subject=name((CN, tlv(20, "Pförtner".encode("latin-1"))))),
    "subject-utf8-bad": build(subject=name((CN, tlv(12, b"gw\xff\xfe")))),
    "subject-nul": build(subject=name((CN, tlv(12, b"gw.example.com\x00.evil.example")))),
    "subject-newline": build(subject=name((CN, tlv(12, b"gw\nERROR all is lost")))),
    "subject-integer": build(subject=name((CN, integer(5)))),
    "subject-two-cn": build(subject=name((CN, utf8("first")), (CN, utf8("second")), (C, tlv(19, b"ES")))),
    "subject-many": build(subject=name(*[(O, utf8("o%d" % i)) for i in range(65)])),
    "date-2049": build(after=tlv(23, b"491231235959Z")),
    "date-2050": build(after=tlv(24, b"20500101000000Z")),
    "date-1950": build(before=tlv(23, b"500101000000Z")),
    "date-9999": build(after=tlv(24, b"99991231235959Z")),
    "date-generalized-early": build(after=tlv(24, b"20360101000000Z")),
    "date-fraction": build(after=tlv(24, b"20500101000000.5Z")),
    "date-offset": build(after=tlv(23, b"360101000000+0100")),
    "date-no-seconds": build(after=tlv(23, b"3601010000Z")),
    "date-february-30": build(after=tlv(23, b"360230000000Z")),
    "date-letters": build(after=tlv(23, b"36O101000000Z")),
    "san-none": build(extensions=replaced(SAN)),
    "san-empty": build(extensions=replaced(SAN, ext(SAN, seq()))),
    "san-critical": build(extensions=replaced(SAN, ext(SAN, seq(dns("gw.example.com")), True))),
    "san-critical-false": build(extensions=replaced(SAN, ext(SAN, seq(dns("gw.example.com")), False))),
    "san-nul": build(extensions=replaced(SAN, ext(SAN, seq(dns(b"gw.example.com\x00.evil.example"))))),
    "san-wildcard": build(extensions=replaced(SAN, ext(SAN, seq(dns("*.example.com"))))),
    "san-ip-5": build(extensions=replaced(SAN, ext(SAN, seq(ip(b"\x01\x02\x03\x04\x05"))))),
    "san-ip-8": build(extensions=replaced(SAN, ext(SAN, seq(ip(bytes(8)))))),
    "san-all-kinds": build(extensions=replaced(SAN, ext(SAN, seq(
        dns("a.example.com"), ip(bytes.fromhex("20010db8000000000000000000000001")),
        tlv(0x86, b"urn:gatewright:device:1"), tlv(0x81, b"a@example.com"),
        tlv(0xA4, name((CN, utf8("directory")))), tlv(0x88, oid("1.2.3")[2:]))))),
    "san-256": build(extensions=replaced(SAN, ext(SAN, seq(*[dns("h%d.example.com" % i) for i in range(256)])))),
    "san-257": build(extensions=replaced(SAN, ext(SAN, seq(*[dns("h%d.example.com" % i) for i in range(257)])))),
    "san-trailing": build(extensions=replaced(SAN, ext(SAN, seq(dns("gw.example.com")) + b"\x05\x00"))),
    "san-garbage": build(extensions=replaced(SAN, ext(SAN, b"\x02\x01\x05"))),
    "san-no-value": build(extensions=replaced(SAN, ext(SAN, b""))),
    "san-twice": build(extensions=good_extensions() + [ext(SAN, seq(dns("other.example.com")))]),
    "eku-empty": build(extensions=replaced(EKU, ext(EKU, seq()))),
    "eku-none": build(extensions=replaced(EKU)),
    "eku-many": build(extensions=replaced(EKU, ext(EKU, seq(
        SERVER, oid("1.3.6.1.5.5.7.3.2"), oid("1.3.6.1.5.5.7.3.3"), oid("1.3.6.1.5.5.7.3.4"),
        oid("1.3.6.1.5.5.7.3.8"), oid("1.3.6.1.5.5.7.3.9"), oid("2.5.29.37.0"), oid("1.2.3.4")), True))),
    "ku-empty": build(extensions=replaced(KU, ext(KU, tlv(3, b"\x00"), True))),
    "ku-nine-bits": build(extensions=replaced(KU, ext(KU, tlv(3, b"\x07\xff\x80")))),
    "ku-unused-bits": build(extensions=replaced(KU, ext(KU, tlv(3, b"\x07\x81"), True))),
    "unknown-critical": build(extensions=good_extensions() + [ext("1.2.3.4.5", tlv(5), True)]),
    "unknown-not-critical": build(extensions=good_extensions() + [ext("1.2.3.4.5", b"anything at all")]),
    "policies-critical": build(extensions=good_extensions() + [ext("2.5.29.32", seq(seq(oid("1.2.3"))), True)]),
    "policy-constraints-critical": build(extensions=good_extensions() + [
        ext("2.5.29.36", seq(tlv(0x80, b"\x00")), True)]),
    "many-extensions": build(extensions=good_extensions() + [ext("1.2.3.%d" % i, tlv(5)) for i in range(62)]),
    "bc-ca": build(extensions=good_extensions() + [ext(BC, seq(tlv(1, b"\xff"), integer(3)), True)]),
    "bc-path-negative": build(extensions=good_extensions() + [ext(BC, seq(tlv(1, b"\xff"), integer(-1)), True)]),
    "bc-path-huge": build(extensions=good_extensions() + [ext(BC, seq(tlv(1, b"\xff"), integer(1 << 40)), True)]),
    "bc-true-01": build(extensions=good_extensions() + [ext(BC, seq(tlv(1, b"\x01")), True)]),
    "bc-no-ca-path": build(extensions=good_extensions() + [ext(BC, seq(integer(0)), True)]),
    "nc": build(extensions=constrained_ca(
        tlv(0xA0, subtree(dns("example.com")), subtree(ip(b"\xc0\x00\x02\x00\xff\xff\xff\x00"))),
        tlv(0xA1, subtree(dns("evil.example.com"))))),
    "nc-minimum": build(extensions=constrained_ca(tlv(0xA0, subtree(dns("example.com"), tlv(0x80, b"\x01"))))),
    "nc-maximum": build(extensions=constrained_ca(tlv(0xA0, subtree(dns("example.com"), tlv(0x81, b"\x01"))))),
    "nc-ip-4": build(extensions=constrained_ca(tlv(0xA0, subtree(ip(b"\xc0\x00\x02\x00"))))),
    "own-key": build(spki=OWN),
    "signature-wrong": build(sign=False),
}

for label, der in FILES.items():
    with open(os.path.join(OUT, label + ".der"), "wb") as f:
        f.write(der)
