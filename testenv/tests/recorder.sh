# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The flight recorder: what was before a trigger is in the file, whatever floods the interface, and
# every frame is in a file or counted as forgotten.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # what is kept does not depend on the kernel
ALL_TESTS="test_recorder_rare_reason test_recorder_nothing_without_trigger
	test_recorder_triggers test_recorder_trigger_in_backlog
	test_recorder_rate test_recorder_new_reason
	test_recorder_lost test_recorder_gone test_recorder_interface_gone
	test_recorder_exception test_recorder_holdoff test_recorder_extended
	test_recorder_hangup test_recorder_commands test_recorder_wrong_commands
	test_recorder_seconds test_recorder_files test_recorder_max_bytes
	test_recorder_trigger_at_limit test_recorder_pcap test_recorder_reloads
	test_recorder_missing_directory test_recorder_full_disk
	test_recorder_killed_at_random"
SLOW_TESTS="test_recorder_rare_reason test_recorder_killed_at_random"

# start_recorder OPTIONS
start_recorder() {
	mkdir ours
	load verdict_hook verdict_hook
	start_capture ours/x.pcapng -t hook --json counters "$@"
}

# In the order in which they were written: two of one second differ by a number.
snapshots() {
	find ours -type f -printf '%T@ %p\n' | sort -n | cut -d ' ' -f 2
}

has_snapshots() {
	[ "$(snapshots | wc -l)" -ge "$1" ] || capture_is_gone
}

# await_snapshots N: so many, and the last one is whole: the reader has it no more.
await_snapshots() {
	wait_for has_snapshots "$1" || fail "not $1 files: $(ls ours)"
	wait_for has_begun "$1" || fail "not $1 files are reported"
	FILE=$(snapshots | tail -n 1)
	[ "$FILE" ] || fail "no file"
	wait_for is_closed || fail "$FILE does not end"
}

is_closed() {
	[ -z "$(find "/proc/$CAPTURE_PID/fd" -lname '*/ours/*' 2>/dev/null)" ]
}

# snapshot: ask for one, and wait until it is whole.
snapshot() {
	local before

	before=$(snapshots | wc -l)
	kill -USR2 "$CAPTURE_PID"
	await_snapshots $((before + 1))
}

# comment FILE PATTERN: is in the one of its section.
comment() {
	capinfos -k "$1" >capinfos.log 2>&1 || fail "capinfos $1"
	grep -Eq "$2" capinfos.log || fail "the comment of $1 has no $2"
}

frames() {
	fields "$1" frame.number | wc -l
}

with_reason() {
	fields "$1" frame.comment | grep -c "^$2\$"
}

all_frames() {
	for file in $(snapshots); do
		frames "$file"
	done | awk '{ sum += $1 } END { print sum + 0 }'
}

flood() {
	ns_exec "$TOOLS/flood" --count "$1" "$TOOLS/flood.bpf.o" veth0 >flood.log 2>&1 ||
		fail "no flood"
}

# Ten frames of one reason, then a flood of another that fills the history many times over.
test_recorder_rare_reason() {
	local count=${FEW:+300000}

	begin
	need capinfos tshark jq
	start_recorder --history 4m --after 0
	send_frames rare.pcap -n 20
	flood "${count:-3000000}"
	snapshot
	stop_capture
	[ "$(with_reason "$FILE" NUMBER_ODD)" = 10 ] || fail "the rare frames are not there"
	comment "$FILE" 'triggered by SIGUSR2 at 20.*; the oldest frame is .* s older, of 20'
	comment "$FILE" 'NUMBER_ODD: 10 frames, 10 captured, 10 in this file'
	json_holds '$last.forgotten > 0 and $last.written > 5000 and $last.files == 1' counters
	[ "$(frames "$FILE")" = "$(summary written)" ] || fail "other frames than written"
}

test_recorder_nothing_without_trigger() {
	begin
	need jq
	start_recorder --history 1m
	send_frames sent.pcap -n 100
	stop_capture
	[ -z "$(snapshots)" ] || fail "there is a file"
	[ "$(summary forgotten)" = 100 ] || fail "not all are forgotten"
	json_holds '$last.status == 0 and $last.forgotten == 100 and
		$last.kept == 0 and $last.files == 0' counters
}

# Each file has what was before, and what comes after for a time; no frame is in two.
test_recorder_triggers() {
	begin
	need capinfos tshark jq
	start_recorder --trigger reason=NUMBER_ODD --after 0 --holdoff 0
	send_frames part.1 -n 1
	send_frames part.2 -n 1 -f 1
	await_snapshots 1
	[[ $FILE == *-reason_NUMBER_ODD.pcapng ]] || fail "it is called $FILE"
	join part.1 part.2 >sent.pcap
	same sent.pcap "$FILE"
	comment "$FILE" 'triggered by reason=NUMBER_ODD at'
	send_frames part.3 -n 1 -f 3
	await_snapshots 2
	stop_capture
	same part.3 "$FILE"
	json_holds '$last.written == 3 and $last.files == 2' counters
}

