# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Captures that are killed, they and their watchdogs: at each of their calls into the kernel's BPF
# in turn, at random moments in a flood, and by a kernel that is short of memory. XDPDROP_KILLS says
# how many random ones, and XDPDROP_SEED repeats those of an earlier run.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # what the kernel undoes when a process dies is the kernel's
ALL_TESTS="test_hook_at_each_call test_wrap_at_each_call test_tag_at_each_call
	test_exit_at_each_call test_hook_watchdog_at_each_call test_wrap_watchdog_at_each_call
	test_tag_watchdog_at_each_call
	test_hook_at_random test_wrap_at_random test_wrap_follows_at_random test_tag_at_random
	test_exit_at_random
	test_hook_out_of_memory test_wrap_out_of_memory test_tag_out_of_memory
	test_exit_out_of_memory test_hook_all_out_of_memory test_wrap_all_out_of_memory
	test_tag_all_out_of_memory test_exit_all_out_of_memory"
SLOW_TESTS=$ALL_TESTS

# One call in so many, from a random one on.
CALLS='bpf send sendmsg unlink' RATE=20000
if [ -z "${XDPDROP_VM:-}$FEW" ]; then
	EVERY=1 KILLS=200
elif [ -z "${XDPDROP_VM:-}" ]; then
	EVERY=20 KILLS=15
elif [ "$FEW" ]; then
	EVERY=301 KILLS=2 RATE=500 CALLS=bpf
else
	EVERY=101 KILLS=3 RATE=1000
fi
EVERY=${XDPDROP_KILL_EVERY:-$EVERY} KILLS=${XDPDROP_KILLS:-$KILLS}

# -- what has to be there, and what not ----------------------------------------------------------

intact() {
	[ "$(attached)" = "$PROGRAM_ID native" ]
}

disarmed() {
	programs_gone && intact
}

# Of a hook that is not pinned the kernel empties the slots when nobody has it open any more.
use_hook() {
	TAP=hook
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	disarmed() {
		hook_is_empty
	}
}

use_verdict() {
	TAP=$1
	load verdict verdict
}

# The ids of the user's members stay the same.
use_members() {
	local program

	TAP=$1
	counts() {
		"$TOOLS/xload" counts "$PINS/tagger_counts"
	}
	need_members
	for program in tagger dropper; do
		"$XDP_LOADER" load -p "$PINS" -n $program "$NS" "$TOOLS/tagger.bpf.o" \
			>load.log 2>&1 || fail "xdp-loader does not load $program"
	done
	members >before
	intact() {
		members | cmp -s before -
	}
}

members() {
	"$XDP_LOADER" status "$NS" | awk '$1 == "=>" { print $3, $4 }'
}

programs_gone() {
	! "$TOOLS/xload" left ids | grep -q '^prog'
}

all_gone() {
	[ -z "$("$TOOLS/xload" left ids)" ]
}

