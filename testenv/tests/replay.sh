# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154,SC1091 source-path=SCRIPTDIR
#
# Replays: options, files, and what is left. That verdicts are as live is tested elsewhere.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../replay_helpers.sh"

KERNELS=any # about files and words
ALL_TESTS="test_live_needs_consent test_live_leaves_nothing test_killed_leaves_nothing
	test_other_signal test_against test_expect test_expect_errors test_maps test_copied_maps
	test_tails test_queue test_interface test_jobs test_jobs_errors
	test_not_run test_padded test_modified test_comments
	test_outputs test_input_is_output test_files_are_apart
	test_summary_json test_refused test_hostile_files
	test_memory"

REPLAYED=$TOOLS/replayed.bpf.o

test_live_needs_consent() {
	begin
	need bpftool
	load verdict verdict
	send_frames sent.pcap -n 1 -V pass
	bpftool prog pin id "$PROGRAM_ID" "$PINS/program" || fail "cannot pin"
	for name in "$NS" "$PROGRAM_ID" "$PINS/program"; do
		replay 1 "$name" sent.pcap
		says "program verdict \(id $PROGRAM_ID\) is loaded .* changes its maps"
	done
	[ "$(count_of pass)" = 1 ] || fail "the program ran"
	replay 0 --live "$PROGRAM_ID" sent.pcap
	[ "$(count_of pass)" = 2 ] || fail "the program did not run"
	replay 0 --live "$PINS/program" sent.pcap
	[ "$(count_of pass)" = 3 ] || fail "the pinned program did not run"
	rm "$PINS/program"
	replay 1 --live 4000000000 sent.pcap
	says 'no program with id 4000000000'
	replay 1 nothing.bpf.o sent.pcap
	says 'no object file, pin, id of a program or interface'
}

# held PID: "prog ID -" and "map ID -", for xload, of what a process has open, beside the program
# that is attached.
held() {
	sed -n 's/^\(prog\|map\)_id:[[:space:]]*\([0-9]*\)/\1 \2 -/p' \
		"/proc/$1/fdinfo/"* 2>/dev/null |
		sort -u | grep -vxF "${BEFORE:-none}"
}

# stalled ARGUMENT ...: a replay that has run the frames of sent.pcap and waits for more; what it
# has open is in held.txt.
stalled() {
	rm -f frames
	mkfifo frames
	exec {FEED}<>frames
	"$REPLAY" "$@" frames out.pcapng {FEED}<&- >replay.out 2>replay.log &
	REPLAY_PID=$!
	cat sent.pcap >frames
	wait_for has_run || fail "no frames are run"
	held $REPLAY_PID >held.txt
}

# It has read what is in the pipe, and has opened its output after all else.
has_run() {
	[ -s out.pcapng ] || [ -e out.pcapng ] && [ "$(pending)" = 0 ]
}

pending() {
	local bytes=0

	! read -r -t 0 -u "$FEED" || bytes=1
	echo $bytes
}

# Whoever opens a table that the kernel is about to empty can make that it stays for ever.
nothing_held() {
	[ -z "$("$TOOLS/xload" left held.txt)" ]
}

# leaves_nothing SIGNAL ARGUMENT ...: however a replay ends; 0: at the end of its frames.
leaves_nothing() {
	local signal=$1

	shift
	stalled "$@"
	grep -q '^prog' held.txt || fail "no program is loaded"
	[ "$signal" = 0 ] || kill "-$signal" $REPLAY_PID
	exec {FEED}<&-
	wait $REPLAY_PID 2>/dev/null
	wait_for nothing_held || fail "something is left after signal $signal: $(<held.txt)"
	wait_for no_watchdog || fail "a watchdog is left after signal $signal"
	rm out.pcapng
}

