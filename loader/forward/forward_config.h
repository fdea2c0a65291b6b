/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The properties of librdkafka: defaults of this tool, those of a file, those of the command line.
 */
#ifndef XDPDROP_FORWARD_CONFIG_H
#define XDPDROP_FORWARD_CONFIG_H

#include <librdkafka/rdkafka.h>

#include "forward/forward_options.h"

/*
 * Returns a configuration, for rd_kafka_new() or rd_kafka_conf_destroy(). NULL: @error names what
 * is wrong and where, without any value of a property.
 */
rd_kafka_conf_t *forward_config_make(const struct forward_options *options,
				     struct cmdline_error *error);

#endif
