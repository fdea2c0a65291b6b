// SPDX-License-Identifier: GPL-2.0-only
/*
 * Later properties replace earlier ones. librdkafka's own messages have values in them, which may
 * be passwords, so that they are not printed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "forward/forward_config.h"

#define NAME_SIZE 128

static int forward_config_set(rd_kafka_conf_t *conf, const char *name, const char *value,
			      struct cmdline_error *error)
{
	char unused[8];

	switch (rd_kafka_conf_set(conf, name, value, unused, sizeof(unused))) {
	case RD_KAFKA_CONF_OK:
		return 0;
	case RD_KAFKA_CONF_UNKNOWN:
		return cmdline_fail(error, "librdkafka has no property '%.64s'", name);
	default:
		break;
	}
	return cmdline_fail(error, "librdkafka does not take this value of '%.64s'", name);
}

/* "NAME = VALUE", with white space where people write some. */
static int forward_config_add(rd_kafka_conf_t *conf, const char *line, struct cmdline_error *error)
{
	const char *equals = strchr(line, '=');
	size_t length = equals ? equals - line : 0;
	char name[NAME_SIZE];

	while (length && strchr(" \t", line[length - 1]))
		length--;
	if (!length)
		return cmdline_fail(error, "it is not NAME=VALUE");
	if (length >= sizeof(name))
		return cmdline_fail(error, "librdkafka has no property '%.64s...'", line);
	memcpy(name, line, length);
	name[length] = '\0';
	return forward_config_set(conf, name, equals + 1 + strspn(equals + 1, " \t"), error);
}

static void forward_config_trim(char *line)
{
	size_t length = strlen(line);

	while (length && strchr(" \t\r\n", line[length - 1]))
		line[--length] = '\0';
}

static int forward_config_read_lines(rd_kafka_conf_t *conf, const char *path, FILE *file,
				     struct cmdline_error *error)
{
	unsigned int number = 0;
	char *line = NULL, *start;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, file) >= 0) {
		snprintf(error->context, sizeof(error->context), "%.60s:%u: ", path, ++number);
		forward_config_trim(line);
		start = line + strspn(line, " \t");
		if (*start && *start != '#')
			err = forward_config_add(conf, start, error);
	}
	if (line)
		explicit_bzero(line, size);
	free(line);
	return err;
}

static int forward_config_read(rd_kafka_conf_t *conf, const char *path, struct cmdline_error *error)
{
	FILE *file = fopen(path, "re");
	int err;

	if (!file)
		return cmdline_fail(error, "cannot read '%.200s': %s", path, strerror(errno));
	err = forward_config_read_lines(conf, path, file, error);
	if (!err && ferror(file)) {
		error->context[0] = '\0';
		err = cmdline_fail(error, "cannot read '%.200s': %s", path, strerror(errno));
	}
	fclose(file);
	return err;
}

static int forward_config_set_defaults(rd_kafka_conf_t *conf, const struct forward_options *options,
				       struct cmdline_error *error)
{
	char queue[16];
	int err;

	snprintf(queue, sizeof(queue), "%u", options->queue);
	snprintf(error->context, sizeof(error->context), "this librdkafka is too old: ");
	err = forward_config_set(conf, "client.id", "xdpdrop-forward", error);
	err = err ? err : forward_config_set(conf, "acks", "all", error);
	err = err ? err : forward_config_set(conf, "enable.idempotence", "true", error);
	err = err ? err : forward_config_set(conf, "queue.buffering.max.messages", queue, error);
	if (err)
		return err;
	snprintf(error->context, sizeof(error->context), "option --brokers: ");
	return forward_config_set(conf, "bootstrap.servers", options->brokers, error);
}

static int forward_config_fill(rd_kafka_conf_t *conf, const struct forward_options *options,
			       struct cmdline_error *error)
{
	const struct forward_properties *properties = &options->properties;
	int err = forward_config_set_defaults(conf, options, error);

	error->context[0] = '\0';
	if (!err && options->config)
		err = forward_config_read(conf, options->config, error);
	for (unsigned int i = 0; !err && i < properties->count; i++) {
		snprintf(error->context, sizeof(error->context), "option -X: ");
		err = forward_config_add(conf, properties->value[i], error);
	}
	return err;
}

rd_kafka_conf_t *forward_config_make(const struct forward_options *options,
				     struct cmdline_error *error)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	memset(error, 0, sizeof(*error));
	if (!forward_config_fill(conf, options, error))
		return conf;
	rd_kafka_conf_destroy(conf);
	return NULL;
}
