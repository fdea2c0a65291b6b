/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of whose a program is, with programs and maps of a kernel that the test makes up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/bpfinfo.h"
#include "bpf/owner.h"

#define OBJECTS 8
#define DESCRIPTORS 256

struct object {
	__u32 id; /* 0: it is gone */
	bool map, frozen;
	char name[BPF_OBJ_NAME_LEN];
	__u64 load_time;
	__u32 maps[2], map_count; /* of a program */
	__u32 type, size;	  /* of a map */
	struct xdpdrop_owner value;
	int open_error, info_error, lookup_error;
};

static struct object objects[OBJECTS];
static unsigned int object_count;
static struct object *opened[DESCRIPTORS]; /* by descriptor */
static unsigned int maps_opened;
static int create_error, update_error, freeze_error;

static struct object *add(bool map, __u32 id, const char *name)
{
	struct object *object = &objects[object_count++];

	*object = (struct object){ .id = id, .map = map };
	strncpy(object->name, name, sizeof(object->name) - 1);
	return object;
}

static int fail_with(int error)
{
	errno = error;
	return -1;
}

static int open_object(struct object *object)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && fd < DESCRIPTORS);
	opened[fd] = object;
	return fd;
}

static int open_by_id(bool map, __u32 id)
{
	for (unsigned int i = 0; i < object_count; i++) {
		struct object *object = &objects[i];

		if (object->map != map || object->id != id)
			continue;
		return object->open_error ? fail_with(object->open_error) : open_object(object);
	}
	return fail_with(ENOENT);
}

/* In place of those that ask the kernel. */

int bpf_prog_get_fd_by_id(__u32 id)
{
	return open_by_id(false, id);
}

int bpf_map_get_fd_by_id(__u32 id)
{
	maps_opened++;
	return open_by_id(true, id);
}

int bpfinfo_program(int fd, struct bpf_prog_info *info, __u32 *maps)
{
	const struct object *object = opened[fd];

	memset(info, 0, sizeof(*info));
	if (object->info_error)
		return -object->info_error;
	info->id = object->id;
	info->load_time = object->load_time;
	memcpy(info->name, object->name, sizeof(info->name));
	info->nr_map_ids = object->map_count;
	if (maps)
		memcpy(maps, object->maps, sizeof(object->maps));
	return 0;
}

int bpfinfo_map(int fd, struct bpf_map_info *info)
{
	const struct object *object = opened[fd];

	memset(info, 0, sizeof(*info));
	if (object->info_error)
		return -object->info_error;
	info->id = object->id;
	info->type = object->type;
	info->value_size = object->size;
	memcpy(info->name, object->name, sizeof(info->name));
	return 0;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	assert_int_equal(*(const __u32 *)key, 0);
	if (opened[fd]->lookup_error)
		return fail_with(opened[fd]->lookup_error);
	memcpy(value, &opened[fd]->value, sizeof(opened[fd]->value));
	return 0;
}

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 entries, const struct bpf_map_create_opts *opts)
{
	struct object *object;

	(void)opts;
	if (create_error)
		return fail_with(create_error);
	assert_int_equal(key_size, sizeof(__u32));
	assert_int_equal(entries, 1);
	object = add(true, 50, name);
	object->type = type;
	object->size = value_size;
	return open_object(object);
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	assert_int_equal(*(const __u32 *)key, 0);
	assert_int_equal(flags, BPF_ANY);
	assert_false(opened[fd]->frozen);
	if (update_error)
		return fail_with(update_error);
	memcpy(&opened[fd]->value, value, sizeof(opened[fd]->value));
	return 0;
}

int bpf_map_freeze(int fd)
{
	if (freeze_error)
		return fail_with(freeze_error);
	opened[fd]->frozen = true;
	return 0;
}

/* The lease's program, program 20 of its capture, and the map that is signed for it. */
static struct object *lease, *program, *signature;

static int begin(void **state)
{
	int lease_fd, map;

	(void)state;
	object_count = 0;
	create_error = update_error = freeze_error = 0;
	lease = add(false, 10, "xdpdrop_lease");
	lease->load_time = 1234;
	program = add(false, 20, "xdpdrop_capture");
	program->map_count = 2;
	program->maps[0] = 40;
	program->maps[1] = 50;
	add(true, 40, "xdpdrop_states")->type = BPF_MAP_TYPE_ARRAY;
	lease_fd = bpf_prog_get_fd_by_id(10);
	map = owner_create(lease_fd);
	close(lease_fd);
	if (map < 0)
		return -1;
	signature = opened[map];
	close(map);
	maps_opened = 0;
	return 0;
}

