// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts xdpdrop-capture. Wireshark shows all that an extcap program writes to standard error as an
 * error, so that other messages go to the toolbar's log, or nowhere.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/extcap_capture.h"
#include "extcap/extcap_log.h"

#define CAPTURE "xdpdrop-capture"
#define MOST_WORDS 32

struct words {
	const char *word[MOST_WORDS];
	int count;
};

static void extcap_add_word(struct words *words, const char *word)
{
	words->word[words->count++] = word;
	words->word[words->count] = NULL;
}

static void extcap_add_option(struct words *words, const char *name, const char *value)
{
	if (!value)
		return;
	extcap_add_word(words, name);
	extcap_add_word(words, value);
}

static void extcap_fill_words(struct words *words, const struct extcap_options *options,
			      const struct extcap_place *place)
{
	extcap_add_word(words, CAPTURE);
	if (!options->control_out)
		extcap_add_word(words, "-q");
	extcap_add_option(words, "-F", "pcapng");
	extcap_add_option(words, "-t", options->tap);
	extcap_add_option(words, "-p", options->program);
	extcap_add_option(words, "--reason", options->reasons);
	extcap_add_option(words, "-a", options->verdicts);
	extcap_add_option(words, "-s", options->snaplen);
	extcap_add_option(words, "--sample", options->sample);
	extcap_add_option(words, "--netns",
			  options->netns ? options->netns :
			  *place->netns	 ? place->netns :
					   NULL);
	extcap_add_option(words, "-i", place->ifname);
	extcap_add_option(words, "-w", options->fifo);
	if (options->filter) {
		extcap_add_word(words, "--");
		extcap_add_word(words, options->filter);
	}
}

/* Beside this program in the tree of the build; otherwise where it is installed. */
static void extcap_find_tool(char *path, size_t size)
{
	char directory[PATH_MAX];
	struct stat st;

	if (realpath("/proc/self/exe", directory)) {
		*strrchr(directory, '/') = '\0';
		snprintf(path, size, "%s/" CAPTURE, directory);
		if (!stat(directory, &st) && !(st.st_mode & S_IWOTH) && !access(path, X_OK))
			return;
	}
	snprintf(path, size, "%s", XDPDROP_SBINDIR "/" CAPTURE);
}

int extcap_capture(const struct extcap_options *options, const struct extcap_place *place,
		   struct report *report)
{
	char path[PATH_MAX + sizeof(CAPTURE) + 1];
	struct words words = { .count = 0 };
	char **argv = (char **)words.word;

	extcap_fill_words(&words, options, place);
	extcap_find_tool(path, sizeof(path));
	if (options->control_out)
		return extcap_log_run(path, argv, options->control_in, options->control_out,
				      report);
	execv(path, argv);
	report_error(report, "cannot start %s: %s", path, strerror(errno));
	return EXIT_FAILURE;
}
