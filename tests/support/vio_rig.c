/* SPDX-License-Identifier: MIT */
/* A VIO bus on a rig, with a device whose window shows the rig's RAM. */
#include "tests/support/vio_rig.h"

#include "tests/test.h"

#define PUT_TCE 0x20

void vio_rig_make(struct vio_rig *v)
{
	struct err err = { 0 };

	*v = (struct vio_rig){ 0 };
	rig_init(&v->r);
	tce_init(&v->tces, &v->r.mem);
	v->bus = device_new(&spapr_vio_class, "vio");
	vio_set_tces(v->bus, &v->tces);
	if (device_realize(v->bus, &v->r.env, &err) < 0 ||
	    hcalls_add(&v->h, vio_hcalls, vio_bus_of(v->bus), &err) < 0 ||
	    hcalls_add(&v->h, crq_hcalls, vio_bus_of(v->bus), &err) < 0 ||
	    hcalls_add(&v->h, tce_hcalls, &v->tces, &err) < 0)
		fail_msg("%s", err.msg);
}

void vio_rig_map(struct vio_rig *v)
{
	for (uint64_t i = 0; i < VIO_RIG_PAGES; i++)
		assert_int_equal(vio_rig_call(v, PUT_TCE, VIO_RIG_UNIT, i << 12,
					      (RIG_RAM + (i << 12)) | 3, 0),
				 H_SUCCESS);
}

void vio_rig_add(struct vio_rig *v, const struct device_class *c,
		 const char *props)
{
	struct err err = { 0 };

	v->r.dev = device_new(c, c->name);
	v->r.dev->irq = (struct irq){ &v->r.chip, VIO_RIG_LINE };
	if (device_configure(v->r.dev, props, &err) < 0 ||
	    vio_attach(vio_bus_of(v->bus), v->r.dev, VIO_RIG_UNIT, &err) < 0 ||
	    device_realize(v->r.dev, &v->r.env, &err) < 0)
		fail_msg("%s", err.msg);
	vio_rig_map(v);
}

void vio_rig_free(struct vio_rig *v)
{
	vio_detach(v->r.dev); /* the order of the machine */
	device_free(v->r.dev);
	v->r.dev = NULL;
	device_free(v->bus);
	hcalls_free(&v->h);
	tce_destroy(&v->tces);
	rig_destroy(&v->r);
}

long vio_rig_call(struct vio_rig *v, uint64_t nr, uint64_t a, uint64_t b,
		  uint64_t c, uint64_t d)
{
	const uint64_t in[HCALL_REGS] = { a, b, c, d };

	return hcall_run(&v->h, 0, nr, in, v->out);
}

void vio_rig_put(struct vio_rig *v, uint64_t addr, const void *buf, size_t len)
{
	assert_int_equal(mem_write(&v->r.mem, RIG_RAM + addr, buf, len), 0);
}

void vio_rig_get(struct vio_rig *v, uint64_t addr, void *buf, size_t len)
{
	assert_int_equal(mem_read(&v->r.mem, RIG_RAM + addr, buf, len), 0);
}
