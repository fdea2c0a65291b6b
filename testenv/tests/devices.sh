# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Devices that are no plain network cards: bonds, tunnels, what is above a device or below it.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # which devices hand their program down, and how a change is refused
ALL_TESTS="test_bond_hook test_bond_exit test_bond_wrap test_bond_exceptions
	test_bond_slaves_change test_bond_slave test_bond_and_slave test_bond_many_slaves
	test_bond_explain test_bond_tag test_bond_slave_tag test_bond_combined
	test_tun_hook test_tun_wrap test_tun_filter_of_each_device test_tun_beside_ethernet
	test_tun_shared_hook test_tunnel_types
	test_above_during_wrap test_above_killed_wrap test_above_before_wrap test_above_link
	test_idle_devices test_vrf test_link_churn"
ANY_TESTS="test_tun_filter_of_each_device test_tun_beside_ethernet test_tun_shared_hook
	test_bond_explain test_bond_many_slaves test_link_churn"
SLOW_TESTS="test_link_churn"
ALONE_TESTS="test_link_churn"

# add_device NAME ARGUMENT ...: as of ip link add; skips the test where the kernel has none.
add_device() {
	local name=$1 log words=$*

	shift
	if ! log=$(ip link add "$name" "$@" 2>&1); then
		[[ $log != *"Unknown device type"* && $log != *"not supported"* ]] ||
			skip "this kernel has no devices of type ${words#*type }"
		fail "ip link add $name $*: $log"
	fi
}

drop_all() {
	"$TOOLS/xload" --mode "${3:-native}" load "$1" "$TOOLS/devices.bpf.o" "$2" 2>load.log ||
		fail "cannot load $2 on $1"
}

# -- a bond and its slaves -----------------------------------------------------------------------

# A pair of which the other end, of the same name, is in a namespace aside; the bond's slave.
add_slave() {
	ip link add "$1" type veth peer name "$1" netns aside &&
		ip -n aside link set "$1" up && join_bond "$1"
}

join_bond() {
	{ ip link set "$1" down && ip link set "$1" master bond0 && ip link set "$1" up; } ||
		fail "$1 cannot be a slave"
}

# bond0, whose slave is s0.
make_bond() {
	begin
	need tshark
	add_device bond0 type bond mode active-backup
	{ ip netns add aside && add_slave s0 && ip link set bond0 up; } || fail "cannot make a bond"
}

# bond PROGRAM: on bond0. Sets PROGRAM_ID.
bond() {
	make_bond
	PROGRAM_ID=$("$TOOLS/xload" --mode native load bond0 "$TOOLS/$1.bpf.o" "$1" 2>load.log) ||
		skip "this kernel lets no native program be attached to a bond"
	NS=bond0
}

# Does what is sent leave it? Its other end may have just been opened.
carries() {
	! ip -n aside link show "$1" | grep -Eq 'NO-CARRIER|qdisc noop '
}

# send_to SLAVE REFERENCE [send's options]
send_to() {
	wait_for carries "$1" || fail "$1 does not send"
	ip netns exec aside "$TOOLS/send" --reference "$2" "${@:3}" "$1" >send.log 2>&1 ||
		fail "sending frames to $1"
}

# "COUNT INTERFACE COMMENT" for each interface and comment.
commented() {
	fields out.pcapng frame.interface_name frame.comment | sort | uniq -c |
		sed 's/^ *//'
}

bond_captured() {
	start_capture out.pcapng -t "$1"
	send_to s0 sent.ref -n 30 -s 60,700
	stop_capture
	same sent.ref out.pcapng
	captured 30
	[ "$(commented)" = "30 bond0:verdict	slave s0" ] || fail "$(commented)"
}

