# shellcheck shell=sh
# The host's side of a keystore update, for any gateway. Gatewright sends this over SSH, behind shell assignments for one gateway
# (gw_gateway gw_keystore gw_boot_hook gw_test gw_reload gw_start gw_running gw_running_wait gw_unit gw_files gw_name_N gw_form_N
# gw_path_N gw_owner_N gw_group_N gw_mode_N). It speaks docs/protocol-host.md on standard input and output. A copy is kept in
# the keystore for the watchdog and the boot hook: `sh KEYSTORE/host.sh watch TOKEN|recover|status`.
# Every order of crash is worked out in docs/adr/0002-dead-man-switch.md; words there and here are the same.
# shellcheck disable=SC2154
set -u
umask 077
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/sbin:/usr/bin:/sbin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export PATH
cd / || exit 70

BOOT_ID_FILE=/proc/sys/kernel/random/boot_id
UPTIME_FILE=/proc/uptime
SYSTEMD_RUN=/run/systemd/system
SYSTEMD_DIR=/etc/systemd/system
CRON_DIR=/etc/cron.d
COMMAND_LIMIT_S=30  # one command of the target
LINE_MAX=4096       # a request
FILE_MAX=1048576    # a staged file
OUTPUT_LINES_MAX=60 # of what a command printed
CHAIN_LINES_MAX=900 # of a file with certificates
CLAIM_LIMIT_S=300   # who holds a claim for longer is stuck, and is ended

K=$gw_keystore
G=$K/generations
nl='
'

# ---- saying things ----

say() {
	printf '%s\n' "$1"
}

fact() {
	printf '= %s %s\n' "$1" "$2"
}

# The last thing of a reply. One line, printable, short.
fail() {
	printf 'fail %s %s\n' "$1" "$(printf '%s' "$2" | tr '\n\t' '  ' | tr -cd ' -~' | cut -c 1-900)"
}

# What a command printed into $out, for people.
show_output() {
	[ -s "$out" ] || return 0
	shown=$(tr -cd '\n -~' 2>/dev/null <"$out" | sed -e 's/^\(\(.\{225\}\)\{4\}\).*/\1/' -e 's/^/| /' -e "${OUTPUT_LINES_MAX}q")
	[ -z "$shown" ] || say "$shown"
}

# Run a command; its words on standard error end in why. For telling "disk full" from "read-only".
attempt() {
	why=$("$@" 2>&1) && return 0
	[ -n "$why" ] || why="$1 failed"
	return 1
}

failure_word() {
	case $why in
	*'No space'* | *'quota exceeded'* | *'Quota exceeded'*) echo no-space ;;
	*'Read-only'* | *'ermission denied'* | *'not permitted'*) echo read-only ;;
	*) echo io ;;
	esac
}

fail_why() {
	fail "$(failure_word)" "$1: $why"
}

