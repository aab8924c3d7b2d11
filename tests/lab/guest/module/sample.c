/* SPDX-License-Identifier: MIT */
/* A module to be debugged: it does the words that are written to its parameter
 * "do": "count N" adds up, "hang" keeps a CPU for itself without interrupts. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

struct sample {
	unsigned long turns, sum;
	bool stuck;
};

static struct sample sample;

static noinline void sample_count(struct sample *s, unsigned long by)
{
	s->turns++;
	s->sum += by;
}

/* Until a debugger says that it is enough. */
static noinline void sample_hang(struct sample *s)
{
	unsigned long flags;

	local_irq_save(flags);
	s->stuck = true;
	while (READ_ONCE(s->stuck))
		cpu_relax();
	local_irq_restore(flags);
	pr_info("sample: goes on\n");
}

static int sample_do(const char *text, const struct kernel_param *param)
{
	if (str_has_prefix(text, "count "))
		sample_count(&sample, simple_strtoul(text + 6, NULL, 0));
	else if (str_has_prefix(text, "hang"))
		sample_hang(&sample);
	else
		return -EINVAL;
	return 0;
}

static const struct kernel_param_ops sample_ops = { .set = sample_do };

module_param_cb(do, &sample_ops, NULL, 0200);
MODULE_DESCRIPTION("A module to be debugged");
MODULE_LICENSE("Dual MIT/GPL");
