#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the project and runs its unit tests with gcc and clang in each user land that the virtual
# machines have: other compilers and other versions of all libraries. As root; needs what
# testenv/packages.sh vm installs. The last line has the totals.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDPDROP_VM_CACHE:-$(dirname "$here")/build/vm}
# shellcheck source-path=SCRIPTDIR source=kernels.sh
. "$here/kernels.sh"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# "KERNEL SUITE", a kernel for each user land of this machine's architecture.
userlands() {
	kernels | awk -v arch="$(dpkg --print-architecture)" '
		$4 == arch && !seen[$3]++ { print $1, $3 }'
}

# in_userland SUITE COMPILER
check() {
	local p f s

	"$here/vm/parts.sh" --check "$cache" "$1" "$2" >"$log" 2>&1 ||
		sed -n '/\(^FAIL\|[Ee]rror\|not ok\)/,$p' "$log" | head -n 60
	read -r p _ f _ s _ < <(grep -E '^[0-9]+ passed, ' "$log" | tail -n 1)
	if [ ! "${p-}" ]; then
		tail -n 20 "$log"
		p=0 f=1 s=0
	fi
	printf '%-10s %-6s %d passed, %d failed, %d skipped\n' "$1" "$2" "$p" "$f" "$s"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

while read -r kernel suite; do
	"$here/vm.sh" --make "$kernel" || exit
	for compiler in gcc clang; do
		check "$suite" $compiler
	done
done < <(userlands)
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
