/* SPDX-License-Identifier: MIT */
/* No emitter for this host: the interpreter executes everything. */
#include "cpu/ia64/native.h"

bool ia64_emit_there(void)
{
	return false;
}

void ia64_emit_frame(struct ia64_emit *e)
{
	(void)e;
}

bool ia64_emit_fragment(struct ia64_emit *e, const struct ia64_op *o)
{
	(void)e;
	(void)o;
	return false;
}

void ia64_emit_patch(uint8_t *at, const uint8_t *code)
{
	(void)at;
	(void)code;
}
