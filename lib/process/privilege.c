// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Uses system calls, because the application may use a library for capabilities that keeps
 * process-wide state.
 */
#include "process/privilege.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In <linux/capability.h> since Linux 5.8. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif

#define BIT(capability) (1ULL << (capability))
#define CAPABILITIES 64

struct capability {
	int number;
	bool in_sys_admin; /* CAP_SYS_ADMIN includes it */
	const char *name, *use;
};

static const struct capability by_id = { CAP_SYS_ADMIN, true, "CAP_SYS_ADMIN",
					 "to see the programs and maps of others" };
static const struct capability by_pin[] = {
	{ CAP_BPF, true, "CAP_BPF", "to create maps and load programs" },
	{ CAP_NET_ADMIN, true, "CAP_NET_ADMIN", "to load XDP programs" },
	{ CAP_PERFMON, true, "CAP_PERFMON", "to load programs that copy frames" },
};
static const struct capability to_attach = { CAP_NET_ADMIN, false, "CAP_NET_ADMIN",
					     "to attach a program to an interface" };

struct sets {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

static int privilege_get(struct sets *sets)
{
	*sets = (struct sets){ .header.version = _LINUX_CAPABILITY_VERSION_3 };
	return syscall(SYS_capget, &sets->header, sets->data);
}

static bool privilege_is_effective(int capability)
{
	struct sets sets;

	return !privilege_get(&sets) &&
	       sets.data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

static bool privilege_have(const struct capability *capability)
{
	return privilege_is_effective(capability->number) ||
	       (capability->in_sys_admin && privilege_is_effective(CAP_SYS_ADMIN));
}

static int privilege_check_one(const struct capability *capability, const char *advice,
			       const struct log *log)
{
	if (privilege_have(capability))
		return 0;
	return log_error(log, -EPERM, "the capability %s is missing, %s; %s", capability->name,
			 capability->use, advice);
}

/* Capabilities in a user namespace do not suffice for BPF, and a security module may refuse it. */
static int privilege_check_kernel(const struct log *log)
{
	__u32 id;

	if (!bpf_prog_get_next_id(0, &id) || errno != EPERM)
		return 0;
	return log_error(log, -EPERM,
			 "the kernel refuses access to BPF programs although this process "
			 "has CAP_SYS_ADMIN: it is in a user namespace, or a security "
			 "module refuses it");
}

int privilege_check(bool pinned, bool can_pin, const struct log *log)
{
	const char *advice = can_pin ? "run as root, or name a pinned hook" : "run as root";
	int err = 0;

	if (!pinned)
		return privilege_check_one(&by_id, advice, log) ?: privilege_check_kernel(log);
	for (size_t i = 0; !err && i < sizeof(by_pin) / sizeof(by_pin[0]); i++)
		err = privilege_check_one(&by_pin[i], "run as root, or with this capability", log);
	return err;
}

int privilege_check_attach(char *why, size_t size)
{
	if (privilege_have(&to_attach))
		return 0;
	snprintf(why, size, "the capability %s is missing, %s", to_attach.name, to_attach.use);
	return -EPERM;
}

/*
 * CAP_SYS_PTRACE is needed to enter network namespaces of other processes. CAP_DAC_OVERRIDE is
 * needed to open pins when not root.
 */
__u64 privilege_to_capture(void)
{
	return BIT(CAP_SYS_ADMIN) | BIT(CAP_NET_ADMIN) | BIT(CAP_BPF) | BIT(CAP_PERFMON) |
	       BIT(CAP_SYS_PTRACE) | (geteuid() ? BIT(CAP_DAC_OVERRIDE) : 0);
}

/* CAP_SETUID and CAP_SETGID are needed to create a file as another user. */
__u64 privilege_to_create(void)
{
	return BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) |
	       BIT(CAP_SETUID) | BIT(CAP_SETGID);
}

static void privilege_keep(struct __user_cap_data_struct *data, __u32 mask)
{
	data->permitted &= mask;
	data->effective &= mask;
	data->inheritable = data->permitted;
}

static void privilege_set_inheritable(struct sets *sets, __u64 capabilities)
{
	sets->data[0].inheritable = capabilities;
	sets->data[1].inheritable = capabilities >> 32;
	syscall(SYS_capset, &sets->header, sets->data);
}

static __u64 privilege_permitted(const struct sets *sets)
{
	return sets->data[0].permitted | (__u64)sets->data[1].permitted << 32;
}

static __u64 privilege_inheritable(const struct sets *sets)
{
	return sets->data[0].inheritable | (__u64)sets->data[1].inheritable << 32;
}

/*
 * A watchdog that root starts later has these. The kernel refuses it once they are no longer in the
 * bounding set.
 */
static void privilege_pass_on(__u64 capabilities)
{
	struct sets sets;

	if (!privilege_get(&sets))
		privilege_set_inheritable(&sets, privilege_permitted(&sets) & capabilities);
}

void privilege_confine(__u64 capabilities)
{
	struct sets sets;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	privilege_pass_on(capabilities);
	for (int capability = 0; !prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);)
		capability++;
	if (privilege_get(&sets))
		return;
	privilege_keep(&sets.data[0], capabilities);
	privilege_keep(&sets.data[1], capabilities >> 32);
	syscall(SYS_capset, &sets.header, sets.data);
}

/* Others the kernel refuses to make inheritable, and then all of them. */
static __u64 privilege_can_pass_on(const struct sets *sets, __u64 capabilities)
{
	__u64 passed = 0;

	for (int capability = 0; capability < CAPABILITIES; capability++)
		if (BIT(capability) & capabilities & privilege_permitted(sets) &&
		    (BIT(capability) & privilege_inheritable(sets) ||
		     prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1))
			passed |= BIT(capability);
	return passed;
}

/* Programs of root have what is inheritable, those of others what is ambient. */
void privilege_lend(__u64 capabilities, struct privilege_loan *loan)
{
	struct sets sets;

	*loan = (struct privilege_loan){ 0 };
	if (!geteuid() || privilege_get(&sets))
		return;
	loan->made = true;
	loan->inheritable = privilege_inheritable(&sets);
	capabilities = privilege_can_pass_on(&sets, capabilities);
	privilege_set_inheritable(&sets, loan->inheritable | capabilities);
	for (int capability = 0; capability < CAPABILITIES; capability++) {
		if (!(capabilities & BIT(capability)) ||
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1)
			continue;
		if (!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
			loan->ambient |= BIT(capability);
	}
}

void privilege_take_back(const struct privilege_loan *loan)
{
	struct sets sets;

	for (int capability = 0; capability < CAPABILITIES; capability++)
		if (loan->ambient & BIT(capability))
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability, 0, 0);
	if (loan->made && !privilege_get(&sets))
		privilege_set_inheritable(&sets, loan->inheritable);
}
