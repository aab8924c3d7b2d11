/* SPDX-License-Identifier: MIT */
/* What every device is: made, configured, realized, reset, freed. */
#include "hw/core/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void *device_new(const struct device_class *c, const char *name)
{
	struct device *dev = calloc(1, c->size);

	if (!dev)
		return NULL;
	dev->class = c;
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	pthread_mutex_init(&dev->lock, NULL);
	dev->region.name = dev->name;
	dev->region.size = c->region_size;
	if (c->init)
		c->init(dev);
	return dev;
}

int device_configure(struct device *dev, const char *props, struct err *err)
{
	static const struct prop none[] = { { 0 } };

	if (!props || !*props)
		return 0;
	return prop_parse(dev, dev->class->props ? dev->class->props : none,
			  NULL, props, err);
}

int device_realize(struct device *dev, const struct device_env *env,
		   struct err *err)
{
	int ret;

	assert(!dev->realized);
	dev->env = env;
	if (dev->class->realize) {
		ret = dev->class->realize(dev, err);
		if (ret < 0)
			return ret;
	}
	dev->realized = true;
	device_reset(dev);
	return 0;
}

void device_reset(struct device *dev)
{
	if (!dev->class->reset)
		return;
	device_lock(dev);
	dev->class->reset(dev);
	device_unlock(dev);
}

void device_free(struct device *dev)
{
	if (!dev)
		return;
	bus_remove(&dev->region);
	if (dev->realized && dev->class->unrealize)
		dev->class->unrealize(dev);
	if (dev->class->props)
		prop_free(dev, dev->class->props);
	free(dev->region.doorbells);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
}

void device_region(struct device *dev, const struct region_ops *ops)
{
	dev->region.ops = ops;
	dev->region.opaque = dev;
	dev->region.dev = dev;
}

void device_lock(struct device *dev)
{
	pthread_mutex_lock(&dev->lock);
	dev->owner = pthread_self();
	__atomic_store_n(&dev->held, true, __ATOMIC_RELAXED);
}

void device_unlock(struct device *dev)
{
	__atomic_store_n(&dev->held, false, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&dev->lock);
}

bool device_is_held(const struct device *dev)
{
	return __atomic_load_n(&dev->held, __ATOMIC_RELAXED) &&
	       pthread_equal(dev->owner, pthread_self());
}
