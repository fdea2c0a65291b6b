/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hostile names of reasons: whatever a file says, or the BTF of somebody's program, the table is
 * in order, each number is in it once, and each name is printable.
 *
 * Input: a byte that chooses the source; of a file the lines; of BTF how its enumerators differ
 * from well-formed ones, each in 9 bytes: value, offset of the name, a byte of the strings and
 * where it goes. Then, behind a zero byte, a list of reasons to look up.
 */
#include <bpf/btf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/reason.h"
#include "tap/hook_reasons.h"

#define ENUMERATORS 8
#define CHANGE 9
#define LOOKED_UP 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void read_file(struct reasons *reasons, const uint8_t *data, size_t size)
{
	int fd = memfd_create("reasons", MFD_CLOEXEC);
	struct reasons rules = { 0 };
	char path[40];

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reasons_read_file(reasons, &rules, path, NULL);
	reasons_free(&rules);
	close(fd);
}

/* As XDPDROP_HOOK() leaves it: a struct of one member, which is an enum. */
static struct btf *well_formed(int *value)
{
	struct btf *btf = btf__new_empty();
	char name[16];
	int type;

	check(!!btf);
	type = btf__add_enum(btf, "reason", 4);
	for (int i = 0; i < ENUMERATORS; i++) {
		snprintf(name, sizeof(name), "REASON_%d", i);
		check(!btf__add_enum_value(btf, name, i));
	}
	*value = btf__add_struct(btf, NULL, 4);
	check(*value > 0 && !btf__add_field(btf, "xdpdrop_reason", type, 0, 0));
	return btf;
}

static void change(char *raw, const uint8_t *data, size_t size)
{
	const struct btf_header *header = (const void *)raw;
	struct btf_type *type = (void *)(raw + header->hdr_len + header->type_off);
	char *strings = raw + header->hdr_len + header->str_off;

	for (int i = 0; size >= CHANGE && i < ENUMERATORS; i++, data += CHANGE, size -= CHANGE) {
		struct btf_enum *enumerator = btf_enum(type) + i;
		__u16 offset = data[4] | data[5] << 8;

		memcpy(&enumerator->val, data, 4);
		if (offset)
			enumerator->name_off = offset % (header->str_len + 8);
		/* the first and the last byte of the strings must be zero */
		offset = data[7] | data[8] << 8;
		strings[1 + offset % (header->str_len - 2)] = data[6];
	}
}

static void read_btf(struct reasons *reasons, const uint8_t *data, size_t size)
{
	int value;
	struct btf *model = well_formed(&value), *btf;
	__u32 raw_size;
	const void *raw = btf__raw_data(model, &raw_size);
	char *copy = malloc(raw_size);

	check(raw && copy);
	memcpy(copy, raw, raw_size);
	change(copy, data, size);
	btf = btf__new(copy, raw_size);
	/* libbpf may refuse what the kernel would not have taken */
	for (int id = 0; btf && id <= value + 1; id++)
		hook_reasons_read(reasons, btf, id);
	btf__free(btf);
	free(copy);
	btf__free(model);
}

static void check_table(const struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->count; i++) {
		const char *name = reasons->reason[i].name;

		check(i == 0 || reasons->reason[i - 1].number < reasons->reason[i].number);
		check(reasons_name(reasons, reasons->reason[i].number) == name);
		for (; *name; name++)
			check(*name >= ' ' && *name <= '~');
	}
}

static void look_up(const struct reasons *reasons, const uint8_t *data, size_t size)
{
	__u32 numbers[LOOKED_UP];
	char *list = strndup((const char *)data, size);

	check(list && reasons_numbers(reasons, list, numbers, LOOKED_UP, "it", NULL) <= LOOKED_UP);
	free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reasons reasons = { 0 };
	const uint8_t *list;

	if (!size)
		return 0;
	if (*data & 1)
		read_file(&reasons, data + 1, size - 1);
	else
		read_btf(&reasons, data + 1, size - 1);
	check_table(&reasons);
	list = memchr(data + 1, 0, size - 1);
	if (list)
		look_up(&reasons, list + 1, data + size - list - 1);
	reasons_free(&reasons);
	return 0;
}
