# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Programs that run after a redirect, in the entries of cpumaps and devmaps, drop frames, too.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # their hooks are typed by the kernel, their exits need its trampolines
ALL_TESTS="test_cpumap_hook test_cpumap_exit test_cpumap_exit_comes_later
	test_devmap_hook test_devmap_exit
	test_cpumap_wrap_names_it test_cpumap_explain test_inner_cpumap"
ANY_TESTS="test_cpumap_wrap_names_it test_cpumap_explain"

# entry MAP COMMAND ...: attach a program that redirects to entry 0 of the map, and have xload put
# a program there: ENTRY_ID.
entry() {
	local map=$1 root=to_${1%s} command=$2

	shift 2
	load --pin "$map=$PINS/$map" redirected "$root"
	rm "$PINS/verdicts"
	[ "$command" = none ] || fill "$map" "$command" "$@"
}

fill() {
	local map=$1 command=$2

	shift 2
	ENTRY_ID=$("$TOOLS/xload" --pin "verdicts=$PINS/verdicts" "$command" "$PINS/$map" 0 \
		"${@:1:$#-1}" "$TOOLS/redirected.bpf.o" "${*: -1}" 2>load.log) ||
		fail "cannot fill the entry"
}

# Another interface to send to; its peer takes redirected frames because it has a program.
make_target() {
	ip link add xdpdrop-t0 type veth peer name xdpdrop-t1 || fail "cannot make a pair"
	ip link set xdpdrop-t0 up
	ip link set xdpdrop-t1 up
	"$TOOLS/xload" load xdpdrop-t1 "$TOOLS/flood.bpf.o" flood_pass >load.log 2>&1 ||
		fail "cannot load flood_pass"
}

expected_reasons() {
	local n

	for ((n = 0; n < $1; n++)); do
		[ $((n % 2)) = 0 ] && echo NUMBER_EVEN || echo NUMBER_ODD
	done
}

# The program of the entry has had this many frames.
entry_had() {
	local count sum=0

	for count in $(counts); do
		sum=$((sum + ${count#*=}))
	done
	[ $sum -ge "$1" ]
}

# redirect_frames [send's options]: 60 frames, and until the entry's program, on another CPU or on
# the way out of another interface, has had them.
redirect_frames() {
	send_frames sent.ref -n 60 "$@"
	wait_for entry_had 60 || fail "the entry's program had only $(counts)"
}

with_reasons() {
	redirect_frames -s 60,600
	stop_capture
	same sent.ref out.pcapng
	all_captured
	[ "$(count_of drop)" = 60 ] || fail "other verdicts: $(counts)"
	fields out.pcapng frame.comment >got
	expected_reasons 60 | diff - got || fail "reasons"
}

test_cpumap_hook() {
	begin
	need tshark
	entry cpus cpu on_cpu_hook
	start_capture out.pcapng
	says "^listening on $NS, .*tap hook on on_cpu_hook \(id $ENTRY_ID\) at xdpdrop_hook"
	has_trampolines ||
		says "warning: $NS: drops by to_cpu \(id $PROGRAM_ID\) are not seen: no hook"
	with_reasons
}

test_devmap_hook() {
	begin
	need tshark
	make_target
	entry devs dev xdpdrop-t0 on_dev_hook
	start_capture out.pcapng -t hook
	says "tap hook on on_dev_hook \(id $ENTRY_ID\) at xdpdrop_hook"
	with_reasons
	ip link del xdpdrop-t0
}

without_reasons() {
	redirect_frames -V drop,pass,aborted
	stop_capture
	part out.pcapng "$NS:$1" part.pcap
	same sent.ref part.pcap --only drop,aborted
	captured 40
}

test_cpumap_exit() {
	begin
	need_trampolines
	entry cpus cpu on_cpu
	start_capture out.pcapng -t exit
	says "tap exit on to_cpu \(id $PROGRAM_ID\), tap exit on on_cpu \(id $ENTRY_ID\)"
	without_reasons on_cpu
}

test_cpumap_exit_comes_later() {
	begin
	need_trampolines
	entry cpus none
	start_capture out.pcapng -t exit -v
	fill cpus cpu on_cpu
	wait_for grep -q "on_cpu (id $ENTRY_ID).*is followed" capture.log ||
		fail "it is not captured"
	without_reasons on_cpu
}

test_devmap_exit() {
	begin
	need_trampolines
	make_target
	entry devs dev xdpdrop-t0 on_dev_hook
	start_capture out.pcapng -t exit
	without_reasons on_dev_hook
	ip link del xdpdrop-t0
}

# The wrapper gets the verdict of the program that redirects, and no other.
test_cpumap_wrap_names_it() {
	begin
	entry cpus cpu on_cpu
	start_capture out.pcapng -t wrap
	says "warning: $NS: drops by on_cpu \(id $ENTRY_ID\) in cpumap cpus are not seen"
	stop_capture
}

test_cpumap_explain() {
	begin
	entry cpus cpu on_cpu
	"$CAPTURE" -t wrap --explain "$NS" >explain 2>&1 || fail "--explain"
	grep -q "^$NS: drops by on_cpu (id $ENTRY_ID) in cpumap cpus are not seen" explain ||
		fail "$(cat explain)"
	"$CAPTURE" -D >list 2>&1 || fail "-D"
	grep -Eq "^$NS .*; after a redirect: on_cpu \(id $ENTRY_ID\) in cpumap cpus" list ||
		fail "$(cat list)"
}

# One in a map of maps is found, too.
test_inner_cpumap() {
	begin
	need tshark
	load --pin "cpus=$PINS/cpus" inner to_inner_cpu
	rm "$PINS/verdicts"
	fill cpus cpu on_cpu_hook
	start_capture out.pcapng -t hook
	says "^listening on $NS, tap hook on on_cpu_hook \(id $ENTRY_ID\) at xdpdrop_hook"
	with_reasons
}
