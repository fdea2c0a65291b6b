# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Events to Kafka, by xdpdrop-forward: a cluster of three brokers is a mock, in the test's own
# network namespace; what arrived is read back by kcat.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # no XDP program and no capture is involved
ALL_TESTS="test_forward_delivers test_forward_brokers_return test_forward_wrong_broker
	test_forward_queue_full test_forward_bad_lines test_forward_retries
	test_forward_refused_events test_forward_signal test_forward_signal_without_brokers
	test_forward_second_signal test_forward_killed test_forward_closed_input
	test_forward_unreadable_input test_forward_privileges test_forward_secrets
	test_forward_misuse test_forward_sanitized"

FORWARD=$BUILD/xdpdrop-forward
MESSAGES=forward.log

# -- cluster, and what arrives there ---------------------------------------------------------------

begin_forward() {
	begin
	[ -x "$FORWARD" ] || skip "xdpdrop-forward is not built: no librdkafka"
	need kcat jq
}

is_answered() {
	[ "$(wc -l <brokers.out)" -ge "$1" ]
}

# Sets BROKERS, for --brokers.
start_brokers() {
	mkfifo brokers.in
	"$TOOLS/brokers" <brokers.in >brokers.out 2>brokers.log &
	exec {ORDERS}>brokers.in
	wait_for is_answered 1 || fail "no brokers"
	BROKERS=$(head -n 1 brokers.out)
	ORDERED=1
}

# brokers COMMAND...: returns when it is done.
brokers() {
	ORDERED=$((ORDERED + 1))
	echo "$*" >&"$ORDERS"
	wait_for is_answered $ORDERED || fail "brokers: $*"
}

# events FIRST LAST: of two hosts, two programs and three reasons.
events() {
	jq -nc --argjson first "$1" --argjson last "$2" '
		range($first; $last + 1) | {time: "2026-11-27T12:00:00.\(1000000 + .)Z",
			host: "node\(. % 2)", interface: "eth0",
			program: (if . % 4 < 2 then "firewall" else "wäll \"x\"" end),
			verdict: "drop", reason: ["PING_TOO_BIG", null, "BOGON"][. % 3],
			rule: ., protocol: "udp", source: "192.0.2.1", length: 60, sample: 1}'
}

# What a topic has, "KEY TAB HEADERS TAB EVENT" in each line.
consume() {
	kcat -C -b "$BROKERS" -t "$1" -e -q -f '%k\t%h\t%s\n' 2>kcat.log | sort
}

# What it has to have, of events on standard input.
keyed() {
	jq -r '"\(.program):\(.reason // "-")\thost=\(.host)\t" + tojson' | sort
}

# arrived TOPIC FILE: these events, each once.
arrived() {
	keyed <"$2" >expected
	consume "$1" >consumed
	diff expected consumed >difference ||
		fail "topic $1 differs: $(head -n 20 difference)"
}

# forward STATUS TOPIC [OPTION...]: of standard input.
forward() {
	local status=$1 topic=$2 got

	shift 2
	"$FORWARD" --brokers "$BROKERS" --topic "$topic" -X reconnect.backoff.max.ms=300 "$@" \
		2>forward.log
	got=$?
	[ $got = "$status" ] || fail "xdpdrop-forward ended with status $got, not $status"
}

# launch_forward TOPIC [OPTION...]: it reads what is written to descriptor $EVENTS.
launch_forward() {
	local topic=$1

	shift
	rm -f events.in
	mkfifo events.in
	"$FORWARD" --brokers "$BROKERS" --topic "$topic" -X reconnect.backoff.max.ms=300 "$@" \
		<events.in 2>forward.log {ORDERS}>&- &
	FORWARDER=$!
	exec {EVENTS}>events.in
	wait_for catches_usr1 || fail "xdpdrop-forward does not start"
}

# SIGUSR1 is bit 9.
catches_usr1() {
	grep -q '^SigCgt:.*[2367abef]..$' "/proc/$FORWARDER/status"
}

# end_forward STATUS: of what was launched.
end_forward() {
	local status

	wait "$FORWARDER"
	status=$?
	[ $status = "$1" ] || fail "xdpdrop-forward ended with status $status, not $1"
}

# totals READ DELIVERED FAILED BAD
totals() {
	[ "$(tail -n 1 forward.log)" = "$1 read, $2 delivered, $3 failed, $4 bad" ] ||
		fail "totals: not $*"
}

