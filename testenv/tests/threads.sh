# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Several threads that read, each with a file of its own: together the files have each frame once,
# each file is whole and in order, and one that fails ends all.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # threads and files are the same on all kernels
ALL_TESTS="test_threads_share_frames test_threads_share_frames_pcap test_threads_privileged
	test_threads_flood test_threads_replaced_program test_threads_json test_threads_full_disk
	test_threads_killed test_threads_killed_alone test_threads_more_than_cpus
	test_threads_one_file_locked test_threads_special_file test_threads_series
	test_threads_series_ring test_threads_series_privileged test_threads_series_max_bytes
	test_threads_series_periods test_threads_series_hangup test_threads_series_full_disk
	test_threads_series_locked test_threads_series_failed_start test_threads_series_killed"

# One thread for each of two CPUs, of which each gets frames. SENDERS: on these CPUs.
begin_threads() {
	begin
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	[ "$(getconf _NPROCESSORS_ONLN)" = "$(nproc)" ] || skip "some CPUs are not its own"
}

# send_from_two_cpus FRAMES: in generic mode a frame stays on its sender's CPU. Sets nothing;
# sent.pcap has all.
send_from_two_cpus() {
	local first second

	send_frames first.pcap -n "$1" -i 1 -c 0 -s 64,200,1500 -e 1 &
	first=$!
	send_frames second.pcap -n "$1" -i 2 -c 1 -s 60,300,1000 -e 2 &
	second=$!
	{ wait $first && wait $second; } || exit 1
	join first.pcap second.pcap >sent.pcap
}

# Between two slices of time there is one.
has_threads() {
	[ "$(find "/proc/$CAPTURE_PID/task" -mindepth 1 -maxdepth 1 | wc -l)" = "$1" ]
}

count_frames() {
	tcpdump -nr "$1" 2>/dev/null | wc -l
}

# in_order FILE: by the times of its frames.
in_order() {
	[[ $(capinfos -Mo "$1" 2>/dev/null) == *"Strict time order: "*True* ]] ||
		fail "$1 is not in order"
}

# merged EXTENSION: the frames of both files, by time, are those that were sent.
merged() {
	local file

	for file in out.0."$1" out.1."$1"; do
		in_order "$file"
		[ "$(count_frames "$file")" -gt 0 ] || fail "$file is empty"
	done
	mergecap -w all.pcapng out.0."$1" out.1."$1" || fail "mergecap"
	in_order all.pcapng
	same sent.pcap all.pcapng --any-order
	all_captured
	[ ! -e "out.$1" ] || fail "there is a file without a number"
}

# share_frames EXTENSION [options]: mergecap 4.0 damages verdicts that are no comments.
share_frames() {
	need mergecap capinfos tcpdump
	load --mode skb verdict_hook verdict_hook
	start_capture "out.$1" --threads 2 "${@:2}"
	says "writing to out.0.$1 and out.1.$1"
	wait_for has_threads 2 || fail "there is one thread"
	send_from_two_cpus 5000
	stop_capture
	merged "$1"
}

test_threads_share_frames() {
	begin_threads
	share_frames pcapng --no-verdict
}

test_threads_share_frames_pcap() {
	begin_threads
	share_frames pcap -U
}

# No control process: this one follows the interfaces, too.
test_threads_privileged() {
	begin_threads
	share_frames pcapng --no-verdict -Z root
}

