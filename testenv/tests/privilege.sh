# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What the processes of a capture may do, what they need, and what happens without the one that
# has the privileges.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in which privileges BPF needs
ALL_TESTS="test_privilege_of_reader test_privilege_of_helpers test_privilege_descriptors
	test_privilege_user test_privilege_unknown_user test_privilege_root
	test_privilege_private_directory test_privilege_follows_changes
	test_privilege_control_killed test_privilege_control_and_watchdog_killed
	test_privilege_forbidden_call test_privilege_control_page_overwritten
	test_privilege_owner_is_frozen
	test_privilege_wrap_control_killed test_privilege_control_killed_watchdog_stopped
	test_privilege_not_by_id test_privilege_no_sys_admin test_privilege_no_net_admin
	test_privilege_missing test_privilege_pinned test_privilege_of_other_watchdog
	test_privilege_of_file test_privilege_not_by_program_name
	test_privilege_pinned_unknown_kind
	test_privilege_without_user_change
	test_privilege_verifier_log test_privilege_verifier_log_not_saved
	test_hostile_interface_name test_hostile_reasons test_hostile_pins"
ANY_TESTS="test_privilege_of_file test_privilege_not_by_program_name
	test_privilege_descriptors test_privilege_unknown_user
	test_privilege_private_directory test_privilege_control_killed_watchdog_stopped
	test_privilege_control_and_watchdog_killed test_privilege_forbidden_call
	test_privilege_pinned_unknown_kind test_privilege_without_user_change
	test_privilege_verifier_log test_privilege_verifier_log_not_saved
	test_hostile_interface_name test_hostile_reasons test_hostile_pins"

# CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF, as in /proc/PID/status.
HELPER_CAPS=000000c000281000
NO_CAPS=0000000000000000

# status_of PID FIELD: words of a line of /proc/PID/status.
status_of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' ' | sed 's/ *$//'
}

is() {
	[ "$(status_of "$1" "$2")" = "$3" ] ||
		fail "$2 of $(cat "/proc/$1/comm") is '$(status_of "$1" "$2")', not '$3'"
}

# dropped PID CAPABILITIES: it has no others, and cannot get any.
dropped() {
	is "$1" CapPrm "$2"
	is "$1" CapEff "$2"
	is "$1" CapInh "$2"
	is "$1" CapAmb $NO_CAPS
	is "$1" NoNewPrivs 1
}

# The same, and not by way of any program either; that takes CAP_SETPCAP at the start.
confined() {
	dropped "$1" "$2"
	is "$1" CapBnd $NO_CAPS
}

default_user() {
	getent passwd tcpdump >/dev/null && echo tcpdump || echo nobody
}

is_user() {
	local uid gid

	uid=$(id -u "$2") gid=$(id -g "$2")
	is "$1" Uid "$uid $uid $uid $uid"
	is "$1" Gid "$gid $gid $gid $gid"
	is "$1" Groups ''
}

# What was sent after the drop is captured as always.
capture_works() {
	send_frames sent.pcap -n 50
	stop_capture
	same sent.pcap out.pcap
	all_captured
	wait_for no_watchdog || fail "processes are left"
}

test_privilege_of_reader() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	is_user "$CAPTURE_PID" "$(default_user)"
	confined "$CAPTURE_PID" $NO_CAPS
	capture_works
}

test_privilege_of_helpers() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	confined "$(control)" $HELPER_CAPS
	confined "$(watchdog)" $HELPER_CAPS
	capture_works
	hook_is_empty || fail "slots are in use"
}

