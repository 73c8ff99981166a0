#include "gatewrightd/keys/inner.h"
#include "base/limits.h"

#include <errno.h>

static const struct field_rule *rule_of(const struct field_rule *rules, size_t n, uint16_t tag)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].tag == tag)
			return &rules[i];
	return NULL;
}

static int check_form(const struct field_rule *rule, struct bytes value, struct err *e)
{
	if (value.n > rule->bytes_max)
		return err_set(e, -EINVAL, "field '%s': want at most %zu bytes, got %zu", rule->name, rule->bytes_max,
			       value.n);
	switch (rule->form) {
	case FORM_TEXT:
		if (!bytes_is_utf8(value) || (value.n > 0 && memchr(value.p, 0, value.n)))
			return err_set(e, -EINVAL, "field '%s': want UTF-8 text without NUL, got other bytes",
				       rule->name);
		break;
	case FORM_U64:
		if (value.n != 8)
			return err_set(e, -EINVAL, "field '%s': want 8 bytes, got %zu", rule->name, value.n);
		break;
	case FORM_BYTES:
	case FORM_FLAG:
		break;
	}
	return 0;
}

int fields_check(const struct wire_message *m, const struct field_rule *rules, size_t n, struct err *e)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct field_rule *rule = rule_of(rules, n, m->fields[i].tag);
		int r;

		if (!rule)
			return err_set(e, -EINVAL, "field %u: want none in this request, got one", m->fields[i].tag);
		r = check_form(rule, m->fields[i].value, e);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < n; i++) {
		size_t count = wire_count(m, rules[i].tag);

		if (count < rules[i].min || count > rules[i].max)
			return err_set(e, -EINVAL, "field '%s': want %zu to %zu of it, got %zu", rules[i].name,
				       rules[i].min, rules[i].max, count);
	}
	return 0;
}

int fields_text(struct keys_call *c, uint16_t tag, const char **ret, struct err *e)
{
	*ret = NULL;
	if (!wire_has(c->m, tag))
		return 0;
	*ret = arena_str(c->arena, wire_get(c->m, tag));
	return *ret ? 0 : err_nomem(e);
}

size_t fields_all(const struct wire_message *m, uint16_t tag, struct bytes *ret, size_t max)
{
	size_t cursor = 0, n = 0;

	while (n < max && wire_next(m, tag, &cursor, &ret[n]))
		n++;
	return n;
}

int fields_passphrase(struct keys_call *c, struct secret **ret, struct err *e)
{
	*ret = NULL;
	if (!wire_has(c->m, FIELD_PASSPHRASE))
		return 0;
	*ret = secret_of(wire_get(c->m, FIELD_PASSPHRASE));
	return *ret ? 0 : err_nomem(e);
}
