/* SPDX-License-Identifier: MIT */
/* libslirp's functions, found when they are first needed. */
#include "hw/net/slirp_lib.h"

#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>

#if defined(VMM_SLIRP_LINKED)

/*
 * glib can look up users, for which libc loads plug-ins at run time, even in a
 * static program.  Nothing here asks; these keep libc's functions out.
 */
struct passwd *getpwuid(uid_t uid)
{
	(void)uid;
	return NULL;
}

int getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t len,
	       struct passwd **found)
{
	(void)uid, (void)pw, (void)buf, (void)len;
	*found = NULL;
	return 0;
}

int getpwnam_r(const char *name, struct passwd *pw, char *buf, size_t len,
	       struct passwd **found)
{
	(void)name, (void)pw, (void)buf, (void)len;
	*found = NULL;
	return 0;
}

const struct slirp_lib *slirp_lib_get(struct err *err)
{
	static const struct slirp_lib lib = {
		.new = slirp_new,
		.cleanup = slirp_cleanup,
		.pollfds_fill = slirp_pollfds_fill,
		.pollfds_poll = slirp_pollfds_poll,
		.input = slirp_input,
		.add_hostfwd = slirp_add_hostfwd,
	};

	(void)err;
	return &lib;
}

#elif defined(VMM_STATIC)

const struct slirp_lib *slirp_lib_get(struct err *err)
{
	err_set(err, ENOTSUP, "this static vmm was built without libslirp");
	err_hint(err, "use --net tap, or a dynamic build");
	return NULL;
}

#else

static bool slirp_lib_find(void *so, struct slirp_lib *lib)
{
	const struct {
		const char *name;
		void **to;
	} fns[] = {
		{ "slirp_new", (void **)&lib->new },
		{ "slirp_cleanup", (void **)&lib->cleanup },
		{ "slirp_pollfds_fill", (void **)&lib->pollfds_fill },
		{ "slirp_pollfds_poll", (void **)&lib->pollfds_poll },
		{ "slirp_input", (void **)&lib->input },
		{ "slirp_add_hostfwd", (void **)&lib->add_hostfwd },
	};

	for (size_t i = 0; i < sizeof(fns) / sizeof(fns[0]); i++) {
		*fns[i].to = dlsym(so, fns[i].name);
		if (!*fns[i].to)
			return false;
	}
	return true;
}

const struct slirp_lib *slirp_lib_get(struct err *err)
{
	static struct slirp_lib lib;
	static bool found;
	void *so;

	if (found)
		return &lib;
	so = dlopen("libslirp.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!so) {
		err_set(err, ENOTSUP, "cannot load libslirp: %s", dlerror());
		err_hint(err, "install libslirp0 (libslirp), or use --net tap");
		return NULL;
	}
	found = slirp_lib_find(so, &lib);
	if (found)
		return &lib;
	err_set(err, ENOTSUP, "libslirp is older than 4.1");
	dlclose(so);
	return NULL;
}

#endif
