# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The command line of xdpdrop-capture: what it refuses and in which words, what it prints, and
# that it touches neither file nor interface before it knows that it can capture.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about words
OPTIONS_TXT=${BASH_SOURCE[0]%/*}/options.txt

ALL_TESTS="test_options_refused test_options_history_too_large test_options_help
	test_options_version test_options_full_stdout
	test_options_terminal test_options_fifo_interrupted test_options_fifo_told
	test_options_file_forgotten test_options_keeps_old_file
	test_options_removes_empty_file test_options_not_root test_options_manual
	test_options_altname test_options_endless_reasons test_options_impossible
	test_options_endless_filter test_options_long_bpffs
	test_options_as_tcpdump test_options_misuse test_options_no_program test_options_json"

make_files() {
	mkdir dir
	ln -s missing/file nowhere
	printf 'udp\nor tcp\0 and port 53\n' >nul
	nc -lU socket &
	wait_for [ -S socket ] || fail "nc makes no socket"
	kill $!
}

# refused STATUS ARGUMENTS MESSAGE: one case of the table; says so if it is not as expected.
refused() {
	local status

	# shellcheck disable=SC2294 # the arguments are words of the shell
	eval "\"$CAPTURE\" $2" 2>err >out
	status=$?
	if [ $status != "$1" ] || [ "$(cat err)" != "xdpdrop-capture: $3" ]; then
		echo "xdpdrop-capture $2: status $status, not $1, or not the message '$3':"
		cat err
		return 1
	fi
	[ ! -s out ] || echo "xdpdrop-capture $2: prints something on standard output"
	[ ! -s out ]
}

test_options_refused() {
	local line before cases=0 wrong=0

	begin
	need nc
	make_files
	before=$(find . | sort)
	while read -r line; do
		case $line in
		'' | '#'*) continue ;;
		esac
		cases=$((cases + 1))
		refused "${line%% *}" "$(sed 's/^[0-9]* \(.*\)=> .*/\1/' <<<"$line")" \
			"${line#*=> }" || wrong=$((wrong + 1))
	done <"$OPTIONS_TXT"
	rm -f err out
	[ "$(find . | sort)" = "$before" ] || fail "files were made: $(find .)"
	echo "$cases cases"
	[ $cases -ge 40 ] || fail "only $cases cases in the table"
	[ $wrong = 0 ] || fail "$wrong of $cases cases"
}

test_options_history_too_large() {
	local memory

	begin
	memory=$(($(getconf _PHYS_PAGES) * $(getconf PAGESIZE) >> 20))
	[ $memory -lt 1048576 ] || skip "this machine has a memory of 1 TiB"
	refused 2 '--history 1024g lo out' "option --history: 1048576 MiB do not fit into this \
machine's memory of $memory MiB" || fail "not so"
}

# three_examples HELP TOOL
three_examples() {
	[ "$(sed '1,/^Examples:$/d' "$1" | grep -Ec "^  $2( |\$)")" -ge 3 ] || fail "examples of $2"
}

test_options_help() {
	local option

	begin
	"$CAPTURE" --help >help 2>err || fail "--help ends with status $?"
	[ ! -s err ] || fail "--help prints on standard error"
	head -n 1 help | grep -q '^Usage: xdpdrop-capture ' || fail "no usage"
	"$CAPTURE" -h --nonsense | diff help - || fail "-h differs"
	! grep -q '.\{91\}' help || fail "lines of more than 90 columns"
	three_examples help xdpdrop-capture
	"$LOADER" --help >help || fail "--help of the loader"
	three_examples help xdpdrop-loader
	for option in status features clean load unload; do
		"$LOADER" "$option" --help >help || fail "--help of $option"
		three_examples help "xdpdrop-loader $option"
	done
}

test_options_version() {
	begin
	"$CAPTURE" --version >out || fail "--version ends with status $?"
	grep -Eqx 'xdpdrop-capture [0-9.]+, libxdpdrop [0-9.]+' out || fail "$(cat out)"
}

test_options_full_stdout() {
	begin
	"$CAPTURE" --help >/dev/full 2>err && fail "no error"
	grep -q 'cannot write to standard output: No space left on device' err || fail "$(cat err)"
}

test_options_terminal() {
	begin
	need script
	script -qec "$CAPTURE $NS -" /dev/null >out </dev/null && fail "writes to a terminal"
	grep -q "refusing to write binary to a terminal" out || fail "$(cat out)"
}

# Nobody reads the FIFO: the wait for a reader has to end with a signal.
test_options_fifo_interrupted() {
	begin
	mkfifo fifo
	launch_capture fifo
	wait_for grep -q waiting capture.log || fail "does not wait for a reader"
	stop_capture 0
}

catches_sigint() {
	grep -q '^SigCgt:.*[2367abef]$' "/proc/$CAPTURE_PID/status"
}

# told_of FIFO [options]: once, after a while.
told_of() {
	local fifo=$1

	shift
	launch_capture "$@"
	wait_for grep -q 'waiting' capture.log || fail "nothing is said"
	sleep 0.5
	[ "$(<capture.log)" = "xdpdrop-capture: waiting for a reader of '$fifo'" ] ||
		fail "something else is said"
}

