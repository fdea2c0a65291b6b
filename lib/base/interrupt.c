// SPDX-License-Identifier: LGPL-2.1-only
#include "base/interrupt.h"

#include <stddef.h>

void interrupt_begin(struct interrupt *interrupt, const int *broken)
{
	sigset_t all;

	interrupt->broken = broken;
	interrupt->thread = pthread_self();
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &interrupt->before);
}

void interrupt_end(const struct interrupt *interrupt)
{
	pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
}

bool interrupt_wanted(const struct interrupt *interrupt)
{
	sigset_t all;

	if (!interrupt)
		return false;
	if (pthread_equal(pthread_self(), interrupt->thread)) {
		/* handlers of pending signals run before the first call returns */
		pthread_sigmask(SIG_SETMASK, &interrupt->before, &all);
		pthread_sigmask(SIG_SETMASK, &all, NULL);
	}
	return __atomic_load_n(interrupt->broken, __ATOMIC_RELAXED);
}
