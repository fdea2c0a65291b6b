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

# One second of change: both programs are replaced, a link changes, now and then a file ends and
# what the recorder has kept is asked for.
change() {
	local name

	for name in left right; do
		ip link set $name xdpdrv off
		attach $name
	done
	ip link set right mtu $((1400 + $1 % 2 * 100))
	[ $(($1 % 5)) != 0 ] || kill -HUP "$SERIES"
	[ $(($1 % 7)) != 0 ] || kill -USR2 "$RECORDER"
}

# of PID COMMAND: the command, with this capture as the running one.
of() {
	local CAPTURE_PID=$1

	"${@:2}"
}

# in_folder FOLDER COMMAND: there.
in_folder() {
	cd "$1" || exit
	"${@:2}"
	cd ..
}

# finished PID FOLDER EXPRESSION: the capture ends well; its counters hold and are printed.
finished() {
	of "$1" stop_capture
	: >"$2/enough"
	wait "$READER"
	in_folder "$2" json_holds "$3" counters.json
	tail -n 1 "$2/counters.json" | jq -c '{elapsed, seen, captured, lost, written, write_failed,
		forgotten, files, files_deleted, skipped, refused, balanced, status}'
}

test_soak() {
	local n series recorder

	begin
	need jq
	ip netns add aside || fail "cannot make a namespace"
	make_pair left
	make_pair right
	attach left
	attach right
	mkdir -p series/ours recorder/ours
	mkfifo series/counters
	in_folder series eval 'read_slowly & READER=$!'
	NS=left in_folder series start_capture ours/x-%s.pcapng -t hook -G 2 -C 1m \
		--max-bytes 20m --json counters --stats 0.1
	SERIES=$CAPTURE_PID
	NS=right in_folder recorder start_capture ours/x.pcapng -t hook --history 1m \
		--trigger gone --trigger 'rate>100000000' --after 1 --holdoff 3 -W 20 \
		--json counters.json --stats 10
	RECORDER=$CAPTURE_PID
	keep_sending left &
	keep_sending right &
	pause 5
	series=$(of "$SERIES" resources) recorder=$(of "$RECORDER" resources)
	for ((n = 0; n < SOAK; n++)); do
		change $n
		pause 1
	done
	[ "$(du -sb series/ours | cut -f 1)" -lt 22000000 ] || fail "$(du -sb series/ours) bytes"
	printf 'at the start:\n%s\n%s\n' "$series" "$recorder"
	printf 'at the end:\n%s\n%s\n' "$(of "$SERIES" resources)" "$(of "$RECORDER" resources)"
	of "$SERIES" same_resources "$series" "$(of "$SERIES" resources)"
	of "$RECORDER" same_resources "$recorder" "$(of "$RECORDER" resources)"
	: >enough
	finished "$SERIES" series '$last.balanced and $last.skipped > 0 and
		$last.files >= '$((SOAK / 2))
	finished "$RECORDER" recorder '$last.balanced and $last.forgotten > 0 and
		$last.files >= '$((SOAK / 10))
	[ "$(find recorder/ours -type f | wc -l)" -le 20 ] || fail "more files than -W 20"
}
