/* SPDX-License-Identifier: MIT */
/* The real option tables: complete, unambiguous, and documented. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "tests/test.h"

static void check_prop(const struct prop *p)
{
	CHECK(p->brief && *p->brief);
	/* It is printed as a sentence with a full stop of its own. */
	CHECK(p->brief[strlen(p->brief) - 1] != '.');
	CHECK(p->kind != PROP_ENUM || p->choices);
	CHECK(p->kind != PROP_CUSTOM || (p->parse && p->show && p->arg));
	CHECK(!p->max || p->min <= p->max);
}

TEST(tables_describe_every_option_and_key)
{
	for (const struct command *const *c = cmd_all; *c; c++) {
		for (const struct opt *const *t = (*c)->options; *t; t++) {
			for (const struct opt *o = *t; o->prop.name; o++) {
				print_message("# %s --%s\n", (*c)->name,
					      o->prop.name);
				CHECK(o->prop.brief && *o->prop.brief);
				if (opt_keys(o))
					CHECK(!o->first ||
					      prop_find(opt_keys(o), o->first));
				else
					check_prop(&o->prop);
				for (const struct prop *p = opt_keys(o);
				     p && p->name; p++)
					check_prop(p);
			}
		}
	}
}

TEST(tables_give_each_name_and_letter_once)
{
	for (const struct command *const *c = cmd_all; *c; c++) {
		bool letter[128] = { ['h'] = true };

		for (const struct opt *const *t = (*c)->options; *t; t++) {
			for (const struct opt *o = *t; o->prop.name; o++) {
				CHECK(opt_find((*c)->options, o->prop.name) ==
				      o);
				if (!o->letter)
					continue;
				CHECK(!letter[(int)o->letter]);
				letter[(int)o->letter] = true;
			}
		}
	}
}

TEST(commands_are_found_by_name_and_known_to_help)
{
	unsigned n = 0;

	for (; cmd_all[n]; n++) {
		CHECK(cmd_find(cmd_all[n]->name) == cmd_all[n]);
		CHECK_STR(cmd_help.words[n], cmd_all[n]->name);
	}
	CHECK(cmd_help.words[n] == NULL);
	CHECK(cmd_find("ru") == NULL);
}

/* The machine's names, which the config's tables repeat for their enums. */
TEST(config_names_match_the_enums)
{
	for (int i = 0; i < ARCH_COUNT; i++)
		CHECK_STR(vm_arch_names[i], arch_name(i));
	CHECK(vm_arch_names[ARCH_COUNT] == NULL);
	CHECK_STR(vm_hugepages_names[MEM_HUGE_NONE], "off");
	CHECK_STR(vm_hugepages_names[MEM_HUGE_THP], "thp");
	CHECK_STR(vm_hugepages_names[MEM_HUGE_2M], "2M");
	CHECK_STR(vm_hugepages_names[MEM_HUGE_16M], "16M");
	CHECK_STR(vm_hugepages_names[MEM_HUGE_1G], "1G");
}