# By what the process that handles bytes has open it can reach the rings, and no other BPF object.
test_privilege_descriptors() {
	local fd kind rings=0

	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	for fd in "/proc/$CAPTURE_PID/fd/"*; do
		kind=$(readlink "$fd")
		case $kind in
		anon_inode:bpf-map)
			# BPF_MAP_TYPE_RINGBUF
			grep -q '^map_type:[[:space:]]27$' "/proc/$CAPTURE_PID/fdinfo/${fd##*/}" ||
				fail "another map than a ring is open"
			rings=$((rings + 1))
			;;
		anon_inode:bpf* | anon_inode:btf) fail "$kind is open" ;;
		esac
	done
	[ $rings -ge 1 ] || fail "no ring is open: the test sees nothing"
	grep -q 'bpf-map' "/proc/$CAPTURE_PID/maps" || fail "no map is mapped"
	capture_works
}

test_privilege_user() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap -Z nobody
	is_user "$CAPTURE_PID" nobody
	confined "$CAPTURE_PID" $NO_CAPS
	capture_works
}

test_privilege_unknown_user() {
	begin
	load verdict_hook verdict_hook
	launch_capture out.pcap -Z no-such-user
	end_capture 2
	says "^xdpdrop-capture: option -Z: there is no user 'no-such-user'$"
	[ ! -e out.pcap ] || fail "a file was left"
}

test_privilege_root() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap -Z root
	is "$CAPTURE_PID" Uid '0 0 0 0'
	is "$CAPTURE_PID" CapEff "$(status_of $$ CapEff)"
	[ -z "$(control)" ] || fail "there is a control process"
	capture_works
}

# Opened before, and not to be reached after.
test_privilege_private_directory() {
	begin
	load verdict_hook verdict_hook
	mkdir -m 700 private
	start_capture private/out.pcap
	send_frames sent.pcap -n 50
	stop_capture
	same sent.pcap private/out.pcap
	all_captured
	[ "$(stat -c '%U %a' private/out.pcap)" = "root 600" ] || fail "another owner or mode"
}

# Another program is attached while the capture runs: its hook is found by the control process,
# and its frames come with the names of their reasons.
test_privilege_follows_changes() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng
	send_frames sent.pcap -n 20
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q 'no longer on' capture.log || fail "the end of the program is not seen"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the new hook is not taken"
	send_frames more.pcap -n 20 -f 100
	is_user "$CAPTURE_PID" "$(default_user)"
	stop_capture
	join sent.pcap more.pcap >all.pcap
	same all.pcap out.pcapng
	all_captured
	[ "$(fields out.pcapng frame.comment | sort -u | wc -l)" -ge 1 ] || fail "no reasons"
	[ "$(fields out.pcapng frame.interface_id | sort -u | wc -l)" = 2 ] ||
		fail "not two capture points"
}

# ends_without_control MESSAGES: the capture ends by itself, and what it had is in the file.
ends_without_control() {
	end_capture 1
	says 'the control process was killed \(signal 9\); this session ends'
	same sent.pcap out.pcap
	all_captured
	wait_for no_watchdog || fail "processes are left"
}

# The control process has a watchdog: what was armed is disarmed.
test_privilege_control_killed() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 50
	kill -KILL "$(control)"
	ends_without_control
	hook_is_empty || fail "slots are in use"
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] || fail "something was left to clean"
}

test_privilege_wrap_control_killed() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 50
	kill -KILL "$(control)"
	ends_without_control
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# Nobody is left to disarm: the programs are inert at once, and the next start takes them away.
test_privilege_control_and_watchdog_killed() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 50
	local both

	both="$(watchdog) $(control)"
	# shellcheck disable=SC2086 # words on purpose
	kill -STOP $both && wait_for are_stopped $both && kill -KILL $both
	ends_without_control
	send_frames more.pcap -n 60 -f 100 -V aborted,drop,pass
	[ "$(counts)" = "aborted=20 drop=70 pass=20 tx=0 redirect=0 invalid=0" ] ||
		fail "other verdicts: $(counts)"
	"$LOADER" clean "$NS" | grep -q 'removed the program' || fail "nothing was left to clean"
	capture_again
}