test_live_leaves_nothing() {
	begin
	need bpftool jq
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	send_frames sent.pcap -n 50 -V drop
	replay 0 --live "$NS" sent.pcap out.pcapng
	says '^ +25 DROP NUMBER_ODD$'
	same sent.pcap out.pcapng
	rm out.pcapng
	# what the user's program has stays
	BEFORE=$(
		bpftool -j prog show id "$PROGRAM_ID" |
			jq -r '"prog \(.id) -", (.map_ids[] | "map \(.) -")'
	)
	local signal

	for signal in 0 INT KILL; do
		leaves_nothing $signal --live "$NS"
		wait_for hook_is_empty || fail "the hook is not empty"
	done
}

test_killed_leaves_nothing() {
	begin
	need bpftool
	send_frames sent.pcap -n 50 -V drop
	local signal

	for signal in 0 INT KILL SEGV; do
		leaves_nothing $signal "$TOOLS/verdict_hook.bpf.o"
	done
}

# None is pending.
has_no_signal() {
	! grep -q '^ShdPnd:.*[1-9a-f]$' "/proc/$REPLAY_PID/status" 2>/dev/null
}

# Of signals only those that end it do.
test_other_signal() {
	begin
	send_frames sent.pcap -n 50 -V drop
	stalled "$FIREWALL"
	kill -USR1 $REPLAY_PID
	wait_for has_no_signal
	tail -c +25 sent.pcap >frames
	exec {FEED}<&-
	wait $REPLAY_PID || fail "it fails"
	says '^ +100 frames read'
	! grep -q interrupted replay.log || fail "it was interrupted"
}

test_against() {
	begin
	need tshark
	mixed_frames
	replay 1 "$FIREWALL" --against "$TOOLS/flood.bpf.o:flood_pass" mixed.pcap out.pcapng
	same dns.pcap out.pcapng
	[ "$COMPARED" = 300 ] || fail "$COMPARED frames"
	[ "$(fields out.pcapng frame.verdict.ebpf_xdp frame.comment | sort -u)" = \
		"2	DROP DNS_REPLY -> PASS" ] || fail "other comments"
	cat >expected.txt <<-END
		         900 frames read, 900 run
		old \\ new         aborted         drop         pass           tx     redirect
		aborted                 0            0            0            0            0
		drop                    0            0          300            0            0
		pass                    0            0          600            0            0
		tx                      0            0            0            0            0
		redirect                0            0            0            0            0
		         300 DROP DNS_REPLY -> PASS
	END
	sed 's/, [0-9]* ns each (median)//' replay.log | diff expected.txt - >differences.log ||
		fail "another summary"
	replay 0 "$FIREWALL" --against "$FIREWALL" mixed.pcap same.pcapng
	[ -z "$(fields same.pcapng frame.number)" ] || fail "equal frames are written"
	replay 0 "$FIREWALL" --against "$TOOLS/flood.bpf.o:flood_pass" mixed.pcap out.pcapng tcp
	replay 2 "$FIREWALL" --against nothing.bpf.o mixed.pcap out.pcapng
	replay 2 "$FIREWALL" --against "$FIREWALL" nothing.pcap out.pcapng
}

