/* The kinds of gateway. */
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/targets.h"

static json_t *target_of(const struct target *t)
{
	json_t *params = json_array();

	for (size_t i = 0; i < t->params_n; i++)
		(void)json_array_append_new(params, json_pack("{ss,ss?,ss}", "name", t->params[i].name, "default",
							      t->params[i].value_default, "meaning",
							      t->params[i].meaning ? t->params[i].meaning : ""));
	return json_pack("{ss,ss,so}", "name", t->name, "title", t->title ? t->title : t->name, "params", params);
}

int targets_list_all(struct call *c, struct err *e)
{
	struct store_page page;
	json_t *items;
	int r = call_page(c, NULL, &page, e);

	if (r < 0)
		return r;
	items = json_array();
	for (size_t i = 0; i < targets_n(c->m->targets); i++)
		(void)json_array_append_new(items, target_of(targets_at(c->m->targets, i)));
	return call_answer_list(c, items, NULL, e);
}