# Kernels may leak a table of tail calls that is looked up by its number in the moment in which its
# last user lets go of it. It is empty, and nobody has it: no program of ours is left that could.
leaked() {
	local kind id name

	while read -r kind id name; do
		[[ "$kind $name" == "map xdpdrop_"@(target|next) ]] || return
		! grep -qs "^map_id:[[:space:]]*$id\$" /proc/[0-9]*/fdinfo/* || return
		echo "leaked by the kernel: map $id"
	done < <("$TOOLS/xload" left ids)
	: >ids
}

# What is to go goes within ten seconds, or it is still busy, or leaked.
all_gone_or_leaked() {
	all_gone || { [ $((SECONDS - since)) -ge 10 ] && leaked; }
}

# Nothing that the killed captures made is left.
dismantled() {
	local since=$SECONDS

	wait_for programs_gone || fail "programs are left: $("$TOOLS/xload" left ids)"
	wait_for no_watchdog || fail "a watchdog is left"
	wait_for all_gone_or_leaked || fail "maps are left: $("$TOOLS/xload" left ids)"
	wait_for intact || fail "the user's programs are not as they were"
	no_pins
	: >ids
}

# -- killing -------------------------------------------------------------------------------------

# ended PID: its status, without the shell's remark on what has killed it.
ended() {
	wait "$1" 2>/dev/null
}

# short_capture [options]: what it creates goes to the file ids, what FAULT says fails. With -Z root
# it makes the last calls itself, too.
short_capture() {
	LD_PRELOAD=$TOOLS/faults.so FAULT_IDS=$PWD/ids FAULT_STRUCK=$PWD/struck \
		"$CAPTURE" "$@" -t "$TAP" -d 0.001 "$NS" out.pcap 2>capture.log &
	ended $!
}

# One in so many calls is tried, and more of those of which there are few: sets EACH.
every_call() {
	EACH=$EVERY
	[ "$1" = bpf ] || EACH=$((EVERY / 10 + 1))
}

# killed_at CALL: at each of them. A whole run has counted the calls; not all make the very same,
# above all where other tests have links, which are looked at.
killed_at() {
	local call=$1 calls n status slack=20

	[ "$call" != bpf ] || slack=100
	calls=$(sed -n "s/^$call //p" counted)
	every_call "$call"
	for ((n = 1 + RANDOM % EACH; n <= calls; n += EACH)); do
		FAULT=$call:$n:kill short_capture -Z root
		status=$?
		[ $status = 137 ] || { [ $status = 0 ] && [ $n -gt $((calls - slack)) ]; } ||
			fail "$call $n of $calls did not kill it"
		dismantled
		[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
			fail "something was left to clean"
	done
	echo "killed at every $EACH. of $calls calls of $call"
}

at_each_call() {
	local call

	FAULT_COUNTS=$PWD/counted short_capture -Z root || fail "a capture without faults"
	dismantled
	[ "$(sed -n 's/^bpf //p' counted)" -gt 50 ] || fail "only few calls"
	for call in $CALLS; do
		killed_at "$call"
		control_killed_at "$call"
	done
}

# The process that has the privileges, at each call until it lives to the end; the capture ends.
control_killed_at() {
	local call=$1 n status

	: >struck
	every_call "$call"
	for ((n = 1 + RANDOM % EACH; n < 1000; n += EACH)); do
		rm struck
		FAULT=$call:$n:kill FAULT_IN=xdpdrop-control short_capture
		status=$?
		[ -e struck ] || break
		[ $status -le 1 ] || fail "status $status"
		dismantled
		[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
			fail "something was left to clean"
	done
	echo "control process killed at every $EACH. of up to $n calls of $call"
}

# watchdog_killed_at CALL: after its capture; at a later one each time until it lives to the end.
watchdog_killed_at() {
	local call=$1 n

	: >struck
	every_call "$call"
	for ((n = 1 + RANDOM % EACH; n < 1000; n += EACH)); do
		rm struck
		: >capture.log
		FAULT=$call:$n:kill FAULT_IN=xdpdrop-watchdo FAULT_IDS=$PWD/ids \
			FAULT_STRUCK=$PWD/struck LD_PRELOAD=$TOOLS/faults.so "$CAPTURE" -t \
			"$TAP" "$NS" out.pcap 2>capture.log &
		CAPTURE_PID=$!
		await_listening || fail "xdpdrop-capture does not listen"
		# shellcheck disable=SC2046 # words on purpose
		kill -KILL $(control) "$CAPTURE_PID"
		ended "$CAPTURE_PID"
		wait_for no_watchdog || fail "a watchdog is left"
		[ -e struck ] || break
		if [ $((n % 2)) = 0 ]; then
			"$LOADER" clean "$NS" >clean.log || fail "clean"
		else
			short_capture || fail "the next capture"
		fi
		dismantled
	done
	echo "watchdog killed at every $EACH. of up to $n calls of $call"
}

watchdog_at_each_call() {
	local call

	for call in $CALLS; do
		watchdog_killed_at "$call"
	done
}

test_hook_at_each_call() {
	begin
	use_hook
	at_each_call
}

test_wrap_at_each_call() {
	begin
	use_verdict wrap
	at_each_call
}

test_tag_at_each_call() {
	begin
	use_members tag
	at_each_call
}

test_exit_at_each_call() {
	begin
	need_trampolines
	use_verdict exit
	at_each_call
}

test_hook_watchdog_at_each_call() {
	begin
	use_hook
	watchdog_at_each_call
}

test_wrap_watchdog_at_each_call() {
	begin
	use_verdict wrap
	watchdog_at_each_call
}

test_tag_watchdog_at_each_call() {
	begin
	use_members tag
	watchdog_at_each_call
}

# -- at random moments in a flood ----------------------------------------------------------------

# Frames that ask for verdict $1 without end; what reaches the stack is counted.
begin_flood() {
	local verdict=$1 number=$2

	: >"$verdict.stack"
	tcpdump -i "$NS" -Q in -B 16384 -s 64 -w /dev/null \
		"ether[6:2] = 0x5a78 and ether[11] & 15 = $number" 2>"$verdict.stack" &
	COUNTERS+=" $!"
	wait_for grep -q 'listening on' "$verdict.stack" || fail "tcpdump does not listen"
	ip netns exec "$NS" "$TOOLS/flood" --packet --rate $RATE --count 2000000000 \
		--seconds 86400 --verdict "$verdict" "$TOOLS/flood.bpf.o" veth0 \
		>"$verdict.flood" 2>&1 &
	SENDERS+=" $!"
}

is_flooded() {
	[ "$(count_of drop)" -gt 1000 ] && [ "$(count_of pass)" -gt 1000 ]
}

# First the senders end, then who counts.
# shellcheck disable=SC2086 # words on purpose
end_floods() {
	wait_for is_flooded || fail "no flood: $(counts)"
	kill -TERM $SENDERS
	wait $SENDERS
	settle counts
	kill -TERM $COUNTERS
	wait $COUNTERS
}

# reached_stack VERDICT COUNT: as many frames did. The kernel may have counted one or two of others,
# before tcpdump had its filter there; tcpdump has not.
reached_stack() {
	local captured received

	captured=$(sed -n 's/^\([0-9]*\) packets\? captured/\1/p' "$1.stack")
	received=$(sed -n 's/^\([0-9]*\) packets\? received by filter/\1/p' "$1.stack")
	[ "$received" = "$2" ] ||
		{ [ "$captured" = "$2" ] && [ $((received - captured)) -le 2 ]; }
}

# Every dropped frame was dropped, and every passed one was passed.
verdicts_hold() {
	local dropped passed

	dropped=$(count_of drop) passed=$(count_of pass)
	reached_stack drop 0 || fail "frames to drop reached the stack: $(<drop.stack)"
	reached_stack pass "$passed" || fail "not $passed frames that pass: $(<pass.stack)"
	echo "$dropped frames dropped, $passed passed, each one rightly"
}

now_ms() {
	NOW=$((${EPOCHREALTIME/[.,]/} / 1000))
}

# How long a start takes, with everything warm.
measure_start() {
	local start

	now_ms
	start=$NOW
	start_capture out.pcap -t "$TAP"
	now_ms
	START_MS=$((NOW - start))
	stop_capture
}

# Those of the processes that are still there.
end_at_once() {
	[ $# = 0 ] || kill -KILL "$@" 2>/dev/null
}

# Kill the capture, and often one or all of its helpers, first or last. Sets ORPHANED.
# shellcheck disable=SC2086 # words on purpose
kill_at_random() {
	local signal=KILL others=''

	[ $((RANDOM % 4)) != 0 ] || signal=ABRT
	ORPHANED=no
	case $((RANDOM % 6)) in
	0) others=$(watchdog) ;;
	1) others=$(control) ;;
	2) others="$(control) $(watchdog)" ORPHANED=yes ;;
	esac
	# before it listens one of them may be all that there is
	grep -q '^listening' capture.log || [ ! "$others" ] || ORPHANED=yes
	[ $((RANDOM % 2)) = 0 ] || end_at_once $others
	kill -$signal "$CAPTURE_PID"
	end_at_once $others
	now_ms
	ended "$CAPTURE_PID"
}

# How long the capture's programs are in the way after its death.
await_disarmed() {
	local killed=$NOW

	until disarmed; do
		pause 0.005
	done
	now_ms
	echo $((NOW - killed)) >>delays
	wait_for programs_gone || fail "programs are left: $("$TOOLS/xload" left ids)"
}

# Not judged: how long it takes depends on what else the machine does.
print_delays() {
	local delays

	if [ ! -e delays ]; then
		echo "none was disarmed by the other process"
		return
	fi
	readarray -t delays < <(sort -n delays)
	echo "disarmed after ${delays[${#delays[@]} / 2]} ms, at most ${delays[-1]} ms"
}

# What neither of them could take away: the next start does, or clean.
remove_leftovers() {
	if [ $((RANDOM % 2)) = 0 ]; then
		"$LOADER" clean "$NS" >clean.log || fail "clean"
	else
		short_capture || fail "the next capture"
	fi
	wait_for programs_gone || fail "programs are left: $("$TOOLS/xload" left ids)"
}

sleep_at_most() { # MILLISECONDS
	local ms=$((RANDOM % $1))

	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
}

until_the_kill() {
	sleep_at_most $((START_MS + 300))
}

one_random_kill() {
	local file=files/out.pcap

	[ $((RANDOM % 2)) = 0 ] || file=files/out.pcapng
	rm -f files/out.pcap files/out.pcapng
	: >capture.log
	FAULT_IDS=$PWD/ids LD_PRELOAD=$TOOLS/faults.so "$CAPTURE" -t "$TAP" "$NS" $file \
		2>capture.log &
	CAPTURE_PID=$!
	until_the_kill
	kill_at_random
	if [ $ORPHANED = no ]; then
		await_disarmed
	else
		remove_leftovers
	fi
	cat ids >>ids.all
	: >ids
	[ ! -s $file ] || "$TOOLS/readable" $file >>frames || fail "$file cannot be read"
}

at_random() {
	local n SENDERS='' COUNTERS=''

	need tcpdump
	RANDOM=${XDPDROP_SEED:=$RANDOM}
	echo "XDPDROP_SEED=$XDPDROP_SEED XDPDROP_KILLS=$KILLS"
	ulimit -c 0
	mkdir files
	measure_start
	begin_flood drop 1
	begin_flood pass 2
	for ((n = 0; n < KILLS; n++)); do
		one_random_kill
	done
	end_floods
	mv ids.all ids
	dismantled
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
		fail "something was left to clean"
	verdicts_hold
	print_delays
	awk '{ sum += $1 } END { printf "%d frames in %d files\n", sum, NR }' frames
	rm -f files/out.pcap files/out.pcapng
	rmdir files || fail "files are left"
}

test_hook_at_random() {
	begin
	use_hook
	at_random
}

test_wrap_at_random() {
	begin
	use_verdict wrap
	disarmed() {
		intact
	}
	at_random
}

# Another program takes the wrapper's place, and is wrapped, or is about to be.
test_wrap_follows_at_random() {
	begin
	local n

	use_verdict wrap
	disarmed() {
		intact
	}
	until_the_kill() {
		await_listening || fail "xdpdrop-capture does not listen"
		load verdict verdict
		sleep_at_most 600
	}
	RANDOM=${XDPDROP_SEED:=$RANDOM}
	echo "XDPDROP_SEED=$XDPDROP_SEED XDPDROP_KILLS=$KILLS"
	ulimit -c 0
	mkdir files
	for ((n = 0; n < KILLS; n++)); do
		one_random_kill
	done
	mv ids.all ids
	dismantled
	print_delays
	rm -r files
}

test_tag_at_random() {
	begin
	use_members tag
	at_random
}

test_exit_at_random() {
	begin
	need_trampolines
	use_verdict exit
	at_random
}

# -- by a kernel that is short of memory ---------------------------------------------------------

SPARE=8388608 # bytes that a hog finds, which has less in all than a capture with its rings

# Takes memory of the capture's cgroup until the kernel has killed somebody.
hog() {
	local block taken=()

	echo "$BASHPID" >"$CGROUP/cgroup.procs"
	printf -v block %65536s ""
	while [ "$OOM_KILLS" = 0 ] && [ ${#taken[@]} -lt 512 ]; do
		taken+=("$block")
		count_oom_kills
	done
}

# launch_in_cgroup FILE COMMAND ...: the capture is started by the command.
launch_in_cgroup() {
	local file=$1

	shift
	: >capture.log
	{
		echo "$BASHPID" >"$CGROUP/cgroup.procs"
		ulimit -l unlimited 2>/dev/null
		FAULT_IDS=$PWD/ids LD_PRELOAD=$TOOLS/faults.so exec "$@" -t "$TAP" "$NS" "$file" \
			2>capture.log
	} &
	CAPTURE_PID=$!
}

# killed_for_memory FILE COMMAND ...: the kernel chooses the capture, while frames come.
killed_for_memory() {
	local file=files/$1 status

	shift
	launch_in_cgroup "$file" "$@"
	await_listening || fail "xdpdrop-capture does not listen"
	wait_for eval '[ "$(stat -c %s "$file")" -gt 8192 ]' || fail "no frames"
	limit_memory $(($(memory_in_use) + SPARE))
	OOM_KILLS=0
	hog &
	wait $!
	now_ms
	count_oom_kills
	[ "$OOM_KILLS" -gt 0 ] || fail "there was memory enough"
	ended "$CAPTURE_PID"
	status=$?
	[ $status = 137 ] || fail "xdpdrop-capture ended with status $status"
	"$TOOLS/readable" "$file" >>frames || fail "$file cannot be read"
	[ "$(tail -n 1 frames)" -gt 50 ] || fail "only $(tail -n 1 frames) frames in $file"
	rm "$file"
}

# Those that a capture runs as, and what starts it: also where it may not have its helpers killed
# last. The emulated take one of each.
if [ -z "${XDPDROP_VM:-}" ]; then
	USERS='nobody root'
	STARTERS=(env 'setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource')
else
	USERS=nobody STARTERS=(env)
fi

out_of_memory() {
	local SENDERS='' COUNTERS='' command user

	need tcpdump setpriv
	mkdir files
	begin_flood drop 1
	begin_flood pass 2
	for command in "${STARTERS[@]}"; do
		for user in $USERS; do
			make_cgroup
			# shellcheck disable=SC2086 # words on purpose
			killed_for_memory out.pcap $command "$CAPTURE" -Z $user
			await_disarmed
			dismantled
			remove_cgroup
		done
	done
	end_floods
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
		fail "something was left to clean"
	verdicts_hold
	print_delays
}

# Frames come, and the capture programs count none of them as captured; or there are none, as a hook
# that nobody has open is emptied by the kernel, and a watchdog, too, may have done its work before
# it was its turn to be killed.
is_inert() {
	local map dropped before

	map=$(sed -n 's/^map \([0-9]*\) xdpdrop_states.*/\1/p' ids | tail -n 1)
	before=$(captured_in "$map") dropped=$(count_of drop)
	if [ ! "$before" ]; then
		! bpftool map show id "$map" >map.log 2>&1 || fail "no counters"
		return 0
	fi
	wait_for eval '[ "$(count_of drop)" -gt $((dropped + 100)) ]' || fail "no flood"
	[ "$(captured_in "$map")" = "$before" ]
}