test_expect() {
	begin
	mixed_frames
	cat >rules.txt <<-END
		# the firewall's own
		udp src port 53 => drop DNS_REPLY	# with the reason
		arp => PASS
		port 9999 => drop
		default => pass
	END
	replay 0 "$FIREWALL" --expect rules.txt mixed.pcap
	says 'rules.txt:4: port 9999 => drop: no frame met this rule'
	replay 1 "$FIREWALL" --expect rules.txt --strict mixed.pcap
	replay 1 "$FIREWALL" --expect rules.txt --strict --tap mixed.pcap
	cat >expected.txt <<-END
		TAP version 13
		1..4
		ok 1 - rules.txt:2: udp src port 53 => drop DNS_REPLY
		ok 2 - rules.txt:3: arp => PASS
		not ok 3 - rules.txt:4: port 9999 => drop
		  ---
		  message: "no frame met it"
		  ...
		ok 4 - rules.txt:5: default => pass
	END
	diff expected.txt replay.out >differences.log || fail "another TAP"
	replay 0 "$FIREWALL" --expect rules.txt --tap mixed.pcap
	grep -qx 'ok 3 - rules.txt:4: port 9999 => drop # SKIP no frame met it' replay.out ||
		fail "no skipped test"
	echo 'udp => pass' >wrong.txt
	replay 1 "$FIREWALL" --expect wrong.txt mixed.pcap
	says 'wrong.txt:1: udp => pass: frame 1 \(udp 198.51.100.2.53 > 198.51.100.1.9, 64 '
	says 'frame 1 .*: DROP DNS_REPLY$'
	says '280 more frames failed'
	says '[0-9]+ frames met no rule'
	cp wrong.txt 'rules #todo.txt'
	replay 1 "$FIREWALL" --expect 'rules #todo.txt' --tap mixed.pcap
	grep -qx 'not ok 1 - rules \\#todo.txt:1: udp => pass' replay.out ||
		fail "a name is a directive of TAP"
	! command -v prove >/dev/null || prove_reads_it
}

# A script that prints TAP is a test of prove's.
prove_reads_it() {
	printf '#!/bin/sh\nexec %s %s --expect rules.txt --tap mixed.pcap\n' "$REPLAY" \
		"$FIREWALL" >tap.sh
	prove --exec sh ./tap.sh >prove.log 2>&1 || fail "prove does not read it"
	grep -q '^Result: PASS' prove.log || fail "prove has another result"
}

test_expect_errors() {
	begin
	send_frames sent.pcap -n 1 -V pass
	local rule

	for rule in 'udp' 'udp => keep' 'udp => drop NOTHING' '=> drop' 'udp and and => drop' ''; do
		echo "$rule" >rules.txt
		replay 2 "$FIREWALL" --expect rules.txt sent.pcap
		says "rules.txt"
	done
	replay 2 "$FIREWALL" --expect nothing.txt sent.pcap
	replay 2 "$FIREWALL" --strict sent.pcap
	replay 2 "$FIREWALL" --expect rules.txt --against "$FIREWALL" sent.pcap
	echo 'default => pass' >rules.txt
	head -c 60 sent.pcap >cut.pcap
	replay 2 "$FIREWALL" --expect rules.txt cut.pcap
}

test_maps() {
	begin
	send_frames sent.pcap -n 90 -p 53 -V drop
	echo '[{"key":["0x35","0x00","0x00","0x00"],"value":["1","0","0","0","0","0","0","0"],
		"formatted":{"key":53,"value":[1,{"x":"]}"}]}}]' >blocked.json
	replay 0 "$REPLAYED:ports" sent.pcap
	says '^ +90 PASS$'
	replay 0 "$REPLAYED:ports" --map blocked=blocked.json sent.pcap out.pcapng
	says '^ +90 DROP BLOCKED_PORT$'
	same sent.pcap out.pcapng
	[ -z "$(find /sys/fs/bpf -name blocked)" ] || fail "the map is pinned"
	echo '[{"key":["0","0","0","0"],"values":[{"cpu":0,"value":["9","0","0","0"]}]}]' \
		>quota.json
	taskset -c 0 "$REPLAY" "$REPLAYED:queues" --map quota=quota.json sent.pcap \
		>replay.out 2>replay.log || fail "no replay"
	says '^ +1 ABORTED BLOCKED_BY_LIMIT$'
	for text in '' '[' '[{"key":["1"],"value":["1"]}]' '{}' '[{"key":53,"value":1}]' \
		'[{"key":["0x35","0","0","0"],"values":[{"cpu":0}]}]'; do
		echo "$text" >bad.json
		replay 2 "$REPLAYED:ports" --map blocked=bad.json sent.pcap
		says 'bad.json line [0-9]+: no entry of map blocked'
	done
	replay 2 "$REPLAYED:ports" --map nothing=quota.json sent.pcap
	replay 2 "$REPLAYED:ports" --map blocked sent.pcap
}

