# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One VM, from its parts to its verdict. Needs from vm.sh: its options' variables, $testenv,
# $cache, kernels(), note() and die(). What it leaves in the cache is called $label.
# shellcheck disable=SC2154

# Exit statuses besides the command's own.
MISUSE=2 UNEXPECTED=122 COMPLAINT=123 HANG=124 BROKEN=125

# What a kernel says when something is wrong with it, or with a program that it runs.
COMPLAINTS='^\[ *[0-9]+\.[0-9]+\].*('
COMPLAINTS+='\b(BUG|WARNING|Oops|KASAN|UBSAN|KCSAN)\b|Kernel panic|INFO: task|Call Trace:'
COMPLAINTS+='|general protection fault|segfault at|refcount_t:|Out of memory\b'
COMPLAINTS+='|self-detected stall|detected stalls|unregister_netdevice: waiting'
# On arm64.
COMPLAINTS+='|Call trace:|Internal error:|Unable to handle kernel|Unhandled fault)'

cleanup() {
	# Who reads the shell's remarks on killed jobs may be gone before us.
	exec 2>/dev/null
	[ ! "$qemu" ] || kill -KILL "$qemu" 2>/dev/null
	[ ! "$tail" ] || kill "$tail" 2>/dev/null
	[ ! "$feeder" ] || kill "$feeder" 2>/dev/null
	[ ! "$tty" ] || stty "$tty"
	rm -rf "$work"
}

# What runs that were killed have left.
sweep() {
	local dir
	for dir in "$cache"/run.*; do
		[ ! -d "$dir" ] || kill -0 "${dir##*.}" 2>/dev/null || rm -rf "$dir"
	done
}

make_parts() {
	local status
	if [ "$refresh" ]; then
		rm -f "$cache/userland-$3"{,"-$4"}.key "$cache/kernel-$1.key"
	fi
	# Not in the foreground, where it would hold up a signal to this process.
	setpriv --pdeathsig TERM "$testenv/vm/parts.sh" "$cache" "$work" "$@" ${build:+"$build"} &
	wait $!
	status=$?
	[ $status = 0 ] || die $BROKEN "no VM to run in"
}

# The command reaches the VM in a second archive behind the initramfs.
make_job() {
	local rows columns
	read -r rows columns < <(stty size 2>/dev/null || echo 24 80)
	mkdir "$work/job"
	cp "$testenv/vm/start" "$work/job/start"
	printf '%s=%q\n' name "$name" shell "$shell" command "$1" input "$input" rows "$rows" \
		columns "$columns" terminal "${TERM:-dumb}" >"$work/job/job"
	(cd "$work/job" && find . | "$work/busybox" cpio -o -H newc 2>/dev/null) |
		cat "$work/initrd" - >"$work/initrd.all"
}

INPUT_SIZE=65536 # bytes that --stdin takes

disk() {
	echo -drive "file=$work/$1,format=raw,if=virtio,snapshot=${2:-on}"
}

# One thread for all CPUs: QEMU's one per CPU races with kernels that change their own code. Now
# and then a CPU ran the breakpoint of a change that was long done ("Oops: int3").
accelerator() {
	echo "${accel/#tcg/tcg,thread=single}"
}

# The emulator and its machine. It moves an x86 CPU's strings byte by byte: better that kernels do
# not think it fast. The arm64 machine has one serial line; of four more, the second and third have
# the names of those on x86.
machine() {
	case $arch in
	amd64)
		echo qemu-system-x86_64 -M q35 -cpu max,-erms,-fsrm \
			-serial chardev:log -serial chardev:out -serial chardev:status
		;;
	arm64)
		echo qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -serial chardev:log \
			-chardev null,id=a -chardev null,id=d -device pci-serial-4x,$(
			)chardev1=a,chardev2=out,chardev3=status,chardev4=d
		;;
	esac
}