# Rings of the least size, so that frames are lost: the sums hold over all files.
test_threads_flood() {
	local file records=0 lost=0

	begin_threads
	need capinfos
	load --mode native verdict_hook verdict_hook
	start_capture out.pcapng --threads 2 -B 256 --json stats.json
	ns_exec "$TOOLS/flood" --count 200000 --threads 2 "$TOOLS/flood.bpf.o" veth0 \
		>flood.log 2>&1 || fail "flood"
	settle counts
	stop_capture
	[ "$(summary seen)" = "$(count_of drop)" ] || fail "saw $(summary seen) frames"
	[ $(($(summary captured) + $(summary lost))) = "$(summary seen)" ] ||
		fail "the sums do not add up"
	for file in out.?.pcapng; do
		in_order "$file"
		records=$((records + $(capinfos -Mc "$file" | sed -n 's/^Number of packets: *//p')))
		lost=$((lost + $("$TOOLS/pcapng" dropped "$file")))
	done
	[ "$records" = "$(summary written)" ] || fail "$records records in the files"
	[ "$lost" = "$(summary lost)" ] || fail "$lost frames lost, by the files"
	[ "$(summary written)" = "$(summary captured)" ] || fail "not all captured is written"
	json_holds '$last.balanced' stats.json
}

# described FILE: "NUMBER DESCRIPTION OF ITS INTERFACE" of each frame.
described() {
	fields "$1" frame.number frame.interface_description
}