# From a program with the same maps, and one with others.
test_copied_maps() {
	begin
	need bpftool
	send_frames sent.pcap -n 90 -p 53 -V drop
	# it pins the map by its name, as the object wants
	"$TOOLS/xload" load "$NS" "$REPLAYED" ports >load.log 2>&1 || fail "cannot load"
	bpftool map update pinned /sys/fs/bpf/blocked key 53 0 0 0 value 1 0 0 0 0 0 0 0
	PROGRAM_ID=$(attached)
	replay 0 "$REPLAYED:ports" --copy-maps-from "${PROGRAM_ID%% *}" sent.pcap
	says 'map blocked: 1 entry copied .*\(hash, key 4 bytes, value 8 bytes, up to 64 entries'
	says 'map replayed.rodata: constants copied .*\(array, key 4 bytes, value 4 bytes'
	says 'map .rodata.str1.1: constants copied'
	says 'map steps is not copied: the running program has no map of this name'
	says_not 'map replayed_hook'
	says '^ +90 DROP BLOCKED_PORT$'
	replay 0 "$TOOLS/replayed_other.bpf.o" --copy-maps-from "${PROGRAM_ID%% *}" sent.pcap
	says 'map blocked is not copied: it has another type, or other sizes'
	says 'map .*.rodata is not copied: it has another type, or other sizes'
	says '^ +90 PASS$'
	replay 0 -q "$REPLAYED:ports" --copy-maps-from "${PROGRAM_ID%% *}" sent.pcap
	says_not ' copied from'
	says 'map steps is not copied'
	replay 0 "$FIREWALL" --copy-maps-from "${PROGRAM_ID%% *}" sent.pcap
	says_not 'map xdpdrop_hook'
	replay 2 "$REPLAYED:ports" --copy-maps-from /sys/fs/bpf/blocked sent.pcap
	replay 1 "$REPLAYED:ports" --copy-maps-from "$PINS/nothing" sent.pcap
}

test_tails() {
	begin
	send_frames sent.pcap -n 50 -V drop
	replay 0 "$REPLAYED:first_step" sent.pcap
	says '^ +50 PASS$'
	replay 0 "$REPLAYED:first_step" --tail steps:5=second_step sent.pcap out.pcapng
	says '^ +50 DROP BLOCKED_STEP$'
	for tail in steps=second_step steps:x=second_step steps:5=nothing blocked:5=second_step \
		steps:5; do
		replay 2 "$REPLAYED:first_step" --tail "$tail" sent.pcap
	done
	replay 1 "$REPLAYED:first_step" --tail steps:99=second_step sent.pcap
}

test_queue() {
	begin
	need tshark
	send_frames sent.pcap -n 50 -V drop
	replay 0 "$REPLAYED:queues" --queue 3 sent.pcap out.pcapng
	says '^ +50 DROP BLOCKED_QUEUE$'
	[ "$(fields out.pcapng frame.interface_queue | sort -u)" = 3 ] || fail "another queue"
	# of the file
	replay 0 "$REPLAYED:queues" out.pcapng again.pcapng
	says '^ +50 DROP BLOCKED_QUEUE$'
	replay 0 "$REPLAYED:queues" --queue 5000 sent.pcap
	says '^ +50 run as of queue 0'
}

test_interface() {
	begin
	send_frames sent.pcap -n 10 -V drop
	replay 0 -v --ifname "$NS" "$TOOLS/verdict_hook.bpf.o" sent.pcap out.pcapng
	says "as of $NS,"
	says '^ +5 DROP NUMBER_ODD$'
	replay 1 --ifname nothing0 "$TOOLS/verdict_hook.bpf.o" sent.pcap
	says 'no interface nothing0'
}