test_options_fifo_told() {
	begin
	load verdict verdict
	mkfifo fifo
	told_of fifo fifo -d 0.5
	cat fifo >out &
	await_listening || fail "does not listen"
	end_capture 0
	told_of fifo out --json fifo -d 0.5
	cat fifo >json &
	await_listening || fail "does not listen"
	end_capture 0
	wait
	[ "$(grep -c '"type"' json)" -ge 2 ] || fail "no objects: $(<json)"
	launch_capture fifo -q
	wait_for catches_sigint || fail "SIGINT is not caught"
	sleep 1.5
	[ ! -s capture.log ] || fail "-q says something"
	stop_capture 0
}

# warns FILE [FILTER]: a capture of nothing, as there is no program.
warns() {
	"$CAPTURE" -q "$NS" "$@" 2>capture.log
	grep -q "^xdpdrop-capture: warning: '$1' is taken as the name of the file" capture.log
}

# Who leaves out the file, as one can with tcpdump, gets a capture of everything in a strange one.
test_options_file_forgotten() {
	local name

	begin
	for name in 'tcp port http' 'host 10.0.0.1 or arp' 'tcp or'; do
		warns "$name" || fail "no warning: $(<capture.log)"
	done
	says 'a filter comes behind it: xdpdrop-capture IFNAME FILE FILTER$'
	for name in out - 'my drops.pcap' 'my drops.pcapng' './my drops' 'a b/c'; do
		! warns "$name" || fail "a warning: $(<capture.log)"
	done
	! warns 'tcp port http' udp || fail "a warning in spite of a filter"
	echo udp >filter
	"$CAPTURE" -f filter "$NS" 'tcp port http' 2>capture.log
	says_not 'is taken as'
	load verdict verdict
	start_capture 'udp port domain'
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap 'udp port domain'
	says "warning: 'udp port domain' is taken"
	for name in ./udp udp.pcap host port 17 out; do
		start_capture "$name"
		send_frames sent.pcap -n 10
		stop_capture
		same sent.pcap "$name"
		says_not 'filter'
	done
}

test_options_keeps_old_file() {
	begin
	echo precious >old
	launch_capture old
	end_capture 1
	[ "$(cat old)" = precious ] || fail "a capture that did not begin has destroyed a file"
}

test_options_removes_empty_file() {
	begin
	launch_capture new
	end_capture 1
	[ ! -e new ] || fail "a capture that did not begin has left a file"
	: >empty
	launch_capture empty
	end_capture 1
	[ -e empty ] || fail "a capture that did not begin has removed a file of somebody else"
}

# As root but without capabilities, so that the tool's directory can be a private one.
test_options_not_root() {
	begin
	need setpriv
	load verdict verdict
	setpriv --bounding-set=-all --inh-caps=-all "$CAPTURE" "$NS" out 2>err && fail "no error"
	grep -q "the capability CAP_SYS_ADMIN is missing" err ||
		fail "$(cat err)"
	[ ! -e out ] || fail "a file was left"
}

test_options_manual() {
	"$TESTENV/manual.sh" || fail "the manual pages and the tools differ"
}

# An alternative name is no renaming.
test_options_altname() {
	begin
	ip link property add dev "$NS" altname "$NS-alt" 2>/dev/null ||
		skip "no alternative names here"
	load verdict_hook verdict_hook
	"$CAPTURE" -t hook -d 1.5 "$NS-alt" out.pcap 2>capture.log || fail "no capture"
	says '^listening on'
	says_not 'is now called'
}

# No program has such a reason, ever. A namespace that is missing is no interface.
test_options_impossible() {
	begin
	local option

	load verdict_hook verdict_hook
	for option in --reason=4294967296 --not-reason=1,12abc --trigger=reason=4294967296 \
		'--trigger=rate(0x123456789)>5'; do
		launch_capture out.pcap "$option"
		end_capture 2
		says "^xdpdrop-capture: reason '.*' is neither a number up to 4294967295 nor a"
		[ "$(wc -l <capture.log)" = 1 ] || fail "not one line: $(cat capture.log)"
	done
	launch_capture out.pcap --netns missing
	end_capture 1
	says missing
	[ "$(wc -l <capture.log)" = 1 ] || fail "not one line: $(cat capture.log)"
	[ ! -e out.pcap ] || fail "a file is left"
}

# Files without an end are not read for ever.
test_options_endless_reasons() {
	begin
	load verdict_hook verdict_hook
	launch_capture out.pcap --reasons /dev/zero
	end_capture 2
	says 'cannot read reasons from /dev/zero: it has a NUL byte'
	launch_capture out.pcap --reasons <(yes '1 ONE')
	end_capture 2
	says 'cannot read reasons from /dev/fd/[0-9]+: it has more than 4 MiB'
	mkdir dir
	launch_capture out.pcap --reasons dir
	end_capture 2
	says 'cannot read reasons from dir: Is a directory'
}

