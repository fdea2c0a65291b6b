# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the tests of xdpdrop-monitor share. Sourced after helpers.sh.

MONITOR=${XDPDROP_MONITOR:-$BUILD/xdpdrop-monitor}

# launch_monitor ARGUMENT ...: output in out, messages in capture.log.
launch_monitor() {
	: >capture.log
	env --default-signal=INT "$MONITOR" "$@" >out 2>capture.log &
	CAPTURE_PID=$!
}

start_monitor() {
	launch_monitor "$@"
	await_listening || fail "xdpdrop-monitor does not listen"
}

# final_holds EXPRESSION: jq's, of the last object of --json.
final_holds() {
	jq -es '.[-1] | .type == "final" and .balanced and ('"$1"')' out >jq.log 2>&1 ||
		fail "$1 does not hold: $(tail -n 1 out)"
}

# monitor_refused STATUS TEXT ARGUMENT ...: ends with this status and message, and no output.
monitor_refused() {
	local status=$1 text=$2

	shift 2
	MESSAGES=refused.log
	"$MONITOR" "$@" >refused.out 2>refused.log
	[ $? = "$status" ] || fail "$*: not status $status"
	says "$text"
	[ ! -s refused.out ] || fail "output in spite of an error"
}

# is_bound PORT: by a UDP socket.
is_bound() {
	ss -Hlun "sport = :$1" | grep -q .
}

# has_read PORT: all datagrams that came to it.
has_read() {
	[ "$(ss -Hlun "sport = :$1" | awk '{ print $2 }')" = 0 ]
}
