# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Clients that read the capture over TCP: what each gets, and that none harms the others.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about sockets of ours, not about XDP
ALL_TESTS="test_listen_tshark test_listen_several test_listen_late_client test_listen_nobody
	test_listen_pcap test_listen_pcap_nanoseconds test_listen_new_program
	test_listen_stopped_client test_listen_stopped_client_to_the_end
	test_listen_stalled_end test_listen_killed_client test_listen_too_many
	test_listen_only_loopback test_listen_everywhere test_listen_ipv6
	test_listen_port_in_use test_listen_bad_address test_listen_not_root
	test_listen_count test_listen_by_root"

# start_listening ADDRESS:PORT [options]: sets PORT.
start_listening() {
	local where=$1

	shift
	start_capture "tcp-listen:$where" -v "$@"
	PORT=$(sed -n 's/^.*clients can connect to [^ ]*:\([0-9]*\)[ ;].*/\1/p' capture.log)
	[ "$PORT" ] || fail "no message names the port"
}

clients() {
	grep -c 'client .* has connected$' capture.log
}

has_clients() {
	[ "$(clients)" -ge "$1" ]
}

# connect FILE [ADDRESS]: a client that writes to the file, and is accepted; sets CLIENT.
connect() {
	local file=$1 address=${2:-127.0.0.1} before

	before=$(clients)
	cat <"/dev/tcp/$address/$PORT" >"$file" 2>"$file.err" &
	CLIENT=$!
	wait_for has_clients $((before + 1)) || fail "client $file is not accepted"
}

# The client has got everything.
finish_client() {
	wait "$1" || fail "a client failed: $(cat ./*.err)"
}

# client_counts: "SENT LOST" of each client that a message names, in the order of their ends.
client_counts() {
	sed -n 's/^.*client .*: \([0-9]*\) frames sent, \([0-9]*\) lost$/\1 \2/p' capture.log
}

test_listen_tshark() {
	local reader

	begin
	need tshark
	load verdict verdict
	start_listening 0
	tshark -lni "TCP@127.0.0.1:$PORT" >tshark.out 2>tshark.log &
	reader=$!
	wait_for has_clients 1 || fail "tshark does not connect"
	send_frames sent.pcap -n 3 -p 4001
	wait_for eval "[ \$(grep -c '198\.51\.100\.2' tshark.out) -ge 3 ]" ||
		fail "tshark shows nothing"
	send_frames sent.pcap -n 4 -p 4002
	wait_for eval "[ \$(grep -c '198\.51\.100\.2' tshark.out) -ge 7 ]" ||
		fail "tshark does not show what came later"
	stop_capture
	wait $reader || fail "tshark failed"
	[ "$(grep -c '198\.51\.100\.2' tshark.out)" = 7 ] || fail "tshark shows something else"
	captured 7
}

test_listen_several() {
	local one two

	begin
	load verdict_hook verdict_hook
	start_listening 0 --json statistics
	connect one.pcapng
	one=$CLIENT
	connect two.pcapng
	two=$CLIENT
	send_frames sent.pcap -n 500 -s 60,1000,333
	stop_capture
	finish_client $one
	finish_client $two
	same sent.pcap one.pcapng
	all_captured
	same sent.pcap two.pcapng
	all_captured
	cmp one.pcapng two.pcapng || fail "the clients got different bytes"
	[ "$(client_counts)" = $'500 0\n500 0' ] || fail "$(client_counts)"
	json_holds '$last.written == 500 and $last.unsent == 0 and $last.clients == 2 and
		$last.client_lost == 0' statistics
}

test_listen_late_client() {
	local one two

	begin
	load verdict_hook verdict_hook
	start_listening 0
	connect one.pcapng
	one=$CLIENT
	send_frames sent.pcap -n 100
	connect two.pcapng
	two=$CLIENT
	send_frames more.pcap -n 50 -f 100
	stop_capture
	finish_client $one
	finish_client $two
	join sent.pcap more.pcap >all.pcap
	same all.pcap one.pcapng
	all_captured
	same more.pcap two.pcapng
	strings -n 8 two.pcapng >two.txt
	grep -q 'this client: 50 frames sent, 0 lost because it was slow, 100 before it connected' \
		two.txt || fail "the statistics do not say what this client got"
}