test_options_endless_filter() {
	begin
	load verdict_hook verdict_hook
	launch_capture out.pcap -f /dev/zero
	end_capture 2
	says 'cannot read the filter from /dev/zero: it has a NUL byte'
	launch_capture out.pcap -f <(yes '# nothing')
	end_capture 2
	says 'cannot read the filter from /dev/fd/[0-9]+: it has more than 1 MiB'
}

# LIBXDP_BPFFS is used as long as libxdp uses it; beyond the limit there is a message.
test_options_long_bpffs() {
	begin
	local long

	long=$PWD/$(printf '%0100d' 0)
	mkdir "$long"
	mount -t bpf bpf "$long" || fail "cannot mount"
	load verdict verdict
	LIBXDP_BPFFS=$long start_capture out.pcap -t wrap
	compgen -G "$long/xdpdrop/wrap-*" >/dev/null || fail "the pin is elsewhere"
	stop_capture
	LIBXDP_BPFFS=$long/$(printf '%0200d' 0) launch_capture out.pcap -t wrap
	end_capture 1
	says 'LIBXDP_BPFFS has [0-9]+ characters; there is room for 220'
	umount "$long"
}

test_options_as_tcpdump() {
	begin
	load verdict verdict
	launch_interface -i "$NS" -w out.pcap udp
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap out.pcap
	launch_interface -w udp "$NS"
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap udp
}

# launch_interface ARGUMENTS: they name the interface, too.
launch_interface() {
	: >capture.log
	env --default-signal=INT "$CAPTURE" "$@" 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
}

# Also what only the library can find.
test_options_misuse() {
	begin
	load verdict verdict
	launch_capture out 'udp and'
	end_capture 2
	launch_capture out -t wrap --rule nosuchrule
	end_capture 2
	launch_capture out --netns /dev/null
	end_capture 2
	printf 'no number\n' >reasons
	launch_capture out --reasons reasons
	end_capture 2
	"$CAPTURE" --dump-filter 'udp and' 2>err && fail "no error"
	"$CAPTURE" --dump-filter 'udp and' 2>err
	[ $? = 2 ] || fail "--dump-filter"
	"$CAPTURE" --explain "$NS,$NS" 2>err
	[ $? = 2 ] || fail "--explain"
	"$LOADER" status --netns /dev/null 2>err
	[ $? = 2 ] || fail "status"
}

# What to do next is the second line, and what each tap lacks is for -v.
test_options_no_program() {
	begin
	launch_capture out.pcap
	end_capture 1
	printf 'xdpdrop-capture: %s\n' \
		"no XDP program is attached to $NS, so XDP drops nothing there" \
		"xdpdrop-capture -D lists interfaces, and what can be captured there" |
		diff - capture.log || fail "other messages"
	launch_capture out.pcap -v
	end_capture 1
	says 'tap wrap cannot be used: '
	load verdict verdict
	launch_capture out.pcap -t hook
	end_capture 1
	[[ $(head -n 1 capture.log) == *"cannot attach to $NS: hook: no program on "* ]] ||
		fail "other messages"
}

test_options_json() {
	begin
	need jq
	load verdict_hook verdict_hook
	"$CAPTURE" -D --json - >list 2>err || fail "-D: $(<err)"
	jq -e --arg name "$NS" --argjson id "$PROGRAM_ID" '
		.interfaces | (map(select(.interface == "lo")) |
			length == 1 and .[0].mode == null and .[0].programs == []) and
		(map(select(.interface == $name)) | length == 1 and (.[0] |
			.mode == "native" and .netns == null and .upper == null and
			.programs[0].program == "verdict_hook" and
			.programs[0].program_id == $id and .programs[0].root and
			.programs[0].capture == null and
			.hooks[0].reasons == ["NUMBER_EVEN", "NUMBER_ODD"] and
			.hooks[0].program_id == $id and .hooks[0].capture == null and
			([.taps[] | select(.tap == "hook") | .works, .chosen, .why] ==
				[true, true, null])))' list || fail "-D: $(<list)"
	"$CAPTURE" --explain -t tag "$NS" --json explain 2>err || fail "--explain: $(<err)"
	jq -e '.interfaces | length == 1 and (.[0].taps | map(select(.chosen)) == [] and
		map(select(.tap == "wrap"))[0].why == "not asked for" and
		(map(select(.tap == "tag"))[0].why | length > 10))' explain || fail "$(<explain)"
	start_capture out.pcap -t hook
	"$CAPTURE" --explain "$NS" --json 3 3>explain 2>err || fail "--explain: $(<err)"
	jq -e --argjson pid "$CAPTURE_PID" '.interfaces[0].hooks[0].capture ==
		{ pid: $pid, alive: true }' explain || fail "$(<explain)"
	stop_capture
	cp explain before
	"$CAPTURE" --explain nosuchif --json explain 2>err && fail "no error"
	cmp -s explain before || fail "a look that failed has replaced the file"
	"$CAPTURE" -D --json missing/out 2>err && fail "no error"
	"$CAPTURE" -D --json - >/dev/full 2>err && fail "no error"
	grep -q "No space left" err || fail "$(<err)"
}
