# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Series of files: names, counts and ends as with tcpdump, each file whole, no frame lost, and a
# disk that is bounded.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # files are the same on all kernels
ALL_TESTS="test_rotation_size test_rotation_size_ring test_rotation_time test_rotation_both
	test_rotation_idle test_rotation_period test_rotation_stands_alone test_rotation_flood
	test_rotation_hangup test_rotation_max_bytes test_rotation_earlier_files
	test_rotation_full_disk test_rotation_full_disk_without_limit
	test_rotation_directory_deleted test_rotation_not_writable test_rotation_failed_start
	test_rotation_locked test_rotation_process_killed test_rotation_process_stopped
	test_rotation_killed test_rotation_10000 test_rotation_killed_at_random
	test_rotation_dumpcap"
SLOW_TESTS="test_rotation_10000 test_rotation_killed_at_random"

# Frames that others send on the interface would shift the ends of files.
start_series() {
	echo 'ip and udp' >filter
	start_capture "$@" -f filter
}

# same_series: the files in ours/ have the names and frames of those that tcpdump has written from
# the reference to theirs/.
same_series() {
	local file

	diff <(ls theirs) <(ls ours) >names.log || fail "other names: $(cat names.log)"
	for file in theirs/*; do
		same "$file" "ours/${file##*/}"
		[ "$UNMARKED" = 0 ] || fail "frames of others in $file"
	done
}

# split_theirs OPTIONS: the reference as tcpdump splits it.
split_theirs() {
	need tcpdump
	mkdir theirs
	tcpdump -Z root -r sent.pcap -w theirs/out.pcap "$@" 2>tcpdump.log || fail "tcpdump"
}

# split_both OPTIONS
split_both() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/out.pcap "$@"
	send_frames sent.pcap -n 3500 -s 1000,64,600
	stop_capture
	split_theirs "$@"
	same_series
}

test_rotation_size() {
	split_both -C 1
	[ "$(find ours -type f | wc -l)" = 2 ] || fail "not two files"
	same_sums
}

# A ring of ten files has numbers of one digit.
test_rotation_size_ring() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/out.pcap -C 1 -W 2
	send_frames sent.pcap -n 4400 -s 1000
	stop_capture
	split_theirs -C 1 -W 2
	same_series
	[ "$(cd ours && echo *)" = "out.pcap0 out.pcap1" ] || fail "other names"
}

# The summary counts the frames of all files.
same_sums() {
	local frames

	frames=$(for file in ours/*; do tcpdump -nr "$file" 2>/dev/null; done | wc -l)
	[ "$(summary written)" = "$frames" ] || fail "not $frames frames written"
}

# Both end by themselves after three files, and name them by the seconds in which they begin.
test_rotation_time() {
	begin
	need tcpdump
	mkdir ours theirs
	load verdict verdict
	ns_exec tcpdump -Z root -i veth0 -w theirs/x-%s.pcap -G 1 -W 3 udp 2>tcpdump.log &
	local theirs=$!

	wait_for grep -q listening tcpdump.log || fail "tcpdump does not listen"
	start_series ours/x-%s.pcap -G 1 -W 3
	start_sending 20
	end_capture 0
	wait $theirs || fail "tcpdump: $?"
	stop_sending
	[ "$(find ours -type f | wc -l)" = 3 ] || fail "not three files"
	! find ours theirs -type f | grep -Evq '/x-[0-9]{10}\.pcap$' || fail "other names"
}

# A second option changes the names: each period begins with number 0.
test_rotation_both() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x-%s- -G 2 -C 10k -W 12
	start_sending 100
	wait_for two_periods || fail "no second period"
	stop_sending
	stop_capture
	! find ours -type f | grep -Evq '/x-[0-9]{10}-[01][0-9]$' || fail "other names: $(ls ours)"
	[ -e "$(echo ours/*-01 | cut -d ' ' -f 1)" ] || fail "no second file in a period"
}

two_periods() {
	[ "$(find ours -name '*-00' | wc -l)" -ge 2 ]
}

# Without a frame, too, there are files, and an end.
test_rotation_idle() {
	begin
	need capinfos
	mkdir ours
	load verdict verdict
	start_series ours/x-%s.pcapng -G 1 -W 3
	end_capture 0
	[ "$(find ours -type f | wc -l)" = 3 ] || fail "not three files"
	for file in ours/*; do
		capinfos -Mc "$file" 2>&1 | grep -q '^Number of packets: *0$' ||
			fail "$file: $(capinfos "$file" 2>&1)"
	done
}

# A file has only frames of its period, although each begins with a burst.
test_rotation_period() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/%s -G 1
	start_sending 500
	wait_for has_files 3 || fail "no three files"
	stop_sending
	stop_capture
	for file in ours/*; do
		! fields "$file" frame.time_epoch | grep -v "^${file##*/}\\." ||
			fail "frames of another period in $file"
	done
	total_frames
	[ "$FRAMES" = "$SENT" ] || fail "$FRAMES frames of $SENT"
}

