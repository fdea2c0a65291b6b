// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The table of sites: only grows while a session lives.
 */
#include <errno.h>
#include <string.h>

#include "sites.h"

static bool is_same(const struct xdpdrop_site *a, const struct xdpdrop_site *b)
{
	return a->tap == b->tap && a->ifindex == b->ifindex && a->hook_id == b->hook_id &&
	       a->program_id == b->program_id;
}

static void tell(struct sites *sites, unsigned int index)
{
	sites->generation++;
	if (sites->changed)
		sites->changed(sites->data, index);
}

int sites_put(struct sites *sites, unsigned int index, const struct xdpdrop_site *info)
{
	struct site *site = &sites->site[index];

	if (index > sites->count || index >= XDPDROP_MAX_SITES)
		return -EINVAL;
	reasons_free(&site->reasons);
	site->info = *info;
	if (index == sites->count)
		sites->count++;
	return 0;
}

int sites_add(struct sites *sites, const struct xdpdrop_site *info, struct reasons *reasons)
{
	unsigned int index = 0;

	while (index < sites->count &&
	       !(sites->site[index].info.gone && is_same(&sites->site[index].info, info)))
		index++;
	if (sites_put(sites, index, info)) {
		reasons_free(reasons);
		return -ENOSPC;
	}
	sites->site[index].reasons = *reasons;
	*reasons = (struct reasons){ 0 };
	tell(sites, index);
	return index;
}

void sites_close(struct sites *sites, unsigned int index)
{
	sites->site[index].info.gone = true;
	tell(sites, index);
}

void sites_close_interface(struct sites *sites, __u32 ifindex)
{
	for (unsigned int i = 0; i < sites->count; i++)
		if (sites->site[i].info.ifindex == ifindex && !sites->site[i].info.gone)
			sites_close(sites, i);
}

void sites_free(struct sites *sites)
{
	for (unsigned int i = 0; i < sites->count; i++)
		reasons_free(&sites->site[i].reasons);
	reasons_free(&sites->named);
	memset(sites, 0, sizeof(*sites));
}
