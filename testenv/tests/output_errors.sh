# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Files that cannot be written, readers that go away, and users who may not capture.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # files and pipes are the same on all kernels
ALL_TESTS="test_dev_full test_full_disk_pcap test_full_disk_pcapng test_file_size_limit
	test_closed_pipe test_closed_fifo test_no_directory test_is_directory test_not_writable
	test_file_mode test_existing_file test_existing_file_kept test_same_file
	test_same_file_redirected test_same_statistics test_no_interface test_not_root"

# The program is where it was, and nothing is pinned.
untouched() {
	local pins

	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	pins=$(find /sys/fs/bpf -name '*xdpdrop*' ! -path "$PINS*" -type f)
	[ -z "$pins" ] || fail "pins are left: $pins"
}

# Exactly one message says that the disk is full.
says_full_once() {
	[ "$(grep -ci 'no space left' capture.log)" = 1 ] || fail "not one message of the full disk"
}

test_dev_full() {
	begin
	load verdict verdict
	launch_capture /dev/full
	if await_listening; then
		send_frames sent.pcap -n 100
	fi
	end_capture 1
	says_full_once
	says "cannot write '/dev/full': No space left on device"
	untouched
}

# full_disk FILE: on a file system of 256 KiB; what is there is whole records, from the first on.
full_disk() {
	local file=disk/$1

	mkdir disk
	mount -t tmpfs -o size=256k tmpfs disk || fail "cannot mount"
	load verdict verdict
	start_capture "$file"
	send_frames sent.pcap -n 1000 -s 64,1000
	for _ in {1..100}; do
		kill -0 "$CAPTURE_PID" 2>/dev/null || break
		sleep 0.05
	done
	end_capture 1
	says_full_once
	untouched
	cp "$file" "$1"
	umount disk
	same sent.pcap "$1" --prefix
	[ "$COMPARED" -gt 300 ] || fail "only $COMPARED frames on a disk that holds more"
	[ "$(summary written)" = $((COMPARED + UNMARKED)) ] || fail "the summary is not true"
	[ $(($(summary written) + $(summary not))) = "$(summary captured)" ] ||
		fail "the sums do not add up"
	if [ "${1##*.}" = pcapng ] && command -v tshark >/dev/null; then
		[ "$(fields "$1" frame.number | wc -l)" = $((COMPARED + UNMARKED)) ] ||
			fail "tshark reads something else"
	fi
}

test_full_disk_pcap() {
	begin
	full_disk out.pcap
}

test_full_disk_pcapng() {
	begin
	full_disk out.pcapng
}

# The kernel's signal for it is no end without a word.
test_file_size_limit() {
	begin
	load verdict verdict
	ulimit -S -f 64
	start_capture out.pcap
	ulimit -S -f unlimited
	send_frames sent.pcap -n 200 -s 1000
	end_capture 1
	[ "$(grep -c "cannot write 'out.pcap': File too large" capture.log)" = 1 ] ||
		fail "not one message of the limit"
	untouched
	same sent.pcap out.pcap --prefix
	[ "$(summary written)" = $((COMPARED + UNMARKED)) ] || fail "the summary is not true"
}

# Whoever reads less than everything, as head does, ends the capture without an error.
test_closed_pipe() {
	begin
	load verdict verdict
	mkfifo pipe
	: >capture.log
	{
		env --default-signal=INT,PIPE "$CAPTURE" "$NS" - 2>capture.log
		echo $? >status
	} >pipe &
	CAPTURE_PID=$!
	head -c 1000 <pipe >head.out &
	await_listening || fail "xdpdrop-capture does not listen"
	send_frames sent.pcap -n 200 -s 200 -g 1000
	wait_for test -s status || fail "the capture goes on"
	[ "$(cat status)" = 0 ] || fail "status $(cat status)"
	[ "$(stat -c %s head.out)" = 1000 ] || fail "the reader did not get what it asked for"
	says "(reader|pipe).*closed"
	says_not "[Bb]roken pipe"
	untouched
}

