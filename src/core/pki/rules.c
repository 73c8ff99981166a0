#include "core/pki/rules.h"
#include "core/pki/name.h"

#include <stdio.h>

#define WORD_MAX 120	  /* so that the first word always fits */
#define WORD_LIST_TAIL 24 /* room for " and 123 more" */

const char *cert_label(const struct cert_facts *c)
{
	if (c->subject.common_name && c->subject.common_name[0])
		return c->subject.common_name;
	if (c->subject_text && c->subject_text[0])
		return c->subject_text;
	return "without a subject";
}

bool common_name_is_covered(const char *common_name, const struct general_name *names, size_t n)
{
	struct general_name wanted = { GN_DNS, bytes_of_str(common_name) };
	uint8_t address[NAME_ADDRESS_MAX];
	size_t address_n;

	if (!name_looks_like_host(wanted.value))
		return true;
	address_n = name_address(wanted.value, address);
	if (address_n > 0)
		wanted = (struct general_name) { GN_IP, bytes_of(address, address_n) };
	for (size_t i = 0; i < n; i++)
		if (name_equal(&names[i], &wanted))
			return true;
	return false;
}

bool cert_is_self_signed(const struct cert_facts *c)
{
	return c->self_issued && c->self_signature_valid;
}

bool chain_has_root_at(const struct chain_facts *c, size_t i)
{
	return c->complete && i + 1 == c->n;
}

const struct cert_facts *earliest_end(const struct cert_facts *issuers, size_t n)
{
	const struct cert_facts *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (!first || issuers[i].not_after.s < first->not_after.s)
			first = &issuers[i];
	return first;
}

int path_budget(const struct cert_facts *issuers, size_t n, const struct cert_facts **ret_who)
{
	int budget = PATH_UNLIMITED, below = 0;

	for (size_t i = 0; i < n; i++) {
		const struct cert_facts *c = &issuers[i];

		if (c->path_len >= 0 && c->path_len - below < budget) {
			budget = c->path_len - below;
			if (ret_who)
				*ret_who = c;
		}
		below += !c->self_issued;
	}
	return budget;
}

void word_list_add(struct word_list *l, const struct general_name *name)
{
	char shown[WORD_MAX], word[WORD_MAX + 8];
	int n;

	n = snprintf(word, sizeof(word), "%s'%s'", l->n > 0 ? ", " : "", name_format(name, shown, sizeof(shown)));
	if (l->hidden > 0 || n < 0 || l->used + (size_t)n + WORD_LIST_TAIL > sizeof(l->text)) {
		l->hidden++;
		return;
	}
	memcpy(l->text + l->used, word, (size_t)n + 1);
	l->used += (size_t)n;
	l->n++;
}

const char *word_list_text(struct word_list *l)
{
	if (l->hidden > 0)
		(void)snprintf(l->text + l->used, sizeof(l->text) - l->used, "%s%zu more", l->n > 0 ? " and " : "",
			       l->hidden);
	return l->text;
}