# Names of the reasons precede the slave.
test_bond_hook() {
	bond verdict_hook
	start_capture out.pcapng -t hook
	send_to s0 sent.ref -n 30 -s 60,700
	stop_capture
	same sent.ref out.pcapng
	captured 30
	[ "$(commented)" = "15 bond0:verdict_hook:xdpdrop_hook	NUMBER_EVEN,slave s0
15 bond0:verdict_hook:xdpdrop_hook	NUMBER_ODD,slave s0" ] || fail "$(commented)"
}

test_bond_exit() {
	need_trampolines
	bond verdict
	bond_captured exit
}

test_bond_wrap() {
	bond verdict
	bond_captured wrap
	[ "$("$TOOLS/xload" id bond0)" = "$PROGRAM_ID native" ] || fail "another program is left"
}

test_bond_exceptions() {
	bond verdict
	has_feature "XDP.s tracepoints" || skip "no BPF programs at XDP's tracepoints"
	start_capture out.pcapng -a exception
	send_to s0 sent.ref -n 30 -V aborted,drop,pass
	stop_capture
	captured 10
	[ "$(commented | sed 's/\t.*,/, /')" = "10 bond0:exceptions, slave s0" ] ||
		fail "$(commented)"
}

# A slave that comes is captured from the message on, one that goes is not; nothing else is needed.
test_bond_slaves_change() {
	bond verdict_hook
	start_capture out.pcapng -t hook
	add_slave s1
	wait_for grep -q "interface s1 has joined bond0" capture.log || fail "nothing said of s1"
	send_to s1 joined.ref -n 20
	ip link set s0 nomaster
	wait_for grep -q "interface s0 has left bond0" capture.log || fail "nothing said of s0"
	# the bond has closed it
	ip link set s0 up || fail "s0 does not come up"
	"$TOOLS/xload" --mode native load s0 "$TOOLS/verdict.bpf.o" verdict >load.log 2>&1
	send_to s0 left.ref -n 10
	stop_capture
	same joined.ref out.pcapng
	captured 20
	[[ $(commented) != *"slave s0"* ]] || fail "$(commented)"
}

# The program of its bond runs there, and the frames of other slaves are not asked for.
test_bond_slave() {
	bond verdict_hook
	add_slave s1
	NS=s1 start_capture out.pcapng
	says "listening on s1, tap hook on verdict_hook \(id $PROGRAM_ID\)"
	send_to s0 other.ref -n 10
	send_to s1 sent.ref -n 30 -f 10
	stop_capture
	same sent.ref out.pcapng
	captured 30
	[[ $(commented) != *slave* ]] || fail "$(commented)"
}

# A frame is one of the bond's or one of the slave's, not both.
test_bond_and_slave() {
	bond verdict_hook
	! "$CAPTURE" s0,bond0 out.pcapng >capture.out 2>capture.log || fail "both are captured"
	says "s0 and bond0 run the same program"
}

# The ones that find no room are said.
test_bond_many_slaves() {
	bond verdict_hook
	local n

	for n in {1..33}; do
		echo "link add s$n type veth peer name s$n netns aside"
		echo "link set s$n master bond0"
	done | ip -batch - || fail "cannot make slaves"
	start_capture out.pcapng
	says "3 of the interfaces below bond0, s[0-9]* for one, are not followed: .* than 31"
	stop_capture
}

test_bond_explain() {
	bond verdict_hook
	"$CAPTURE" --explain bond0 >explain.log || fail "no tap for bond0"
	grep -q "^the program of bond0 runs on s0$" explain.log || fail "$(<explain.log)"
	"$CAPTURE" --explain s0 >explain.log || fail "no tap for s0"
	{ grep -q "^the program of bond0 runs on s0, too$" explain.log &&
		grep -q "^tap wrap: no, verdict_hook is attached to bond0" explain.log; } ||
		fail "$(<explain.log)"
	"$CAPTURE" -D >list.log
	grep -q "^s0 .* native of bond0)" list.log || fail "$(<list.log)"
	"$LOADER" status s0 >status.log
	grep -q "^s0 .*<runs the program of bond0>" status.log || fail "$(<status.log)"
}

# bond_member PROGRAM OBJECT PRIORITY: one more member of the dispatcher on bond0.
bond_member() {
	"$XDP_LOADER" load -p "$PINS" -n "$1" -P "$3" bond0 "$2" >load.log 2>&1 ||
		fail "xdp-loader does not load $1"
}

# One program on bond0 tags what another one drops.
bond_pair() {
	need_members
	make_bond
	{ "$TOOLS/xload" --mode native load bond0 "$TOOLS/verdict.bpf.o" verdict &&
		"$TOOLS/xload" detach bond0; } >load.log 2>&1 ||
		skip "this kernel lets no native program be attached to a bond"
	bond_member tagger "$TOOLS/tagger.bpf.o" 40
	bond_member dropper "$TOOLS/tagger.bpf.o" 60
	NS=bond0
}

# The tag member is placed on the bond, and its frames are those of all slaves.
test_bond_tag() {
	bond_pair
	start_capture out.pcapng -t tag
	says "before dropper"
	send_to s0 sent.ref -n 40 -V drop,pass -s 60,300
	add_slave s1
	wait_for grep -q "interface s1 has joined bond0" capture.log || fail "nothing said of s1"
	send_to s1 joined.ref -n 40 -f 40 -V drop,pass -s 60,300
	stop_capture
	join sent.ref joined.ref >both.ref
	same both.ref out.pcapng --only drop
	captured 40
	[ "$(fields out.pcapng frame.comment | sed 's/.*,//' | sort | uniq -c | tr -s ' ')" = \
		" 20 slave s0
 20 slave s1" ] || fail "$(commented)"
	[ "$(fields out.pcapng frame.comment | head -n 1)" = "reason 1,slave s0" ] ||
		fail "$(fields out.pcapng frame.comment | head -n 1)"
	[ "$("$XDP_LOADER" status bond0 | grep -c '=>')" = 2 ] || fail "the tag member is left"
}

# Asked for on a slave, it is placed on the bond, too, and the other slave's frames are left out.
test_bond_slave_tag() {
	bond_pair
	add_slave s1
	NS=s1 start_capture out.pcapng -t tag
	send_to s0 other.ref -n 40 -V drop,pass
	send_to s1 sent.ref -n 40 -f 40 -V drop,pass
	stop_capture
	same sent.ref out.pcapng --only drop
	captured 20
	[ "$("$XDP_LOADER" status bond0 | grep -c '=>')" = 2 ] || fail "the tag member is left"
}

# auto: tagged frames once, with their reasons, and what another member drops.
test_bond_combined() {
	bond_pair
	bond_member xdpdrop_tag_tap "$BUILD/xdpdrop_tag.bpf.o" 50
	bond_member drop_sender_1 "$TOOLS/members.bpf.o" 70
	start_capture out.pcapng
	says "^listening on bond0, .*tap tag on xdpdrop_tag_tap"
	says "^listening on bond0, .*tap exit on drop_sender_1"
	send_to s0 tagged.ref -n 20 -s 60,300 -V drop,pass
	send_to s0 other.ref -n 20 -f 20 -i 1 -V pass
	stop_capture
	captured 30
	part out.pcapng "bond0:drop_sender_1" part.pcap
	same other.ref part.pcap
	part out.pcapng "bond0:xdpdrop_tag_tap:*" part.pcap
	same tagged.ref part.pcap --only drop
	[ "$(fields out.pcapng frame.comment | grep -c 'slave s0$')" = 30 ] || fail "$(commented)"
}

# -- frames without an Ethernet header -----------------------------------------------------------

# Sets up tun0 with a program, and two packets: to UDP port 53, and to 54.
tun() {
	begin
	need tcpdump
	ip tuntap add dev tun0 mode tun >tun.log 2>&1 || skip "this kernel has no tun devices"
	drop_all tun0 "$1" skb >id
	printf '%b' '\x45\0\0\x20\0\x01\0\0\x40\x11\x66\xb8\x0a\x09\0\x02\x0a\x09\0\x01' >ip
	{ cat ip && printf '%b' '\x04\xd2\0\x35\0\x0c\0\0abcd'; } >dns
	{ cat ip && printf '%b' '\x04\xd2\0\x36\0\x0c\0\0abcd'; } >other
	NS=tun0
}

receive() {
	"$TOOLS/tun" tun0 "$@" >tun.log 2>&1 || fail "tun0 receives nothing: $(<tun.log)"
}

# The link type as libpcap calls it, and how many frames of $1 match filter $2.
link_type() {
	tcpdump -nr "$1" -c 1 2>&1 >/dev/null | sed -n 's/.*link-type \([A-Z0-9_]*\).*/\1/p'
}

matching() {
	tcpdump -nr "$1" "$2" 2>/dev/null | wc -l
}

tun_captured() {
	local file

	for file in out.pcapng out.pcap; do
		start_capture $file -t "$1"
		says "link-type RAW,"
		receive 10 dns other
		stop_capture
		captured 20
		[ "$(link_type $file)" = RAW ] || fail "link type $(link_type $file)"
		[ "$(matching $file "dst port 53")" = 10 ] || fail "not ten frames to port 53"
		[ "$(matching $file "dst port 54")" = 10 ] || fail "not ten frames to port 54"
	done
}

test_tun_hook() {
	tun drop_bare_hook
	tun_captured hook
}

test_tun_wrap() {
	tun drop_bare
	tun_captured wrap
}

# The same expression is another filter for each kind of header.
test_tun_filter_of_each_device() {
	tun drop_bare
	add_device left type veth peer name right
	{ ip link set left up && ip link set right up; } || fail "no pair"
	"$TOOLS/xload" load left "$TOOLS/verdict.bpf.o" verdict >load.log 2>&1 || fail "load"
	launch_filtered left,tun0 "udp port 53"
	says "libpcap and tcpdump cannot read the file"
	receive 10 dns other
	"$TOOLS/send" -n 10 -p 53 --reference left.ref right >send.log 2>&1 || fail "send"
	"$TOOLS/send" -n 10 -p 54 --reference more.ref right >send.log 2>&1 || fail "send"
	stop_capture
	[ "$(fields out.pcapng frame.interface_name | sort | uniq -c | sed 's/^ *//')" = \
		"10 left:verdict
10 tun0:drop_bare" ] || fail "$(fields out.pcapng frame.interface_name | sort | uniq -c)"
}

launch_filtered() {
	: >capture.log
	env --default-signal=INT "$CAPTURE" -t wrap "$1" out.pcapng "$2" >capture.out \
		2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
}

# Readers of pipes, and of pcap, have no way to read two kinds.
test_tun_beside_ethernet() {
	local file

	tun drop_bare
	NS=xdptest load verdict verdict
	for file in out.pcap -; do
		"$CAPTURE" -t wrap xdptest,tun0 $file 2>capture.log | cat >/dev/null
		[ "${PIPESTATUS[0]}" = 2 ] || fail "$file: status ${PIPESTATUS[0]}"
		says "have another link type"
	done
	no_pins
}

# One program filters for all interfaces of a hook.
test_tun_shared_hook() {
	tun drop_bare_hook
	local id

	read -r id _ < <("$TOOLS/xload" id tun0)
	add_device left type veth peer name right
	ip link set left up
	bpftool net attach xdpgeneric id "$id" dev left || fail "cannot attach"
	! "$CAPTURE" -t hook left,tun0 out.pcapng "udp" >capture.out 2>capture.log ||
		fail "one filter for two kinds of headers"
	says "a filter suits only one of these"
	NS=left,tun0 start_capture out.pcapng -t hook
	receive 10 dns
	stop_capture
	captured 10
}

# Those without a header of their own: each an IP packet to who reads the file.
test_tunnel_types() {
	begin
	local kind made=0

	for kind in "ipip local 10.0.0.1 remote 10.0.0.2" "gre local 10.0.0.1 remote 10.0.0.2" \
		"sit local 10.0.0.1 remote 10.0.0.2" "wireguard"; do
		# shellcheck disable=SC2086 # words on purpose
		ip link add tunnel0 type $kind >add.log 2>&1 || continue
		made=$((made + 1))
		drop_all tunnel0 drop_bare skb >id
		NS=tunnel0 start_capture out.pcap -t wrap
		says "link-type RAW,"
		stop_capture
		ip link del tunnel0
	done
	[ $made -gt 0 ] || skip "this kernel has no tunnels"
}

# -- a program above -----------------------------------------------------------------------------

# The wrapped program's interface has a macvlan above it.
above() {
	begin
	load "$@" verdict verdict
	add_device above0 link "$NS" type macvlan mode bridge
	ip link set above0 up
}

above_has_program() {
	drop_all above0 drop_bare skb >above.id
}

# The kernels that do not care which program is above have nothing to say.
need_refusal() {
	local id

	above_has_program
	read -r id _ < <(attached)
	! "$TOOLS/xload" --mode native --replace "$id" load "$NS" "$TOOLS/verdict.bpf.o" verdict \
		>refusal.log 2>&1 || skip "this kernel lets a program be changed below another"
	ip link set above0 xdpgeneric off
}

test_above_during_wrap() {
	above
	need_refusal
	start_capture out.pcapng -t wrap
	above_has_program
	wait_for grep -q "may have to stay behind its wrapper" capture.log ||
		fail "nothing said of above0"
	send_frames sent.ref -n 20
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says "the program of $NS cannot be taken out of its wrapper: above0, above it, has"
	captured 20
	[ "$(attached)" != "$PROGRAM_ID native" ] || fail "it could be taken out"
	send_frames more.ref -n 10 -f 20
	[ "$(count_of drop)" = 30 ] || fail "the program does not run any more"
	! "$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean claims success: $(<clean.log)"
	! grep -q "nothing to remove" clean.log || fail "$(<clean.log)"
	"$LOADER" status "$NS" >status.log
	grep -q "wrapper of the session .*(dead, to be cleaned up)" status.log ||
		fail "$(<status.log)"
	ip link set above0 xdpgeneric off
	wait_for given_back || fail "attached is $(attached)"
	wait_for no_watchdog || fail "the watchdog is still there"
	no_pins
}

given_back() {
	[ "$(attached)" = "$PROGRAM_ID native" ]
}

# With all that would do it killed, somebody has to.
test_above_killed_wrap() {
	above
	need_refusal
	start_capture out.pcapng -t wrap
	above_has_program
	kill_capture
	! "$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean claims success: $(<clean.log)"
	! grep -q "nothing to remove" clean.log || fail "$(<clean.log)"
	ip link set above0 xdpgeneric off
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean fails: $(<clean.log)"
	given_back || fail "attached is $(attached)"
	no_pins
}

test_above_before_wrap() {
	above
	need_refusal
	above_has_program
	! "$CAPTURE" -t wrap "$NS" out.pcapng >capture.out 2>capture.log || fail "it captures"
	says "above0, above it, has an XDP program of its own"
	says_not "somebody else"
	"$CAPTURE" --explain "$NS" >explain.log 2>&1
	grep -q "^tap wrap: no, above0, above it, has" explain.log || fail "$(<explain.log)"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# The kernel exchanges a bpf_link's program whatever is above.
test_above_link() {
	above --link "$PINS/link"
	above_has_program
	start_capture out.pcapng -t wrap
	send_frames sent.ref -n 20
	stop_capture
	same sent.ref out.pcapng
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# -- what is around ------------------------------------------------------------------------------

# Devices that are only sent through: nothing is dropped there by XDP, and that is said.
test_idle_devices() {
	begin
	local kind made=0

	for kind in ifb dummy; do
		ip link add idle0 type $kind >add.log 2>&1 || continue
		made=$((made + 1))
		drop_all idle0 drop_bare skb >id
		NS=idle0 start_capture out.pcapng
		says "the kernel does not run XDP programs on idle0: .* device of kind $kind"
		stop_capture
		"$CAPTURE" --explain idle0 >explain.log 2>&1
		grep -q "does not run XDP programs on idle0" explain.log || fail "$(<explain.log)"
		ip link del idle0
	done
	[ $made -gt 0 ] || skip "this kernel has neither ifb nor dummy devices"
}

# Frames of the interfaces below a vrf do not come to its program; those that this machine sends to
# itself do.
test_vrf() {
	begin
	need ping
	add_device vrf0 type vrf table 10
	{ ip link set vrf0 up && ip link set "$NS" master vrf0 &&
		ip addr add 192.0.2.1/24 dev "$NS" &&
		ns_exec ip addr add 192.0.2.2/24 dev veth0; } || fail "cannot make a vrf"
	drop_all vrf0 drop_bare skb >id
	NS=vrf0 start_capture out.pcapng -a pass
	says "the kernel does not run XDP programs on vrf0 for frames that the interfaces below it \
receive: a device of kind vrf only has those that this machine sends to itself"
	ns_exec ping -c 2 192.0.2.1 >from_below.log || fail "no answer: $(<from_below.log)"
	ping -c 1 -I vrf0 192.0.2.1 >own.log 2>&1 || fail "no answer of its own: $(<own.log)"
	stop_capture
	tcpdump -nr out.pcapng >frames 2>/dev/null
	grep -q 'ICMP echo request' frames || fail "none of its own frames"
	! grep -q '192\.0\.2\.2' frames || fail "a frame from below: $(<frames)"
}

# CPU time, in ticks, of all processes of the capture.
ticks() {
	local pid stat sum=0

	for pid in "$CAPTURE_PID" "$(control)" "$(watchdog)"; do
		stat=$(<"/proc/$pid/stat")
		# shellcheck disable=SC2086 # words on purpose
		set -- ${stat##*) }
		sum=$((sum + ${12} + ${13}))
	done
	echo $sum
}

# How often the process that follows the interfaces has waited for something since.
wakes() {
	sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$(control)/status"
}

# Interfaces that come and go beside a captured one are none of its business: at least four events
# for each pair, and it is not even woken.
test_link_churn() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng
	local before cpu woken began=$EPOCHREALTIME took n

	before=$(ticks) woken=$(wakes)
	for n in {1..1000}; do
		echo "link add churn type veth peer name churned"
		echo "link del churn"
	done | ip -batch - || fail "cannot make pairs"
	took=$(((${EPOCHREALTIME/./} - ${began/./}) * $(getconf CLK_TCK) / 1000000))
	cpu=$(($(ticks) - before)) woken=$(($(wakes) - woken))
	echo "$cpu ticks of CPU time in $took ticks, $woken wakes"
	# an emulated machine takes as much for its timers alone
	[ "${XDPDROP_VM:-}" ] || [ $((cpu * 20)) -lt "$took" ] ||
		fail "$cpu ticks of CPU time in $took ticks"
	# by its timers it wakes five times a second
	[ $((woken * $(getconf CLK_TCK))) -lt $((took * 10)) ] || fail "$woken wakes in $took ticks"
	send_frames sent.ref -n 10
	stop_capture
	same sent.ref out.pcapng
}