test_closed_fifo() {
	begin
	load verdict verdict
	mkfifo fifo
	head -c 1000 <fifo >head.out &
	start_capture fifo
	send_frames sent.pcap -n 200 -s 200 -g 1000
	end_capture 0
	says_not "[Bb]roken pipe"
	untouched
}

# refused FILE PATTERN: with status 1, a message that names the file, and no trace.
refused() {
	launch_capture "$1"
	end_capture 1
	says "$1"
	says "$2"
	says_not '^listening'
	untouched
}

test_no_directory() {
	begin
	load verdict verdict
	refused nowhere/out.pcap 'directory does not exist|No such file'
}

test_is_directory() {
	begin
	load verdict verdict
	refused /run directory
}

# Root may write everything that is not on a read-only file system.
test_not_writable() {
	begin
	load verdict verdict
	mkdir disk
	mount -t tmpfs -o ro tmpfs disk || fail "cannot mount"
	refused disk/out.pcap '[Rr]ead-only'
	umount disk
}

test_file_mode() {
	begin
	load verdict verdict
	umask 0
	start_capture out.pcap
	stop_capture
	[ "$(stat -c %a out.pcap)" = 600 ] || fail "mode $(stat -c %a out.pcap)"
}

test_existing_file() {
	begin
	load verdict verdict
	head -c 100000 /dev/zero >out.pcap
	chmod 644 out.pcap
	start_capture out.pcap
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap out.pcap
	[ "$(stat -c %a out.pcap)" = 644 ] || fail "mode $(stat -c %a out.pcap)"
	[ "$(stat -c %s out.pcap)" = "$(stat -c %s sent.pcap)" ] || fail "old bytes are left"
}

# A capture that does not start leaves the file of the last one alone.
test_existing_file_kept() {
	begin
	echo precious >out.pcap
	launch_capture out.pcap
	end_capture 1
	[ "$(cat out.pcap)" = precious ] || fail "the file was overwritten"
}

# A second capture does not touch the file of the first one.
test_same_file() {
	begin
	load verdict verdict
	start_capture out.pcap
	: >second.log
	"$CAPTURE" "$NS" out.pcap 2>second.log
	[ $? = 1 ] || fail "status is not 1"
	[ "$(<second.log)" = "xdpdrop-capture: cannot write 'out.pcap': another capture writes it; \
name another file" ] || fail "another message"
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
	all_captured
	start_capture out.pcap
	stop_capture
	untouched
}

test_same_file_redirected() {
	begin
	load verdict verdict
	start_capture out.pcap
	: >second.log
	"$CAPTURE" "$NS" - >>out.pcap 2>second.log
	[ $? = 1 ] || fail "status is not 1"
	grep -q "cannot write '-': another capture writes it" second.log || fail "another message"
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
}

test_same_statistics() {
	begin
	load verdict verdict
	start_capture out.pcap --json counters
	: >second.log
	"$CAPTURE" "$NS" second.pcap --json counters 2>second.log
	[ $? = 1 ] || fail "status is not 1"
	grep -q "cannot write statistics to 'counters': another capture writes it" second.log ||
		fail "another message"
	[ ! -e second.pcap ] || fail "a file for a capture that did not start"
	stop_capture
	json_holds '$last.type == "final"' counters
}

test_no_interface() {
	begin
	: >capture.log
	"$CAPTURE" nosuchif out.pcap 2>capture.log
	[ $? = 1 ] || fail "status is not 1"
	says nosuchif
	[ ! -e out.pcap ] || fail "a file for a capture that did not start"
}

test_not_root() {
	begin
	need setpriv
	load verdict verdict
	chmod 777 . "$STATEDIR"
	: >capture.log
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$CAPTURE" "$NS" out.pcap 2>capture.log
	[ $? = 1 ] || fail "status is not 1"
	says 'the capability CAP_SYS_ADMIN is missing'
	[ ! -e out.pcap ] || fail "a file for a capture that did not start"
	untouched
}
