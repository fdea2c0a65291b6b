// SPDX-License-Identifier: GPL-2.0-only
/*
 * Those who want records get them in the order in which they were added.
 */
#include "count/monitor_samples.h"

void monitor_samples_add(struct monitor_samples *samples, xdpdrop_record_fn take, void *data)
{
	if (samples->count == MONITOR_CONSUMERS)
		return;
	samples->consumer[samples->count].take = take;
	samples->consumer[samples->count++].data = data;
}

int monitor_sample(void *data, const struct xdpdrop_point *point,
		   const struct xdpdrop_record *record, __u64 realtime_ns)
{
	struct monitor_samples *samples = data;
	int err = 0;

	for (unsigned int i = 0; err >= 0 && i < samples->count; i++)
		err = samples->consumer[i].take(samples->consumer[i].data, point, record,
						realtime_ns);
	return err;
}