# The frames that act may be far behind in the rings: the file lasts until they are in.
test_recorder_trigger_in_backlog() {
	begin
	need capinfos
	start_recorder --trigger 'rate>5000' --after 0 --holdoff 3600
	stall_capture
	flood 10000 # and one before
	kill -CONT "$CAPTURE_PID"
	await_snapshots 1
	stop_capture
	[[ $(capinfos -Mc "$FILE") == *' 10001' ]] || fail "not 10001 frames"
}

test_recorder_rate() {
	begin
	start_recorder --trigger 'rate(NUMBER_EVEN)>100' --trigger 'rate>1000000000' --after 0
	send_frames few.pcap -n 100
	[ -z "$(snapshots)" ] || fail "there is a file"
	send_frames many.pcap -n 1000 -f 100 -g 0
	await_snapshots 1
	[[ $FILE == *-rate_NUMBER_EVEN__100.pcapng ]] || fail "it is called $FILE"
	stop_capture
}

test_recorder_new_reason() {
	begin
	start_recorder --trigger new-reason --after 0 --holdoff 0
	send_frames first.pcap -n 1
	await_snapshots 1
	send_frames again.pcap -n 1 -f 2
	send_frames second.pcap -n 1 -f 1
	await_snapshots 2
	stop_capture
	[[ $FILE == *-new-reason*.pcapng ]] || fail "it is called $FILE"
	join again.pcap second.pcap >sent.pcap
	same sent.pcap "$FILE"
}

# What was lost is lost, but what was before is in the file.
test_recorder_lost() {
	begin
	need jq
	start_recorder --trigger lost --after 0 -B 256
	kill -STOP "$CAPTURE_PID"
	flood 100000
	kill -CONT "$CAPTURE_PID"
	await_snapshots 1
	stop_capture
	[[ $FILE == *-lost.pcapng ]] || fail "it is called $FILE"
	json_holds '$last.lost > 0 and $last.written > 0' counters
}

# A reload is an event, and so is the end of a program; the capture's own end is none.
test_recorder_gone() {
	begin
	start_recorder --trigger gone --after 0 --holdoff 0
	send_frames sent.pcap -n 10
	stop_capture
	[ -z "$(snapshots)" ] || fail "the capture's end is an event"
	start_capture ours/x.pcapng -t hook --trigger gone --after 0 --holdoff 0
	send_frames sent.pcap -n 10
	load verdict_hook verdict_hook
	await_snapshots 1
	stop_capture
	[[ $FILE == *-gone.pcapng ]] || fail "it is called $FILE"
	same sent.pcap "$FILE"
}

# A capture that ends with its interface has the file first.
test_recorder_interface_gone() {
	begin
	start_recorder --trigger gone
	send_frames sent.pcap -n 10
	ip link del "$NS"
	end_capture 1
	FILE=$(snapshots)
	[[ $FILE == *-gone.pcapng ]] || fail "it is called $FILE"
	same sent.pcap "$FILE"
	json_holds '$last.status == 1' counters
}

test_recorder_exception() {
	begin
	need tshark
	start_recorder --trigger exception --after 0 -a aborted,drop,exception
	send_frames sent.pcap -n 10
	[ -z "$(snapshots)" ] || fail "there is a file"
	send_frames aborted.pcap -n 1 -V aborted
	await_snapshots 1
	stop_capture
	[[ $FILE == *-exception.pcapng ]] || fail "it is called $FILE"
	[ "$(frames "$FILE")" -ge 11 ] || fail "too few frames"
}

# In the hold-off a trigger does not act, and a signal does.
test_recorder_holdoff() {
	begin
	start_recorder --trigger reason=NUMBER_EVEN --after 0
	send_frames part.1 -n 1
	await_snapshots 1
	send_frames part.2 -n 3 -f 2
	snapshot
	stop_capture
	[ "$(snapshots | wc -l)" = 2 ] || fail "not two files"
	same part.2 "$FILE"
}

# Events while a file is written belong to it.
test_recorder_extended() {
	begin
	need jq
	start_recorder --after 3600
	send_frames part.1 -n 10
	kill -USR2 "$CAPTURE_PID"
	wait_for has_snapshots 1
	send_frames part.2 -n 10 -f 10
	kill -USR2 "$CAPTURE_PID"
	send_frames part.3 -n 10 -f 20
	stop_capture
	join part.1 part.2 part.3 >sent.pcap
	same sent.pcap "$(snapshots)"
	json_holds '$last.files == 1 and $last.forgotten == 0 and $last.written == 30' counters
}

