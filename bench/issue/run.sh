#!/bin/sh
# A P-256 key and its leaf certificate, stored durably: gatewrightd's own way against certtool and against OpenSSL's bare calls, all on
# one core, in the same run. Usage: bench/issue/run.sh [BUILD] [ROUNDS]. BUILD is a release build (default build/release).
# Every certificate of gatewrightd's goes through manager, keys process (checks, rehearsal, lint, verification, sealing) and store.
# The API commits each by itself and then waits for the disk; the second row groups 128 issue_certificate() calls into a commit.
# Prints medians and ratios; exit status 1 when the grouped row misses a bar: 30 x certtool, 50 % of the bare loop.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../../build/release} rounds=${2:-5}
bench=$build/bench/issue/issue_bench
[ -x "$bench" ] || { echo "want a release build with bench/issue/issue_bench, got none in $build" >&2; exit 2; }
# On a real disk: what /tmp in memory would store is not durable.
work=$(mktemp -d "${GATEWRIGHT_BENCH_DIR:-/var/tmp}/gatewright-bench-issue.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
core=0

on_core() { taskset -c "$core" "$@"; }

# certtool: a key, a certificate, and a sync of both, as often as it takes to be measured.
cat >"$work/ca.tmpl" <<END
cn = "Root"
ca
cert_signing_key
expiration_days = 3650
END
cat >"$work/leaf.tmpl" <<END
cn = "gateway"
organization = "Example"
locality = "Madrid"
country = ES
dns_name = "gw.example.net"
ip_address = "192.0.2.1"
tls_www_server
signing_key
expiration_days = 365
END
certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "$work/ca.key" 2>/dev/null
certtool --generate-self-signed --load-privkey "$work/ca.key" --template "$work/ca.tmpl" --outfile "$work/ca.pem" 2>/dev/null

certtool_loop() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "$work/$i.key" 2>/dev/null
		certtool --generate-certificate --load-privkey "$work/$i.key" --load-ca-privkey "$work/ca.key" \
			--load-ca-certificate "$work/ca.pem" --template "$work/leaf.tmpl" --outfile "$work/$i.pem" 2>/dev/null
		[ "$1" = no-sync ] || sync "$work/$i.key" "$work/$i.pem"
	done
}

# milliseconds of one certtool certificate; the shell around it is part of that way
certtool_ms() {
	start=$(date +%s%N)
	taskset -cp "$core" $$ >/dev/null
	certtool_loop "$1"
	end=$(date +%s%N)
	echo "$start $end" | awk '{ printf "%.4f\n", ($2 - $1) / 1e6 / 10 }'
}

for _ in $(seq "$rounds"); do
	rm -f "$work"/store-*
	on_core "$bench" product "$work" 400 1 >>"$work/r.single"
	on_core "$bench" product "$work" 1024 128 >>"$work/r.batch"
	on_core "$bench" bare "$work" 1000 >>"$work/r.bare"
	certtool_ms no-sync >>"$work/r.certtool"
	certtool_ms sync >>"$work/r.certtool-sync"
done

median() { sort -n "$work/r.$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
single=$(median single) batch=$(median batch) bare=$(median bare) certtool=$(median certtool) synced=$(median certtool-sync)

awk -v single="$single" -v batch="$batch" -v bare="$bare" -v certtool="$certtool" -v synced="$synced" -v rounds="$rounds" 'BEGIN {
	printf "P-256 key and leaf, one core, medians of %d rounds\n", rounds
	printf "%-62s %9.3f ms\n", "gatewrightd, as its API does: one commit each", single
	printf "%-62s %9.3f ms\n", "gatewrightd, 128 per commit (store_begin(); no API call does)", batch
	printf "%-62s %9.3f ms\n", "OpenSSL, bare: key, sign, encode; nothing checked or kept", bare
	printf "%-62s %9.3f ms\n", "certtool: two processes, not synced", certtool
	printf "%-62s %9.3f ms\n", "certtool: the same, synced", synced
	printf "ratio to certtool (bar 30), durable batch against not synced: %.1f\n", certtool / batch
	printf "ratio to certtool, one commit each against synced: %.1f\n", synced / single
	printf "share of the bare loop (bar 50 %%), durable batch: %.0f %%\n", 100 * bare / batch
	printf "share of the bare loop, one commit each: %.0f %%\n", 100 * bare / single
	exit !(certtool / batch >= 30 && bare / batch >= 0.5)
}'