# With two jobs all is as with one, in the same order.
test_jobs() {
	begin
	[ "$(nproc)" -gt 1 ] || skip "one CPU only"
	mixed_frames $((3000 / SLOWER))
	local frames

	frames=$((3 * (3000 / SLOWER)))
	replay 0 -a all "$FIREWALL" mixed.pcap one.pcapng
	cp replay.log one.log
	replay 0 -a all -j 2 "$FIREWALL" mixed.pcap two.pcapng
	as_live one.pcapng two.pcapng
	[ "$(wc -l <live.txt)" = "$frames" ] || fail "not $frames frames"
	diff <(sed 's/, [0-9]* ns .*//' one.log) <(sed 's/, [0-9]* ns .*//' replay.log) \
		>differences.log || fail "another summary"
	# comments, queues and interfaces go with the frames
	replay 0 -a all -j 2 "$FIREWALL" one.pcapng again.pcapng
	as_live one.pcapng again.pcapng
	replay 1 -j 2 "$FIREWALL" --against "$TOOLS/flood.bpf.o:flood_pass" mixed.pcap out.pcapng
	same dns.pcap out.pcapng
	echo 'default => pass' >rules.txt
	replay 1 -j 2 "$FIREWALL" --expect rules.txt mixed.pcap
	says "frame 1 .*: DROP DNS_REPLY$"
}

test_jobs_errors() {
	begin
	send_frames sent.pcap -n 20 -V drop
	replay 2 -j 0 "$FIREWALL" sent.pcap
	replay 2 -j 2 --modified "$FIREWALL" sent.pcap
	replay 1 -j 64 "$FIREWALL" sent.pcap
	says 'there are only [0-9]+ CPUs to run on'
	[ "$(grep -c 'CPUs to run on' replay.log)" = 1 ] || fail "more than one line about CPUs"
	[ "$(nproc)" -gt 1 ] || skip "one CPU only"
	head -c 1000 sent.pcap >cut.pcap
	replay 1 -j 2 "$FIREWALL" cut.pcap
	says 'it ends within frame'
	replay 1 -j 2 -a all "$FIREWALL" sent.pcap /dev/full
	says "cannot write '/dev/full'"
	stalled -j 2 "$FIREWALL"
	kill -INT $REPLAY_PID
	exec {FEED}<&-
	wait $REPLAY_PID || fail "not ended by the signal"
	grep -q interrupted replay.log || fail "no message"
}

