# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Captures in Wireshark: what xdpdrop-extcap prints for it, captures that tshark starts, also on
# another machine by sshdump, the profile's columns, and files that Wireshark has saved.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about Wireshark
ALL_TESTS="test_extcap_interfaces test_extcap_netns test_extcap_options test_extcap_filter
	test_extcap_capture test_extcap_capture_options test_extcap_failure test_extcap_log
	test_extcap_log_failure test_extcap_misuse test_extcap_not_root test_extcap_remote
	test_extcap_profile test_extcap_saved"

EXTCAP=${XDPDROP_EXTCAP:-$BUILD/xdpdrop-extcap}
ARMED=hook_is_armed
PROFILE=${TESTENV%/*}/dist/wireshark/xdpdrop

# A Wireshark with our program, and nobody's settings. For root it takes no directory of programs
# from the environment. Wireshark 4.0 does not print where its own is.
begin_wireshark() {
	local extcap

	begin
	need tshark
	export HOME=$PWD WIRESHARK_CONFIG_DIR=$PWD/settings
	mkdir settings
	extcap=$(tshark -G folders 2>/dev/null | sed -n 's/^Personal Extcap path:[[:space:]]*//p')
	: "${extcap:=$PWD/settings/extcap}"
	mkdir -p "$extcap"
	ln -s "$EXTCAP" "$extcap/"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
}

# prints EXPECTED ARGUMENT ...: nothing but what is in the file.
prints() {
	local expected=$1

	shift
	"$EXTCAP" "$@" >printed 2>err || fail "xdpdrop-extcap $*: $(<err)"
	diff "$expected" printed || fail "xdpdrop-extcap $* prints something else"
	[ ! -s err ] || fail "xdpdrop-extcap $*: $(<err)"
}

hook_is_in_use() {
	! hook_is_empty
}

armed_or_gone() {
	$ARMED || [[ $(<"/proc/$1/stat") == *") Z "* ]]
} 2>/dev/null

# start_tshark FRAMES [options]: into out.pcapng; returns when the hook is armed.
start_tshark() {
	local frames=$1

	shift
	tshark -n "$@" -c "$frames" -w out.pcapng >tshark.out 2>tshark.log &
	TSHARK=$!
	wait_for armed_or_gone "$TSHARK"
	$ARMED || fail "tshark captures nothing: $(<tshark.log)"
}

# All frames are there: tshark ends, and the capture with it.
end_tshark() {
	wait "$TSHARK" || fail "tshark: $(<tshark.log)"
	# libssh names files of settings that are not there
	! grep -v 'libssh WARNING' tshark.log | grep -i error || fail "tshark reports an error"
	wait_for hook_is_empty || fail "the capture does not end"
	wait_for no_watchdog || fail "processes are left"
}

reasons_of() {
	fields "$1" frame.verdict.ebpf_xdp frame.comment
}

# Frames alternate, and with them verdicts and reasons.
alternates() {
	reasons_of "$1" >got
	for ((n = 0; n < $2; n += 2)); do
		printf '1\tNUMBER_EVEN\n0\tNUMBER_ODD\n'
	done >expected
	diff expected got || fail "verdicts and reasons"
}

test_extcap_interfaces() {
	begin_wireshark
	tshark -D >list 2>tshark.log || fail "tshark: $(<tshark.log)"
	grep -q "^[0-9]*\. xdpdrop:$NS (XDP drops on $NS, verdict_hook)\$" list ||
		fail "not listed: $(<list)"
	[ "$(grep -c xdpdrop: list)" = 1 ] || fail "listed without a tap: $(<list)"
	tshark -i "xdpdrop:$NS" -L >types 2>tshark.log || fail "tshark: $(<tshark.log)"
	grep -q EN10MB types || fail "other link types: $(<types)"
}

test_extcap_netns() {
	begin_wireshark
	ns_exec "$TOOLS/xload" load veth0 "$TOOLS/verdict_hook.bpf.o" verdict_hook >load.log ||
		fail "cannot load"
	"$EXTCAP" --extcap-interfaces --extcap-version=4.0 >list || fail "no list"
	grep -qF "interface {value=xdpdrop:$NS/veth0}{display=XDP drops on veth0 of $NS," list ||
		fail "not listed: $(<list)"
	"$EXTCAP" --extcap-interface "xdpdrop:$NS/veth0" --extcap-config >config || fail "config"
	grep -qF '{value=NUMBER_ODD}' config || fail "no reasons: $(<config)"
	# the same interface, as the dialog names its namespace
	"$EXTCAP" --extcap-interface xdpdrop:veth0 --netns "$NS" --extcap-config >again ||
		fail "config with --netns"
	diff config again || fail "another interface with --netns"
}