# What the control process says about a new program comes before its frames, in each file.
test_threads_replaced_program() {
	local file old described

	begin_threads
	need tshark
	load --mode skb verdict_hook verdict_hook
	old=$PROGRAM_ID
	start_capture out.pcapng --threads 2 -t hook
	send_from_two_cpus 200
	ip link set dev "$NS" xdpgeneric off
	load --mode skb verdict_hook verdict_hook
	wait_for grep -q "(id $PROGRAM_ID) on $NS is followed from now on" capture.log ||
		fail "the new program is not captured"
	send_from_two_cpus 200
	stop_capture
	captured 800
	for file in out.?.pcapng; do
		described=$(described "$file")
		[[ ${described%%$'\n'*} == *"(id $old)"* ]] || fail "the first of $file"
		[[ ${described##*$'\n'} == *"(id $PROGRAM_ID)"* ]] || fail "the last of $file"
	done
}

test_threads_json() {
	begin_threads
	load --mode skb verdict_hook verdict_hook
	start_capture out.pcapng --threads 2 --json stats.json
	send_from_two_cpus 50
	stop_capture
	json_holds '$last.written == 100 and $last.balanced and $last.status == 0' stats.json
}

# Of both files on a disk that gets full one ends all; what is there is whole frames.
test_threads_full_disk() {
	local file written=0

	begin_threads
	need tcpdump
	mkdir disk
	mount -t tmpfs -o size=512k tmpfs disk || fail "cannot mount"
	load --mode skb verdict_hook verdict_hook
	start_capture disk/out.pcapng --threads 2
	send_from_two_cpus 2000
	end_capture 1
	[ "$(grep -c 'No space left on device' capture.log)" = 1 ] || fail "not one message"
	says "cannot write 'disk/out.[01].pcapng': No space left on device"
	for file in disk/out.?.pcapng; do
		tcpdump -nr "$file" >/dev/null 2>tcpdump.log || fail "$file is not whole"
		written=$((written + $(count_frames "$file")))
	done
	umount disk
	[ "$(summary written)" = "$written" ] || fail "$written frames in the files"
	[ $(($(summary written) + $(summary not))) = "$(summary captured)" ] ||
		fail "the sums do not add up"
	no_pins
}

# killed_by COMMAND: the files have what came before.
killed_by() {
	begin_threads
	need tcpdump
	load --mode skb verdict_hook verdict_hook
	start_capture out.pcapng --threads 2
	send_from_two_cpus 100
	has_all() { [ $(($(count_frames out.0.pcapng) + $(count_frames out.1.pcapng))) -ge 200 ]; }
	wait_for has_all || fail "the frames are not written"
	"$1"
	wait_for no_watchdog || fail "a process is left"
	no_pins
}

test_threads_killed() {
	killed_by kill_capture
}

test_threads_killed_alone() {
	killed_by kill_capture_only
}

test_threads_more_than_cpus() {
	begin_threads
	[ "$(nproc)" -lt 16 ] || skip "there are as many CPUs as threads are possible"
	load --mode skb verdict_hook verdict_hook
	start_capture out.pcap --threads 16
	says "option --threads: $(nproc), not 16, because there are $(nproc) CPUs"
	stop_capture
	[ "$(find . -name 'out.*' | wc -l)" = "$(nproc)" ] || fail "not $(nproc) files"
}

# Nothing is created beside it, and it stays as it was.
test_threads_one_file_locked() {
	begin_threads
	load --mode skb verdict_hook verdict_hook
	echo old >out.1.pcap
	exec 9>>out.1.pcap
	flock 9
	launch_capture out.pcap --threads 2
	end_capture 1
	says "cannot write 'out.1.pcap': another capture writes it"
	exec 9>&-
	[ ! -e out.0.pcap ] || fail "out.0.pcap is left"
	[ "$(<out.1.pcap)" = old ] || fail "out.1.pcap has changed"
}

test_threads_special_file() {
	begin_threads
	load --mode skb verdict_hook verdict_hook
	launch_capture /dev/null --threads 2
	end_capture 2
	says "cannot write '/dev/null': with --threads, it has to be the name of a file"
	[ ! -e /dev/null.0 ] || fail "/dev/null.0 is there"
	mkfifo out.1.pcap
	launch_capture out.pcap --threads 2
	end_capture 2
	says "cannot write 'out.1.pcap': it exists, and is no regular file"
	[ ! -e out.0.pcap ] || fail "out.0.pcap is left"
}

# start_series FILE [options]: in ours/.
start_series() {
	mkdir -p ours
	load --mode skb verdict_hook verdict_hook
	start_capture "ours/$1" --threads 2 "${@:2}"
}

# count_files PATTERN
count_files() {
	find ours -type f -name "$1" | wc -l
}

# merge_series: all.pcapng has the frames of all files, each of which is whole and in order. Sets
# RECORDS, and LOST, by the statistics in the files.
merge_series() {
	local file

	RECORDS=0 LOST=0
	for file in ours/*; do
		in_order "$file"
		RECORDS=$((RECORDS + $(capinfos -Mc "$file" | sed -n 's/^Number of packets: *//p')))
		[[ $file = *.pcap* && $file != *.pcapng* ]] ||
			LOST=$((LOST + $("$TOOLS/pcapng" dropped "$file")))
	done
	mergecap -w all.pcapng ours/* || fail "mergecap"
}

# series_has_all: each frame that was sent is in one of the files, once.
series_has_all() {
	merge_series
	in_order all.pcapng
	same sent.pcap all.pcapng --any-order
	all_captured
	[ "$(summary written)" = "$RECORDS" ] || fail "$RECORDS records in the files"
	json_holds '$last.files == '"$(count_files 'x*')" counters
}

share_series() {
	begin_threads
	need mergecap capinfos
	start_series x.pcapng -C 100k --no-verdict --json counters "$@"
	says "writing to ours/x.0.pcapng and ours/x.1.pcapng"
	wait_for has_threads 2 || fail "there is one thread"
	send_from_two_cpus 2000
	stop_capture
	[ "$(count_files 'x.0.pcapng*')" -gt 3 ] || fail "few files of the first thread"
	[ "$(count_files 'x.1.pcapng*')" -gt 3 ] || fail "few files of the second thread"
	series_has_all
}

test_threads_series() {
	share_series
}

test_threads_series_privileged() {
	share_series -Z root
}

# The number of files is that of each thread.
test_threads_series_ring() {
	begin_threads
	start_series x -F pcap -C 50k -W 3
	says "writing to ours/x.00 and ours/x.10"
	send_from_two_cpus 2000
	stop_capture
	[ "$(cd ours && echo *)" = "x.00 x.01 x.02 x.10 x.11 x.12" ] ||
		fail "other names: $(ls ours)"
}

# The limit is that of all: the oldest files of either go.
test_threads_series_max_bytes() {
	local bytes

	begin_threads
	start_series x.pcap -C 100k --max-bytes 1024k --json counters
	send_from_two_cpus 3000
	bytes=$(du -sb ours | cut -f 1)
	[ "$bytes" -le $((1100 * 1024)) ] || fail "$bytes bytes"
	stop_capture
	[ "$(count_files 'x.?.pcap')" = 0 ] || fail "a first file is still there"
	json_holds '$last.files_deleted > 10 and $last.files - $last.files_deleted == '"$(
		count_files 'x*')" counters
}

# The periods of all threads are the same, and end the capture together, also without frames.
test_threads_series_periods() {
	local file

	begin_threads
	start_series x-%s.pcapng -G 1 -W 3
	end_capture 0
	[ "$(count_files 'x-*.0.pcapng')" = 3 ] || fail "not three files"
	for file in ours/*.0.pcapng; do
		[ -e "${file%.0.pcapng}.1.pcapng" ] || fail "no other file beside $file"
	done
	[ "$(count_files '*')" = 6 ] || fail "not six files"
}

test_threads_series_hangup() {
	begin_threads
	need mergecap capinfos
	start_series x.pcapng -G 3600 --no-verdict --json counters
	send_from_two_cpus 10
	kill -HUP "$CAPTURE_PID"
	wait_for [ -e ours/x.0.pcapng1 ] || fail "no next file of the first thread"
	wait_for [ -e ours/x.1.pcapng1 ] || fail "no next file of the second thread"
	stop_capture
	[ "$(count_files '*')" = 4 ] || fail "not four files"
	series_has_all
}

# The capture goes on, whichever thread finds that the disk is full.
test_threads_series_full_disk() {
	begin_threads
	mkdir ours
	mount -t tmpfs -o size=1m tmpfs ours || fail "cannot mount"
	start_series x.pcap -C 100k --max-bytes 100m --json counters
	send_from_two_cpus 3000
	stop_capture
	umount ours
	[ "$(grep -c 'the disk is full; the oldest files are deleted' capture.log)" = 1 ] ||
		fail "not one message"
	json_holds '$last.files_deleted > 5 and $last.write_failed == 0 and $last.balanced' counters
}

# One file that cannot be created ends all, and its name is in the message.
test_threads_series_locked() {
	begin_threads
	need tcpdump
	mkdir ours
	: >ours/x.1.pcap1
	exec 9>ours/x.1.pcap1
	flock 9
	start_series x.pcap -C 10k
	send_from_two_cpus 100
	end_capture 1
	[ "$(grep -c 'another capture writes it' capture.log)" = 1 ] || fail "not one message"
	says "cannot write 'ours/x.1.pcap1': another capture writes it; the capture ends"
	tcpdump -nr ours/x.1.pcap >/dev/null 2>tcpdump.log || fail "the file before is not whole"
	no_pins
}

# The old file of the first thread comes back when the second one cannot begin, and so does what is
# over the limit.
test_threads_series_failed_start() {
	begin_threads
	mkdir ours
	load --mode skb verdict_hook verdict_hook
	for file in x.0.pcap x.1.pcap x.0.pcap7; do
		head -c 800000 /dev/zero >ours/$file
	done
	exec 9>>ours/x.1.pcap
	flock 9
	launch_capture ours/x.pcap --threads 2 --max-bytes 1024k
	end_capture 1
	says "cannot write 'ours/x.1.pcap': another capture writes it; the capture ends"
	for file in x.0.pcap x.1.pcap x.0.pcap7; do
		[ "$(stat -c %s ours/$file)" = 800000 ] || fail "ours/$file was lost"
	done
	[ "$(count_files '*')" = 3 ] || fail "files are left: $(ls ours)"
	no_pins
}

# The capture ends when it needs that process.
test_threads_series_killed() {
	begin_threads
	start_series x.pcap -C 10k
	kill -KILL "$(pgrep -P "$CAPTURE_PID" -x xdpdrop-files)"
	send_from_two_cpus 100
	end_capture 1
	says "the process that creates files was killed"
	no_pins
}
