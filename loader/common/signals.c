// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers only set flags and break the session.
 */
#include <signal.h>
#include <stddef.h>
#include <xdpdrop/xdpdrop.h>

#include "common/signals.h"

static struct xdpdrop *volatile session;
static int ended; /* atomic: other threads look, too */
static volatile sig_atomic_t usr1;

static void signals_on_end(int signal)
{
	struct xdpdrop *running = session;

	(void)signal;
	__atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
	if (running)
		xdpdrop_break(running);
}

static void signals_on_hangup(int signal)
{
	struct xdpdrop *running = session;

	(void)signal;
	if (running)
		xdpdrop_next_file(running);
}

static void signals_on_usr2(int signal)
{
	struct xdpdrop *running = session;

	(void)signal;
	if (running)
		xdpdrop_snapshot(running, "SIGUSR2");
}

static void signals_on_usr1(int signal)
{
	(void)signal;
	usr1 = 1;
}

/* No SA_RESTART: a blocking call must return, so that the flags are checked. */
static void signals_handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

void signals_install(struct xdpdrop *broken)
{
	struct sigaction hangup;

	session = broken;
	signals_handle(SIGINT, signals_on_end);
	signals_handle(SIGTERM, signals_on_end);
	signals_handle(SIGQUIT, signals_on_end);
	signals_handle(SIGUSR1, signals_on_usr1);
	signals_handle(SIGPIPE, SIG_IGN);
	signals_handle(SIGXFSZ, SIG_IGN);
	/*
	 * An ignored SIGHUP stays ignored, for nohup. An ignored SIGINT does not: a shell's "&"
	 * ignores it, but "kill -INT" has to work.
	 */
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		signals_handle(SIGHUP, signals_on_end);
}

void signals_follow(struct xdpdrop *next)
{
	session = next;
}

void signals_rotate_on_hangup(void)
{
	signals_handle(SIGHUP, signals_on_hangup);
}

void signals_snapshot_on_usr2(void)
{
	signals_handle(SIGUSR2, signals_on_usr2);
}

bool signals_ended(void)
{
	return __atomic_load_n(&ended, __ATOMIC_RELAXED);
}

bool signals_take_usr1(void)
{
	if (!usr1)
		return false;
	usr1 = 0;
	return true;
}
