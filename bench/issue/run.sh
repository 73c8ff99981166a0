#!/bin/sh
# A P-256 key and its leaf certificate, stored durably: a gatewrightd that runs, asked over its HTTP API, against certtool and against
# OpenSSL's bare calls, all of it on one core, in the same run. Usage: bench/issue/run.sh [BUILD] [ROUNDS].
# BUILD is a release build (default build/release). A certificate of gatewrightd's goes through HTTP, JSON, manager, keys process (checks,
# rehearsal, lint, verification, sealing), each in its sandbox, and into the store; its answer comes after the commit is on the disk.
# Prints medians and ratios; exit status 1 when a call with 256 certificates misses a bar: 30 x certtool, 50 % of the bare loop.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../../build/release} rounds=${2:-7}
bench=$build/bench/issue/issue_bench gatewrightd=$build/src/gatewrightd/gatewrightd gatewright=$build/src/cli/gatewright
[ -x "$bench" ] && [ -x "$gatewrightd" ] || { echo "want a release build with bench/issue/issue_bench, got none in $build" >&2; exit 2; }
# On a real disk: what /tmp in memory would store is not durable.
work=$(mktemp -d "${GATEWRIGHT_BENCH_DIR:-/var/tmp}/gatewright-bench-issue.XXXXXX")
daemon=
stop_daemon() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
	daemon=
}
trap 'stop_daemon; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
core=0

on_core() { taskset -c "$core" "$@"; }

# A daemon with an empty store and a root, certificate 1.
start_daemon() {
	rm -rf "$work/state" "$work/api.sock"
	printf 'https_listen = none\nstate_dir = %s\nsocket = %s\ntargets_dir = %s\n' "$work/state" "$work/api.sock" "$here/../../targets" >"$work/conf"
	taskset -c "$core" "$gatewrightd" --config "$work/conf" >"$work/log" 2>&1 & # not by the function: $! is to be the daemon
	daemon=$!
	until "$gatewright" --socket "$work/api.sock" health >/dev/null 2>&1; do
		kill -0 "$daemon" 2>/dev/null || { cat "$work/log" >&2; exit 2; }
		sleep 0.05
	done
	"$gatewright" --socket "$work/api.sock" certificate create --kind root --display-name Root >/dev/null
}

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
	start_daemon
	on_core "$bench" api "$work/api.sock" 1 256 1 >>"$work/r.single"
	on_core "$bench" api "$work/api.sock" 1 1024 256 >>"$work/r.batch"
	stop_daemon
	on_core "$bench" bare 1000 >>"$work/r.bare"
	certtool_ms no-sync >>"$work/r.certtool"
	certtool_ms sync >>"$work/r.certtool-sync"
done

median() { sort -n "$work/r.$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
single=$(median single) batch=$(median batch) bare=$(median bare) certtool=$(median certtool) synced=$(median certtool-sync)

awk -v single="$single" -v batch="$batch" -v bare="$bare" -v certtool="$certtool" -v synced="$synced" -v rounds="$rounds" 'BEGIN {
	printf "P-256 key and leaf, one core, medians of %d rounds\n", rounds
	printf "%-62s %9.3f ms\n", "gatewrightd, POST /certificates: a call and a commit each", single
	printf "%-62s %9.3f ms\n", "gatewrightd, POST /certificates/batch: 256 per call and commit", batch
	printf "%-62s %9.3f ms\n", "OpenSSL, bare: key, sign, encode; nothing checked or kept", bare
	printf "%-62s %9.3f ms\n", "certtool: two processes, not synced", certtool
	printf "%-62s %9.3f ms\n", "certtool: the same, synced", synced
	printf "ratio to certtool (bar 30), 256 per call, durable, against not synced: %.1f\n", certtool / batch
	printf "ratio to certtool, a call each against synced: %.1f\n", synced / single
	printf "share of the bare loop (bar 50 %%), 256 per call: %.0f %%\n", 100 * bare / batch
	printf "share of the bare loop, a call each: %.0f %%\n", 100 * bare / single
	exit !(certtool / batch >= 30 && bare / batch >= 0.5)
}'
