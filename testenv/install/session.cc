// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same in C++: the headers have C linkage, and no word that C++ keeps for itself.
 */
#include <cstdio>
#include <memory>

#include <xdpdrop/interface.h>
#include <xdpdrop/replay.h>
#include <xdpdrop/sflow.h>

int main()
{
	struct xdpdrop *raw = nullptr;

	if (xdpdrop_new(&raw))
		return 1;
	std::unique_ptr<struct xdpdrop, decltype(&xdpdrop_free)> session(raw, xdpdrop_free);
	if (!session || xdpdrop_point_count(session.get()) != 0)
		return 1;
	if (xdpdrop_load(session.get(), "none", nullptr) >= 0)
		return 1;
	xdpdrop_replay_free(nullptr);
	xdpdrop_sflow_free(nullptr);
	return std::puts(xdpdrop_version()) < 0;
}
