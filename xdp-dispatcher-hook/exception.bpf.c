// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on the kernel's tracepoints for frames that XDP loses without, or against, a program's
 * verdict. The tracepoints pass no frames, and fire for the whole machine, so the events of one
 * interface are selected.
 */
#include <stddef.h>

#include "captured.bpf.h"
#include "emit.bpf.h"

#include <bpf/bpf_core_read.h>

/* The fields of the kernel's types that are read here; libbpf relocates them. */
struct bpf_prog_aux {
	__u32 id;
} __attribute__((preserve_access_index));

struct bpf_prog {
	struct bpf_prog_aux *aux;
} __attribute__((preserve_access_index));

const volatile __u32 point; /* capture point of the session */

static __always_inline void emit(const struct net_device *dev,
				 const struct xdpdrop_exception *exception)
{
	__u32 device = BPF_CORE_READ(dev, ifindex);

	if (xdpdrop_is_captured(device, BPF_CORE_READ(dev, nd_net.net, ns.inum)))
		xdpdrop_emit_exception(point, device, exception);
}

/* (dev, prog, action) */
SEC("raw_tracepoint")
int xdpdrop_xdp_exception(struct bpf_raw_tracepoint_args *args)
{
	const struct bpf_prog *prog = (void *)args->args[1];
	struct xdpdrop_exception exception = {
		.tracepoint = XDPDROP_XDP_EXCEPTION,
		.program_id = BPF_CORE_READ(prog, aux, id),
		.frames = 1,
		.action = args->args[2],
	};

	emit((void *)args->args[0], &exception);
	return 0;
}

/* (dev, prog, target, error, ...); the other arguments differ between kernels */
SEC("raw_tracepoint")
int xdpdrop_redirect_err(struct bpf_raw_tracepoint_args *args)
{
	const struct bpf_prog *prog = (void *)args->args[1];
	struct xdpdrop_exception exception = {
		.tracepoint = XDPDROP_REDIRECT_ERR,
		.program_id = BPF_CORE_READ(prog, aux, id),
		.error = (int)args->args[3],
		.frames = 1,
		.action = XDP_REDIRECT,
	};

	emit((void *)args->args[0], &exception);
	return 0;
}

/* (dev, sent, drops, error) */
SEC("raw_tracepoint")
int xdpdrop_bulk_tx(struct bpf_raw_tracepoint_args *args)
{
	struct xdpdrop_exception exception = {
		.tracepoint = XDPDROP_BULK_TX,
		.error = (int)args->args[3],
		.frames = (int)args->args[2],
		.action = XDP_TX,
	};

	if ((int)args->args[2] > 0)
		emit((void *)args->args[0], &exception);
	return 0;
}

/* (from, to, sent, drops, error) */
SEC("raw_tracepoint")
int xdpdrop_devmap_xmit(struct bpf_raw_tracepoint_args *args)
{
	const struct net_device *to = (void *)args->args[1];
	struct xdpdrop_exception exception = {
		.tracepoint = XDPDROP_DEVMAP_XMIT,
		.error = (int)args->args[4],
		.frames = (int)args->args[3],
		.to_ifindex = BPF_CORE_READ(to, ifindex),
		.action = XDP_REDIRECT,
	};

	if ((int)args->args[3] > 0)
		emit((void *)args->args[0], &exception);
	return 0;
}

char _license[] SEC("license") = "GPL";