# Frames are captured and counted, and none is sent.
test_listen_nobody() {
	begin
	load verdict_hook verdict_hook
	start_listening 0 --json statistics
	send_frames sent.pcap -n 50
	stop_capture
	[ "$(summary captured)" = 50 ] || fail "captured"
	[ "$(summary written)" = 0 ] || fail "written"
	[ "$(summary 'not sent')" = 50 ] || fail "not sent"
	json_holds '$last.written == 0 and $last.unsent == 50 and $last.clients == 0' statistics
}

test_listen_pcap() {
	begin
	load verdict_hook verdict_hook
	start_listening 0 -F pcap
	connect out.pcap
	send_frames sent.pcap -n 200 -s 60,1000
	stop_capture
	finish_client "$CLIENT"
	same sent.pcap out.pcap
	all_captured
	[ "$(stat -c %s out.pcap)" = "$(stat -c %s sent.pcap)" ] || fail "other bytes than frames"
}

test_listen_pcap_nanoseconds() {
	begin
	load verdict_hook verdict_hook
	start_listening 0 -F pcap --nano -U
	connect out.pcap
	send_frames sent.pcap -n 20
	stop_capture
	finish_client "$CLIENT"
	[ "$(od -A n -t x4 -N 4 --endian=little out.pcap)" = ' a1b23c4d' ] || fail "no nanoseconds"
	same sent.pcap out.pcap
	all_captured
}

# Its interface comes before its frames, for old clients and for new ones.
test_listen_new_program() {
	local one two

	begin
	load verdict_hook verdict_hook
	start_listening 0
	connect one.pcapng
	one=$CLIENT
	send_frames sent.pcap -n 20
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q 'no longer on' capture.log || fail "the end of the program is not seen"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the new hook is not taken"
	send_frames more.pcap -n 20 -f 100
	connect two.pcapng
	two=$CLIENT
	send_frames last.pcap -n 20 -f 200
	stop_capture
	finish_client $one
	finish_client $two
	join sent.pcap more.pcap last.pcap >all.pcap
	same all.pcap one.pcapng
	all_captured
	same last.pcap two.pcapng
	[ "$(fields one.pcapng frame.interface_id | sort | uniq -c | tr -s ' \n' ' ')" = \
		' 20 0 40 1 ' ] || fail "$(fields one.pcapng frame.interface_id | sort | uniq -c)"
	[ "$(fields two.pcapng frame.interface_id | sort -u)" = 1 ] || fail "other interfaces"
}

# So that the kernel does not keep more for a client that stops than this file sends.
small_sockets() {
	echo 4096 16384 524288 >/proc/sys/net/ipv4/tcp_wmem
	echo 4096 16384 524288 >/proc/sys/net/ipv4/tcp_rmem
}

has_bytes() {
	[ "$(stat -c %s "$1")" -ge "$2" ]
}

# send_portions N: of 4 MB each, which are all.pcap, as fast as FAST takes them.
send_portions() {
	local n size=0 parts=()

	for ((n = 0; n < $1; n++)); do
		send_frames "part.$n" -n 3000 -s 1400 -f $((n * 3000))
		parts+=("part.$n")
		size=$((size + 3000 * 1400))
		wait_for has_bytes fast.pcapng $size || fail "the fast client gets no frames"
	done
	join "${parts[@]}" >all.pcap
}

# A client that is stopped for a time loses frames, whole ones, and the other gets each.
test_listen_stopped_client() {
	local fast slow size counts sent lost

	begin
	small_sockets
	load verdict_hook verdict_hook
	start_listening 0 --json statistics
	connect fast.pcapng
	fast=$CLIENT
	connect slow.pcapng
	slow=$CLIENT
	kill -STOP $slow
	send_portions 8
	size=$(stat -c %s slow.pcapng)
	kill -CONT $slow
	wait_for has_bytes slow.pcapng $((size + 8000000)) || fail "the client does not go on"
	stop_capture
	finish_client $fast
	finish_client $slow
	same all.pcap fast.pcapng
	captured 24000
	same all.pcap slow.pcapng --subset
	says 'warning: client .* lost$'
	counts=$(client_counts | grep -v '^24000 0$')
	read -r sent lost <<<"$counts"
	[ "$lost" -gt 0 ] || fail "nothing was lost: the test sees nothing"
	[ $((sent + lost)) = 24000 ] || fail "$sent sent and $lost lost"
	[ "$COMPARED" = "$sent" ] || fail "$COMPARED frames in the file, $sent sent"
	[ "$("$TOOLS/pcapng" dropped fast.pcapng)" = 0 ] ||
		fail "the fast client's statistics have losses"
	[ "$("$TOOLS/pcapng" dropped slow.pcapng)" = "$lost" ] ||
		fail "the slow client's statistics have other losses"
	json_holds '$last.written == 24000 and $last.unsent == 0 and
		$last.client_lost == '"$lost" statistics
	[ "$(summary 'lost by slow clients')" = "$lost" ] || fail "the summary is not true"
}

