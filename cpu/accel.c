/* SPDX-License-Identifier: MIT */
/* Which accelerators there are, and which one serves. */
#include "cpu/accel.h"

#include <errno.h>
#include <string.h>

const struct accel *const accels[] = {
#ifdef VMM_KVM
	&accel_kvm,
#endif
	NULL,
};

static const char *accel_name(const void *ctx, size_t i)
{
	(void)ctx;
	return accels[i] ? accels[i]->name : NULL;
}

const struct accel *accel_find(const char *name, const struct target *t,
			       struct err *err)
{
	const char *near;

	if (!accels[0]) {
		err_set(err, ENOTSUP,
			"vmm cannot run guests on such hosts yet");
		return NULL;
	}
	for (unsigned i = 0; accels[i]; i++) {
		if (name && strcmp(name, accels[i]->name))
			continue;
		if (accels[i]->probe(t, err) == 0)
			return accels[i];
		if (name)
			return NULL;
	}
	if (!name)
		return NULL; /* *err tells of the last that was tried */
	err_set(err, EINVAL, "there is no accelerator '%s'", name);
	near = nearest_word(name, accel_name, NULL);
	err_hint(err, "use --accel %s", near ? near : accels[0]->name);
	return NULL;
}
