# Sourced by ./quickstart and ./check: installs the Debian packages that are missing.
# shellcheck shell=bash disable=SC2034

# What it takes to build Gatewright.
packages_build=(
	gcc pkg-config meson ninja-build libssl-dev libssh-dev libmicrohttpd-dev libgnutls28-dev libjansson-dev libsqlite3-dev
	libsodium-dev libcurl4-openssl-dev libsmartcols-dev libseccomp-dev libidn2-dev libsystemd-dev libcmocka-dev
)

# What quickstart shows it with: a real sshd, TLS clients, the API from a script.
packages_quickstart=(openssh-server openssl python3 procps)

# What the tests need besides.
packages_check=(
	clang clang-format clang-tidy libclang-rt-14-dev shellcheck mandoc python3-pytest python3-pytest-xdist python3-jsonschema python3-yaml dropbear-bin nginx-light haproxy
	busybox gnutls-bin sudo util-linux mount openssh-client git iproute2 curl cron
)

# What builds the console: Node.js from elsewhere is as good as Debian's, and brings npm with it.
packages_node=()
command -v node >/dev/null || packages_node+=(nodejs)
command -v npm >/dev/null || packages_node+=(npm)

# The console is tested in a browser.
packages_browser=(chromium)

# What the benchmarks compare with.
packages_bench=(gnutls-bin openssh-client openssl nginx-light)

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

package_is_installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Run as root: as it is, or by sudo.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

# A server package starts its service and enables it at boot. Only its program is wanted here, so both are prevented
# for what this script itself installs; a service that was there before is left alone.
install_quietly() {
	local policy=/usr/sbin/policy-rc.d ours=no status=0 service
	if [ ! -e "$policy" ]; then
		ours=yes
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 0755 "$policy" || return 1
	fi
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || status=$?
	[ "$ours" = no ] || as_root rm -f "$policy"
	if [ "$status" = 0 ] && [ -d /run/systemd/system ]; then
		for service in "$@"; do
			case $service in
			openssh-server) as_root systemctl disable -q ssh.service ssh.socket 2>/dev/null ;;
			cron) as_root systemctl disable -q cron.service 2>/dev/null ;;
			nginx-light) as_root systemctl disable -q nginx.service 2>/dev/null ;;
			haproxy) as_root systemctl disable -q haproxy.service 2>/dev/null ;;
			esac
		done
	fi
	return "$status"
}

# ensure_packages NAME...: install those that are missing, or say in one sentence why not.
ensure_packages() {
	local missing=() name log
	command -v dpkg-query >/dev/null || die "this needs Debian 12 (want dpkg and apt-get, got neither); install the packages listed in tools/setup.sh by your system's means and build with meson"
	for name in "$@"; do package_is_installed "$name" || missing+=("$name"); done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		die "packages are missing and you are neither root nor have sudo; as root run: apt-get install ${missing[*]}"
	fi
	say "installing ${#missing[@]} packages: ${missing[*]}"
	log=$(mktemp) || die "cannot make a temporary file"
	if ! { as_root apt-get update -q && install_quietly "${missing[@]}"; } >"$log" 2>&1; then
		tail -n 15 "$log" >&2
		rm -f "$log"
		die "apt-get could not install: ${missing[*]}"
	fi
	rm -f "$log"
}

# ensure_node: Node.js and npm, by whatever package they came; Debian's own where they are missing.
ensure_node() {
	local version
	ensure_packages "${packages_node[@]}"
	version=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null)
	[ "${version:-0}" -ge 18 ] || die "want Node.js 18 or newer to build the console, got '$(node --version 2>&1)'"
}

# build_console: the console's packages as the lock file names them, then its files in console/dist; each only when out of date.
build_console() {
	local log=$PWD/build/console.log
	mkdir -p build
	(
		cd console || exit 1
		if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
			npm ci --no-audit --no-fund || exit 1
		fi
		if [ ! -f dist/index.html ] || [ -n "$(find src public tools index.html package-lock.json ./*.ts -newer dist/index.html 2>/dev/null | head -n 1)" ]; then
			npm run build
		fi
	) >"$log" 2>&1 || { tail -n 40 "$log" >&2; return 1; }
}

# What build_tree builds; empty: everything, tests and benchmarks too.
build_targets=()

# build_tree DIRECTORY MESON-OPTIONS...: configure once, then build; shows the compiler's words only when it fails.
build_tree() {
	local dir=$1 log
	shift
	log=$dir.log
	mkdir -p "${dir%/*}"
	if [ ! -f "$dir/build.ninja" ]; then
		rm -rf "$dir"
		meson setup "$dir" "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; return 1; }
	fi
	ninja -C "$dir" "${build_targets[@]}" >"$log" 2>&1 || { grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 40 >&2; return 1; }
}