# boot CHARDEV: in place of this process; the command's output goes to CHARDEV.
boot() {
	# shellcheck disable=SC2046
	exec setpriv --pdeathsig KILL $(machine) -nodefaults -no-user-config \
		-display none -no-reboot -accel "$(accelerator)" -smp 2 -m "$memory" \
		-kernel "$work/vmlinuz" -initrd "$work/initrd.all" -append "$(kernel_options)" \
		-chardev "file,id=log,path=$work/kernel.log" -chardev "$1" \
		-chardev "file,id=status,path=$work/status" \
		$(disk userland.ext4) $(disk modules.ext4) $(disk tree.ext4) $(disk out.tar off) \
		${input:+$(disk input)}
}

# Standard input, onto a disk that the VM reads again and again: a serial line would lose some of
# it. A line "." is the end.
feed() {
	{ cat; echo .; } 1<>"$work/input"
}

# A panic ends the VM. Emulated CPUs and timers may stand still for a while on a busy machine;
# their TSC is the host's. What the emulator has translated it finds again only at the same address:
# programs start four times as fast where those are not random.
kernel_options() {
	case $arch in
	amd64) echo console=ttyS0 tsc=reliable no_timer_check ;;
	arm64) echo console=ttyAMA0 ;;
	esac
	echo panic=-1 oops=panic nosoftlockup mitigations=off norandmaps \
		rcupdate.rcu_cpu_stall_timeout=120
}

# Does this kernel come up with KVM? Some machines have a /dev/kvm that crashes or hangs.
kvm_works() {
	local pid n
	[ -w /dev/kvm ] && [ "$arch" = "$(dpkg --print-architecture)" ] || return
	accel=kvm boot "file,id=out,path=$work/output" </dev/null >/dev/null 2>&1 &
	pid=$!
	for ((n = 0; n < 60; n++)); do
		sleep 0.5
		[ ! -s "$work/status" ] || break
		kill -0 $pid 2>/dev/null || break
	done
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ "$(cat "$work/status")" = 0 ]
}

choose_accel() {
	[ "$accel" = auto ] || return 0
	make_job true
	accel=tcg
	! kvm_works || accel=kvm
	rm -r "$work/job" "$work/status" "$work/output"
	note "using $accel"
}

# Wait for the end of the VM; if it hangs, end it and say why.
watch() {
	local began=$SECONDS changed=$SECONDS size=0 now over=0
	while kill -0 "$qemu" 2>/dev/null; do
		sleep 0.5
		# Nobody reads the output any more.
		kill -0 "$tail" 2>/dev/null || ! kill -0 "$qemu" 2>/dev/null || exit 141
		now=$(stat -c %s "$work/output" "$work/kernel.log" | paste -s -d +)
		[ "$now" = "$size" ] || { size=$now changed=$SECONDS; }
		[ "$up" ] || [[ $now == 0+* ]] || up=$((SECONDS - began))
		if [ -s "$work/status" ]; then
			# Done, and about to power off, which not every machine gets done.
			[ $((over += 1)) -lt 60 ] || break
		elif [ $((SECONDS - changed)) -ge "$idle" ]; then
			hang="no output for $idle seconds"
			break
		elif [ $((SECONDS - began)) -ge "$limit" ]; then
			hang="not done in $limit seconds"
			break
		fi
	done
	kill -KILL "$qemu" 2>/dev/null
	wait "$qemu" 2>/dev/null
	qemu=''
}

last_lines() {
	note "last lines of $1:"
	tail -n 40 "$work/$1" | tr -d '\r' >&2
	note "all of it: $cache/$label.$1"
}

# The kernel log without the stacks of who found a memory cgroup full, which tests do on purpose.
# A machine without memory says "Out of memory" as well, with a capital letter.
kernel_log() {
	sed '/invoked oom-killer:/,/Call [Tt]race:/{/Call [Tt]race:/d}' "$work/kernel.log"
}

# The kernel log's complaints and what follows them. A crash on purpose is one too.
complaints() {
	kernel_log | grep -aE "$COMPLAINTS" >/dev/null || return
	note "the kernel complained:"
	kernel_log | grep -aE -A 40 "$COMPLAINTS" | head -n 120 | tr -d '\r' >&2
	note "all of it: $cache/$label.kernel.log"
}

