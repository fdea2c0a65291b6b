# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The metrics of xdpdrop-monitor: their values are what was sent, over HTTP, at a socket and in a
# file, also with hostile names, many reasons, slow clients, and a process that is killed.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../monitor_helpers.sh"

KERNELS=any # about words and sums
ALL_TESTS="test_metrics_http test_metrics_unix test_metrics_unix_two test_metrics_unix_file
	test_metrics_file
	test_metrics_file_in_the_way test_metrics_slow_writer test_metrics_prometheus
	test_metrics_hostile_names test_metrics_many_reasons test_metrics_port_in_use
	test_metrics_slow_client test_metrics_full_disk test_metrics_writer_killed
	test_metrics_killed test_metrics_wait test_metrics_wait_file test_metrics_misuse"

# serve [options]: on the test's interface, as start_monitor does.
serve() {
	start_monitor -i 0.1 "$@" "$NS"
	wait_for grep -q 'metrics are at' capture.log || fail "it does not say where metrics are"
}

# Where they are, over HTTP.
url() {
	sed -n 's/^xdpdrop-monitor: metrics are at //p' capture.log
}

# scrape: into the file metrics.
scrape() {
	socat -t 5 - "TCP:$(url | sed 's|^http://||; s|/metrics$||')" >answer 2>socat.log \
		<<<$'GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r'
	sed '1,/^\r*$/d' answer >metrics
	grep -q '^HTTP/1.1 200' answer
}

# metric LINE: the value of what begins so.
metric() {
	awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' metrics
}

# Frames of all series.
sum_of() {
	awk -v name="$1{" 'index($0, name) == 1 { sum += $NF } END { print sum + 0 }' metrics
}

has_frames() {
	"$1" && [ "$(sum_of xdpdrop_frames_total)" = "$2" ]
}

lint() {
	# shellcheck disable=SC2094 # a word, and a file
	! command -v promtool >/dev/null || promtool check metrics >promtool.log 2>&1 <metrics ||
		fail "promtool"
}

labels() {
	echo "{interface=\"$NS\",program=\"verdict_hook\",hook=\"xdpdrop_hook\",reason=\"$1\"}"
}

test_metrics_http() {
	begin
	load verdict_hook verdict_hook
	serve --metrics 0
	send_frames sent.pcap -n 100 -s 100
	wait_for has_frames scrape 100 || fail "not what was sent: $(<metrics)"
	[ "$(metric "xdpdrop_frames_total$(labels NUMBER_EVEN)")" = 50 ] || fail "$(<metrics)"
	[ "$(metric "xdpdrop_bytes_total$(labels NUMBER_ODD)")" = 5000 ] || fail "$(<metrics)"
	[ "$(metric xdpdrop_lost_total)" = 0 ] || fail "$(<metrics)"
	[ "$(metric xdpdrop_captured_total)" = 0 ] || fail "$(<metrics)"
	grep -Eq '^xdpdrop_lease_seconds [1-5]\.' metrics || fail "no lease: $(<metrics)"
	grep -Eq '^xdpdrop_build_info\{version="[0-9.]+"\} 1$' metrics || fail "$(<metrics)"
	lint
	[ ! -s out ] || fail "there is something on standard output"
	stop_capture
	says '^100 frames counted$'
}