# The process that handles bytes opens a socket, at its first write with frames: that kills it.
test_privilege_forbidden_call() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	: >capture.log
	FAULT=write:2:forbid LD_PRELOAD=$TOOLS/faults.so "$CAPTURE" "$NS" out.pcap 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	says_not 'no seccomp'
	send_frames sent.pcap -n 50
	end_capture 159 # 128 + SIGSYS
	wait_for hook_is_empty || fail "slots are in use"
	wait_for no_watchdog || fail "processes are left"
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] || fail "something was left to clean"
}

# overwrite MAP: its one value, by bytes of all ones.
overwrite() {
	local size

	size=$(bpftool map show id "$1" | grep -o 'value [0-9]*B' | tr -dc 0-9)
	# shellcheck disable=SC2046 # words on purpose
	bpftool map update id "$1" key 0 0 0 0 value $(printf '255 %.0s' $(seq "$size"))
}

# The process that handles bytes can write this page, which therefore is no word of whose the
# programs are, and whether that capture lives.
test_privilege_control_page_overwritten() {
	begin
	need bpftool
	local slots

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	overwrite "$(map_of_capture xdpdrop_control)" || fail "bpftool"
	slots=$("$TOOLS/xload" slots "$PINS/hook")
	"$CAPTURE" -d 0.1 -v -t hook "$NS" other.pcap >other.log 2>&1 ||
		fail "another capture does not start"
	grep -q 'taking over' other.log && fail "another capture takes the place of this one"
	[ "$("$TOOLS/xload" slots "$PINS/hook")" = "$slots" ] || fail "slots have changed"
	kill_capture
	hook_is_armed "$PINS/hook" || fail "nothing was left to clean"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q "session with pid $CAPTURE_PID left" clean.log || fail "not left by whom it was"
	hook_is_empty || fail "slots are in use"
	capture_again
}

test_privilege_owner_is_frozen() {
	begin
	need bpftool
	load verdict_hook verdict_hook
	start_capture out.pcap
	overwrite "$(map_of_capture xdpdrop_owner)" >overwrite.log 2>&1 &&
		fail "the owner can be changed"
	grep -q 'Operation not permitted' overwrite.log || fail "another error"
	capture_works
}

