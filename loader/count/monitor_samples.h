/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes each sampled record to those who want it. Without one of them, the monitor only counts.
 */
#ifndef XDPDROP_LOADER_MONITOR_SAMPLES_H
#define XDPDROP_LOADER_MONITOR_SAMPLES_H

#include <xdpdrop/xdpdrop.h>

#define MONITOR_CONSUMERS 4

struct monitor_samples {
	struct {
		xdpdrop_record_fn take;
		void *data;
	} consumer[MONITOR_CONSUMERS];
	unsigned int count;
};

/*
 * From now on @take gets each record, with @data. It must not wait. If it returns an error, the
 * monitor ends with that. At most MONITOR_CONSUMERS; before xdpdrop_activate().
 */
void monitor_samples_add(struct monitor_samples *samples, xdpdrop_record_fn take, void *data);

/* An xdpdrop_record_fn; @samples: a struct monitor_samples. */
int monitor_sample(void *samples, const struct xdpdrop_point *point,
		   const struct xdpdrop_record *record, __u64 realtime_ns);

#endif
