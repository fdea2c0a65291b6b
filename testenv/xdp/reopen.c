// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens a PROG_ARRAY by its id directly after its last descriptor was closed, as a capture may
 * whose hook's loader ends, and fills a slot. Says in how many of so many attempts the slot was
 * empty a moment later. With "held", an own descriptor bridges the gap.
 *
 *	reopen ATTEMPTS [held]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <unistd.h>

#include "helper.h"

#define SLOT 1
#define EMPTIED_US 20000

/* A program that has the table, and so keeps it alive. */
static int make_program(int table)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = table },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "reopen", "GPL", insns,
			       sizeof(insns) / sizeof(*insns), NULL);

	if (fd < 0)
		die("program: %s", strerror(errno));
	return fd;
}

static int make_table(__u32 *id)
{
	int table = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "reopen", 4, 4, 5, NULL);
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (table < 0 || bpf_obj_get_info_by_fd(table, &info, &size))
		die("table: %s", strerror(errno));
	*id = info.id;
	return table;
}

static bool loses_slot(bool held)
{
	__u32 id, found, slot = SLOT;
	int table = make_table(&id), program = make_program(table);
	int bridge = held ? dup(table) : -1;
	bool lost;

	close(table);
	table = bpf_map_get_fd_by_id(id);
	if (table < 0)
		die("table %u: %s", id, strerror(errno));
	if (held)
		close(bridge);
	if (bpf_map_update_elem(table, &slot, &program, BPF_ANY))
		die("slot: %s", strerror(errno));
	usleep(EMPTIED_US);
	lost = bpf_map_lookup_elem(table, &slot, &found) != 0;
	close(table);
	close(program);
	return lost;
}

int main(int argc, char **argv)
{
	long attempts, lost = 0;
	bool held;

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "held") != 0))
		die("usage: reopen ATTEMPTS [held]");
	attempts = number(argv[1], 1, 100000);
	held = argc == 3;
	for (long i = 0; i < attempts; i++)
		lost += loses_slot(held);
	printf("%ld of %ld slots were emptied%s\n", lost, attempts, held ? ", held" : "");
	return 0;
}