# Its watchdog cannot take anything away before it goes on: the capture does not wait for that.
test_privilege_control_killed_watchdog_stopped() {
	local watchdog

	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 50
	watchdog=$(watchdog)
	kill -STOP "$watchdog"
	kill -KILL "$(control)"
	end_capture 1
	says 'the control process was killed \(signal 9\); this session ends'
	same sent.pcap out.pcap
	all_captured
	kill -CONT "$watchdog"
	wait_for no_watchdog || fail "processes are left"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# -- what is needed ------------------------------------------------------------------------------

# with_only CAPABILITIES COMMAND ...: as root, so that the tool's directory may be a private one.
with_only() {
	local caps=$1

	shift
	# before Linux 5.11 maps count
	(
		ulimit -l unlimited 2>/dev/null
		exec setpriv --inh-caps=-all --bounding-set="-all,$caps" "$@"
	)
}

# One line, status 1, no file.
refused_for() {
	[ "$1" = 1 ] || fail "status $1, not 1"
	[ "$(cat err)" = "xdpdrop-capture: $2" ] || fail "says: $(cat err)"
	[ ! -e out.pcap ] || fail "a file was left"
}

NO_SYS_ADMIN='the capability CAP_SYS_ADMIN is missing, to see the programs and maps of others; '
NO_SYS_ADMIN+='run as root'

test_privilege_no_sys_admin() {
	begin
	need setpriv
	load verdict_hook verdict_hook
	with_only +net_admin,+bpf,+perfmon "$CAPTURE" "$NS" out.pcap 2>err
	refused_for $? "$NO_SYS_ADMIN, or name a pinned hook"
}

# Also what captures nothing needs it, and says so.
test_privilege_not_by_id() {
	local command

	begin
	need setpriv
	for command in "$CAPTURE -D" "$CAPTURE --explain $NS" "$LOADER status" "$LOADER clean" \
		"$LOADER features" "$LOADER features $NS"; do
		# shellcheck disable=SC2086 # words on purpose
		with_only +net_admin,+bpf,+perfmon $command >out 2>err
		[ $? = 1 ] || fail "$command: status is not 1"
		[ ! -s out ] || fail "$command: $(cat out)"
		[ "$(sed 's/^xdpdrop-[a-z]*: //; s/, or name a pinned hook//' err)" = \
			"$NO_SYS_ADMIN" ] || fail "$command: $(cat err)"
	done
}

# Enough for a hook; to attach a wrapper it is not.
test_privilege_no_net_admin() {
	begin
	need setpriv
	load verdict verdict
	with_only +sys_admin "$CAPTURE" -t wrap "$NS" out.pcap 2>err
	refused_for $? "cannot attach to $NS: wrap: the capability CAP_NET_ADMIN is missing, $(
		)to attach a program to an interface"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# missing CAPABILITY USE OTHERS: a pinned hook with all others that it needs.
missing() {
	with_only "$3" "$CAPTURE" --hook "$PINS/hook" "$NS" out.pcap 2>err
	refused_for $? "the capability $1 is missing, $2; run as root, or with this capability"
}

test_privilege_missing() {
	begin
	need setpriv
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	missing CAP_BPF 'to create maps and load programs' +net_admin,+perfmon
	missing CAP_NET_ADMIN 'to load XDP programs' +bpf,+perfmon
	missing CAP_PERFMON 'to load programs that copy frames' +bpf,+net_admin
}

# as_nobody CAPABILITIES: from now on CAPTURE runs as user nobody with these, and may open the hook.
as_nobody() {
	local ids

	ids="--reuid=$(id -u nobody) --regid=$(id -g nobody) --clear-groups"
	mkdir -m 755 bin
	cp "$CAPTURE" "$BUILD/xdpdrop-watchdog" \
		"$(ldd "$CAPTURE" | sed -n 's/.*=> \(.*libxdpdrop[^ ]*\) .*/\1/p')" bin/
	cat >bin/run <<-END
	#!/bin/sh
	exec setpriv $ids --inh-caps=-all,$1 --ambient-caps=-all,$1 --bounding-set=-all,$1 \
		"$PWD/bin/xdpdrop-capture" "\$@"
	END
	chmod 755 bin/* /sys/fs/bpf "$PINS" "$STATEDIR" .
	mkdir -m 777 out
	chown nobody "$PINS/hook"
	CAPTURE=$PWD/bin/run
	# before Linux 5.11 maps count
	ulimit -l unlimited 2>/dev/null
}

# A pinned hook needs neither root nor CAP_SYS_ADMIN.
test_privilege_pinned() {
	begin
	need setpriv
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	install -m 600 /dev/null /run/xdpdrop.lock # as captures of root leave it
	as_nobody +bpf,+net_admin,+perfmon
	start_capture out/out.pcap --hook "$PINS/hook"
	is_user "$CAPTURE_PID" nobody
	dropped "$CAPTURE_PID" $NO_CAPS
	dropped "$(control)" 000000c000001000
	dropped "$(watchdog)" 000000c000001000
	send_frames sent.pcap -n 50
	sleep 1.5 # it looks for changes twice a second
	stop_capture
	same sent.pcap out/out.pcap
	all_captured
	hook_is_empty || fail "slots are in use"
	# once for each that arms or disarms
	[[ $(grep -c 'cannot open /run/xdpdrop.lock' capture.log) == [12] ]] ||
		fail "says nothing, or again and again: $(<capture.log)"
}

# The watchdog has what it needs wherever the capabilities come from: also one that is started in
# place of another, by a process that nobody gave any, and one of a capture with file capabilities.
undone_by_the_watchdog() {
	dropped "$(watchdog)" 000000c000001000
	kill -KILL "$(control)"
	wait "$CAPTURE_PID" 2>/dev/null
	wait_for no_watchdog || fail "the watchdog stays"
	hook_is_empty || fail "slots are in use"
}

test_privilege_of_other_watchdog() {
	begin
	need setpriv
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	as_nobody +bpf,+net_admin,+perfmon
	start_capture out/out.pcap --hook "$PINS/hook"
	kill -KILL "$(watchdog)"
	wait_for grep -q "watchdog process was killed" capture.log || fail "nothing is said of it"
	wait_for has_journal || fail "there is no other"
	undone_by_the_watchdog
}

# The linker looks for a library of such a program only where the system has its own.
test_privilege_of_file() {
	begin
	need setpriv
	need setcap
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	as_nobody +bpf
	setcap cap_bpf,cap_net_admin,cap_perfmon+ep bin/xdpdrop-capture || fail "setcap"
	sed -i 's/ --[a-z-]*=-all,[^ ]*//g' bin/run
	mount -t overlay -o "lowerdir=$PWD/bin:/usr/lib" overlay /usr/lib ||
		skip "cannot put a library beside the system's"
	start_capture out/out.pcap --hook "$PINS/hook"
	is_user "$CAPTURE_PID" nobody
	undone_by_the_watchdog
}

# Who starts a program chooses its name, but not the watchdog to which it lends its capabilities.
test_privilege_not_by_program_name() {
	begin
	need setpriv
	need setcap
	load verdict_hook verdict_hook
	mkdir -m 755 good evil
	mkdir -m 777 out
	chmod 755 .
	cp "$TOOLS/embed-static" good/
	setcap cap_sys_admin,cap_bpf,cap_net_admin,cap_perfmon+ep good/embed-static || fail "setcap"
	printf '#!/bin/sh\necho taken >"%s"\n' "$PWD/out/taken" >evil/xdpdrop-watchdog
	touch evil/app
	chmod 755 evil/xdpdrop-watchdog
	ulimit -l unlimited 2>/dev/null
	(cd out && exec setpriv --reuid="$(id -u nobody)" --regid="$(id -g nobody)" \
		--clear-groups bash -c 'exec -a "$1/evil/app" "$1/good/embed-static" "$2" hook' \
		bash "${PWD%/out}" "$NS") >embed.log 2>&1 || fail "the capture fails"
	[ ! -e out/taken ] || fail "a watchdog of the user's has the capabilities"
}

# What a hook is for is in its BTF. If that may not be read, only its name could tell.
test_privilege_pinned_unknown_kind() {
	begin
	need setpriv
	load --pin "second_hook=$PINS/hook" verdict_two verdict_two
	with_only +net_admin,+bpf,+perfmon "$CAPTURE" --hook "$PINS/hook" "$NS" out.pcap 2>err
	refused_for $? "cannot attach to $NS: hook: cannot determine the type of hook $(
		)$PINS/hook: reading its BTF needs the capability CAP_SYS_ADMIN"
}