# The same in a flood, which no client keeps up with: whatever each got, the sums are exact.
test_listen_stopped_client_to_the_end() {
	local fast slow n total unsent sent lost

	begin
	small_sockets
	load --mode native verdict_hook verdict_hook
	start_listening 0 --json statistics
	connect fast.pcapng
	fast=$CLIENT
	connect slow.pcapng
	slow=$CLIENT
	kill -STOP $slow
	ns_exec "$TOOLS/flood" --count 300000 --size 500 "$TOOLS/flood.bpf.o" veth0 \
		>flood.log 2>&1 || fail "flood"
	settle counts
	stop_capture
	finish_client $fast
	kill -KILL $slow
	wait $slow 2>/dev/null
	total=$(summary captured)
	[ "$(summary seen)" = "$(count_of drop)" ] || fail "not all frames were seen"
	n=0
	while read -r sent lost; do
		n=$((n + 1))
		[ $((sent + lost)) = "$total" ] || fail "$sent sent and $lost lost of $total"
	done < <(client_counts)
	[ $n = 2 ] || fail "counts of $n clients"
	unsent=$(summary 'not sent')
	[ $(($(summary written) + ${unsent:-0})) = "$total" ] || fail "other sums"
	json_holds '$last.written + $last.unsent == $last.captured and
		$last.client_lost > 0' statistics
	[ "$(capinfos -Mc fast.pcapng 2>/dev/null | sed -n 's/^Number of packets: *//p')" = \
		"$(client_counts | sort -n | tail -n 1 | cut -d ' ' -f 1)" ] ||
		fail "the fast client has other frames"
}

# The end does not wait for clients that do not read.
test_listen_stalled_end() {
	local fast slow sent lost

	begin
	small_sockets
	load verdict_hook verdict_hook
	start_listening 0
	connect slow.pcapng
	slow=$CLIENT
	connect fast.pcapng
	fast=$CLIENT
	kill -STOP $slow
	send_portions 2
	stop_capture
	finish_client $fast
	kill -CONT $slow
	wait $slow
	same all.pcap fast.pcapng
	captured 6000
	says 'client .* is closed, too slow at the end: '
	same all.pcap slow.pcapng --prefix --torn
	read -r sent lost <<<"$(client_counts | grep -v '^6000 0$')"
	[ $((sent + lost)) = 6000 ] || fail "$sent sent and $lost lost"
	[ "$COMPARED" = "$sent" ] || fail "$COMPARED frames in the file, $sent sent"
}

# Its end is certain when a frame is sent to it.
test_listen_killed_client() {
	local killed other

	begin
	load verdict_hook verdict_hook
	start_listening 0
	connect killed.pcapng
	killed=$CLIENT
	connect other.pcapng
	other=$CLIENT
	start_sending 50
	wait_for has_bytes killed.pcapng 5000 || fail "the client gets nothing"
	kill -KILL $killed
	wait $killed 2>/dev/null
	wait_for grep -q 'client .* has gone: ' capture.log || fail "the end is not seen"
	stop_sending
	stop_capture
	finish_client $other
	join part.* >all.pcap
	same all.pcap other.pcapng
	all_captured
	[ "$(summary captured)" = "$SENT" ] || fail "captured"
}

test_listen_too_many() {
	local n

	begin
	load verdict_hook verdict_hook
	start_listening 0
	for n in {1..16}; do
		connect "$n.pcapng"
	done
	cat <"/dev/tcp/127.0.0.1/$PORT" >none.pcapng
	[ ! -s none.pcapng ] || fail "the 17th client gets something"
	says 'warning: client .* is refused: there are 16 clients'
	send_frames sent.pcap -n 20
	stop_capture
	wait
	for n in {1..16}; do
		same sent.pcap "$n.pcapng"
	done
	all_captured
}

