#include "core/access/roles.h"

static const struct {
	unsigned roles;
	const char *word, *meaning;
} permissions[PERMISSION_N] = {
#define PERMISSION(symbol, roles, meaning) [PERMISSION_##symbol] = { roles, #symbol, meaning },
#include "access.def"
#undef PERMISSION
};

static const char *const role_words[ACCESS_ROLES_N] = { "viewer", "deployer", "issuer", "administrator" };

bool access_allows(unsigned roles, enum permission p)
{
	return p == PERMISSION_PUBLIC || p == PERMISSION_SELF ||
	       (p < PERMISSION_N && (permissions[p].roles & roles) != 0);
}

const char *permission_word(enum permission p)
{
	return permissions[p].word;
}

const char *permission_meaning(enum permission p)
{
	return permissions[p].meaning;
}

const char *access_role_word(enum access_role role)
{
	return role_words[role];
}

bool access_role_from_word(struct bytes word, enum access_role *ret)
{
	for (enum access_role role = 0; role < ACCESS_ROLES_N; role++) {
		if (bytes_equal_str(word, role_words[role])) {
			*ret = role;
			return true;
		}
	}
	return false;
}

const char *roles_format(unsigned roles, char out[ROLES_TEXT_MAX])
{
	size_t n = 0;

	out[0] = '\0';
	for (enum access_role role = 0; role < ACCESS_ROLES_N; role++) {
		size_t length = strlen(role_words[role]);

		if ((roles & BIT(role)) == 0)
			continue;
		if (n > 0)
			out[n++] = ';';
		memcpy(out + n, role_words[role], length + 1);
		n += length;
	}
	return out;
}

bool roles_parse(const char *text, unsigned *ret)
{
	unsigned roles = ROLES_NONE;

	while (*text) {
		size_t n = strcspn(text, ";");
		enum access_role role;

		if (!access_role_from_word(bytes_of(text, n), &role))
			return false;
		roles |= BIT(role);
		text += n + (text[n] == ';');
	}
	*ret = roles;
	return true;
}
