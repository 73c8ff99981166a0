#!/bin/sh
# Makes tests/interop/data anew: certificates, keys and bundles by openssl and certtool, as other people's tools write them, and by
# make_data.py the odd ones. Run by hand, once; the results are committed, because tests compare with golden texts.
# Every key in there is for tests only.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p data/openssl data/gnutls data/odd data/keys data/bundles
rm -f data/openssl/* data/gnutls/* data/odd/* data/keys/* data/bundles/*

# --- chains by openssl: root, intermediate, leaf of each kind of key ---

ec() { openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$1" -out "$2" 2>/dev/null; }

cat >"$work/ext.cnf" <<'END'
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[int]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[constrained]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
nameConstraints = critical,permitted;DNS:example.com,excluded;DNS:secret.example.com
[leaf]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:gw.example.com,IP:192.0.2.1,IP:2001:db8::1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[wildcard]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:*.example.com
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[bare]
basicConstraints = CA:FALSE
END

# issue NAME SECTION SUBJECT ISSUER MORE-OPTIONS...: NAME.key is there
issue() {
	name=$1 section=$2 subject=$3 issuer=$4
	shift 4
	openssl req -new -key "$work/$name.key" -subj "$subject" -out "$work/$name.csr"
	openssl x509 -req -in "$work/$name.csr" -CA "$work/$issuer.pem" -CAkey "$work/$issuer.key" -days 7000 \
		-extfile "$work/ext.cnf" -extensions "$section" -out "$work/$name.pem" "$@" 2>/dev/null
}

ec P-256 "$work/root.key"
printf '[req]\ndistinguished_name=dn\n[dn]\n' | cat - "$work/ext.cnf" >"$work/req.cnf"
openssl req -x509 -new -key "$work/root.key" -subj "/C=ES/O=Example/CN=OpenSSL Root" -days 7300 -extensions root \
	-config "$work/req.cnf" -out "$work/root.pem"
ec P-384 "$work/int.key"
issue int int "/C=ES/O=Example/CN=OpenSSL Intermediate" root
ec P-256 "$work/constrained.key"
issue constrained constrained "/C=ES/O=Example/CN=OpenSSL Constrained" root
for kind in p256 p384 ed25519 rsa2048; do
	case $kind in
	p256) ec P-256 "$work/leaf-$kind.key" ;;
	p384) ec P-384 "$work/leaf-$kind.key" ;;
	ed25519) openssl genpkey -algorithm ED25519 -out "$work/leaf-$kind.key" ;;
	*) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/leaf-$kind.key" 2>/dev/null ;;
	esac
	issue "leaf-$kind" leaf "/C=ES/L=Madrid/O=Example/CN=gw.example.com" int
done
ec P-256 "$work/leaf-wildcard.key"
issue leaf-wildcard wildcard "/CN=wildcard" constrained
ec P-256 "$work/leaf-bare.key"
issue leaf-bare bare "/CN=gw.example.com" int
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/rsaroot.key" 2>/dev/null
openssl req -x509 -new -key "$work/rsaroot.key" -subj "/CN=OpenSSL RSA Root" -days 7300 -extensions root \
	-config "$work/req.cnf" -sha512 -out "$work/rsaroot.pem"
ec P-256 "$work/leaf-pss.key"
issue leaf-pss leaf "/CN=gw.example.com" rsaroot -sigopt rsa_padding_mode:pss -sha384
cp "$work"/root.pem "$work"/int.pem "$work"/constrained.pem "$work"/rsaroot.pem "$work"/leaf-*.pem data/openssl/

# --- the same by GnuTLS ---

cat >"$work/groot.tmpl" <<'END'
cn = "GnuTLS Root"
organization = "Example"
country = ES
ca
cert_signing_key
crl_signing_key
activation_date = "2026-01-01 00:00:00 UTC"
expiration_date = "2046-01-01 00:00:00 UTC"
END
sed 's/GnuTLS Root/GnuTLS Intermediate/; s/2046-/2045-/; $a path_len = 0' "$work/groot.tmpl" >"$work/gint.tmpl"
cat >"$work/gleaf.tmpl" <<'END'
cn = "gw.example.com"
organization = "Example"
locality = "Madrid"
country = ES
dns_name = "gw.example.com"
ip_address = "192.0.2.1"
tls_www_server
signing_key
activation_date = "2026-01-01 00:00:00 UTC"
expiration_date = "2044-01-01 00:00:00 UTC"
END
certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "$work/groot.key" 2>/dev/null
certtool --generate-privkey --key-type rsa --bits 2048 --outfile "$work/gint.key" 2>/dev/null
certtool --generate-self-signed --load-privkey "$work/groot.key" --template "$work/groot.tmpl" --outfile data/gnutls/root.pem 2>/dev/null
certtool --generate-certificate --load-privkey "$work/gint.key" --load-ca-privkey "$work/groot.key" \
	--load-ca-certificate data/gnutls/root.pem --template "$work/gint.tmpl" --outfile data/gnutls/int.pem 2>/dev/null
for kind in ecdsa eddsa rsa rsa-pss; do
	case $kind in
	ecdsa) set -- --key-type ecdsa --curve secp256r1 ;;
	eddsa) set -- --key-type ed25519 ;;
	*) set -- --key-type "$kind" --bits 2048 ;;
	esac
	certtool --generate-privkey "$@" --outfile "$work/g$kind.key" 2>/dev/null
	certtool --generate-certificate --load-privkey "$work/g$kind.key" --load-ca-privkey "$work/gint.key" \
		--load-ca-certificate data/gnutls/int.pem --template "$work/gleaf.tmpl" --outfile "data/gnutls/leaf-$kind.pem" 2>/dev/null
done

# --- odd ones ---

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/oddrsa.key" 2>/dev/null
ec P-256 "$work/odd.key"
/usr/bin/python3 make_data.py data/odd "$work/odd.key" "$work/oddrsa.key"

# --- private keys in every form, passphrase "correct horse" ---

k=data/keys pass=pass:correct\ horse
cp "$work/leaf-p256.key" $k/p256.pem
cp "$work/leaf-rsa2048.key" $k/rsa.pem
cp "$work/leaf-ed25519.key" $k/ed25519.pem
openssl pkey -in $k/p256.pem -traditional -out $k/p256-sec1.pem
{ openssl ecparam -name prime256v1; openssl pkey -in $k/p256.pem -traditional; } >$k/p256-sec1-params.pem
openssl pkey -in $k/rsa.pem -traditional -out $k/rsa-pkcs1.pem
openssl pkcs8 -topk8 -in $k/p256.pem -v2 aes-256-cbc -passout "$pass" -out $k/p256-aes.pem
openssl pkcs8 -topk8 -in $k/p256.pem -v2 des3 -passout "$pass" -out $k/p256-des3.pem
openssl pkcs8 -topk8 -in $k/p256.pem -scrypt -passout "$pass" -out $k/p256-scrypt.pem
openssl pkcs8 -topk8 -in $k/p256.pem -v1 PBE-SHA1-3DES -passout "$pass" -out $k/p256-pbe-3des.pem
openssl pkcs8 -topk8 -in $k/p256.pem -v1 PBE-MD5-DES -passout "$pass" -provider legacy -provider default -out $k/p256-pbe-md5-des.pem
openssl pkcs8 -topk8 -in $k/p256.pem -v2 aes-256-cbc -iter 20000000 -passout "$pass" -out $k/p256-slow.pem
openssl pkey -in $k/p256.pem -traditional -aes256 -passout "$pass" -out $k/p256-sec1-aes.pem
openssl pkey -in $k/rsa.pem -traditional -des3 -passout "$pass" -out $k/rsa-pkcs1-des3.pem
ssh-keygen -q -t ecdsa -N '' -C test -f "$work/ssh" && cp "$work/ssh" $k/openssh.pem
openssl genpkey -algorithm X25519 -out $k/x25519.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out $k/secp256k1.pem 2>/dev/null
openssl ec -in $k/p256.pem -conv_form compressed -out $k/p256-compressed.pem 2>/dev/null

# --- bundles; passphrase as above ---

b=data/bundles
set -- -inkey "$work/leaf-p256.key" -in "$work/leaf-p256.pem" -certfile "$work/int.pem" -name gateway -passout "$pass"
openssl pkcs12 -export "$@" -out $b/openssl-aes.p12
openssl pkcs12 -export "$@" -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out $b/openssl-3des.p12
openssl pkcs12 -export "$@" -legacy -out $b/openssl-rc2.p12
openssl pkcs12 -export "$@" -nomac -out $b/openssl-nomac.p12
openssl pkcs12 -export "$@" -keypbe NONE -certpbe NONE -out $b/openssl-clear.p12
openssl pkcs12 -export "$@" -iter 6000000 -out $b/openssl-slow.p12
openssl pkcs12 -export "$@" -passout pass: -out $b/openssl-empty.p12
openssl pkcs12 -export -nokeys -in "$work/root.pem" -passout "$pass" -out $b/openssl-nokeys.p12
certtool --to-p12 --load-privkey "$work/gecdsa.key" --load-certificate data/gnutls/leaf-ecdsa.pem --p12-name gateway \
	--pkcs-cipher aes-256 --password 'correct horse' --outder --outfile $b/gnutls-aes.p12 2>/dev/null
certtool --to-p12 --load-privkey "$work/gecdsa.key" --load-certificate data/gnutls/leaf-ecdsa.pem --p12-name gateway \
	--pkcs-cipher 3des --password 'correct horse' --outder --outfile $b/gnutls-3des.p12 2>/dev/null
openssl crl2pkcs7 -nocrl -certfile "$work/root.pem" -outform DER -out $b/pkcs7.der
openssl crl2pkcs7 -nocrl -certfile "$work/root.pem" -out $b/pkcs7.pem
cp "$work/int.csr" $b/request.pem
find data -type f | wc -l