test_extcap_options() {
	begin_wireshark
	"$EXTCAP" --extcap-interface "xdpdrop:$NS" --extcap-config >config || fail "config"
	# each option, and each value of one that exists, once
	grep -o '{call=[^}]*}' config | tr -d '\n' >calls
	[ "$(<calls)" = "{call=--tap}{call=--program}{call=--reasons}{call=--verdicts}$(
		)$(printf '{call=--%s}' snaplen sample netns)" ] || fail "options: $(<calls)"
	sed -n '/^value {arg=[023]}/s/{display=[^}]*}//p' config >values
	diff - values <<-END || fail "other values"
		value {arg=0}{value=auto}{default=true}
		value {arg=0}{value=hook}
		value {arg=0}{value=wrap}
		value {arg=2}{value=NUMBER_EVEN}
		value {arg=2}{value=NUMBER_ODD}
		value {arg=3}{value=aborted}{default=true}
		value {arg=3}{value=drop}{default=true}
		value {arg=3}{value=pass}
		value {arg=3}{value=tx}
		value {arg=3}{value=redirect}
		value {arg=3}{value=exception}
	END
	grep '^value {arg=1}' config >programs
	grep -q "{value=verdict_hook}{display=verdict_hook (id $PROGRAM_ID)}" programs ||
		fail "programs: $(<programs)"
	prints programs --extcap-interface "xdpdrop:$NS" --extcap-config \
		--extcap-reload-option program
	echo 'dlt {number=1}{name=EN10MB}{display=Ethernet}' >dlts
	prints dlts --extcap-interface "xdpdrop:$NS" --extcap-dlts
}

# Silence is consent.
test_extcap_filter() {
	begin_wireshark
	prints /dev/null --extcap-interface "xdpdrop:$NS" --extcap-capture-filter 'udp port 53'
	"$EXTCAP" --extcap-interface "xdpdrop:$NS" --extcap-capture-filter 'udp prt 53' \
		>printed || fail "a wrong filter is no misuse"
	grep -q . printed || fail "the filter is taken"
	# libpcap compiles it; the capture cannot run it
	"$EXTCAP" --extcap-interface "xdpdrop:$NS" --extcap-capture-filter inbound >printed
	grep -q . printed || fail "a filter without meaning here is taken"
}

test_extcap_capture() {
	begin_wireshark
	start_tshark 60 -i "xdpdrop:$NS"
	send_frames sent.pcap -n 60 -V drop,aborted
	end_tshark
	same sent.pcap out.pcapng
	alternates out.pcapng 60
}

# Options are preferences, and the capture filter runs in the kernel.
test_extcap_capture_options() {
	begin_wireshark
	ARMED=hook_is_in_use # one slot, for one verdict
	start_tshark 20 -i "xdpdrop:$NS" -f 'greater 200' \
		-o "extcap.xdpdrop_$NS.reasons:NUMBER_ODD" \
		-o "extcap.xdpdrop_$NS.verdicts:aborted" -o "extcap.xdpdrop_$NS.snaplen:80"
	send_frames sent.pcap -n 160 -s 100,100,300,300 -V drop,aborted
	end_tshark
	[ "$(reasons_of out.pcapng | sort | uniq -c | tr -s ' \t' ' ')" = " 20 0 NUMBER_ODD" ] ||
		fail "other frames: $(reasons_of out.pcapng)"
	[ "$(fields out.pcapng frame.len frame.cap_len | sort -u)" = $'300\t80' ] ||
		fail "other sizes: $(fields out.pcapng frame.len frame.cap_len)"
}

# The capture's message is Wireshark's.
test_extcap_failure() {
	begin_wireshark
	tshark -i "xdpdrop:$NS" -o "extcap.xdpdrop_$NS.program:other" -w out.pcapng \
		>out 2>tshark.log
	grep -q "xdpdrop-capture: cannot attach to $NS" tshark.log ||
		fail "no message: $(<tshark.log)"
}