# count_is READ [DELIVERED]: asked by a signal.
count_is() {
	kill -USR1 "$FORWARDER"
	pause 0.05
	tail -n 1 forward.log | grep -q "^$1 read, ${2:-[0-9]*} delivered"
}

has_said() {
	grep -q -- "$1" forward.log
}

# -- tests -----------------------------------------------------------------------------------------

test_forward_delivers() {
	begin_forward
	start_brokers
	events 1 3000 >sent
	forward 0 drops <sent
	totals 3000 3000 0 0
	arrived drops sent
	# the events of one key are in one partition, in their order
	kcat -C -b "$BROKERS" -t drops -e -q -f '%k\t%p\n' 2>kcat.log | sort -u >partitions
	[ "$(cut -f 1 partitions | sort | uniq -d)" = "" ] || fail "a key in several partitions"
	kcat -C -b "$BROKERS" -t drops -e -q -f '%k %s\n' 2>kcat.log |
		sed -n 's/^firewall:BOGON //p' | jq .rule >rules
	sort -n rules | diff - rules || fail "the order differs"
}

test_forward_brokers_return() {
	begin_forward
	start_brokers
	events 1 4000 >sent
	launch_forward drops
	head -n 1000 sent >&"$EVENTS"
	wait_for count_is 1000 1000 || fail "no events are delivered"
	brokers down
	tail -n +1001 sent | head -n 2000 >&"$EVENTS"
	wait_for has_said 'no broker can be reached' || fail "it does not say that brokers are gone"
	wait_for count_is 3000 1000 || fail "events are not read"
	brokers up
	wait_for has_said 'brokers are back' || fail "it does not say that brokers are back"
	# one after the other, leaders and all
	for broker in 1 2 3; do
		brokers down $broker
		tail -n +$((2701 + 300 * broker)) sent | head -n 300 >&"$EVENTS"
		brokers up $broker
	done
	tail -n +3901 sent >&"$EVENTS"
	exec {EVENTS}>&-
	end_forward 0
	totals 4000 4000 0 0
	arrived drops sent
	# each time that a broker goes may be the last one's that was connected
	awk '/no broker can be reached/ && gone++ { exit 1 } /brokers are back/ { gone = 0 }' \
		forward.log || fail "said again and again"
}

test_forward_wrong_broker() {
	begin_forward
	BROKERS=nosuch.invalid:9092
	events 1 10 | forward 1 drops --flush 1
	totals 10 0 10 0
	says 'nosuch.invalid:9092.*[Ff]ailed to resolve'
	says 'no broker can be reached'
	says '10 events failed: still in the queue at the end'
	[ "$(grep -c 'Failed to resolve' forward.log)" = 1 ] || fail "said again and again"
}

# What is not read waits in the pipe, where a writer that does not wait loses events.
test_forward_queue_full() {
	begin_forward
	start_brokers
	brokers down
	events 1 5000 >sent
	launch_forward drops --queue 100
	cat sent >&"$EVENTS" &
	writer=$!
	wait_for count_is 101 0 || fail "not 101 events are read"
	wait_for has_said 'no broker can be reached' || fail "it does not say that brokers are gone"
	wait_for count_is 101 0 || fail "more events are read"
	kill -0 $writer || fail "the writer does not wait"
	exec {EVENTS}>&-
	brokers up
	end_forward 0
	wait $writer
	totals 5000 5000 0 0
	arrived drops sent
}