# counting_is SCRAPE NUMBER: what the gauge has.
counting_is() {
	"$1" && [ "$(metric "xdpdrop_counting{interface=\"$NS\"}")" = "$2" ]
}

# While it waits for a program, it answers, and has no lease that could have run out.
test_metrics_wait() {
	begin
	launch_monitor -i 0.1 --wait --metrics 0 "$NS"
	wait_for grep -q 'waiting: ' capture.log || fail "it does not wait"
	wait_for grep -q 'metrics are at' capture.log || fail "it does not say where metrics are"
	wait_for counting_is scrape 0 || fail "no answer, or another one: $(<metrics)"
	! grep -q lease metrics || fail "a lease: $(<metrics)"
	lint
	load verdict_hook verdict_hook
	wait_for counting_is scrape 1 || fail "it does not count: $(<metrics)"
	send_frames sent.pcap -n 100 -s 100
	wait_for has_frames scrape 100 || fail "not what was sent: $(<metrics)"
	[ "$(grep -c 'metrics are at' capture.log)" = 1 ] || fail "not one message"
	stop_capture
}

# What an earlier monitor has left there is not taken for counters of now.
test_metrics_wait_file() {
	begin
	echo 'xdpdrop_lost_total 7' >metrics.prom
	launch_monitor -i 0.1 --wait --metrics metrics.prom "$NS"
	wait_for counting_is read_file 0 || fail "the old file is there: $(<metrics.prom)"
	! grep -q lost metrics || fail "old counters: $(<metrics)"
	load verdict_hook verdict_hook
	wait_for counting_is read_file 1 || fail "it does not count: $(<metrics)"
	stop_capture
	counting_is read_file 0 || fail "it counts after the end: $(<metrics)"
}

scrape_unix() {
	socat -t 5 - UNIX-CONNECT:socket >answer 2>socat.log \
		<<<$'GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r'
	sed '1,/^\r*$/d' answer >metrics
}

# The socket that a killed monitor has left is taken over; one that is in use is not.
test_metrics_unix() {
	begin
	load verdict_hook verdict_hook
	serve --metrics unix:socket
	"$MONITOR" --metrics unix:socket "$NS" >second 2>&1
	[ $? = 1 ] || fail "a second one listens there: $(<second)"
	grep -q 'another process listens there$' second || fail "$(<second)"
	kill_capture_only
	wait_for no_watchdog || fail "processes are left"
	serve --metrics unix:socket
	send_frames sent.pcap -n 100
	wait_for has_frames scrape_unix 100 || fail "not what was sent: $(<metrics)"
	stop_capture
}

waits_for_lock() {
	grep -q -- '-> FLOCK' /proc/locks
}

# Who finds a stale socket decides and acts alone: what came in the meantime is not deleted.
test_metrics_unix_two() {
	begin
	load verdict_hook verdict_hook
	mkfifo release
	socat UNIX-LISTEN:socket,unlink-close=0 /dev/null &
	wait_for [ -S socket ] || fail "there is no socket"
	kill $!
	wait $! 2>/dev/null
	flock . cat release &
	wait_for grep -q FLOCK /proc/locks || fail "there is no lock"
	launch_monitor --metrics unix:socket "$NS"
	wait_for waits_for_lock || fail "it does not wait"
	rm socket
	socat UNIX-LISTEN:socket,fork /dev/null &
	wait_for is_served || fail "nobody listens"
	: >release
	end_capture 1
	says "cannot listen at 'unix:socket': another process listens there"
	is_served || fail "the socket is gone"
	kill $!
}

is_served() {
	socat -u /dev/null UNIX-CONNECT:socket 2>/dev/null
}

# It would be deleted as a socket that nobody serves.
test_metrics_unix_file() {
	begin
	load verdict_hook verdict_hook
	echo precious >file
	monitor_refused 1 "cannot listen at 'unix:file': there is a file that is no socket" \
		--metrics unix:file "$NS"
	[ "$(<file)" = precious ] || fail "the file is changed"
	ln -s file link
	monitor_refused 1 "cannot listen at 'unix:link'" --metrics unix:link "$NS"
	[ -L link ] || fail "the link is gone"
}

read_file() {
	cp metrics.prom metrics 2>/dev/null
}

# Also in a directory where the user that it becomes may not write.
test_metrics_file() {
	begin
	load verdict_hook verdict_hook
	chmod 700 .
	serve --metrics metrics.prom
	send_frames sent.pcap -n 100
	wait_for has_frames read_file 100 || fail "not what was sent: $(<metrics)"
	lint
	send_frames more.pcap -n 50 -f 100
	stop_capture
	has_frames read_file 150 || fail "the file has not the last totals: $(<metrics)"
	[ "$(find . -name '.*new*')" = "" ] || fail "a file is left"
	! pgrep -x xdpdrop-metrics || fail "the process is left"
}

# What others have put there under the name of the next file stops nothing, and leads nowhere.
test_metrics_file_in_the_way() {
	begin
	load verdict_hook verdict_hook
	mkfifo .metrics.prom.new
	serve --metrics metrics.prom
	send_frames sent.pcap -n 100
	wait_for has_frames read_file 100 || fail "not what was sent: $(<metrics)"
	stop_capture
	echo precious >file
	ln file .metrics.prom.new
	serve --metrics metrics.prom
	send_frames sent.pcap -n 10
	wait_for has_frames read_file 10 || fail "not what was sent: $(<metrics)"
	stop_capture
	[ "$(<file)" = precious ] || fail "the file is overwritten"
}

prometheus_has() {
	curl -sG "http://127.0.0.1:$PROMETHEUS/api/v1/query" \
		--data-urlencode 'query=sum(xdpdrop_frames_total)' >query 2>curl.log
	[ "$(jq -r '.data.result[0].value[1]' query 2>/dev/null)" = "$1" ]
}

# A server of Debian's, in the network of the test alone.
test_metrics_prometheus() {
	begin
	need prometheus jq curl
	load verdict_hook verdict_hook
	serve --metrics 0
	cat >prometheus.yml <<-END
		global: { scrape_interval: 1s }
		scrape_configs:
		  - job_name: xdpdrop
		    static_configs:
		      - targets: ["$(url | sed 's|^http://||; s|/metrics$||')"]
	END
	PROMETHEUS=9099
	prometheus --config.file=prometheus.yml --storage.tsdb.path=data \
		--web.listen-address=127.0.0.1:$PROMETHEUS >prometheus.log 2>&1 &
	PROMETHEUS_PID=$!
	send_frames sent.pcap -n 300
	wait_for prometheus_has 300 || fail "it has other values: $(<query)"
	kill "$PROMETHEUS_PID"
	wait "$PROMETHEUS_PID"
	stop_capture
	says '^300 frames counted$'
}

test_metrics_hostile_names() {
	begin
	load verdict_hook verdict_hook
	printf '1 quote"back\\slash\n2 \377red{}\n' >reasons
	serve --metrics 0 --reasons reasons
	send_frames sent.pcap -n 10
	wait_for has_frames scrape 10 || fail "not what was sent: $(<metrics)"
	iconv -f utf-8 -t utf-8 metrics >/dev/null || fail "the text is not UTF-8"
	grep -qF 'reason="quote\"back\\slash"} 5' metrics || fail "$(<metrics)"
	lint
	stop_capture
}

# 300 reasons, and names for 10000; the unit tests have as many that occur.
test_metrics_many_reasons() {
	begin
	load verdict_reasons verdict_reasons
	seq 1 10000 | sed 's/.*/& REASON_&/' >reasons
	serve --metrics 0 --reasons reasons
	send_frames sent.pcap -n 900
	wait_for has_frames scrape 900 || fail "not what was sent"
	[ "$(grep -c '^xdpdrop_frames_total.* 3$' metrics)" = 300 ] || fail "$(<metrics)"
	lint
	stop_capture
}

test_metrics_port_in_use() {
	local port

	begin
	load verdict_hook verdict_hook
	serve --metrics 0
	port=$(url | sed 's|.*:\([0-9]*\)/.*|\1|')
	"$MONITOR" --metrics "$port" "$NS" >second 2>&1
	[ $? = 1 ] || fail "no error: $(<second)"
	grep -q "cannot listen at '$port': the port is in use" second || fail "$(<second)"
	stop_capture
}

# Clients that send half a request, or do not read, delay nobody.
test_metrics_slow_client() {
	local client clients=()

	begin
	load verdict_hook verdict_hook
	serve --metrics 0
	for client in 1 2 3 4 5; do
		socat -u "SYSTEM:printf 'GET /met'; sleep 600" \
			"TCP:$(url | sed 's|^http://||; s|/metrics$||')" 2>/dev/null &
		clients+=($!)
	done
	send_frames sent.pcap -n 100
	wait_for has_frames scrape 100 || fail "not what was sent: $(<metrics)"
	kill "${clients[@]}"
	stop_capture
	says '^100 frames counted$'
}

# A file that is replaced meanwhile makes room again.
disk_is_full() {
	dd if=/dev/zero of=disk/filler bs=4k count=64 oflag=append conv=notrunc 2>/dev/null
	grep -q "cannot write 'disk/metrics.prom': No space left" capture.log
}

# The old file stays as it is, and the next one is written once there is room.
test_metrics_full_disk() {
	begin
	load verdict_hook verdict_hook
	mkdir disk
	mount -t tmpfs -o size=64k,nr_inodes=16 tmpfs disk || skip "no tmpfs can be mounted"
	serve --metrics disk/metrics.prom
	wait_for [ -s disk/metrics.prom ] || fail "no file"
	wait_for disk_is_full || fail "it does not say so"
	cp disk/metrics.prom metrics && lint
	rm disk/filler
	wait_for grep -q "'disk/metrics.prom' is written again" capture.log ||
		fail "it is not written again"
	stop_capture
	umount disk
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# While one text waits to be written, the next ones do. The last one is.
test_metrics_slow_writer() {
	begin
	load verdict_hook verdict_hook
	serve --json --metrics metrics.prom
	send_frames sent.pcap -n 100
	wait_for has_frames read_file 100 || fail "not what was sent: $(<metrics)"
	kill -STOP "$(pgrep -P "$CAPTURE_PID" -x xdpdrop-metrics)"
	wait_for has_lines out $(($(wc -l <out) + 3)) || fail "no line for an interval"
	send_frames more.pcap -n 50 -f 100
	kill -INT "$CAPTURE_PID"
	wait_for grep -q '^150 frames counted' capture.log || fail "it does not stop"
	kill -CONT "$(pgrep -P "$CAPTURE_PID" -x xdpdrop-metrics)"
	end_capture 0
	has_frames read_file 150 || fail "the file has not the last totals: $(<metrics)"
}

test_metrics_writer_killed() {
	begin
	load verdict_hook verdict_hook
	serve --metrics metrics.prom
	wait_for [ -s metrics.prom ] || fail "no file"
	kill -KILL "$(pgrep -P "$CAPTURE_PID" -x xdpdrop-metrics)"
	end_capture 1
	says "the process that writes 'metrics.prom' was killed; the monitor ends$"
	wait_for no_watchdog || fail "processes are left"
	no_pins
}

no_writer() {
	! pgrep -x xdpdrop-metrics >/dev/null
}

test_metrics_killed() {
	begin
	load verdict_hook verdict_hook
	serve --metrics metrics.prom
	wait_for [ -s metrics.prom ] || fail "no file"
	kill_capture_only
	wait_for no_watchdog || fail "processes are left"
	wait_for no_writer || fail "its writer is left"
	cp metrics.prom metrics && lint
	no_pins
}

misused() {
	local expected=$1 status

	shift
	"$MONITOR" "$@" >out 2>capture.log
	status=$?
	[ $status = "$expected" ] || fail "$*: status $status"
	[ "$(wc -l <capture.log)" = 1 ] || fail "$*: not one line: $(<capture.log)"
	says "^xdpdrop-monitor: option --metrics: "
}

test_metrics_misuse() {
	begin
	load verdict_hook verdict_hook
	misused 2 --metrics nowhere "$NS"
	misused 2 --metrics 70000 "$NS"
	misused 2 --metrics unix: "$NS"
	misused 1 --metrics missing/file.prom "$NS"
	misused 1 --metrics 192.0.2.77:9100 "$NS"
}