test_listen_only_loopback() {
	begin
	load verdict_hook verdict_hook
	start_listening 57012
	[ "$PORT" = 57012 ] || fail "port $PORT"
	says 'clients can connect to 127\.0\.0\.1:57012( and \[::1\]:57012)?; for example: tshark'
	says_not 'any machine'
	! cat 2>/dev/null <"/dev/tcp/$OUTSIDE_IP4/57012" ||
		fail "it is reachable from elsewhere"
	connect out.pcapng
	stop_capture
}

test_listen_everywhere() {
	begin
	load verdict_hook verdict_hook
	start_listening 0.0.0.0:0
	says "warning: any machine that can reach 0\.0\.0\.0:$PORT can read the frames"
	connect out.pcapng "$OUTSIDE_IP4"
	send_frames sent.pcap -n 20
	stop_capture
	finish_client "$CLIENT"
	same sent.pcap out.pcapng
	all_captured
}

test_listen_ipv6() {
	local reader

	begin
	need tshark
	grep -qs ' lo$' /proc/net/if_inet6 ||
		skip "there is no IPv6 loopback address"
	load verdict_hook verdict_hook
	start_listening '[::1]:57012'
	says 'clients can connect to \[::1\]:57012;'
	connect out.pcapng ::1
	says 'client \[::1\]:[0-9]* has connected'
	tshark -lni 'TCP@[::1]:57012' >tshark.out 2>tshark.log &
	reader=$!
	wait_for has_clients 2 || fail "tshark does not connect"
	send_frames sent.pcap -n 20
	stop_capture
	finish_client "$CLIENT"
	wait $reader || fail "tshark failed"
	[ "$(grep -c '198\.51\.100\.2' tshark.out)" = 20 ] || fail "tshark shows something else"
	same sent.pcap out.pcapng
	all_captured
}

# refused STATUS ADDRESS PATTERN: without a trace.
refused() {
	"$CAPTURE" "$NS" "tcp-listen:$2" 2>err
	[ $? = "$1" ] || fail "$2: status is not $1: $(cat err)"
	[ "$(wc -l <err)" = 1 ] || fail "$2: not one line: $(cat err)"
	grep -q "cannot listen at 'tcp-listen:$2': $3" err || fail "$2: $(cat err)"
}

test_listen_port_in_use() {
	begin
	load verdict_hook verdict_hook
	start_listening 57012
	refused 1 57012 'the port is in use; name another one, or 0 for any that is free'
	refused 1 127.0.0.1:57012 'the port is in use'
	stop_capture
	start_listening 57012 # at once, although connections of the first one may linger
	stop_capture
}

test_listen_bad_address() {
	begin
	refused 2 name.example:57012 'it is tcp-listen:PORT'
	refused 2 70000 'it is tcp-listen:PORT'
	refused 1 192.0.2.1:57012 'this machine does not have that address'
}

test_listen_not_root() {
	begin
	need setpriv
	load verdict_hook verdict_hook
	echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start
	chmod 777 . "$STATEDIR"
	for port in 57012 80; do
		setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
			--bounding-set=-all "$CAPTURE" "$NS" tcp-listen:$port 2>$port.err
		[ $? = 1 ] || fail "status is not 1"
	done
	grep -q 'the capability CAP_SYS_ADMIN is missing' 57012.err || fail "$(cat 57012.err)"
	grep -q 'the port is below 1024 and needs the capability CAP_NET_BIND' 80.err ||
		fail "$(cat 80.err)"
}

# It counts frames, also those that no client gets.
test_listen_count() {
	begin
	load verdict_hook verdict_hook
	start_listening 0 -c 30
	connect out.pcapng
	send_frames sent.pcap -n 50
	end_capture 0
	finish_client "$CLIENT"
	same sent.pcap out.pcapng --prefix
	[ "$COMPARED" = 30 ] || fail "$COMPARED frames"
	[ "$(summary beyond)" = 20 ] || [ "$(summary captured)" -lt 50 ] || fail "the sums"
}

# Without a control process and without a list of system calls.
test_listen_by_root() {
	begin
	load verdict_hook verdict_hook
	start_listening 0 -Z root
	connect out.pcapng
	send_frames sent.pcap -n 50
	stop_capture
	finish_client "$CLIENT"
	same sent.pcap out.pcapng
	all_captured
}
