#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The rules of this tree that a machine can check. Prints FILE:LINE: what is wrong; exit status 1
# if anything is. Needs nothing built; says which checks it left out for want of a tool.

set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.." || exit 1

MAX_COLUMNS=100 MAX_FILE=450 MAX_FUNCTION=80

problems=$(mktemp "${TMPDIR:-/tmp}/xdpdrop-style.XXXXXX") || exit 1
trap 'rm -f "$problems"' EXIT
trap 'exit 1' HUP INT TERM

# Files of the tree by name pattern, sorted; never what the build wrote.
files() {
	find . \( -path ./.git -o -path ./build -o -path ./config.h -o -path ./config.mk \) -prune \
		-o -type f \( "$@" \) -print | sed 's|^\./||' | sort
}

c_files() {
	files -name '*.[ch]' -o -name '*.cc'
}

scripts() {
	{
		files -name '*.sh' -o -name configure
		files ! -name '*.*' | while read -r file; do
			case $(head -c 64 "$file" | tr -d '\0' | head -n 1) in
			'#!'*sh | '#!'*'sh '*) echo "$file" ;;
			esac
		done
	} | sort -u
}

sources() {
	{
		c_files
		scripts
		files -name '*.map' -o -name '*.pc.in' -o -name '*.py' -o -name '*.awk' \
			-o -name '*.mk' -o -name Makefile -o -name '*.yml' -o -name '.clang-format'
		files -path './man/*.[1-9]'
	} | sort -u
}

# grep_rule MESSAGE EXTENDED-REGEX: for the files named on stdin; comment lines do not count.
grep_rule() {
	while read -r file; do
		grep -nE "$2" "$file" | grep -vE '^[0-9]+:[[:space:]]*(/\*|\*|//)' |
			sed "s|^\([0-9]*\):.*|$file:\1: $1|"
	done
}

check_spdx() {
	sources | while read -r file; do
		[ -s "$file" ] || { echo "$file:1: empty file"; continue; }
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$file:1: no SPDX-License-Identifier in the first three lines"
	done
}

check_columns() {
	sources | while read -r file; do
		expand "$file" | awk -v file="$file" -v max=$MAX_COLUMNS '
		length > max { print file ":" NR ": " length " columns, more than " max }'
	done
}

check_length() {
	c_files | grep -v '\.h$' | while read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le $MAX_FILE ] ||
			echo "$file:$lines: $lines lines, more than $MAX_FILE: split it"
	done
}

# A function's body is what stands between braces in column 0.
check_functions() {
	c_files | while read -r file; do
		awk -v file="$file" -v max=$MAX_FUNCTION '
		/^\{/ { start = NR }
		/^\}/ {
			if (start && NR - start - 1 > max)
				print file ":" start ": function of " NR - start - 1 \
				      " lines, more than " max
			start = 0
		}' "$file"
	done
}

# In the library and the tools each static function begins with the first word of its file's name,
# so that gdb, perf and grep tell them apart: ring_map(), rings_drain(). In xdpdrop-capture.c that
# word is capture. The watchdog's are the guard's.
check_prefixes() {
	files -path './lib/*.c' -o -path './loader/*.c' | while read -r file; do
		word=${file##*/} word=${word%.c} word=${word#xdpdrop-} word=${word%%_*}
		[ "$file" != lib/process/watchdog_main.c ] || word=guard
		awk -v file="$file" -v word="${word%s}" '
		/^static [^=]*\(/ && !/;$/ {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
			if (name && name !~ "^" word "s?(_|$)" && name != "__attribute__")
				print file ":" FNR ": " name "() does not begin with " word "_"
		}' "$file"
	done
}

check_words() {
	sources | while read -r file; do
		grep -nwE '[T]ODO|[F]IXME|[X]XX|[H]ACK' "$file" |
			sed "s|^\([0-9]*\):.*|$file:\1: do it or leave it out, but leave no note|"
	done
}

check_merged() {
	sources | while read -r file; do
		grep -nE '^(<{7}|>{7}|\|{7}) ' "$file" |
			sed "s|^\([0-9]*\):.*|$file:\1: a conflict is left|"
	done
}

check_library() {
	forbidden_calls='v?f?printf|puts|fputs|perror|_?exit|abort|sigaction|signal'
	# these two start processes of their own
	files -path './lib/*.[ch]' ! -name child.c ! -name fork_call.c |
		grep_rule "the library never prints, exits or takes signals" \
		"(^|[^a-zA-Z_])($forbidden_calls)\(|\<std(out|err)\>"
	commands='mount -t|nsenter|ulimit|ip (link|netns)|bpftool|xdp(drop)?-loader|xdpdrop-capture'
	files -path './lib/*.[ch]' |
		grep_rule "the library's messages name no command: see xdpdrop_set_hints()" \
		"\"[^\"]*($commands)"
}

# includes DIRECTORY: FILE:LINE <name> or "name" of every #include below it.
includes() {
	files -path "./$1/*.[ch]" | while read -r file; do
		sed -nE '/^[[:space:]]*#[[:space:]]*include/{
			s/^[^<"]*([<"][^>"]*[>"]).*/\1/p
			=
		}' "$file" | paste - - | while read -r name line; do
			echo "$file:$line $name"
		done
	done
}

