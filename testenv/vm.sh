#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs a command, by default the system tests, on stock Debian kernels in QEMU.

set -u
testenv=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit
project=$(dirname "$testenv")
cache=${XDPDROP_VM_CACHE:-$project/build/vm}

# Exit statuses besides the command's own.
MISUSE=2 COMPLAINT=123 HANG=124 BROKEN=125

usage() {
	cat <<-END
	Usage: testenv/vm.sh [OPTION]... KERNEL [COMMAND [ARGUMENT]...]
	END
}

note() {
	echo "vm: ${name:+$name: }$*" >&2
}

die() {
	note "$@"
	exit "$BROKEN"
}

. "$testenv/vm/image.sh"

build=yes accel=tcg idle=300 limit=2400 memory=1536 rows=24 columns=80 shell='' name=''

kernels() {
	sed 's/#.*//' "$testenv/kernels.txt" | awk 'NF == 3'
}

while [ $# -gt 0 ]; do
	case $1 in
	--no-build) build='' ;;
	--help | -h) usage; exit 0 ;;
	--list) kernels; exit 0 ;;
	--idle) idle=$2; shift ;;
	-*) exit $MISUSE ;;
	*) break ;;
	esac
	shift
done
name=$1
shift
command=${*:-testenv/run-tests.sh}
read -r _ kernel_suite userland_suite < <(kernels | awk -v name="$name" '$1 == name')
set -e
mkdir -p "$cache"
mirrors
locked "userland-$userland_suite" userland "$userland_suite"
locked "kernel-$name" kernel "$name" "$kernel_suite" "$userland_suite"
locked "tree-$userland_suite" tree "$userland_suite"

set +e
work=$(mktemp -d "$cache/run.XXXXXX") || exit
qemu=''
cleanup() {
	[ ! "$qemu" ] || kill -KILL "$qemu" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$work/initrd"
cp "$testenv/vm/start" "$work/initrd/start"
declare -p name shell command rows columns | sed 's/^declare [^ ]* //' >"$work/initrd/job"
(cd "$work/initrd" && find . | $cache/userland-$userland_suite/bin/busybox cpio -o -H newc 2>/dev/null) >"$work/job.cpio"
cat "$cache/kernel-$name/initrd" "$work/job.cpio" >"$work/initrd.cpio"
touch "$work/kernel.log" "$work/output" "$work/status"
truncate -s 256M "$work/out.tar"

disk() {
	echo -drive "file=$1,format=raw,if=virtio,snapshot=$2"
}

# shellcheck disable=SC2046
setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
	-M q35 -accel "$accel" -cpu max -smp 2 -m "$memory" \
	-kernel "$cache/kernel-$name/vmlinuz" -initrd "$work/initrd.cpio" \
	-append "console=ttyS0 panic=-1 oops=panic tsc=reliable nosoftlockup mitigations=off
		rcupdate.rcu_cpu_stall_timeout=120" \
	-serial "file:$work/kernel.log" -serial "file:$work/output" -serial "file:$work/status" \
	$(disk "$cache/userland-$userland_suite.ext4" on) $(disk "$cache/kernel-$name/modules.ext4" on) \
	$(disk "$cache/tree-$userland_suite.ext4" on) $(disk "$work/out.tar" off) \
	</dev/null >"$work/qemu.log" 2>&1 &
qemu=$!
tail -f -s 0.2 --pid=$qemu "$work/output" 
wait $qemu
qemu=''
cp "$work/kernel.log" "/tmp/kernel-$name.log"
status=$(cat "$work/status")
[ "$status" ] || { cat "$work/qemu.log"; tail -n 40 "$work/kernel.log"; exit $HANG; }
exit "$status"