test_forward_bad_lines() {
	local line long

	begin_forward
	start_brokers
	long=$(head -c 70000 /dev/zero | tr '\0' x)
	{
		events 1 10
		for line in '' 'no JSON' '[1, 2]' '"text"' '{' '{"program": "x",}' '{"a": 01}' \
			"{'a': 1}" '{} {}' '{"a": "\ud800"}' '{"a": "	"}' "{\"a\": \"$long\"}"; do
			printf '%s\n' "$line"
		done
		printf '{"a": "\000"}\n{"a": "\377"}\n'
		events 11 20
		printf '%s' '{"program": "cut of'
	} | forward 0 drops
	totals 35 20 0 15
	events 1 20 >sent
	arrived drops sent
	says 'line 11 of the input is no JSON object'
	[ "$(grep -c 'no JSON object' forward.log)" = 1 ] || fail "said more than once"
	# the last line needs no newline, and a line needs no members
	printf '{"program":7,"reason":-1.5e3}\n{}' | forward 0 other
	totals 2 2 0 0
	[ "$(kcat -C -b "$BROKERS" -t other -e -q -f '%k|%h|%s\n' 2>kcat.log | sort)" = \
		'-:-||{}
7:-1.5e3||{"program":7,"reason":-1.5e3}' ] || fail "keys"
}

# NOT_LEADER_FOR_PARTITION and REQUEST_TIMED_OUT; each event is there once.
test_forward_retries() {
	begin_forward
	start_brokers
	brokers errors 5 6
	brokers errors 3 7
	events 1 1000 >sent
	forward 0 drops <sent
	totals 1000 1000 0 0
	arrived drops sent
}

# TOPIC_AUTHORIZATION_FAILED
test_forward_refused_events() {
	local delivered failed

	begin_forward
	start_brokers
	events 1 20 >sent
	brokers errors 1 29
	forward 1 drops --flush 30 <sent
	read -r _ _ delivered _ failed _ _ _ <<<"$(tail -n 1 forward.log)"
	[ "$failed" -gt 0 ] || fail "no event failed"
	[ $((delivered + failed)) = 20 ] || fail "sums"
	[ "$(consume drops | wc -l)" = "$delivered" ] || fail "not $delivered events are there"
	says "not delivered to 'drops': .*[Aa]uthorization"
	says '[0-9]+ events? failed: .*[Aa]uthorization'
	[ "$(awk '/events? failed/ { sum += $2 } END { print sum }' forward.log)" = "$failed" ] ||
		fail "not all failures are explained"
}

# It reads what a writer that gets the same signal still writes.
test_forward_signal() {
	local signal

	begin_forward
	start_brokers
	for signal in INT TERM; do
		events 1 500 >sent
		launch_forward "on-$signal"
		head -n 400 sent >&"$EVENTS"
		wait_for count_is 400 || fail "events are not read"
		kill -STOP "$FORWARDER"
		kill -$signal "$FORWARDER"
		tail -n 100 sent >&"$EVENTS"
		[ $signal = INT ] || exec {EVENTS}>&-
		kill -CONT "$FORWARDER"
		end_forward 0
		totals 500 500 0 0
		arrived "on-$signal" sent
		[ $signal = TERM ] || exec {EVENTS}>&-
	done
}

test_forward_signal_without_brokers() {
	begin_forward
	start_brokers
	brokers down
	events 1 500 >sent
	launch_forward drops --flush 0.5 --queue 200
	# more than the pipe holds behind them
	cat sent sent sent 2>cat.log 1>&"$EVENTS" &
	wait_for count_is 201 0 || fail "events are not read"
	kill -TERM "$FORWARDER"
	end_forward 1
	read -r read _ delivered _ failed _ bad _ <<<"$(tail -n 1 forward.log)"
	[ "$delivered $bad $failed" = "0 0 $read" ] || fail "sums"
	[ "$read" -ge 201 ] || fail "only $read are read"
	says '[0-9]+ events? failed: Local: Queue full'
	says '200 events failed: still in the queue at the end'
}

test_forward_second_signal() {
	begin_forward
	start_brokers
	brokers down
	events 1 10 >sent
	launch_forward drops --flush 3600
	cat sent >&"$EVENTS"
	exec {EVENTS}>&-
	wait_for count_is 10 0 || fail "events are not read"
	# the second answer comes after another read, which has found the end
	wait_for eval 'count_is 10 0 && [ "$(grep -c "^10 read" forward.log)" -gt 1 ]' ||
		fail "no other answer"
	kill -INT "$FORWARDER"
	end_forward 1
	totals 10 0 10 0
	# both signals come while a writer is there
	head -n 1 sent >one
	launch_forward drops --flush 3600
	cat one >&"$EVENTS"
	wait_for count_is 1 0 || fail "the event is not read"
	kill -INT "$FORWARDER"
	kill -TERM "$FORWARDER"
	end_forward 1
	exec {EVENTS}>&-
	totals 1 0 1 0
	says '1 event failed: still in the queue at the end'
}

# The writer gets EPIPE; the next one goes on.
test_forward_killed() {
	begin_forward
	start_brokers
	events 1 1000 >sent
	launch_forward drops
	head -n 300 sent >&"$EVENTS"
	wait_for count_is 300 300 || fail "events are not delivered"
	kill -KILL "$FORWARDER"
	wait "$FORWARDER" 2>/dev/null
	! head -n 1 sent 2>head.log 1>&"$EVENTS" || fail "somebody reads"
	exec {EVENTS}>&-
	tail -n +301 sent | forward 0 drops
	totals 700 700 0 0
	arrived drops sent
}

test_forward_closed_input() {
	begin_forward
	BROKERS=127.0.0.1:9
	forward 1 drops <&-
	says 'standard input is closed'
	forward 0 drops </dev/null
	totals 0 0 0 0
}

test_forward_unreadable_input() {
	begin_forward
	start_brokers
	forward 1 drops </
	says 'cannot read standard input: Is a directory'
	totals 0 0 0 0
}

# In each thread.
test_forward_privileges() {
	local status

	begin_forward
	start_brokers
	launch_forward drops
	events 1 10 >&"$EVENTS"
	wait_for count_is 10 10 || fail "events are not delivered"
	cat "/proc/$FORWARDER"/task/*/status >threads
	[ "$(grep -c ^Name: threads)" -gt 1 ] || fail "no threads"
	! grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):' threads | grep -v '0000000000000000$' ||
		fail "capabilities"
	! grep ^NoNewPrivs: threads | grep -v '1$' || fail "new privileges are possible"
	! grep -E '^[UG]id:.*\<0\>' threads || fail "root"
	exec {EVENTS}>&-
	end_forward 0
}

test_forward_secrets() {
	begin_forward
	start_brokers
	printf '%s\n' '# who we are' '' ' client.id = secret.name ' 'queue.buffering.max.ms=1' \
		'sasl.password=secret.word=' >config
	chmod 600 config
	events 1 10 >sent
	forward 0 drops --config config -v -X debug=conf <sent
	arrived drops sent
	says 'librdkafka: '
	says_not 'secret\.word'
	echo 'acks=secret.word' >wrong
	forward 2 drops --config wrong </dev/null
	says "wrong:1: librdkafka does not take this value of 'acks'"
	printf '\n\nsecret.word\n' >wrong
	forward 2 drops --config wrong </dev/null
	says 'wrong:3: it is not NAME=VALUE'
	echo 'no.such=secret.word' >wrong
	forward 2 drops --config wrong </dev/null
	says "wrong:1: librdkafka has no property 'no.such'"
	says_not 'secret\.word'
	forward 2 drops -X secret.word </dev/null
	says 'option -X: it is not NAME=VALUE'
	says_not 'secret\.word'
	forward 2 drops -X sasl.mechanisms=secret.word -X security.protocol=secret.word </dev/null
	says_not 'secret\.word'
	forward 2 drops --config missing </dev/null
	says "cannot read 'missing': No such file"
}

# misused MESSAGE ARGUMENT...
misused() {
	local message=$1

	shift
	"$FORWARD" "$@" </dev/null 2>forward.log
	[ $? = 2 ] || fail "$*: not refused"
	says "$message"
}

test_forward_misuse() {
	begin_forward
	misused 'no brokers; type: --brokers' --topic x
	misused 'no topic; type: --topic' --brokers x
	misused 'come from standard input' --brokers x --topic x eth0
	misused 'is not between 1 and' --brokers x --topic x --queue 0
	misused 'not a number of seconds' --brokers x --topic x --flush never
	misused 'exclude each other' --brokers x --topic x -q -v
	misused 'librdkafka does not start: .*acks' --brokers x --topic x -X acks=1
	"$FORWARD" --help | grep -q 'Usage: xdpdrop-forward' || fail "no help"
	"$FORWARD" --version | grep -q 'librdkafka' || fail "no version"
	"$FORWARD" --brokers x --topic x -Z no-such-user </dev/null 2>forward.log
	[ $? = 2 ] || fail "an unknown user"
	says "option -Z: there is no user 'no-such-user'"
}

# No error and no leak.
test_forward_sanitized() {
	begin_forward
	FORWARD=$TOOLS/sanitized-forward
	[ -x "$FORWARD" ] || skip "needs ASan"
	start_brokers
	events 1 1000 >sent
	launch_forward drops --queue 200
	{
		head -n 500 sent
		echo bad
	} >&"$EVENTS"
	wait_for count_is 501 500 || fail "events are not delivered"
	brokers down
	tail -n 500 sent >&"$EVENTS" &
	wait_for has_said 'no broker can be reached' || fail "it does not say that brokers are gone"
	brokers up
	exec {EVENTS}>&-
	end_forward 0
	totals 1001 1000 0 1
	arrived drops sent
	brokers down
	events 1 10 | forward 1 drops --flush 0.2
	says_not Sanitizer
}