# The kernel kills the cgroup as a whole: nobody is there to clean up.
all_out_of_memory() {
	local SENDERS='' COUNTERS='' user

	need tcpdump bpftool jq
	mkdir files
	begin_flood drop 1
	begin_flood pass 2
	for user in $USERS; do
		make_cgroup
		[ -e "$CGROUP/memory.oom.group" ] ||
			skip "memory cgroups of version 1 cannot be killed as a whole"
		echo 1 >"$CGROUP/memory.oom.group"
		killed_for_memory out.pcapng "$CAPTURE" -Z "$user"
		wait_for no_watchdog || fail "a watchdog survives"
		[ "$OOM_KILLS" -gt 2 ] || fail "only $OOM_KILLS processes were killed"
		sleep 6 # longer than the lease
		[ "$TAP" = exit ] || is_inert || fail "it still captures"
		remove_leftovers
		dismantled
		remove_cgroup
	done
	end_floods
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
		fail "something was left to clean"
	verdicts_hold
}

test_hook_out_of_memory() {
	begin
	use_hook
	out_of_memory
}

test_wrap_out_of_memory() {
	begin
	use_verdict wrap
	out_of_memory
}

test_tag_out_of_memory() {
	begin
	use_members tag
	out_of_memory
}

test_exit_out_of_memory() {
	begin
	need_trampolines
	use_verdict exit
	out_of_memory
}

test_hook_all_out_of_memory() {
	begin
	use_hook
	all_out_of_memory
}

test_wrap_all_out_of_memory() {
	begin
	use_verdict wrap
	all_out_of_memory
}

test_tag_all_out_of_memory() {
	begin
	use_members tag
	all_out_of_memory
}

test_exit_all_out_of_memory() {
	begin
	need_trampolines
	use_verdict exit
	all_out_of_memory
}