is_id() {
	case $1 in
	'' | .* | -* | *[!A-Za-z0-9.-]*) return 1 ;;
	esac
	[ ${#1} -le 64 ]
}

is_number() {
	case $1 in
	'' | *[!0-9]*) return 1 ;;
	esac
	[ ${#1} -le 15 ]
}

# ---- time, boot, processes ----

uptime_s() {
	IFS=' ' read -r up rest <"$UPTIME_FILE" || return 1
	up=${up%%.*}
}

boot_id() {
	IFS= read -r boot <"$BOOT_ID_FILE" || return 1
}

# Sets uid. Without a process for it, as everything here that the shell can do itself: on a small host they are what takes time.
own_uid() {
	uid=-1
	while read -r i_key _ i_effective _; do
		[ "$i_key" != Uid: ] || uid=$i_effective
	done <"/proc/$$/status"
}

# A process by pid and start time, so that a pid used again is not taken for it. Sets start; fails when there is none.
start_of() {
	{ IFS= read -r stat_line <"/proc/$1/stat"; } 2>/dev/null || return 1
	stat_line=${stat_line##*) }
	# shellcheck disable=SC2086
	set -- $stat_line
	[ "$1" != Z ] && [ $# -ge 20 ] || return 1
	shift 19
	start=$1
}

# "PID~START~BOOT": who works on something. Sets me.
whoami_now() {
	boot_id && start_of $$ || return 1
	me=$$~$start~${boot%%-*}
}

is_alive() {
	o_pid=${1%%~*}
	o_rest=${1#*~}
	[ "${o_rest#*~}" = "${boot%%-*}" ] && start_of "$o_pid" && [ "$start" = "${o_rest%%~*}" ]
}

# ---- the disk ----

# `sync FILE` where this system's sync knows files, else everything; the first one tells.
sync_paths() {
	case $sync_how in
	file) attempt sync "$@" ;;
	all) attempt sync ;;
	*)
		if attempt sync "$@"; then
			sync_how='file'
		else
			sync_how=all
			attempt sync
		fi
		;;
	esac
}

# Does rename replace a link to a directory here, and can a file have two names? Where an update ended before, they did it.
check_rename() {
	[ ! -L "$K/current" ] || [ ! -e "$K/last" ] || return 0
	t=$(mktemp -d 2>/dev/null) || return 0
	mkdir "$t/a" "$t/b" && ln -s a "$t/now" && ln -s b "$t/next" && mv -T "$t/next" "$t/now" 2>/dev/null &&
		[ "$(readlink "$t/now")" = b ] && : >"$t/f" && ln "$t/f" "$t/g" 2>/dev/null
	t_ok=$?
	rm -rf "$t"
	return $t_ok
}

missing_command() {
	for c in mv ln cp rm mkdir chmod chown stat dd cat cut tr sed sync sha256sum readlink sleep date df ls setsid mktemp; do
		command -v "$c" >/dev/null 2>&1 || {
			missing=$c
			return 0
		}
	done
	return 1
}

make_keystore() {
	d=
	k_rest=${K#/}
	while [ -n "$k_rest" ]; do
		d=$d/${k_rest%%/*}
		case $k_rest in
		*/*) k_rest=${k_rest#*/} ;;
		*) k_rest= ;;
		esac
		make_directory "$d" || return 1
	done
	make_directory "$G"
}

# Others may pass through, to the files that are theirs to read; they may not look around. Durable before anything leads there.
make_directory() {
	[ ! -d "$1" ] || return 0
	attempt mkdir -m 0711 "$1" && sync_paths "$1" "${1%/*}/"
}

live_id() {
	live=-
	[ -L "$K/current" ] || return 0
	live=$(readlink "$K/current")
	live=${live##*/}
}

# One rename. $2: the link that becomes `current`; one that was made before is taken, so that going back needs no space.
point_to() {
	{ [ -L "$2" ] && [ "$(readlink "$2")" = "generations/$1" ]; } || attempt ln -sfn "generations/$1" "$2" || return 1
	attempt mv -T "$2" "$K/current" && sync_paths "$K"
}

# ---- the live files ----

# Sets name form path owner group mode of file $1.
file_row() {
	eval "name=\$gw_name_$1 form=\$gw_form_$1 path=\$gw_path_$1 owner=\$gw_owner_$1 group=\$gw_group_$1 mode=\$gw_mode_$1"
}

# The row of the file with this name, or fails.
find_row() {
	i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		[ "$name" = "$1" ] && return 0
		i=$((i + 1))
	done
	return 1
}

is_ours() {
	[ -L "$path" ] && [ "$(readlink "$path")" = "$K/current/$name" ]
}

has_key() {
	[ "$form" = key ] || [ "$form" = bundle ]
}

# Sets linked: all live paths are links of ours; stray: something stands outside of the keystore.
look_at_live() {
	linked=yes stray=no i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if ! is_ours; then
			linked=no
			[ ! -e "$path" ] || stray=yes
		fi
		i=$((i + 1))
	done
}

# The permissions of the octal mode $1 as three digits. Sets bits.
three_digits() {
	bits=000$1
	bits=${bits#"${bits%???}"}
}

# Owner and mode of the live file for $1, whose row is set. Content is there already.
dress() {
	d_key=$2
	if [ -e "$path" ]; then
		attempt stat -L -c '%u:%g %a' "$path" "$1" || return 1
		# shellcheck disable=SC2086
		set -- "$1" $why
	else
		attempt stat -c '%u:%g %a %U:%G' "$1" || return 1
		# shellcheck disable=SC2086
		set -- "$1" "$owner:$group" "$mode" $why
	fi
	three_digits "$3"
	if has_key && [ "$d_key" = ours ]; then bits=${bits%?}0; fi # a key that we bring is for no others
	want_bits=$bits
	three_digits "$5"
	[ "$2" = "$4" ] || [ "$2" = "${6:-}" ] || attempt chown "$2" "$1" || return 1
	[ "$want_bits" = "$bits" ] || attempt chmod "0$want_bits" "$1"
}

# Generation 0: what is live, as it is. Only copies; then `current` names it; nothing that a gateway reads changes.
copy_live() {
	zero=adopted-$(date -u +%Y%m%dT%H%M%SZ)-$$
	while [ -d "$G/$zero" ]; do zero=${zero}x; done # the second one of this second
	part=$G/.partial~$zero~$me
	attempt mkdir -m 0711 "$part" || return 1
	i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if [ -e "$path" ]; then
			{ attempt cp "$path" "$part/$name" && dress "$part/$name" theirs; } || {
				rm -rf "$part"
				return 1
			}
		fi
		i=$((i + 1))
	done
	sync_paths "$part"/* "$part" && attempt mv -T "$part" "$G/$zero" && sync_paths "$G" && point_to "$zero" "$K/.next~$me"
}

# The live paths become links through `current`, one rename each; the content behind a path is the same before and after.
link_live() {
	i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if ! is_ours; then
			rm -f "$path.gatewright-new"
			attempt ln -s "$K/current/$name" "$path.gatewright-new" && attempt mv -T "$path.gatewright-new" "$path" &&
				sync_paths "${path%/*}/" || return 1
		fi
		i=$((i + 1))
	done
}

adopt() {
	look_at_live
	if [ $stray = yes ]; then
		copy_live && link_live && linked=yes
	fi
}

# A first installation goes back: nothing was there before.
unlink_live() {
	i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if is_ours; then rm -f "$path"; fi
		i=$((i + 1))
	done
}

# ---- the target's commands ----

# busybox leaves a process behind that counts the time, for up to a second after the command: it gets nothing of ours to hold.
run_limited() {
	# shellcheck disable=SC2086
	$limit sh -c "$1" </dev/null >"${2:-/dev/null}" 2>&1
}

# $1: shell text of the target file. Output goes to a file, never to a pipe that a daemon started by it would hold open. Whether
# there is a `timeout` that takes its words so is asked when it ended as one does that runs nothing.
run_quiet() {
	run_limited "$@" && return 0
	status=$?
	case $status in 1 | 12[567]) ;; *) return $status ;; esac
	[ -n "$limit" ] && ! timeout 5 true </dev/null >/dev/null 2>&1 || return $status
	limit=
	run_limited "$@"
}

# The same, and people see what it printed. Where there is no space for its words, it may fail because of them.
run_shown() {
	out=$K/.out~$me
	true 2>/dev/null >"$out" || out=/dev/null
	run_quiet "$1" "$out"
	status=$?
	show_output
	return $status
}

# Going back needs no space.
run_surely() {
	run_shown "$1" || run_quiet "$1"
}

is_running() {
	[ -z "$gw_running" ] || run_quiet "$gw_running"
}

wait_running() {
	tries=$((gw_running_wait * 5))
	until is_running; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.2 2>/dev/null || { sleep 1 && tries=$((tries - 4)); }
	done
}

# ---- pending and its claims ----

# Reads the record $1 into p_*; fails when it is not there or not whole.
read_record() {
	p_token='' p_old='' p_new='' p_boot='' p_deadline='' p_session=''
	[ -f "$1" ] || return 1
	while IFS=' ' read -r r_key r_value _; do
		case $r_key in
		token) p_token=$r_value ;;
		old) p_old=$r_value ;;
		new) p_new=$r_value ;;
		boot) p_boot=$r_value ;;
		deadline) p_deadline=$r_value ;;
		session) p_session=$r_value ;;
		esac
	done 2>/dev/null <"$1" || return 1
	is_id "$p_token" && is_id "$p_new" && is_number "$p_deadline" && [ -n "$p_boot" ] && { [ "$p_old" = - ] || is_id "$p_old"; }
}

# The first claim of any kind. Sets claim; fails when there is none. One that vanished under our eyes may have another name now.
find_claim() {
	vanished=yes
	while [ $vanished = yes ]; do
		vanished=no
		for claim in "$K"/reverting~* "$K"/confirming~*; do
			[ ! -e "$claim" ] || return 0
			case $claim in *'~*') ;; *) vanished=yes ;; esac
		done
	done
	return 1
}

# A switch awaits its confirmation, or somebody has a claim on it; a claim may have become `pending` again meanwhile.
is_open() {
	[ -e "$K/pending" ] || find_claim || [ -e "$K/pending" ]
}

# `pending` becomes mine by one rename: confirm, rollback, watchdog and recover race here, and one wins.
claim_pending() {
	claim=$K/$1~$me
	attempt mv -T "$K/pending" "$claim" && read_record "$claim"
}

# A claim whose owner died, or sits on it for too long, becomes mine.
take_over() {
	c_owner=${claim##*/}
	c_kind=${c_owner%%~*}
	c_owner=${c_owner#*~}
	if [ "$c_owner" = "$me" ]; then
		read_record "$claim"
		return
	fi
	if is_alive "$c_owner"; then
		c_age=$(($(date +%s) - $(stat -c %Z "$claim" 2>/dev/null || date +%s)))
		[ $c_age -gt $CLAIM_LIMIT_S ] || return 1
		kill -9 "${c_owner%%~*}" 2>/dev/null
	fi
	mv -T "$claim" "$K/$c_kind~$me" 2>/dev/null || return 1
	claim=$K/$c_kind~$me
	read_record "$claim"
}

wait_for_claims() {
	tries=60
	while find_claim; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		{ take_over && finish_claim session; } || sleep 1
	done
}

finish_claim() {
	case ${claim##*/} in
	confirming*) sync_paths "$K" && end_claim confirmed ;;
	*) revert "$1" ;;
	esac
}

# The decision was made by the claim, and its effect is on the disk; what is left is to forget it. A claim that comes back, because
# the power went, is ended once more.
end_claim() {
	printf '%s %s\n' "$p_token" "$1" 2>/dev/null >"$K/last"
	rm -f "$K/revert~$p_token" "$K/switching~$p_token" "$K/.out~$me" "$claim"
	return 0
}

# A session that is still in the middle of its switch could move `current` after us: it ends first.
stop_switcher() {
	[ -e "$K/switching~$p_token" ] && [ -n "$p_session" ] && [ "$p_session" != "$me" ] && is_alive "$p_session" || return 0
	kill -9 "${p_session%%~*}" 2>/dev/null
	tries=10
	while is_alive "$p_session" && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 1
	done
}

move_back() {
	live_id
	if [ "$p_old" = - ]; then
		[ "$live" != "$p_new" ] || attempt rm -f "$K/current" || return 1
		[ -L "$K/current" ] || unlink_live
		sync_paths "$K"
	elif [ "$live" = "$p_new" ] && [ "$p_old" != "$p_new" ]; then
		point_to "$p_old" "$K/revert~$p_token"
	else
		sync_paths "$K"
	fi
}

# The old keystore is live and served again. $1: "boot" (the gateway starts later by itself), "tested" (it was never reloaded),
# "session". The claim is mine. Sets restored. Everything can be done twice. 1: `current` could not be moved; the claim stays.
revert() {
	restored=no
	stop_switcher
	move_back || return 1
	if [ "$1" = boot ] && ! is_running; then
		restored=yes
	elif [ "$1" = tested ]; then
		is_running && restored=yes
	else
		run_surely "$gw_reload" && wait_running && restored=yes
		if [ $restored = no ] && [ -n "$gw_start" ] && ! is_running; then
			run_surely "$gw_start" && wait_running && restored=yes
		fi
	fi
	end_claim "rolled-back $restored"
}

# What a crash left: claims whose owner is dead, a pending switch that is overdue or of an earlier boot, a dead watchdog.
recover() {
	[ -d "$K" ] && whoami_now && uptime_s || return 0
	sweep
	if find_claim && take_over; then
		if [ "$p_boot" = "$boot" ]; then finish_claim "$1"; else finish_claim boot; fi # at boot nothing is started from here
	fi
	read_record "$K/pending" || return 0
	if [ "$p_boot" != "$boot" ]; then
		claim_pending reverting && revert boot
	elif [ "$up" -ge "$p_deadline" ]; then
		claim_pending reverting && revert session
	elif ! is_watched && [ "$1" = session ]; then
		start_watchdog
	fi
}

# Half-made things of processes that are no more.
sweep() {
	for s in "$G"/.partial~* "$G"/.trash~* "$K"/.next~* "$K"/.arming~* "$K"/.script~* "$K"/.out~*; do
		[ -e "$s" ] || [ -L "$s" ] || continue
		s_rest=${s##*/.}
		s_rest=${s_rest#*~}
		case $s in
		*/.partial~* | */.trash~*) s_rest=${s_rest#*~} ;;
		esac
		is_alive "$s_rest" || rm -rf "$s"
	done
}

# What a crash left of switches that are over, or never were armed. The lock is mine; there is neither `pending` nor a claim.
sweep_switches() {
	for s in "$K"/revert~* "$K"/switching~*; do
		if [ -e "$s" ] || [ -L "$s" ]; then rm -f "$s"; fi
	done
}

# ---- the watchdog ----

is_watched() {
	{ IFS=' ' read -r w_token w_who <"$K/watching"; } 2>/dev/null || return 1
	[ "$w_token" = "$p_token" ] && is_alive "$w_who"
}

# In a session of its own, holding nothing of ours; it must be seen alive before `current` moves.
start_watchdog() {
	(setsid sh "$K/host.sh" watch "$p_token" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &)
	tries=145 pause=0.01
	until is_watched; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		[ $tries -gt 95 ] || pause=0.1
		sleep $pause 2>/dev/null || { sleep 1 && tries=$((tries - 10)); }
	done
}

watch() {
	trap '' HUP INT PIPE
	whoami_now || exit 70
	printf '%s %s\n' "$1" "$me" >"$K/watching" || exit 70
	tries=0
	while is_open; do
		uptime_s
		if read_record "$K/pending"; then
			[ "$p_token" = "$1" ] || exit 0
			if [ "$up" -ge "$p_deadline" ] && claim_pending reverting; then revert session; fi
		elif find_claim && take_over; then
			finish_claim session
		fi
		[ "$up" -lt "${p_deadline:-0}" ] || tries=$((tries + 1))
		[ $tries -lt 3600 ] || exit 70
		sleep 1
	done
}

# ---- the boot hook ----

hook_name() {
	hook=gatewright-recover-$(printf '%s' "$K" | sha256sum | cut -c 1-12)
}

# Unit files and crontabs take a path as it is only when it holds nothing but these characters.
hook_kind() {
	case $gw_boot_hook:$K in
	none:* | *[!A-Za-z0-9:/._@+=-]*) kind=none ;;
	*)
		if [ -d "$SYSTEMD_RUN" ] && [ -w "$SYSTEMD_DIR" ] && command -v systemctl >/dev/null 2>&1; then
			kind=systemd
		elif [ -w "$CRON_DIR" ] && pidof cron crond >/dev/null 2>&1; then
			kind=cron
		else
			kind=none
		fi
		;;
	esac
}

# Write $1 from standard input unless it says so already. Sets hook_changed.
put_text() {
	text=$(cat)
	[ ! -f "$1" ] || [ "$(cat "$1")" != "$text" ] || return 0
	hook_changed=yes
	printf '%s\n' "$text" >"$1.gatewright-new" && chmod 0644 "$1.gatewright-new" && mv -T "$1.gatewright-new" "$1"
}

install_systemd() {
	put_text "$SYSTEMD_DIR/$hook.service" <<END || return 1
[Unit]
Description=Gatewright: the old keystore of gateway $gw_gateway returns when its update was not confirmed
After=local-fs.target
Before=${gw_unit:-gatewright-none.service}
ConditionPathExistsGlob=|$K/pending
ConditionPathExistsGlob=|$K/reverting~*
ConditionPathExistsGlob=|$K/confirming~*

[Service]
Type=oneshot
KillMode=process
ExecStart=/bin/sh $K/host.sh recover

[Install]
WantedBy=multi-user.target
END
	put_text "$SYSTEMD_DIR/$hook.timer" <<END || return 1
[Unit]
Description=Gatewright: looks every minute for an overdue keystore update of gateway $gw_gateway

[Timer]
OnCalendar=minutely
AccuracySec=5s

[Install]
WantedBy=timers.target
END
	[ $hook_changed = no ] || enable_units || {
		rm -f "$SYSTEMD_DIR/$hook.service" "$SYSTEMD_DIR/$hook.timer" # so that the next switch tries again
		return 1
	}
}

enable_units() {
	{ systemctl daemon-reload && systemctl enable "$hook.service" && systemctl enable --now "$hook.timer"; } >/dev/null 2>&1
}

install_cron() {
	put_text "$CRON_DIR/$hook" <<END
# Gatewright: the old keystore of gateway $gw_gateway returns when its update was not confirmed
PATH=/usr/sbin:/usr/bin:/sbin:/bin
@reboot root /bin/sh $K/host.sh recover >/dev/null 2>&1
* * * * * root /bin/sh $K/host.sh recover >/dev/null 2>&1
END
}

# Durable before anything is armed; with all that systemctl wrote, wherever that is.
install_hook() {
	hook_changed=no
	hook_kind
	case $kind in
	systemd) hook_name && install_systemd || return 1 ;;
	cron) hook_name && install_cron || return 1 ;;
	esac
	[ $hook_changed = no ] || attempt sync
}

write_script() {
	printf '%s\n' "$gw_script" >"$K/.script~$me"
}

# The copy that watchdog and boot hook run. It is durable before anything is armed: its directory is synced there.
keep_script() {
	if [ -f "$K/host.sh" ] && [ "$(cat "$K/host.sh" && echo x)" = "$gw_script${nl}x" ]; then return 0; fi
	attempt write_script && sync_paths "$K/.script~$me" && attempt mv -T "$K/.script~$me" "$K/host.sh"
}

# ---- requests ----

# Sets free, of the keystore's file system; empty: not known.
free_bytes() {
	f_dir=$K
	while [ -n "$f_dir" ] && [ ! -d "$f_dir" ]; do f_dir=${f_dir%/*}; done
	free=$(df -Pk "${f_dir:-/}" 2>/dev/null)
	# shellcheck disable=SC2086
	set -- ${free##*"$nl"}
	free=
	if is_number "${4:-}"; then free=$(($4 * 1024)); fi
}

# The certificates in the live files, never a key.
show_chain() {
	i=1
	whole=
	while [ $i -le "$gw_files" ]; do
		file_row $i
		case $form in fullchain | bundle) whole=$path ;; esac
		i=$((i + 1))
	done
	i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if [ "$path" = "$whole" ] || { [ -z "$whole" ] && [ "$form" = certificate ]; }; then put_certificates "$path"; fi
		i=$((i + 1))
	done
	i=1
	while [ -z "$whole" ] && [ $i -le "$gw_files" ]; do
		file_row $i
		[ "$form" != chain ] || put_certificates "$path"
		i=$((i + 1))
	done
}

put_certificates() {
	shown=$(sed -n -e 's/[^ -~]//g' -e '/^-----BEGIN CERTIFICATE-----$/,/^-----END CERTIFICATE-----$/ { s/^\(.\{200\}\).*/\1/; s/^/+ /; p; }' \
		-e "${CHAIN_LINES_MAX}q" 2>/dev/null <"$1")
	[ -z "$shown" ] || say "$shown"
}

show_pending() {
	uptime_s
	if read_record "$K/pending"; then
		left=$((p_deadline - up))
		[ $left -gt 0 ] || left=0
		fact pending "$p_token"
		fact left "$left"
	elif find_claim && read_record "$claim"; then
		fact pending "$p_token"
		fact left 0
	else
		fact pending -
		fact left -
	fi
}

do_check() {
	if missing_command; then
		fail missing "the host has no command '$missing'"
		return
	fi
	if ! whoami_now || ! uptime_s; then
		fail missing "the host has no /proc"
		return
	fi
	if ! check_rename; then
		fail missing "'mv -T' and 'ln' do not work on this host as an atomic switch needs them"
		return
	fi
	i=1
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if [ ! -d "${path%/*}/" ]; then
			fail missing "there is no directory for '$path'"
			return
		fi
		i=$((i + 1))
	done
	fact clock "$(date +%s)"
	free_bytes
	[ -z "$free" ] || fact free "$free"
	live_id
	look_at_live
	[ $linked = yes ] || live=-
	fact live "$live"
	show_pending
	hook_kind
	fact boot-hook "$kind"
	own_uid
	fact user "$uid"
	if [ -z "$gw_running" ]; then
		fact running unknown
	elif is_running; then
		fact running yes
	else
		fact running no
	fi
	show_chain
	say ok
}

choose_dd() {
	dd_how=bytes
	if dd iflag=fullblock bs=1 count=0 </dev/null >/dev/null 2>&1; then dd_how=block; fi
}

# Reads exactly $1 bytes of standard input: in one block where dd can wait for all of it.
take_bytes() {
	if [ "$dd_how" = block ]; then
		dd iflag=fullblock bs="$1" count=1 2>/dev/null
	else
		dd bs=1 count="$1" 2>/dev/null
	fi
}

# SIZE bytes into $1, also when the disk is full: what follows in the pipe is the next request. One block is read whole before it is
# written.
receive() {
	if [ "$dd_how" = block ] && true 2>/dev/null >"$1"; then
		attempt dd iflag=fullblock bs="$2" count=1 of="$1"
		return
	fi
	why=$({
		take_bytes "$2" | {
			cat >"$1" || {
				cat >/dev/null
				exit 1
			}
		}
	} 2>&1)
}

# The first thing that went wrong is the answer, when everything that was announced has been read.
spoil() {
	[ -n "$bad" ] || bad=$1 bad_text=$2
}

# One `file` line and its bytes. Fails when the conversation cannot go on.
stage_file() {
	IFS= read -r line || return 1
	# shellcheck disable=SC2086
	set -- $line
	[ $# -eq 4 ] && [ "$1" = file ] && is_id "$2" && is_number "$3" && [ "$3" -gt 0 ] && [ "$3" -le $FILE_MAX ] || return 1
	case $4 in *[!0-9a-f]*) return 1 ;; esac
	[ ${#4} -eq 64 ] || return 1
	if ! find_row "$2"; then
		receive /dev/null "$3"
		spoil bad-request "file '$2' is not one of this target"
		return 0
	fi
	if [ -e "$part/$2" ]; then spoil bad-request "file '$2' came twice"; fi
	if ! receive "$part/$2" "$3"; then
		spoil "$(failure_word)" "write '$2': ${why%%"$nl"*}"
	elif ! dress "$part/$2" ours; then
		spoil "$(failure_word)" "owner and mode of '$2': $why"
	fi
	names="$names $2" sent="$sent $4 $2"
}

# The staged files hold what was announced. Sets sums.
check_sums() {
	# shellcheck disable=SC2086
	sums=$(cd "$part" && sha256sum $names 2>/dev/null)
	# shellcheck disable=SC2086
	set -- $sent
	while [ $# -gt 1 ]; do
		case $nl$sums$nl in
		*"$nl$1  $2$nl"*) ;;
		*) spoil mismatch "file '$2' did not arrive as it was sent" ;;
		esac
		shift 2
	done
}

# Where the host has openssl: does the key belong to the certificate?
check_pair() {
	command -v openssl >/dev/null 2>&1 || return 0
	i=1
	key_file='' leaf_file=''
	while [ $i -le "$gw_files" ]; do
		file_row $i
		if has_key; then key_file=$part/$name; fi
		case $form in certificate | fullchain | bundle) leaf_file=$part/$name ;; esac
		i=$((i + 1))
	done
	[ "$(openssl pkey -in "$key_file" -pubout 2>&1 </dev/null)" = "$(openssl x509 -in "$leaf_file" -noout -pubkey 2>&1)" ]
}

same_generation() {
	# shellcheck disable=SC2086
	[ "$(cd "$G/$1" && sha256sum $names 2>/dev/null)" = "$sums" ]
}

# Its files are on the disk before it has a name.
complete_generation() {
	if [ -d "$G/$1" ]; then
		if ! same_generation "$1"; then
			spoil exists "generation '$1' is there with other content"
		elif ! sync_paths "$G"; then # whoever named it may not have come to that
			spoil "$(failure_word)" "complete generation '$1': $why"
		fi
		rm -rf "$part"
		return
	fi
	if ! { sync_paths "$part"/* "$part" && attempt mv -T "$part" "$G/$1" && sync_paths "$G"; }; then
		spoil "$(failure_word)" "complete generation '$1': $why"
		rm -rf "$part"
	fi
}

# stage ID N
do_stage() {
	if ! is_id "${1:-}" || ! is_number "${2:-}" || [ "$2" -lt 1 ] || [ "$2" -gt 16 ]; then
		fail bad-request "want 'stage ID N'"
		exit 0
	fi
	bad='' bad_text='' names='' sent=''
	whoami_now
	choose_dd
	if ! make_keystore; then
		part=$(mktemp -d) || exit 70
		spoil "$(failure_word)" "make the keystore '$K': $why"
	else
		part=$G/.partial~$1~$me
		[ ! -d "$part" ] || rm -rf "$part"
		attempt mkdir -m 0711 "$part" || {
			spoil "$(failure_word)" "make a generation in '$K': $why"
			part=$(mktemp -d) || exit 70
		}
	fi
	n=0
	while [ $n -lt "$2" ]; do
		stage_file || {
			rm -rf "$part"
			fail bad-request "want 'file NAME SIZE SHA256' and the bytes"
			exit 0
		}
		n=$((n + 1))
	done
	[ "$2" -eq "$gw_files" ] || spoil bad-request "want $gw_files files, got $2"
	[ -n "$bad" ] || check_sums
	[ -n "$bad" ] || check_pair || spoil mismatch "the key does not belong to the certificate"
	if [ -z "$bad" ]; then complete_generation "$1"; else rm -rf "$part"; fi
	if [ -n "$bad" ]; then
		fail "$bad" "$bad_text"
		return
	fi
	staged=$1
	fact verified "$2"
	say ok
}

write_record() {
	printf 'token %s\nold %s\nnew %s\nboot %s\ndeadline %s\nsession %s\n' \
		"$2" "$live" "$1" "$boot" "$((up + $3))" "$me" >"$K/.arming~$me" && : >"$K/switching~$2"
}

# $1 ID $2 TOKEN $3 SECONDS. The record appears whole or not at all, and only when there is none: ln, not mv.
arm() {
	why='no uptime'
	uptime_s && attempt write_record "$@" || return 1
	why='the record was not written whole'
	read_record "$K/.arming~$me" && sync_paths "$K/.arming~$me" || return 1
	[ "$live" = - ] || attempt ln -sfn "generations/$live" "$K/revert~$2" || return 1
	attempt ln "$K/.arming~$me" "$K/pending" && sync_paths "$K"
}

disarm() {
	rm -f "$K/.arming~$me" "$K/revert~$1" "$K/switching~$1"
	read_record "$K/pending" && [ "$p_token" = "$1" ] && rm -f "$K/pending"
	return 0
}

say_busy() {
	show_pending
	fail busy "another update of this keystore awaits its confirmation${p_token:+ (token $p_token)}"
}

# The switch of token $2 failed on the way: the old one comes back here and now, as revert() does with $1, unless somebody else is at
# it already.
undo() {
	rm -f "$K/.arming~$me"
	if claim_pending reverting; then
		revert "$1"
	else
		wait_for_claims
		u_token='' restored=''
		{ read -r u_token _ restored <"$K/last"; } 2>/dev/null
		[ "$u_token" = "$2" ] || restored=no
	fi
	fact restored "${restored:-no}"
	live_id
	fact live "$live"
}

# $1 ID $2 TOKEN: from here on `pending` is armed and watched.
switch_armed() {
	if ! point_to "$1" "$K/.next~$me" || { [ $linked = no ] && ! link_live; }; then
		move_why=$why
		undo tested "$2"
		why=$move_why
		fail_why "move to generation '$1'"
		return 1
	fi
	if [ -n "$gw_test" ] && ! run_shown "$gw_test"; then
		undo tested "$2"
		fail test-failed "the gateway's configuration test failed"
		return 1
	fi
	if ! run_shown "$gw_reload"; then
		undo session "$2"
		fail reload-failed "the gateway's reload failed"
		return 1
	fi
	if ! wait_running; then
		undo session "$2"
		fail reload-failed "the gateway was not running after its reload"
		return 1
	fi
	rm -f "$K/switching~$2" "$K/.arming~$me" "$K/.out~$me"
	if ! read_record "$K/pending" || [ "$p_token" != "$2" ]; then
		undo session "$2"
		fail reload-failed "the switch took longer than its dead-man switch"
		return 1
	fi
}

# One session at a time takes files over, arms and moves. The lock is a link whose text is its owner: made exclusively, and
# of no worth when the owner is dead. 1: somebody has it, and may give it back while we answer; 2: it cannot be made.
lock_switch() {
	tries=5 l_owner=
	until attempt ln -s "$me" "$K/switcher"; do
		l_owner=$(readlink "$K/switcher") && break
		tries=$((tries - 1)) # it has just been given back, or cannot be made
		[ $tries -gt 0 ] || return 2
	done
	[ -n "$l_owner" ] || return 0
	! is_alive "$l_owner" && mv -T "$K/switcher" "$K/.next~$me" 2>/dev/null || return 1
	if [ "$(readlink "$K/.next~$me")" != "$l_owner" ]; then
		mv -T "$K/.next~$me" "$K/switcher" # somebody else was faster: it is theirs
		return 1
	fi
	rm -f "$K/.next~$me"
	ln -s "$me" "$K/switcher" 2>/dev/null
}

# Nobody takes a lock whose owner lives.
unlock_switch() {
	rm -f "$K/switcher"
}

# switch ID TOKEN SECONDS
do_switch() {
	if ! is_id "${1:-}" || ! is_id "${2:-}" || ! is_number "${3:-}"; then
		fail bad-request "want 'switch ID TOKEN SECONDS'"
		return
	fi
	if [ ! -d "$G/$1" ]; then
		fail missing "there is no generation '$1'"
		return
	fi
	recover session
	lock_switch
	case $? in
	0)
		switch_locked "$@"
		unlock_switch
		;;
	1) say_busy ;;
	*) fail_why "lock the keystore" ;;
	esac
}

switch_locked() {
	if is_open; then
		say_busy
		return
	fi
	sweep_switches
	if ! { adopt && keep_script; }; then
		fail_why "take the gateway's files into the keystore"
		return
	fi
	install_hook || say "| the boot hook could not be installed"
	live_id
	was=$live
	if ! arm "$1" "$2" "$(($3 > 0 ? $3 : COMMAND_LIMIT_S * 4))"; then
		arm_why=$why
		disarm "$2"
		why=$arm_why
		if [ -e "$K/pending" ]; then say_busy; else fail_why "arm the dead-man switch"; fi
		return
	fi
	live_id
	if find_claim || [ "$live" != "$was" ]; then
		disarm "$2"
		say_busy
		return
	fi
	read_record "$K/pending"
	if ! start_watchdog; then
		disarm "$2"
		fail io "the watchdog did not start"
		return
	fi
	staged=
	switch_armed "$1" "$2" || return
	if [ "$3" -eq 0 ]; then
		claim_pending confirming && sync_paths "$K" || {
			fail_why "confirm"
			return
		}
		end_claim confirmed
	fi
	fact old "$was"
	fact live "$1"
	say ok
}

do_status() {
	recover session
	live_id
	fact live "$live"
	show_pending
	say ok
}

# Is a generation named by what is live ($live), pending or being undone?
is_needed() {
	[ "$1" != "$live" ] || return 0
	for r in "$K/pending" "$K"/reverting~* "$K"/confirming~*; do
		if read_record "$r" && { [ "$1" = "$p_old" ] || [ "$1" = "$p_new" ]; }; then return 0; fi
	done
	return 1
}

remove_generation() {
	attempt mv -T "$G/$1" "$G/.trash~$1~$me" || return 1
	rm -rf "$G/.trash~$1~$me"
}

# Newest first; the first $1 stay, and what is needed.
prune() {
	removed=0 n=0
	live_id
	set -- "$1" "$G"/*
	[ $(($# - 1)) -gt "$1" ] || return 0
	# shellcheck disable=SC2045 # IDs hold no white space; anything else in there is not ours
	for p in $(ls -1t "$G"); do
		is_id "$p" || continue
		n=$((n + 1))
		if [ $n -gt "$1" ] && ! is_needed "$p" && remove_generation "$p"; then removed=$((removed + 1)); fi
	done
}

# The pending switch $1 becomes mine as a claim of kind $2, or there is an answer why not.
claim_of() {
	if ! read_record "$K/pending" || [ "$p_token" != "$1" ]; then
		fail not-pending "no switch with this token awaits confirmation"
		return 1
	fi
	if claim_pending "$2"; then
		[ "$p_token" != "$1" ] || return 0
		mv -T "$claim" "$K/pending" # a newer one, that came in between
	elif [ -e "$K/pending" ]; then
		fail_why "take the pending switch"
		return 1
	fi
	fail not-pending "no switch with this token awaits confirmation"
	return 1
}

# confirm TOKEN KEEP
do_confirm() {
	if ! is_id "${1:-}" || ! is_number "${2:-}" || [ "$2" -lt 1 ]; then
		fail bad-request "want 'confirm TOKEN KEEP'"
		return
	fi
	recover session
	claim_of "$1" confirming || return
	# An answer that a loss of power could undo is none.
	if ! sync_paths "$K"; then
		sync_why=$why
		mv -T "$claim" "$K/pending"
		why=$sync_why
		fail_why "confirm"
		return
	fi
	end_claim confirmed
	prune "$2"
	fact live "$live"
	fact removed "$removed"
	say ok
}

# rollback TOKEN
do_rollback() {
	if ! is_id "${1:-}"; then
		fail bad-request "want 'rollback TOKEN'"
		return
	fi
	recover session
	wait_for_claims
	claim_of "$1" reverting || return
	if ! revert session; then
		fail_why "go back to generation '$p_old'"
		return
	fi
	live_id
	fact live "$live"
	fact restored "$restored"
	say ok
}

# discard ID
do_discard() {
	if ! is_id "${1:-}"; then
		fail bad-request "want 'discard ID'"
		return
	fi
	live_id
	if [ ! -d "$G/$1" ]; then
		say ok
	elif is_needed "$1"; then
		fail busy "generation '$1' is live or may be needed to go back"
	elif ! { whoami_now && remove_generation "$1"; }; then
		fail_why "remove generation '$1'"
	else
		say ok
	fi
}

do_list() {
	# shellcheck disable=SC2045
	for p in $(ls -1tr "$G" 2>/dev/null); do
		is_id "$p" || continue
		fact generation "$p complete"
	done
	for p in "$G"/.partial~*; do
		[ -d "$p" ] || continue
		p=${p#*/.partial~}
		fact generation "${p%%~*} partial"
	done
	say ok
}

# The manager went away: what was only staged is of no use to anybody.
end_of_input() {
	[ -n "$staged" ] || exit 0
	live_id
	if ! is_needed "$staged" && whoami_now; then remove_generation "$staged"; fi
	exit 0
}

session() {
	trap '' HUP PIPE
	staged=
	say "gatewright-host 1 script"
	recover session
	while IFS= read -r line || end_of_input; do
		case $line in *[!A-Za-z0-9._:@+=/\ -]*) line=bad ;; esac
		[ ${#line} -lt $LINE_MAX ] || line=bad
		# shellcheck disable=SC2086
		set -- $line
		verb=${1:-}
		[ $# -eq 0 ] || shift
		case $verb:$# in
		check:0) do_check ;;
		stage:2) do_stage "$@" ;;
		switch:3) do_switch "$@" ;;
		status:0) do_status ;;
		confirm:2) do_confirm "$@" ;;
		rollback:1) do_rollback "$@" ;;
		discard:1) do_discard "$@" ;;
		list:0) do_list ;;
		bye:0) say ok && exit 0 ;;
		*) fail bad-request "want a request of the host protocol" ;;
		esac
	done
}

why='' p_token='' sync_how='' limit="timeout $COMMAND_LIMIT_S"
case ${1:-session} in
watch) watch "$2" ;;
recover) recover hook ;;
session) session ;;
*) exit 64 ;;
esac