has_files() {
	[ "$(find ours -type f | wc -l)" -ge "$1" ]
}

total_frames() {
	FRAMES=$(for file in ours/*; do fields "$file" frame.number; done | wc -l)
}

# statistic FILE N: the N-th of the four numbers in the statistics of an interface, summed over all.
statistic() {
	tshark -n -X 'read_format:MIME Files Format' -r "$1" -V 2>tshark.log |
		sed -n 's/^ *Number of [^:]*: //p' |
		awk -v n="$2" 'NR % 4 == n % 4 { sum += $1 } END { print sum + 0 }'
}

# Each file is read without a warning, has interfaces and statistics; their sums are the capture's.
test_rotation_stands_alone() {
	begin
	need capinfos tshark tcpdump
	mkdir ours
	load verdict verdict
	start_series ours/x.pcapng -C 100k --json counters
	send_frames sent.pcap -n 1000 -s 64,300
	stop_capture
	has_files 3 || fail "too few files"
	received=0 delivered=0 frames=0
	for file in ours/*; do
		capinfos "$file" >capinfos.log 2>&1 || fail "capinfos $file"
		grep -q 'Number of interfaces in file: 1' capinfos.log || fail "no interface"
		! grep -iq warning capinfos.log || fail "a warning"
		fields "$file" frame.number >/dev/null
		! grep -v root tshark.log || fail "tshark warns"
		tcpdump -nr "$file" >/dev/null 2>tcpdump.log || fail "tcpdump $file"
		received=$((received + $(statistic "$file" 1)))
		delivered=$((delivered + $(statistic "$file" 4)))
	done
	total_frames
	[ "$FRAMES" = "$(summary written)" ] || fail "$FRAMES frames in files"
	[ "$delivered" = "$FRAMES" ] || fail "statistics of $delivered frames delivered"
	[ "$received" = "$(summary seen)" ] || fail "statistics of $received frames received"
	json_holds '$last.files == '"$(find ours -type f | wc -l)" counters
}

# All frames are there once and in order, however often files are cut.
test_rotation_flood() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x -F pcap -C 4k
	send_frames sent.pcap -n 20000 -g 0
	stop_capture
	has_files 100 || fail "too few files"
	# shellcheck disable=SC2046 # names without blanks
	join $(find ours -type f | sort -V) >all.pcap
	same sent.pcap all.pcap
	captured_by_filter
}

captured_by_filter() {
	[ "$(summary written)" = "$COMPARED" ] || fail "not all frames were written"
	[ "$(summary lost)" = 0 ] || fail "frames were lost"
}

# SIGHUP begins the next file and loses nothing, also when it was ignored.
test_rotation_hangup() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x.pcap -G 3600
	for n in 1 2 3; do
		send_frames "part.$n" -n 10 -f $((n * 10))
		kill -HUP "$CAPTURE_PID"
		wait_for [ -e "ours/x.pcap$n" ] || fail "no next file"
	done
	stop_capture
	[ "$(cd ours && echo *)" = "x.pcap x.pcap1 x.pcap2 x.pcap3" ] || fail "other names"
	same part.1 ours/x.pcap
	same part.2 ours/x.pcap1
	same part.3 ours/x.pcap2
}

bytes_of_all() {
	du -sb ours | cut -f 1
}

# The oldest files go, the youngest frames stay, and the limit holds at each moment.
test_rotation_max_bytes() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x.pcap -C 200k --max-bytes 1024k --json counters
	send_frames sent.pcap -n 6000 -s 1000
	[ "$(bytes_of_all)" -le $((1100 * 1024)) ] || fail "$(bytes_of_all) bytes"
	stop_capture
	[ ! -e ours/x.pcap ] || fail "the first file is still there"
	[ "$(bytes_of_all)" -ge $((500 * 1024)) ] || fail "only $(bytes_of_all) bytes"
	json_holds '$last.files_deleted > 20 and $last.files - $last.files_deleted == '"$(
		find ours -type f | wc -l)" counters
}

# Those that an earlier capture has left count; others are not touched.
test_rotation_earlier_files() {
	begin
	mkdir ours
	head -c 900000 /dev/zero >ours/x-0000000001.pcap
	head -c 900000 /dev/zero >ours/y-0000000001.pcap
	touch -d @1 ours/*
	load verdict verdict
	start_series ours/x-%s.pcap -G 3600 --max-bytes 1024k
	stop_capture
	[ ! -e ours/x-0000000001.pcap ] || fail "the earlier file is still there"
	[ -e ours/y-0000000001.pcap ] || fail "another file was deleted"
}

small_disk() {
	mkdir ours
	mount -t tmpfs -o size=512k tmpfs ours || fail "cannot mount"
}

# The capture goes on, and says so once.
test_rotation_full_disk() {
	begin
	small_disk
	load verdict verdict
	start_series ours/x.pcap -C 100k --max-bytes 100m --json counters
	send_frames sent.pcap -n 3000 -s 1000
	stop_capture
	[ "$(grep -c 'the disk is full; the oldest files are deleted' capture.log)" = 1 ] ||
		fail "not one message"
	json_holds '$last.files_deleted > 5 and $last.write_failed == 0' counters
	mkdir last
	cp "$(find ours -type f | sort -V | tail -n 1)" last/
	umount ours
	tcpdump -nr last/* >last.txt 2>&1 || fail "the last file is not whole"
}

# Without a limit, all files are whole up to the last frame.
test_rotation_full_disk_without_limit() {
	begin
	small_disk
	load verdict verdict
	launch_capture ours/x.pcap -C 100k
	await_listening || fail "xdpdrop-capture does not listen"
	send_frames sent.pcap -n 1000 -s 1000
	end_capture 1
	[ "$(grep -ci 'no space left' capture.log)" = 1 ] || fail "not one message"
	says "cannot write 'ours/x.pcap4': No space left on device; the capture ends"
	cp -r ours saved
	umount ours
	# shellcheck disable=SC2046 # names without blanks
	join $(find saved -type f -size +0 | sort -V) >all.pcap
	same sent.pcap all.pcap --prefix
	[ "$COMPARED" -gt 400 ] || fail "only $COMPARED frames"
}

test_rotation_directory_deleted() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x.pcap -C 100k
	send_frames sent.pcap -n 10
	mv ours saved
	send_frames more.pcap -n 200 -f 10 -s 1000
	end_capture 1
	[ "$(grep -c "cannot write 'ours/x.pcap1': No such file or directory; the capture ends" \
		capture.log)" = 1 ] || fail "not one message"
	join sent.pcap more.pcap >all.pcap
	same all.pcap saved/x.pcap --prefix
}

# Nothing is left of a capture that cannot begin, and it has one message.
test_rotation_not_writable() {
	begin
	load verdict verdict
	launch_capture missing/x.pcap -C 1
	end_capture 1
	[ "$(<capture.log)" = "xdpdrop-capture: cannot write 'missing/x.pcap': No such file or \
directory; the capture ends" ] || fail "another message"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# A capture that does not start leaves the files of the last one alone.
test_rotation_failed_start() {
	begin
	echo precious >out.pcap0
	launch_capture out.pcap -C 1 -W 2
	end_capture 1
	[ "$(cat out.pcap0)" = precious ] || fail "the file was overwritten"
}

test_rotation_locked() {
	begin
	mkdir ours
	load verdict verdict
	: >ours/x.pcap1
	exec 9>ours/x.pcap1
	flock 9
	start_series ours/x.pcap -C 10k
	send_frames sent.pcap -n 100 -s 1000
	end_capture 1
	says "cannot write 'ours/x.pcap1': another capture writes it"
	same sent.pcap ours/x.pcap --prefix
}

# The capture ends when it needs that process.
test_rotation_process_killed() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x.pcap -C 10k
	kill -KILL "$(pgrep -P "$CAPTURE_PID" -x xdpdrop-files)"
	send_frames sent.pcap -n 100 -s 1000
	end_capture 1
	says "the process that creates files was killed"
	same sent.pcap ours/x.pcap --prefix
	no_pins
}

# stop_files: as a disk that does not answer does.
stop_files() {
	FILES=$(process_of files)
	kill -STOP "$FILES"
}

files_end() {
	says "the process that creates files \(pid $FILES\) has not ended"
	kill -CONT "$FILES"
	wait_for no_processes || fail "processes are left: $(pgrep -l xdpdrop)"
	no_pins
}

# The capture waits for it, but not at its end.
test_rotation_process_stopped() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x.pcap -C 10k
	stop_files
	send_frames sent.pcap -n 100 -s 1000
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says "cannot write 'ours/x.pcap': the process that creates files does not answer"
	same sent.pcap ours/x.pcap --prefix
	files_end
	start_series ours/y.pcap -C 1m
	stop_files
	send_frames sent.pcap -n 100
	kill -INT "$CAPTURE_PID"
	end_capture 0
	same sent.pcap ours/y.pcap
	files_end
}

# A killed capture leaves no process; finished files are whole, the last one up to its last write.
test_rotation_killed() {
	begin
	mkdir ours
	load verdict verdict
	start_series ours/x.pcap -C 10k
	send_frames sent.pcap -n 1000 -s 200
	wait_for has_files 20 || fail "too few files"
	kill_capture_only
	wait_for no_processes || fail "processes are left: $(pgrep -l xdpdrop)"
	# shellcheck disable=SC2046 # names without blanks
	join $(find ours -type f -size +0 | sort -V) >all.pcap
	same sent.pcap all.pcap --prefix
	no_pins
}

no_processes() {
	! pgrep -r DRST '^xdpdrop-' >/dev/null
}

# Ten thousand files: every frame is in one of them, and nothing has become more.
test_rotation_10000() {
	local before after files=${FEW:+1000}

	begin
	files=${files:-10000}
	mkdir ours
	load verdict verdict
	start_series ours/x.pcapng -C 1k --json counters
	send_frames part.1 -n 1000
	wait_for has_files 100 || fail "too few files"
	before=$(resources)
	send_frames part.2 -n $((files * 6)) -f 1000
	wait_for has_files "$files" || fail "only $(find ours -type f | wc -l) files"
	after=$(resources)
	same_resources "$before" "$after"
	stop_capture
	find ours -type f | sort -V | xargs cat >all.pcapng
	join part.1 part.2 >sent.pcap
	same sent.pcap all.pcapng
	captured_by_filter
	json_holds '$last.balanced and $last.files == '"$(find ours -type f | wc -l)" counters
}

# random_kill NAME: of one process, in a flood; all files but the last are whole.
random_kill() {
	local pid

	rm -rf ours part.* enough
	mkdir ours
	start_series ours/x.pcap -C 4k
	start_sending 300 -g 0
	pause "0.$((RANDOM % 10))"
	pid=$(process_of "$1")
	kill -KILL "$pid"
	pause 0.1
	stop_sending
	kill -INT "$CAPTURE_PID" 2>/dev/null
	wait "$CAPTURE_PID" 2>/dev/null
	wait_for no_processes || fail "processes are left: $(pgrep -l xdpdrop)"
	join part.* >sent.pcap
	# shellcheck disable=SC2046 # names without blanks
	join $(find ours -type f -size +0 | sort -V) >all.pcap
	# killed before the first frame, it has none
	"$TOOLS/pcapcmp" --ordered --prefix sent.pcap all.pcap >compare.log 2>&1 ||
		fail "other frames"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# XDPDROP_KILLS: how many of each process.
test_rotation_killed_at_random() {
	local times=${XDPDROP_KILLS:-${FEW:+1}}

	begin
	load verdict verdict
	for ((n = 0; n < ${times:-10}; n++)); do
		for name in reader files control watchdog; do
			random_kill $name
		done
	done
	echo "$((4 * n)) kills"
}

# The recipe of the manual: dumpcap makes the files, and keeps verdicts and reasons.
test_rotation_dumpcap() {
	begin
	need dumpcap tshark
	mkdir ours
	load verdict verdict
	: >capture.log
	mkfifo pipe
	dumpcap -q -i - -b filesize:100 -b files:20 -w ours/x.pcapng <pipe >dumpcap.log 2>&1 &
	env --default-signal=INT "$CAPTURE" -q "$NS" - >pipe 2>capture.log &
	CAPTURE_PID=$!
	wait_for has_files 1 || fail "dumpcap writes no file"
	send_frames sent.pcap -n 1000 -s 200
	wait_for has_files 2 || fail "dumpcap writes no second file"
	stop_capture
	wait
	[ "$(fields "$(find ours -type f | sort | head -n 1)" frame.verdict.ebpf_xdp |
		sort -u)" = 1 ] || fail "verdicts are lost"
}