# messages FILE: the texts of control messages, each of which adds a line to control 0.
messages() {
	python3 - "$1" <<-'END'
	import sys
	data = open(sys.argv[1], 'rb').read()
	while data:
	    size = int.from_bytes(data[1:4], 'big')
	    assert data[0:1] == b'T' and data[4] == 0 and data[5] == 2, data[:6]
	    sys.stdout.write(data[6:4 + size].decode())
	    data = data[4 + size:]
	END
}

# As Wireshark's toolbar does it: [options of xdpdrop-extcap]
start_with_toolbar() {
	mkfifo fifo to from
	cat fifo >out.pcapng &
	cat from >toolbar &
	# Wireshark waits until its messages are read
	(exec 3>to && : >toolbar.open && sleep infinity) &
	TOOLBAR=$!
	"$EXTCAP" --capture --extcap-interface "xdpdrop:$NS" --fifo fifo \
		--extcap-control-in to --extcap-control-out from "$@" >out 2>err &
	EXTCAP_PID=$!
}

# end_with_toolbar STATUS: also when nobody has waited for it yet.
end_with_toolbar() {
	wait "$EXTCAP_PID"
	[ $? = "$1" ] || fail "another status than $1: $(<err)"
	kill "$TOOLBAR"
	wait
	messages toolbar >log || fail "no control messages"
}

test_extcap_log() {
	begin_wireshark
	need python3
	start_with_toolbar --verdicts drop,aborted
	wait_for grep -qa 'listening on' toolbar || fail "no message: $(<err)"
	wait_for [ -e toolbar.open ] || fail "the toolbar waits"
	send_frames sent.pcap -n 60 -V drop,aborted
	wait_for is_written sent.pcap out.pcapng || fail "no frames"
	kill -TERM "$EXTCAP_PID"
	end_with_toolbar 0
	[ ! -s err ] || fail "Wireshark would show an error: $(<err)"
	grep -q "^listening on $NS, tap hook" log || fail "no log: $(<log)"
	grep -q '^60 frames captured$' log || fail "no counters in the log: $(<log)"
	same sent.pcap out.pcapng
}

test_extcap_log_failure() {
	begin_wireshark
	need python3
	start_with_toolbar --program other
	end_with_toolbar 1
	grep -q "^xdpdrop-capture: cannot attach to $NS" err || fail "no error: $(<err)"
	grep -q "^xdpdrop-capture: cannot attach to $NS" log || fail "no error in the log: $(<log)"
}

test_extcap_misuse() {
	begin
	local line

	while read -r line; do
		# shellcheck disable=SC2086 # words on purpose
		"$EXTCAP" $line >out 2>err
		[ $? = 2 ] || fail "xdpdrop-extcap $line: no misuse"
		[ "$(wc -l <err)" = 1 ] || fail "xdpdrop-extcap $line: not one message"
	done <<-END

		--extcap-interfaces word
		--extcap-dlts
		--capture --extcap-interface xdpdrop:$NS
		--extcap-config --extcap-interface $NS
		--extcap-config --extcap-interface xdpdrop:
		--extcap-config --extcap-interface xdpdrop:name_of_an_interface
		--unknown
	END
	"$EXTCAP" --extcap-interfaces >/dev/full 2>err && fail "a full device is no error"
	"$EXTCAP" --help | grep -q tshark || fail "no help"
}

# There is one interface, whose name and whose message are what to do.
test_extcap_not_root() {
	begin_wireshark
	need setpriv
	chmod 755 . "$STATEDIR"
	setpriv --reuid 65534 --regid 65534 \
		--clear-groups --bounding-set=-all --inh-caps=-all tshark -D >list 2>tshark.log
	grep -q '^[0-9]*\. xdpdrop (XDP drops: needs root)$' list ||
		fail "not listed: $(<list) $(<tshark.log)"
	! grep xdpdrop: list || fail "an interface without privileges"
	mkfifo fifo
	"$EXTCAP" --capture --extcap-interface xdpdrop --fifo fifo 2>err && fail "no error"
	grep -q 'sudo xdpdrop-capture IFNAME - | wireshark -k -i -' err || fail "no advice: $(<err)"
	prints /dev/null --extcap-interface xdpdrop --extcap-config
}

