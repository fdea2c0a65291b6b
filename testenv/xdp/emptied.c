// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closes a PROG_ARRAY that nobody else has open, in one of two ways. Prints "emptied" if the
 * program in it was gone when that returned, "late" if not.
 *
 *	emptied close|wait
 *
 *	close  with close() alone
 *	wait   as the library does
 */
#include <bpf/bpf.h>
#include <unistd.h>

#include "bpf/emptying.h"
#include "bpf/insn.h"
#include "helper.h"

enum way { CLOSE, WAIT, WAYS };
static const char *const ways[WAYS] = { "close", "wait" };

static int make_program(__u32 *id)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "emptied", "GPL", program, 2, NULL);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		die("program: %s", strerror(errno));
	*id = info.id;
	return fd;
}

static void close_map(void *data)
{
	close(*(int *)data);
}

int main(int argc, char **argv)
{
	const int slot = 0;
	enum way way;
	__u32 id;

	if (argc != 2)
		die("usage: emptied close|wait");
	way = word(argv[1], ways, WAYS);

	int program = make_program(&id);
	int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "emptied", 4, 4, 1, NULL);

	if (map < 0 || bpf_map_update_elem(map, &slot, &program, BPF_ANY))
		die("map: %s", strerror(errno));
	close(program);
	if (way == WAIT)
		emptying_run(close_map, &map);
	else
		close(map);
	puts(bpf_prog_get_fd_by_id(id) < 0 ? "emptied" : "late");
	return 0;
}