# pcap LINK-TYPE [LENGTH ORIGINAL]...: a file of frames of zeros.
pcap() {
	local link=$1

	printf '\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0'
	# shellcheck disable=SC2059 # the number is in the format
	printf "\\x$(printf %02x "$link")\\0\\0\\0"
	shift
	while [ $# -gt 0 ]; do
		printf '\0\0\0\0\0\0\0\0'
		# shellcheck disable=SC2059 # the numbers are in the format
		printf "$(printf '%s%02x%s%02x\\0\\0%s%02x%s%02x\\0\\0' '\x' $(($1 % 256)) \
			'\x' $(($1 / 256)) '\x' $(($2 % 256)) '\x' $(($2 / 256)))"
		head -c "$1" /dev/zero
		shift 2
	done
}

test_not_run() {
	begin
	pcap 1 13 13 60 60 60 100 14 14 >odd.pcap
	replay 0 "$FIREWALL" odd.pcap
	says '^ +4 frames read, 2 run'
	says '^ +1 not run: shorter than an Ethernet header: frame 1$'
	says_not 'frame 1 is not run'
	says '^ +1 not run: cut by a snapshot length \(--pad runs them\): frame 3$'
	pcap 101 60 60 60 60 >raw.pcap
	replay 1 "$FIREWALL" raw.pcap
	says "none of the frames of 'raw.pcap' could be run"
	replay 2 "$FIREWALL" --against "$FIREWALL" raw.pcap
	says '^ +2 not run: of a link type without Ethernet headers: frames 1, 2$'
	echo 'default => pass' >rules.txt
	replay 1 "$FIREWALL" --expect rules.txt odd.pcap
	says 'frame 1 .* was not run: shorter than an Ethernet header'
	replay 2 "$FIREWALL" --expect rules.txt raw.pcap
	says "none of the frames of 'raw.pcap' could be run"
	need_frags
	pcap 1 9000 9000 >long.pcap
	replay 1 "$FIREWALL" long.pcap
	says '^ +1 not run: longer than a page, for a program without xdp.frags: frame 1$'
	replay 0 "$TOOLS/firewall_frags.bpf.o" long.pcap
	says '^ +1 PASS$'
}

test_padded() {
	begin
	pcap 1 60 100 60 60 >cut.pcap
	replay 0 -a all --pad "$FIREWALL" cut.pcap out.pcap
	says '^ +2 frames read, 2 run'
	cmp <(tail -c +25 cut.pcap) <(tail -c +25 out.pcap) || fail "the output is not as it was"
}

test_modified() {
	begin
	send_frames sent.pcap -n 3 -k udp4,tcp4,arp -s 60 -V drop
	replay 0 -a tx "$REPLAYED:push" sent.pcap kept.pcap
	same sent.pcap kept.pcap
	replay 0 -a tx --modified "$REPLAYED:push" sent.pcap out.pcap
	[ "$(stat -c %s out.pcap)" = $((24 + 3 * (16 + 64))) ] || fail "not four bytes more"
	[ "$(grep -ao push out.pcap | wc -l)" = 3 ] || fail "not the bytes of the program"
	for i in 0 1 2; do
		tail -c +$((24 + i * (16 + 60) + 17)) sent.pcap | head -c 60 >before
		tail -c +$((24 + i * (16 + 64) + 17 + 4)) out.pcap | head -c 60 >after
		cmp before after || fail "frame $i has other bytes"
	done
	# each further run of a frame pushes once more
	replay 0 -a tx --modified --repeat 3 "$REPLAYED:push" sent.pcap again.pcap
	cmp out.pcap again.pcap || fail "not the bytes of the first run"
}

# The reason comes first; that of an earlier run is marked if it is another one.
test_comments() {
	begin
	need tshark
	send_frames sent.pcap -n 3 -p 53 -V drop
	replay 0 "$FIREWALL" sent.pcap one.pcapng
	[ "$(fields one.pcapng frame.comment | sort -u)" = DNS_REPLY ] || fail "another reason"
	replay 0 --tail steps:5=second_step "$REPLAYED:first_step" one.pcapng two.pcapng
	[ "$(fields two.pcapng frame.comment | sort -u)" = "BLOCKED_STEP,input: DNS_REPLY" ] ||
		fail "other comments"
	replay 0 --tail steps:5=second_step "$REPLAYED:first_step" two.pcapng three.pcapng
	[ "$(fields three.pcapng frame.interface_name | sort -u)" = \
		lo:first_step:replayed_hook ] ||
		[ "$(fields three.pcapng frame.interface_name | sort -u)" = \
			lo:second_step:replayed_hook ] || fail "another interface"
}

# Also by another name. What was captured is still there.
test_input_is_output() {
	begin
	mixed_frames
	cp mixed.pcap saved.pcap
	ln mixed.pcap other.pcap
	replay 2 "$FIREWALL" mixed.pcap mixed.pcap
	says "'mixed.pcap' is the file to read; name another one"
	replay 2 "$FIREWALL" mixed.pcap other.pcap
	replay 2 "$FIREWALL" mixed.pcap out.pcap --json mixed.pcap
	says "'mixed.pcap' is the file to read; name another one"
	cmp saved.pcap mixed.pcap || fail "the input has changed"
	cp saved.pcap out.pcap
	replay 2 "$FIREWALL" mixed.pcap out.pcap --json out.pcap
	says "'out.pcap' is the file to write frames to; name another one"
	cmp saved.pcap out.pcap || fail "the output was emptied"
}

# keeps FILE USE ARGUMENT ...: the replay is refused, because it would destroy the file.
keeps() {
	local file=$1 use=$2

	shift 2
	cp "$file" saved
	replay 2 "$@"
	says "'.*' is the file to $use; name another one"
	cmp saved "$file" || fail "$file has changed"
}

# Whatever a replay reads or writes, and by whatever name, it is not written twice.
test_files_are_apart() {
	begin
	send_frames sent.pcap -n 3 -V drop
	cp "$FIREWALL" fw.o
	ln -s fw.o link.o
	echo 'default => drop' >rules
	echo udp >filter
	echo '1 ONE' >names
	echo '[{"key":["0x35","0","0","0"],"value":["1","0","0","0","0","0","0","0"]}]' >map.json
	local file

	for option in "" --json; do
		keeps fw.o run fw.o sent.pcap $option link.o
		keeps fw.o run fw.o:firewall sent.pcap $option fw.o
		keeps fw.o run "$FIREWALL" --against fw.o sent.pcap $option fw.o
		keeps rules 'take the rules from' "$FIREWALL" --expect rules sent.pcap $option rules
		keeps filter 'take the filter from' "$FIREWALL" -f filter sent.pcap $option filter
		keeps names 'take the names of reasons from' "$FIREWALL" --reasons names sent.pcap \
			$option names
		keeps map.json 'fill a map from' "$REPLAYED:ports" --map blocked=map.json \
			sent.pcap $option map.json
	done
	exec 7>>rules
	keeps rules 'take the rules from' "$FIREWALL" --expect rules --json 7 sent.pcap
	exec 7>&-
	exec 7>out.pcap
	"$REPLAY" "$FIREWALL" --expect rules --tap sent.pcap out.pcap >&7 2>replay.log
	[ $? = 2 ] || fail "test results and frames go to one file"
	exec 7>&-
	says "'out.pcap' is the file to write test results to"
	replay 2 "$FIREWALL" sent.pcap new.pcap --json ./new.pcap
	[ ! -e new.pcap ] || fail "an empty file is left"
}

test_outputs() {
	begin
	mixed_frames
	gzip -c mixed.pcap >mixed.pcap.gz
	replay 0 "$FIREWALL" mixed.pcap.gz out.pcap
	same dns.pcap out.pcap
	replay 0 "$FIREWALL" mixed.pcap out.pcapng
	same dns.pcap out.pcapng
	"$REPLAY" -q "$FIREWALL" - - <mixed.pcap >piped.pcapng || fail "no pipe"
	cmp <(judged_bytes out.pcapng) <(judged_bytes piped.pcapng) || fail "another output"
	replay 0 "$FIREWALL" mixed.pcap out.pcap ip6
	[ "$(tcpdump -nr out.pcap ip6 2>/dev/null | wc -l)" = 150 ] || fail "another filter"
	[ "$(tcpdump -nr out.pcap 2>/dev/null | wc -l)" = 150 ] || fail "frames beside the filter"
	replay 0 --reason PING_TOO_BIG "$FIREWALL" mixed.pcap out.pcapng
	[ -z "$(fields out.pcapng frame.number)" ] || fail "another reason"
	replay 2 --reason NOTHING "$FIREWALL" mixed.pcap out.pcapng
	replay 2 "$FIREWALL" mixed.pcap out.pcapng udp and and
	replay 1 "$FIREWALL" mixed.pcap /dev/full
	says "cannot write '/dev/full': No space left on device"
}

# The frames of a pcapng file.
judged_bytes() {
	part "$1" . "$1.frames"
	cat "$1.frames"
}

test_summary_json() {
	begin
	need jq
	mixed_frames
	replay 0 -q --json summary.json "$FIREWALL" mixed.pcap
	[ ! -s replay.log ] || fail "a summary in spite of -q"
	jq -e '.frames == 900 and .run == 900 and .verdicts.drop == 300 and .verdicts.pass == 600
		and .reasons[1].text == "DROP DNS_REPLY" and .reasons[1].frames == 300
		and ([.not_run[]] | add) == 0 and (.not_run | length) == 5' \
		summary.json >/dev/null || fail "$(<summary.json)"
	replay 1 --json summary.json --against "$TOOLS/flood.bpf.o:flood_pass" "$FIREWALL" \
		mixed.pcap
	jq -e '.changed == 300 and .changes_of_verdict.drop.pass == 300' summary.json >/dev/null ||
		fail "$(<summary.json)"
	replay 0 --repeat 20 "$FIREWALL" dns.pcap
	says '^ +300 frames read, 300 run, [0-9]+ ns each \(median\)$'
}

test_refused() {
	begin
	send_frames sent.pcap -n 1 -V drop
	replay 1 "$REPLAYED:refused" sent.pcap
	local log

	log=$(sed -n 's/.*its log is in //p' replay.log)
	grep -q 'invalid access to packet' "$log" || fail "not the verifier's log"
	rm "$log"
	replay 0 "$REPLAYED:ports" sent.pcap # another one of the same file
	replay 2 "$REPLAYED:nothing" sent.pcap
	replay 2 "$REPLAY" sent.pcap
	says 'no BPF object file'
	# the log of the first object is not the reason for which the second one has no such program
	replay 2 --against "$TOOLS/verdict_hook.bpf.o:nobody" \
		"$TOOLS/verdict_hook.bpf.o:verdict_hook" sent.pcap
	says 'has no XDP program nobody'
	! grep -q verifier replay.log || fail "$(<replay.log)"
}

test_hostile_files() {
	begin
	send_frames sent.pcap -n 20 -V drop
	replay 0 -a all "$TOOLS/verdict_hook.bpf.o" sent.pcap good.pcapng
	local size n

	for file in sent.pcap good.pcapng; do
		size=$(stat -c %s "$file")
		for n in 0 1 3 10 23 27 30 100 $((size - 1)); do
			head -c "$n" "$file" >cut.file
			replay 1 "$FIREWALL" cut.file
			says "cannot read 'cut.file': it "
		done
	done
	replay 0 "$FIREWALL" <(head -c 24 sent.pcap)
	# lengths near 4 GiB, of a block and of a frame
	{ head -c 4 good.pcapng; printf '\xfc\xff\xff\xff'; tail -c +9 good.pcapng; } >huge
	replay 1 "$FIREWALL" huge
	says 'claims to have 4294967292 bytes'
	{
		head -c 32 sent.pcap
		printf '\xff\xff\xff\xff\xff\xff\xff\xff'
		tail -c +41 sent.pcap
	} >huge
	replay 1 "$FIREWALL" huge
	says 'frame 1 claims to have 4294967295 bytes'
	gzip -c sent.pcap | head -c 100 >cut.gz
	replay 1 "$FIREWALL" cut.gz
	replay 1 "$FIREWALL" "$FIREWALL"
	says 'neither pcap nor pcapng'
}

# A file of 150 MB takes no more memory than a short one.
test_memory() {
	begin
	send_frames frames.pcap -n 1000 -s 1514 -V drop
	local most

	{
		head -c 24 frames.pcap
		for _ in $(seq $((100 / SLOWER))); do
			tail -c +25 frames.pcap
		done
	} >sent.pcap
	stalled "$TOOLS/verdict_hook.bpf.o"
	most=$(awk '$1 == "VmHWM:" { print $2 }' /proc/$REPLAY_PID/status)
	exec {FEED}<&-
	wait $REPLAY_PID || fail "no replay"
	says "^ +$((1000 * (100 / SLOWER))) frames read"
	[ "$most" -gt 1024 ] || fail "no figure for the memory: $most"
	[ "$most" -lt 65536 ] || fail "$most KiB of memory"
}