# A server for root alone, with a key of its own. Prints why it cannot be.
start_sshd() {
	SSHD=$(PATH=$PATH:/usr/sbin type -p sshd) || skip "needs sshd"
	getent passwd sshd >/dev/null || skip "there is no user sshd"
	mkdir -p /run/sshd .ssh
	{ ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -q -t ed25519 -N '' -f host_key; } ||
		skip "no keys can be made"
	cp key.pub authorized_keys
	cat >sshd_config <<-END
		ListenAddress 127.0.0.1:2222
		HostKey $PWD/host_key
		AuthorizedKeysFile $PWD/authorized_keys
		PermitRootLogin yes
		StrictModes no
		UsePAM no
		PidFile none
	END
	"$SSHD" -D -e -f "$PWD/sshd_config" 2>sshd.log &
	SSHD_PID=$!
	wait_for grep -q 'Server listening' sshd.log || fail "sshd: $(<sshd.log)"
	echo "[127.0.0.1]:2222 $(cut -d ' ' -f 1-2 host_key.pub)" >.ssh/known_hosts
}

test_extcap_remote() {
	begin_wireshark
	tshark -D 2>/dev/null | grep -q ' sshdump ' || skip "needs sshdump"
	start_sshd
	start_tshark 60 -i sshdump -o extcap.sshdump.remotehost:127.0.0.1 \
		-o extcap.sshdump.remoteport:2222 -o extcap.sshdump.remoteusername:root \
		-o "extcap.sshdump.sshkey:$PWD/key" \
		-o "extcap.sshdump.remotecapturecommand:$CAPTURE -q $NS -"
	send_frames sent.pcap -n 60 -V drop,aborted
	end_tshark
	kill "$SSHD_PID"
	same sent.pcap out.pcapng
	alternates out.pcapng 60
}

test_extcap_profile() {
	begin_wireshark
	mkdir settings/profiles
	cp -r "$PROFILE" settings/profiles/
	start_capture out.pcapng
	send_frames sent.pcap -n 4 -V drop,aborted
	stop_capture
	tshark -C xdpdrop -r out.pcapng 2>tshark.log | tr -s ' ' >columns
	! grep -v '^Running as user' tshark.log || fail "the profile is wrong"
	cut -d ' ' -f 2,4-6 columns >got
	diff - got <<-END || fail "other columns: $(<columns)"
		1 XDP_DROP NUMBER_EVEN 0
		2 XDP_ABORTED NUMBER_ODD 0
		3 XDP_DROP NUMBER_EVEN 0
		4 XDP_ABORTED NUMBER_ODD 0
	END
	tshark -C xdpdrop -r out.pcapng -T fields -e frame.coloring_rule.name --color \
		2>tshark.log >rules
	[ "$(sort -u rules | paste -s -d ' ')" = "XDP_ABORTED XDP_DROP" ] ||
		fail "other colours: $(<rules)"
}

# The shell command that follows a comment in the manual page.
command_of_manual() {
	sed -n -e "/^\\.\\\\\" example: $1\$/,/^\\.Ed/{/^\\./!p}" \
		"${TESTENV%/*}/man/xdpdrop-capture.8" | sed 's/\\e/\\/g'
}

# Wireshark 4.0 saves verdicts under another option's number.
test_extcap_saved() {
	begin_wireshark
	need editcap perl
	start_capture out.pcapng --no-verdict
	send_frames sent.pcap -n 60 -V drop,aborted
	stop_capture
	same sent.pcap out.pcapng
	editcap out.pcapng saved.pcapng || fail "editcap"
	fields saved.pcapng frame.comment frame.interface_queue >got
	for ((n = 0; n < 60; n += 2)); do
		printf 'NUMBER_EVEN,verdict XDP_DROP\t0\nNUMBER_ODD,verdict XDP_ABORTED\t0\n'
	done >expected
	diff expected got || fail "saved comments"
	start_capture out.pcapng
	send_frames sent.pcap -n 60 -V drop,aborted
	stop_capture
	editcap out.pcapng saved.pcapng || fail "editcap"
	if tshark -r saved.pcapng >out 2>&1; then
		alternates saved.pcapng 60
		return
	fi
	[[ "$(editcap --version)" == *" 4.0."* ]] || fail "not only Wireshark 4.0: $(<out)"
	command_of_manual repair >repair.sh
	bash repair.sh || fail "cannot repair"
	alternates good.pcapng 60
}
