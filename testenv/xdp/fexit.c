// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches fexit.bpf.o to a function of a loaded program until it is told to end by SIGTERM.
 * Exit status 2: the kernel refuses.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <limits.h>
#include <unistd.h>

#include "helper.h"

static void refused(const char *what, int error)
{
	fprintf(stderr, "fexit: %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(2);
}

static struct bpf_object *open_for(const char *path, int target, const char *function)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program = object ? bpf_object__next_program(object, NULL) : NULL;

	if (!program || bpf_program__set_attach_target(program, target, function))
		die("%s: %s", path, strerror(errno));
	return object;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	int target, error;

	if (argc != 5)
		die("Usage: fexit OBJECT PROGRAM_ID FUNCTION PIN");
	target = bpf_prog_get_fd_by_id(number(argv[2], 1, INT_MAX));
	if (target < 0)
		die("no program with id %s", argv[2]);
	object = open_for(argv[1], target, argv[3]);
	error = bpf_object__load(object);
	if (error)
		refused("load", error);
	if (!bpf_program__attach(bpf_object__next_program(object, NULL)))
		refused("attach", errno);
	if (bpf_map__pin(bpf_object__find_map_by_name(object, "verdicts"), argv[4]))
		die("%s: %s", argv[4], strerror(errno));
	puts("attached");
	fflush(stdout);
	pause();
}