# SIGHUP ends the file that is written; where there is none, it begins one.
test_recorder_hangup() {
	begin
	start_recorder --after 3600
	send_frames part.1 -n 10
	kill -USR2 "$CAPTURE_PID"
	wait_for has_snapshots 1
	kill -HUP "$CAPTURE_PID"
	await_snapshots 1
	same part.1 "$FILE"
	send_frames part.2 -n 10 -f 10
	kill -HUP "$CAPTURE_PID"
	wait_for has_snapshots 2
	stop_capture
	FILE=$(find ours -name '*-next.pcapng')
	same part.2 "$FILE"
}

test_recorder_commands() {
	begin
	need jq
	mkfifo -m 600 commands
	start_recorder --control commands --after 0
	send_frames part.1 -n 10
	echo ping >commands
	wait_for grep -q '"type":"ping"' counters || fail "no answer"
	echo 'snapshot ../../etc/a b' >commands
	await_snapshots 1
	[[ $FILE == ours/x-*-.._.._etc_a_b.pcapng ]] || fail "it is called $FILE"
	same part.1 "$FILE"
	send_frames part.2 -n 10 -f 10
	printf snap >commands
	printf 'shot\n' >commands
	await_snapshots 2
	# two at once are two
	printf 'snapshot one\nsnapshot two\n' >commands
	await_snapshots 4
	stop_capture
	FILE=$(find ours -name '*-control.pcapng')
	same part.2 "$FILE"
	FILE=$(find ours -name '*-one.pcapng' -o -name '*-two.pcapng' | wc -l)
	[ "$FILE" = 2 ] || fail "not two files: $(ls ours)"
}

# They have no effect but a warning.
test_recorder_wrong_commands() {
	begin
	mkfifo commands
	start_recorder --control commands
	printf 'snapshot \nquit\n\n\r\n' >commands
	head -c 5000 /dev/zero | tr '\0' x >commands
	printf '\nsnapshots\n' >commands
	wait_for grep -q "'snapshots' is no command" capture.log || fail "no warning"
	says "'quit' is no command of --control, only snapshot \\[NAME\\], ping"
	says "a command of more than 255 characters is ignored"
	stop_capture
	[ -z "$(snapshots)" ] || fail "there is a file"
	: >file
	launch_capture ours/x.pcapng --control file
	end_capture 2
	says "option --control: cannot open 'file': it is no FIFO; make one with mkfifo"
}

# Older frames are not in the file.
test_recorder_seconds() {
	begin
	need jq
	start_recorder --history 1s --after 0s --stats 0.1
	send_frames part.1 -n 10
	wait_for is_forgotten 10 || fail "nothing is forgotten"
	send_frames part.2 -n 10 -f 10
	snapshot
	stop_capture
	json_holds '$last.forgotten >= 10 and $last.forgotten + $last.written == 20' counters
	! captured_numbers "$FILE" | grep -qxE '[0-9]|10' || fail "old frames"
}

# The number of each captured frame, from 1.
captured_numbers() {
	tshark -r "$1" -T fields -e frame.packet_id 2>tshark.log
}

is_forgotten() {
	grep -q "\"forgotten\":$1," counters
}

# With -W the oldest one goes, also of an earlier capture.
test_recorder_files() {
	begin
	need jq
	mkdir ours
	: >ours/x-20260101-000000-lost.pcapng
	: >ours/y-20260101-000000-lost.pcapng
	load verdict_hook verdict_hook
	start_capture ours/x.pcapng -t hook --json counters --history 1m --after 0 -W 2
	for n in 1 2 3; do
		send_frames part.$n -n 10 -f $((n * 10))
		kill -USR2 "$CAPTURE_PID"
		wait_for has_begun $n || fail "no file $n"
		wait_for is_closed
	done
	stop_capture
	[ "$(find ours -name 'x*' | wc -l)" = 2 ] || fail "not two files: $(ls ours)"
	[ -e ours/y-20260101-000000-lost.pcapng ] || fail "another file was deleted"
	[ ! -e ours/x-20260101-000000-lost.pcapng ] || fail "the oldest file is still there"
	json_holds '$last.files == 3 and $last.files_deleted == 2 and $last.written == 30' counters
}

has_begun() {
	[ "$(grep -c ': writing ' capture.log)" -ge "$1" ] || capture_is_gone
}

# A file ends when it is half of the limit.
test_recorder_max_bytes() {
	begin
	need jq
	start_recorder --history 1m --max-bytes 2m --after 3600
	kill -USR2 "$CAPTURE_PID"
	wait_for has_snapshots 1
	send_frames sent.pcap -n 3000 -s 1000 -g 0
	await_snapshots 1
	stop_capture
	[ "$(stat -c %s "$(snapshots)")" -le $((1300 * 1024)) ] || fail "the file is too long"
	json_holds '$last.forgotten > 0' counters
	same sent.pcap "$(snapshots)" --prefix
}