# A container's root may be without them.
test_privilege_without_user_change() {
	begin
	need setpriv
	load verdict_hook verdict_hook
	cat >run <<-END
	#!/bin/sh
	exec setpriv --inh-caps=-all --bounding-set=-all,+sys_admin,+net_admin "$CAPTURE" "\$@"
	END
	chmod 755 run
	# before Linux 5.11 maps count
	ulimit -l unlimited 2>/dev/null
	CAPTURE=$PWD/run start_capture out.pcap
	says 'warning: still user root, though without capabilities: CAP_SETUID or CAP_SETGID is'
	dropped "$CAPTURE_PID" $NO_CAPS
	capture_works
}

# -- what is left for a person to read ----------------------------------------------------------

# Programs are replaced by one that no verifier takes.
refuse() {
	load verdict_hook verdict_hook
	FAULT=load:1+:refuse LD_PRELOAD=$TOOLS/faults.so TMPDIR=$1 "$CAPTURE" "$NS" out.pcap \
		2>capture.log
	[ $? = 1 ] || fail "status is not 1"
	[ ! -e out.pcap ] || fail "a file was left"
	says "cannot put a capture program into the [a-z]* slot of hook"
}

test_privilege_verifier_log() {
	local log

	begin
	mkdir tmp
	refuse "$PWD/tmp"
	says "^xdpdrop-capture: the kernel's verifier refused a program; its log is in $PWD/tmp/"
	log=$(sed -n 's/.*; its log is in //p' capture.log)
	[ "$(echo "$PWD"/tmp/*)" = "$log" ] || fail "not the one file that is there: $log"
	[ "$(stat -c '%a %U' "$log")" = "600 root" ] || fail "mode $(stat -c '%a %U' "$log")"
	grep -q 'R0 !read_ok' "$log" || fail "$(tail -n 5 "$log")"
}