# quoted_from DIRECTORY: "name" must be there.
quoted_from() {
	includes "$1" | grep '"$' | while read -r place name; do
		name=${name#\"} name=${name%\"}
		[ -f "$1/$name" ] || echo "$place: \"$name\": $1/ includes its own headers only"
	done
}

# "FOLDER ALLOWED..." for each folder of a directory, from the table in its map.
folders_of() {
	sed -n 's/^| `\([a-z]*\)\/` |.*| *\([^|]*\)|$/\1 \2/p' "$1/README.md" | tr -d ,
}

# arrows DIRECTORY OTHERS...: in the folders of a directory with a map, a name has its folder:
# "folder/name.h". OTHERS: where names without one may be.
arrows() {
	directory=$1
	shift
	folders_of "$directory" | while read -r folder allowed; do
		includes "$directory/$folder" | grep '"$' | while read -r place name; do
			name=${name#\"} name=${name%\"}
			case $name in
			*.skel.h) continue ;;
			*/*)
				case " $folder $allowed " in
				*" ${name%%/*} "*) [ ! -f "$directory/$name" ] || continue ;;
				esac ;;
			*)
				for other; do
					[ ! -f "$other/$name" ] || continue 2
				done ;;
			esac
			echo "$place: \"$name\": see the table of $directory/README.md"
		done
	done
	files -path "./$directory/*/*" -name '*.[ch]' | sed "s|^$directory/||; s|/.*||" |
		sort -u | while read -r folder; do
			folders_of "$directory" | grep -q "^$folder " ||
				echo "$directory/$folder/: not in the table of $directory/README.md"
		done
}

# A tool has its main file beside the folders, and no other file is there.
mains_of_tools() {
	files -path './loader/*.[ch]' ! -path './loader/*/*' | while read -r file; do
		case $file in
		loader/xdpdrop-*.c) ;;
		*) echo "$file:1: belongs into a folder of loader/README.md" ;;
		esac
	done
}

# angle_not DIRECTORY REGEX MESSAGE: no <name> that matches.
angle_not() {
	includes "$1" | grep -E "<($2)>\$" | while read -r place name; do
		echo "$place: $name: $3"
	done
}

check_kernels() {
	files -path './testenv/tests/*.sh' | while read -r file; do
		[ "$(grep -cE '^KERNELS=(any|taps|newest) # [^ ]' "$file")" = 1 ] ||
			echo "$file:1: needs a line KERNELS=any, taps or newest, and # why"
	done
}

check_includes() {
	quoted_from xdp-dispatcher-hook
	arrows lib lib xdp-dispatcher-hook
	arrows loader
	mains_of_tools
	angle_not xdp-dispatcher-hook \
		'xdpdrop/(xdpdrop|options|output|stats|interface|replay|sflow)\.h' \
		"kernel side does not know the library"
	angle_not xdp-dispatcher-hook/include '[^/]*|(std|sys|net|arpa|xdp)/.*' \
		"public headers include only linux/, bpf/ and xdpdrop/"
	angle_not loader 'xdpdrop/(hook|record|[^/]*\.bpf)\.h|(bpf|xdp|pcap)/.*|pcap\.h' \
		"tools use the library's headers and the system only"
}

check_format() {
	# shellcheck disable=SC2046 # no file name has spaces
	"${CLANG_FORMAT:-clang-format}" --dry-run -Werror $(c_files) 2>&1 |
		sed -n 's/^\([^ ]*:[0-9]*\):[0-9]*: error: .*/\1/p' |
		awk -F: '!seen[$1]++ { print $0 ": not formatted; run clang-format -i " $1 }'
}

# Most of the time that all of this takes.
check_shell() {
	scripts | xargs -n 1 -P "$(nproc)" shellcheck -x -S info -f gcc -e SC1091,SC2016,SC2317
}

check_manual() {
	files -path './man/*.[1-9]' | while read -r file; do
		mandoc -T lint -W warning "$file" | sed 's/^mandoc: //'
	done
}

# with TOOL CHECK: run the check if the tool is there.
with() {
	if command -v "$1" >/dev/null 2>&1; then
		"$2" >>"$problems"
	else
		echo "check-style: $1 is not installed: $2 left out"
	fi
}

{
	check_spdx
	check_columns
	check_length
	check_functions
	check_prefixes
	check_words
	check_merged
	check_library
	check_kernels
	check_includes
} >>"$problems"
with "${CLANG_FORMAT:-clang-format}" check_format
with shellcheck check_shell
with mandoc check_manual

if [ -s "$problems" ]; then
	cat "$problems"
	echo "check-style: $(wc -l <"$problems") problems"
	exit 1
fi
echo "check-style: clean"
