#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which tap works on which kernel, as the last runs of the system tests in virtual machines showed:
#
#   compatibility.sh                as a table
#   compatibility.sh --check FILE   compares it with the table in FILE: exit status 1 if it differs
#   compatibility.sh --tests        the tests that show whether a tap works
#
# A tap works where its test passed, does not where that was skipped, and fails if any test of it
# did. Both tables go to build/: the versions in FILE may be other ones, but not the answers.

set -u
testenv=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit
cache=${XDPDROP_VM_CACHE:-$(dirname "$testenv")/build/vm}
measured=$(dirname "$testenv")/build/compatibility.md

# test that shows it|all tests of it|column
columns() {
	cat <<-END
	capture_hook/test_hook_native|capture_hook/*|hook
	capture_hook/test_hook_two_programs|*/test_hook_two_programs|hook in a dispatcher's member
	tag/test_tag_members|tag/*|tag
	exit/test_exit_two_members|exit/*|exit
	capture_wrap/test_wrap_native|capture_wrap/*|wrap
	END
}

# answer KERNEL TEST ALL_TESTS
answer() {
	local result name answer=unknown

	while read -r result name _; do
		name=${name%:}
		# shellcheck disable=SC2053 # a pattern on purpose
		case $result in
		FAIL) [[ $name != $3 ]] || answer=fails ;;
		PASS) [[ $name != "$2" || $answer = fails ]] || answer=yes ;;
		SKIP) [[ $name != "$2" || $answer = fails ]] || answer=no ;;
		esac
	done < <(grep -aE '^(PASS|FAIL|SKIP) [^ ]+/' "$cache/$1.output" 2>/dev/null | tr -d '\r')
	echo "$answer"
}

# Kernels that are named by a suite have their version behind the name.
row() {
	local name=$1 kernel='' libxdp='' test all

	read -r kernel libxdp 2>/dev/null <"$cache/$name.versions"
	[[ $name == [0-9]* ]] || name="$name (${kernel%.*})"
	printf '| %s | %s |' "$name" "$libxdp"
	while IFS='|' read -r test all _; do
		printf ' %s |' "$(answer "$1" "$test" "$all")"
	done < <(columns)
	echo
}

table() {
	local name

	echo "| kernel | libxdp | $(columns | sed 's/.*|//; $!s/$/ |/' | paste -s -d ' ') |"
	while read -r name; do
		row "$name"
	done < <("$testenv/vm.sh" --list | cut -d ' ' -f 1)
}

# The table's rows, without versions and what explains a "no".
answers() {
	grep -E '^\| (kernel|[0-9.]+(-[a-z0-9]+)?|[a-z][a-z0-9-]* \([0-9.]+\)) \| ' "$1" |
		sed -E 's/: [^|]* \|/ |/g; s/^(\| [^ ]*) \([0-9.]*\)/\1/; s/^(\|[^|]*\|)[^|]*/\1/'
}

if [ "${1-}" = --tests ]; then
	columns | cut -d '|' -f 1
	exit
fi
table >"$measured" || exit
cat "$measured"
if [ "${1-}" = --check ]; then
	echo
	diff -u --label "$2" --label measured <(answers "$2") <(answers "$measured") || {
		echo "compatibility.sh: $2 says something else than these tests"
		exit 1
	}
fi