static bool is_alive(void)
{
	struct owner owner = { 0 };

	assert_int_equal(owner_of(20, &owner), 0);
	return owner.alive;
}

static void test_signed_and_found(void **state)
{
	struct owner owner = { 0 };

	(void)state;
	assert_true(signature->frozen);
	assert_int_equal(owner_of(20, &owner), 0);
	assert_int_equal(owner.pid, getpid());
	assert_int_equal(owner.map_id, 50);
	assert_true(owner.alive);
}

/* Maps of others are not ours to open without need. */
static void test_program_of_others(void **state)
{
	struct owner owner;

	(void)state;
	strcpy(program->name, "firewall");
	assert_int_equal(owner_of(20, &owner), -ENOENT);
	assert_int_equal(maps_opened, 0);
	assert_int_equal(owner_of(99, &owner), -ENOENT);
}

static void test_lives_by_its_lease(void **state)
{
	(void)state;
	lease->load_time++; /* another program has its number now */
	assert_false(is_alive());
	lease->info_error = ENOMEM;
	assert_true(is_alive());
	lease->open_error = EMFILE;
	assert_true(is_alive());
	lease->open_error = 0;
	lease->id = 0;
	assert_false(is_alive());
}

/* One that nobody has waited for has ended, too. */
static void test_dies_with_its_process(void **state)
{
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	signature->value.pid = pid;
	assert_false(is_alive());
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(is_alive());
	/* a number of another process namespace means nothing here */
	signature->value.pid_ns++;
	assert_true(is_alive());
	lease->id = 0;
	assert_false(is_alive());
}

static void test_signed_by_another_version(void **state)
{
	struct owner owner;

	(void)state;
	signature->value.version++;
	assert_int_equal(owner_of(20, &owner), -ENOENT);
	signature->value.version--;
	signature->value.magic = 0;
	assert_int_equal(owner_of(20, &owner), -ENOENT);
	signature->value.magic = XDPDROP_OWNER_MAGIC;
	signature->size++;
	assert_int_equal(owner_of(20, &owner), -ENOENT);
	signature->size--;
	signature->type = BPF_MAP_TYPE_HASH;
	assert_int_equal(owner_of(20, &owner), -ENOENT);
	signature->type = BPF_MAP_TYPE_ARRAY;
	strcpy(signature->name, "xdpdrop_control");
	assert_int_equal(owner_of(20, &owner), -ENOENT);
}

/* Who could not be asked is neither nobody nor somebody else. */
static void test_cannot_be_asked(void **state)
{
	struct owner owner;

	(void)state;
	program->open_error = EMFILE;
	assert_int_equal(owner_of(20, &owner), -EMFILE);
	program->open_error = 0;
	program->info_error = ENOMEM;
	assert_int_equal(owner_of(20, &owner), -ENOMEM);
	program->info_error = 0;
	signature->open_error = EPERM;
	assert_int_equal(owner_of(20, &owner), -EPERM);
	signature->open_error = 0;
	signature->info_error = ENOMEM;
	assert_int_equal(owner_of(20, &owner), -ENOMEM);
	signature->info_error = 0;
	signature->lookup_error = EINTR;
	assert_int_equal(owner_of(20, &owner), -EINTR);
	signature->lookup_error = 0;
	/* a map that is in the way */
	objects[2].open_error = EMFILE;
	assert_true(is_alive());
}

static int created(void)
{
	int lease_fd = open_object(lease), map = owner_create(lease_fd);

	close(lease_fd);
	if (map >= 0)
		close(map);
	return map;
}

/* Without a map that nobody can change there is none. */
static void test_cannot_be_signed(void **state)
{
	int next = dup(STDIN_FILENO);

	(void)state;
	close(next);
	freeze_error = EPERM;
	assert_int_equal(created(), -EPERM);
	update_error = ENOMEM;
	assert_int_equal(created(), -ENOMEM);
	create_error = EMFILE;
	assert_int_equal(created(), -EMFILE);
	lease->info_error = ENOMEM;
	assert_int_equal(created(), -ENOMEM);
	assert_int_equal(dup(STDIN_FILENO), next);
	close(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_signed_and_found, begin),
		cmocka_unit_test_setup(test_program_of_others, begin),
		cmocka_unit_test_setup(test_lives_by_its_lease, begin),
		cmocka_unit_test_setup(test_dies_with_its_process, begin),
		cmocka_unit_test_setup(test_signed_by_another_version, begin),
		cmocka_unit_test_setup(test_cannot_be_asked, begin),
		cmocka_unit_test_setup(test_cannot_be_signed, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
