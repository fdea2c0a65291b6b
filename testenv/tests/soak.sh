# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# A capture that is left alone while everything around it changes: XDPDROP_SOAK seconds, 20 without
# it; "make soak" takes an hour.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # what adds up is memory, descriptors and files of our own
ALL_TESTS="test_soak"
SLOW_TESTS="test_soak"

SOAK=${XDPDROP_SOAK:-20}

make_pair() {
	{ ip link add "$1" type veth peer name "$1" netns aside && ip link set "$1" up &&
		ip -n aside link set "$1" up; } || fail "cannot make a pair of interfaces"
}

attach() {
	"$TOOLS/xload" load "$1" "$TOOLS/verdict_hook.bpf.o" verdict_hook >/dev/null 2>load.log ||
		fail "cannot load a program on $1"
}

# keep_sending INTERFACE, until there is a file "enough".
keep_sending() {
	until [ -e enough ]; do
		ip netns exec aside "$TOOLS/send" -n 2000 -g 100 "$1" >"send.$1.log" 2>&1
	done
}

# A reader of statistics that takes 2.5 kB a second, until the end.
read_slowly() {
	local part

	while IFS= read -r -N 1000 part; do
		printf %s "$part"
		[ -e enough ] || pause 0.4
	done <counters >counters.json
	printf %s "$part" >>counters.json
}

# One second of change: a program is replaced, a link changes, now and then a file ends.
change() {
	ip link set left xdpdrv off
	attach left
	ip link set right mtu $((1400 + $1 % 2 * 100))
	[ $(($1 % 5)) != 0 ] || kill -HUP "$CAPTURE_PID"
}

test_soak() {
	local n before after

	begin
	need jq
	ip netns add aside || fail "cannot make a namespace"
	make_pair left
	make_pair right
	attach left
	attach right
	mkdir ours
	mkfifo counters
	read_slowly &
	NS=left,right start_capture ours/x-%s.pcapng -t hook -G 2 -C 1m --max-bytes 20m \
		--json counters --stats 0.2
	keep_sending left &
	keep_sending right &
	pause 3
	before=$(resources)
	for ((n = 0; n < SOAK; n++)); do
		change $n
		pause 1
	done
	after=$(resources)
	: >enough
	[ "$(du -sb ours | cut -f 1)" -lt 22000000 ] || fail "$(du -sb ours) bytes"
	stop_capture
	wait
	json_holds '$last.balanced and $last.skipped > 0 and $last.files >= '$((SOAK / 2)) \
		counters.json
	tail -n 1 counters.json | jq -c '{elapsed, seen, captured, lost, written, write_failed,
		files, files_deleted, skipped, refused, balanced}'
	printf 'at the start:\n%s\nat the end:\n%s\n' "$before" "$after"
	same_resources "$before" "$after"
}
