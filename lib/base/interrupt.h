/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The application's wish to end a step that takes long and in which its signals are held back.
 */
#ifndef XDPDROP_BASE_INTERRUPT_H
#define XDPDROP_BASE_INTERRUPT_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

struct interrupt {
	const int *broken; /* atomic; set by a handler or by another thread */
	pthread_t thread;  /* whose signals are held back */
	sigset_t before;
};

/* Hold back the signals of this thread, until interrupt_end(). */
void interrupt_begin(struct interrupt *interrupt, const int *broken);
void interrupt_end(const struct interrupt *interrupt);

/*
 * Let in the signals that have come, if this is the thread that holds them back, and return whether
 * the step is to end. False if @interrupt is NULL.
 */
bool interrupt_wanted(const struct interrupt *interrupt);

#endif