test_privilege_verifier_log_not_saved() {
	begin
	refuse "$PWD/missing"
	says "^xdpdrop-capture: cannot save the verifier's log as $PWD/missing/xdpdrop-verifier-$(
		).*: No such file or directory$"
}

# -- what others have named or left -------------------------------------------------------------

# no_escapes FILE ...: nothing in it that a terminal would obey.
no_escapes() {
	! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' "$@" || fail "control characters"
}

HOSTILE=$'a\033[31mb\177'

# The kernel allows any byte but / : and blanks in the name of an interface.
test_hostile_interface_name() {
	begin
	load verdict_hook verdict_hook
	ip link set dev "$NS" down
	ip link set dev "$NS" name "$HOSTILE"
	NS=$HOSTILE
	ip link set dev "$NS" up
	start_capture out.pcapng
	"$CAPTURE" -D >list.txt 2>&1 || fail "-D"
	"$CAPTURE" --explain "$NS" >explain.txt 2>&1 || fail "--explain"
	"$LOADER" status >all.txt 2>&1 || fail "status"
	"$LOADER" status "$NS" >one.txt 2>&1 || fail "status of one"
	"$LOADER" features "$NS" >can.txt 2>&1 || fail "features"
	stop_capture
	grep -q 'a?\[31mb?' list.txt || fail "not in the list"
	no_escapes capture.log list.txt explain.txt all.txt one.txt can.txt
	strings -n 4 out.pcapng >found.txt
	grep -q 'a?\[31mb?:verdict_hook' found.txt || fail "not in the file: $(cat found.txt)"
	! "$LOADER" unload "$NS" -i 1 >off.txt 2>&1 || fail "unloads nothing"
	no_escapes off.txt
}

test_hostile_reasons() {
	begin
	need tshark
	load verdict_hook verdict_hook
	printf '1 EVEN\033]0;title\007\n2 ODD\303\050\n' >reasons
	start_capture out.pcapng --reasons reasons
	send_frames sent.pcap -n 4
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	no_escapes capture.log
	fields out.pcapng frame.comment | sort -u >names
	printf 'EVEN?]0;title?\nODD?(\n' | diff - names || fail "other names"
	printf 'x\033[2J\n' >reasons
	"$CAPTURE" -d 0.2 --reasons reasons "$NS" none.pcapng 2>capture.log
	no_escapes capture.log
}

# A pin of any other kind is no hook, whatever its description looks like when taken for a map's.
test_hostile_pins() {
	local pin

	begin
	need bpftool
	load --pin "xdpdrop_reason=$PINS/cell" verdict_hook verdict_hook
	bpftool prog load "$TOOLS/classifier.bpf.o" "$PINS/classifier" || fail "classifier"
	bpftool prog pin id "$PROGRAM_ID" "$PINS/program" || fail "program"
	for pin in cell classifier program; do
		"$CAPTURE" --hook "$PINS/$pin" "$NS" out.pcap 2>err
		[ $? = 1 ] || fail "$pin: status is not 1"
		[[ $(<err) == *": cannot attach to $NS: hook: $PINS/$pin is not a hook"* ]] ||
			fail "$pin: $(cat err)"
		[ ! -e out.pcap ] || fail "a file was left"
	done
}
