/* SPDX-License-Identifier: MIT */
/* Which accelerators there are, and which one serves. */
#include "cpu/accel.h"

#include <errno.h>
#include <string.h>

const struct accel *const accels[] = {
#ifdef VMM_KVM
	&accel_kvm,
#endif
	&accel_ia64,
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
	struct err first = { 0 };
	const char *near;

	for (unsigned i = 0; accels[i]; i++) {
		if (name && strcmp(name, accels[i]->name))
			continue;
		*err = (struct err){ 0 };
		if (accels[i]->probe(t, err) == 0)
			return accels[i];
		if (name)
			return NULL;
		if (!first.code)
			first = *err;
	}
	if (!name) {
		*err = first; /* of the best one */
		return NULL;
	}
	err_set(err, EINVAL, "there is no accelerator '%s'", name);
	near = nearest_word(name, accel_name, NULL);
	err_hint(err, "use --accel %s", near ? near : accels[0]->name);
	return NULL;
}
