# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The set-ups of doc/fleet.md: each command of it is run as it stands, on an eth0 of the test's own;
# between them there are frames, and what arrives at the other ends is what was sent.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about words, and other programs
ALL_TESTS="test_fleet_metrics test_fleet_samples test_fleet_service"
SLOW_TESTS="test_fleet_metrics test_fleet_samples"

TOP=${TESTENV%/*}
MONITOR=${XDPDROP_MONITOR:-$BUILD/xdpdrop-monitor}
MESSAGES=commands.log

# -- what there is to type -------------------------------------------------------------------------

# The code in the section whose title matches.
code_of() {
	awk -v wanted="$1" '
		/^## / { inside = $0 ~ wanted }
		inside && /^    / { print substr($0, 5) }
		inside && !/^    / { print "" }' "$TOP/doc/fleet.md"
}

# Its commands, each one terminated by a NUL character: with what continues it, and a here-document.
commands_of() {
	code_of "$1" | awk '
		!NF { unit = 0; next }
		/^\[/ { unit = 1 }
		unit { next }
		{ text = text $0 "\n" }
		document { if ($0 == "END") document = 0; else next }
		/<<END$/ { document = 1; next }
		/(\\|\|)$/ { next }
		{ printf "%s%c", text, 0; text = "" }'
}

# -- the machine -----------------------------------------------------------------------------------

begin_fleet() {
	local dir tool

	begin
	[ -x "$MONITOR" ] || skip "xdpdrop-monitor is not built"
	need jq
	netns_teardown "$NS"
	NS=eth0
	netns_setup eth0 || fail "cannot make eth0"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_rule verdict_rule
	mkdir bin
	for tool in forward capture replay loader; do
		ln -s "$BUILD/xdpdrop-$tool" bin
	done
	ln -s "$MONITOR" bin/xdpdrop-monitor
	ln -s "$TOP/doc" doc
	ln -s "$TOOLS/verdict_rule.bpf.o" new.bpf.o
	PATH=$PWD/bin:$PATH
	for dir in /etc/prometheus /var/lib/prometheus /var/log /var/cache; do
		mkdir -p $dir
		mount -t tmpfs tmpfs $dir || fail "cannot mount $dir"
	done
}

# armed N: so many programs of this project count or capture; each has a process with privileges.
armed() {
	[ "$(pgrep -c -x xdpdrop-control)" = "$1" ]
}

# type COMMAND: in this shell, so that it may be a job.
type_in() {
	TYPED=$((${TYPED:-0} + 1))
	printf '# %s\n' "$1" >>commands.log
	eval "$1" >"out.$TYPED" 2>>commands.log </dev/null || fail "status $?: $1"
}

# typed PATTERN: this was among what was typed.
typed() {
	grep -q -- "$1" commands.log || fail "doc/fleet.md has no $1"
}

# What a program of the set-up does when it has to end.
ends() {
	pkill -TERM -x "$1"
	wait_for is_over "$1" || fail "$1 does not end"
}

is_over() {
	! pgrep -x "$1" >/dev/null
}

# After the first interval.
counts_frames() {
	curl -s http://localhost:9471/metrics | grep -q '^xdpdrop_frames_total'
}

# Those of the alerts and of the dashboard.
has_metrics() {
	local metric

	curl -s http://localhost:9471/metrics >metrics
	cat doc/prometheus-alerts.yml doc/grafana-dashboard.json |
		grep -oE '\bxdpdrop_[a-z_]+' | sort -u >used
	[ "$(wc -l <used)" -ge 5 ] || fail "no metrics are used"
	while read -r metric; do
		grep -qE "^$metric(\{| )" metrics || fail "no metric $metric"
	done <used
}

answers() {
	curl -sf "$1" >/dev/null
}

# What the last command shows now of two reasons adds up to this many frames, where numbers follow
# a text.
shows() {
	[ "$(bash -c "$LAST" 2>/dev/null | sed -n 's/.*interface="eth0".*NUMBER_.*'"$2"'//p' |
		awk '{ sum += $1 } END { print NR, sum }')" = "2 $1" ]
}

# -- metrics ---------------------------------------------------------------------------------------

is_recorded() {
	is_written recorded.pcap "$(echo /var/log/xdpdrop/drops-*.pcapng)"
}

# After each command, what a person would look for before going on.
follow_metrics() {
	LAST=$1
	case $1 in
	xdpdrop-monitor*)
		wait_for answers http://localhost:9471/metrics || fail "no metrics"
		send_frames sent.pcap -n 50
		wait_for counts_frames || fail "no frames are counted"
		;;
	curl*) wait_for shows 50 '} ' || fail "not 50 frames: $(<"out.$TYPED")" ;;
	xdpdrop-capture*)
		wait_for armed 2 || fail "no recorder"
		send_frames recorded.pcap -n 30 -f 50
		;;
	prometheus*) wait_for answers http://localhost:9090/-/ready || fail "not ready" ;;
	promtool\ query*) wait_for shows 80 '=> ' || fail "not 80: $(bash -c "$LAST")" ;;
	pkill*) wait_for is_recorded || fail "no file with what was sent" ;;
	tshark*) [ "$(grep -c . "out.$TYPED")" -ge 30 ] || fail "not 30 frames" ;;
	esac
}

test_fleet_metrics() {
	local command

	begin_fleet
	need curl prometheus promtool tshark
	while IFS= read -r -d '' command; do
		type_in "$command"
		follow_metrics "$command"
	done < <(commands_of '^## Metrics')
	for command in xdpdrop-monitor xdpdrop-capture prometheus promtool xdpdrop-replay; do
		typed "^# $command"
	done
	[ "$(curl -s http://localhost:9090/api/v1/rules | jq '.data.groups[].rules | length')" \
		-gt 3 ] || fail "Prometheus has no alerts"
	has_metrics
	# shellcheck disable=SC2154 # a variable of doc/fleet.md
	same recorded.pcap "$file"
	ends prometheus
	ends xdpdrop-capture
	ends xdpdrop-monitor
	says_not 'FAILED|cannot|usage'
}

# -- samples ---------------------------------------------------------------------------------------

start_brokers() {
	mkfifo brokers.in
	"$TOOLS/brokers" <brokers.in >brokers.out 2>brokers.log &
	exec {ORDERS}>brokers.in
	wait_for [ -s brokers.out ] || fail "no brokers"
	BROKERS=$(head -n 1 brokers.out)
}

# Kafka is a mock, whose port is any.
with_brokers() {
	sed "s/localhost:9092/$BROKERS/"
}

follow_samples() {
	LAST=$1
	case $1 in
	sfcapd*) wait_for grep -qi :18C7 /proc/net/udp /proc/net/udp6 || fail "no collector" ;;
	xdpdrop-monitor*--sflow*)
		wait_for armed 1 || fail "no monitor"
		send_frames sent.pcap -n 8000
		ends xdpdrop-monitor
		ends sfcapd
		;;
	nfdump*) grep -q "198.51.100.2 " "out.$TYPED" || fail "senders: $(<"out.$TYPED")" ;;
	xdpdrop-monitor*--events*)
		wait_for armed 1 || fail "no monitor"
		send_frames events.pcap -n 40
		;;
	kcat*) wait_for kafka_has 40 || fail "not 40 events" ;;
	esac
}

kafka_has() {
	[ "$(bash -c "$LAST" 2>/dev/null | grep -c '"interface":"eth0"')" = "$1" ]
}

test_fleet_samples() {
	local command

	begin_fleet
	need sfcapd nfdump kcat
	[ -x "$BUILD/xdpdrop-forward" ] || skip "xdpdrop-forward is not built: no librdkafka"
	start_brokers
	while IFS= read -r -d '' command; do
		command=$(with_brokers <<<"$command")
		type_in "$command"
		follow_samples "$command"
	done < <(commands_of '^## sFlow')
	for command in sfcapd 'xdpdrop-monitor.*--sflow' nfdump 'xdpdrop-monitor.*--events' kcat; do
		typed "^# $command"
	done
	ends xdpdrop-monitor
	wait_for is_over xdpdrop-forward || fail "xdpdrop-forward does not end"
	says '^40 read, 40 delivered, 0 failed, 0 bad'
	says_not 'FAILED|cannot|usage'
}

# systemd takes the unit, and its command is a pipeline of these two.
test_fleet_service() {
	begin_fleet
	need systemd-analyze
	code_of '^## sFlow' | sed -n '/^\[Unit\]/,$p' >xdpdrop-events@.service
	grep -q '^ExecStart=' xdpdrop-events@.service || fail "no unit"
	systemd-analyze verify ./xdpdrop-events@eth0.service >verify.log 2>&1 || fail "the unit"
	! grep -q xdpdrop-events verify.log || fail "the unit"
	! sed -n '/^ExecStart=/,/%I$/p' xdpdrop-events@.service | grep -oE -- ' --[a-z-]+' |
		sort -u | while read -r option; do
		{ "$MONITOR" --help && "$BUILD/xdpdrop-forward" --help; } |
			grep -qE -- " $option( |$)" || echo "no option $option"
	done | grep . || fail "an option"
}