# As the kernel itself says, without what Debian appends.
kernel_version() {
	sed -n 's/.*Linux version \([0-9.]*[0-9]\).*/\1/p' "$work/kernel.log" | head -n 1
}

# Sets status, result and counts from what the VM left behind.
judge() {
	status=$(cat "$work/status")
	if grep -qaE '^(PASS|FAIL|SKIP) [^ ]+/' "$work/output"; then
		if ! verdict=$("$testenv/vm/verdict.sh" "$name" "$(cat "$work/libxdp")" \
			"$work/output") && [ "$status" = 0 ]; then
			status=$UNEXPECTED
		fi
		counts=${verdict##*$'\n'}
		[ "$verdict" = "$counts" ] || echo "${verdict%$'\n'*}" >&2
	elif [ "$status" = 0 ]; then
		counts='1 passed, 0 failed, 0 skipped'
	fi
	result="exit status $status"
	if complaints; then
		status=$COMPLAINT result='kernel complained'
	elif [ "$hang" ]; then
		status=$HANG result=$hang
		last_lines kernel.log
		last_lines output
	elif [ ! "$status" ]; then
		status=$BROKEN result='ended without a result'
		cat "$work/qemu.log" >&2
		last_lines kernel.log
	elif [ "$status" = 0 ]; then
		result=ok
	elif [ "$status" = "$UNEXPECTED" ]; then
		result='not as expected.txt has it'
	fi
	# Whatever went wrong outside the tests is one failure more.
	if [ "$status" != 0 ] && [[ $counts == *' 0 failed'* ]]; then
		counts=${counts/ 0 failed/ 1 failed}
	fi
}

run() {
	local status result verdict hang='' up='' spent before began=$SECONDS
	local counts='0 passed, 0 failed, 0 skipped'
	touch "$work/kernel.log" "$work/output" "$work/status"
	count_spent
	before=$spent
	boot "file,id=out,path=$work/output" </dev/null >"$work/qemu.log" 2>&1 &
	qemu=$!
	if [ "$input" ]; then
		feed <&0 &
		feeder=$!
	fi
	tail -c +1 -f -s 0.2 --pid=$qemu "$work/output" &
	tail=$!
	watch
	wait $tail
	tail=''
	cp "$work/kernel.log" "$cache/$label.kernel.log"
	cp "$work/output" "$cache/$label.output"
	echo "$(kernel_version) $(cat "$work/libxdp")" >"$cache/$label.versions"
	judge
	[ ! "$out" ] || { mkdir -p "$out" && tar -xf "$work/out.tar" -C "$out"; }
	count_spent
	note "first output after ${up:-0} s; $((spent - before)) s of CPU in $((SECONDS - began)) s"
	note "$result: $counts, $((SECONDS - began)) s"
	exit "$status"
}

interact() {
	[ -t 0 ] || die $MISUSE "--shell needs a terminal"
	tty=$(stty -g)
	(boot stdio,id=out,signal=off)
	exit "$(cat "$work/status")"
}

one() {
	local command=$* suites arch
	suites=$(kernels | sed -n "s/^${name//./\\.} //p")
	arch=${suites##* }
	[ "$suites" ] || die $MISUSE "no such kernel in testenv/kernels.txt; see --list"
	[ $# -le 1 ] || printf -v command '%q ' "$@"
	qemu='' tail='' feeder='' tty='' work=$cache/run.$$
	mkdir -p "$cache"
	sweep
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' HUP TERM
	trap 'exit 141' PIPE
	mkdir "$work" || exit $BROKEN
	# shellcheck disable=SC2086
	make_parts "$name" $suites
	[ ! "$make" ] || exit 0
	truncate -s 256M "$work/out.tar"
	truncate -s $INPUT_SIZE "$work/input"
	choose_accel
	make_job "$command"
	[ ! "$shell" ] || interact
	run
}