# A trigger at a file that takes no more frames begins another one, with those that came since.
test_recorder_trigger_at_limit() {
	begin
	need jq
	start_recorder --history 1m --max-bytes 2m --after 3600
	kill -USR2 "$CAPTURE_PID"
	wait_for has_snapshots 1
	kill -STOP "$CAPTURE_PID"
	send_frames sent.pcap -n 1500 -s 1000 -g 0
	kill -USR2 "$CAPTURE_PID"
	kill -CONT "$CAPTURE_PID"
	wait_for grep -q '"files":2,' counters || fail "no second file"
	stop_capture
	json_holds '$last.files == 2 and $last.written == 1500 and $last.forgotten == 0' counters
}

test_recorder_pcap() {
	begin
	need tcpdump
	start_recorder -F pcap --after 0
	send_frames sent.pcap -n 100 -s 64,1500
	snapshot
	stop_capture
	same sent.pcap "$FILE"
	tcpdump -nr "$FILE" >/dev/null 2>tcpdump.log || fail "tcpdump"
}

# Each program has an interface of its own in the file.
test_recorder_reloads() {
	begin
	need capinfos
	start_recorder --after 0
	for n in 0 1 2 3 4; do
		send_frames part.$n -n 10 -f $((n * 10))
		load verdict_hook verdict_hook
		wait_for is_armed_again $((n + 1)) || fail "not armed again"
	done
	snapshot
	stop_capture
	join part.0 part.1 part.2 part.3 part.4 >sent.pcap
	same sent.pcap "$FILE" --prefix
	capinfos -I "$FILE" >capinfos.log 2>&1 || fail "capinfos"
}

is_armed_again() {
	[ "$(grep -c 'is followed from now on' capture.log)" -ge "$1" ]
}

# Before anything happens.
test_recorder_missing_directory() {
	begin
	load verdict_hook verdict_hook
	launch_capture missing/x.pcapng -t hook --history 1m
	end_capture 1
	says "cannot write 'missing/': No such file or directory; the capture ends"
	no_pins
}

test_recorder_full_disk() {
	begin
	mkdir ours
	mount -t tmpfs -o size=512k tmpfs ours || fail "cannot mount"
	load verdict_hook verdict_hook
	start_capture ours/x.pcapng -t hook --json counters --history 4m
	send_frames sent.pcap -n 2000 -s 1000 -g 0
	kill -USR2 "$CAPTURE_PID"
	end_capture 1
	[ "$(grep -ci 'no space left' capture.log)" = 1 ] || fail "not one message"
	# of what is not written, the history still had what it had not given to the file
	json_holds '$last.written > 0 and $last.write_failed + $last.forgotten > 0 and
		$last.written + $last.write_failed + $last.forgotten == 2000' counters
	cp "$(snapshots)" saved.pcapng
	umount ours
	same sent.pcap saved.pcapng --prefix
}

no_processes() {
	! pgrep -r DRST '^xdpdrop-' >/dev/null
}

# random_kill NAME: of one process, while files begin and end. All files but the last are whole, and
# that one is up to the last write.
random_kill() {
	local pid files

	rm -rf ours part.* enough
	mkdir ours
	start_capture ours/x.pcap -t hook --history 1m --after 0
	start_sending 300 -g 0
	for ((i = RANDOM % 8; i > 0; i--)); do
		kill -USR2 "$CAPTURE_PID"
		pause "0.0$((RANDOM % 10))"
	done
	pid=$(process_of "$1")
	kill -KILL "$pid"
	kill -USR2 "$CAPTURE_PID" 2>/dev/null
	pause 0.1
	stop_sending
	kill -INT "$CAPTURE_PID" 2>/dev/null
	wait "$CAPTURE_PID" 2>/dev/null
	wait_for no_processes || fail "processes are left: $(pgrep -l xdpdrop)"
	readarray -t files < <(find ours -type f -size +0 -printf '%T@ %p\n' | sort -n |
		cut -d ' ' -f 2)
	for file in "${files[@]}"; do
		"$TOOLS/readable" "$file" >readable.log 2>&1 || fail "$file cannot be read"
		[ "$file" = "${files[-1]}" ] || tcpdump -nr "$file" >/dev/null 2>tcpdump.log ||
			fail "$file is not whole"
	done
	KEPT=$((KEPT + ${#files[@]}))
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# XDPDROP_KILLS: how many of each process.
test_recorder_killed_at_random() {
	local times=${XDPDROP_KILLS:-${FEW:+1}}

	begin
	need tcpdump
	load verdict_hook verdict_hook
	KEPT=0
	for ((n = 0; n < ${times:-5}; n++)); do
		for name in reader files control watchdog; do
			random_kill $name
		done
	done
	echo "$((4 * n)) kills, $KEPT files"
}
