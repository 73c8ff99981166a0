#include "fixture.h"
#include "codec/hex.h"

#include <stdio.h>

struct wall_time at(const char *rfc3339)
{
	struct wall_time t;

	assert_true(time_parse(bytes_of_str(rfc3339), &t));
	return t;
}

struct bytes str(const char *s)
{
	return bytes_of_str(s);
}

struct bytes dn_of(struct fixture *f, const char *common_name)
{
	size_t n = strlen(common_name);
	uint8_t *p = arena_alloc(f->a, n + 13);
	const uint8_t head[] = { 0x30, (uint8_t)(n + 11), 0x31, (uint8_t)(n + 9), 0x30, (uint8_t)(n + 7), 0x06,
				 0x03, 0x55, 0x04, 0x03, 0x0c, (uint8_t)n };

	assert_non_null(p);
	assert_true(n < 100);
	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), common_name, n);
	return bytes_of(p, n + sizeof(head));
}

void set_subject(struct fixture *f, struct cert_facts *c, const char *common_name)
{
	c->subject = (struct subject){ .common_name = common_name };
	c->subject_text = arena_printf(f->a, "CN=%s", common_name);
	c->subject_der = dn_of(f, common_name);
	c->self_issued = bytes_equal(c->subject_der, c->issuer_der);
}

static void set_issuer(struct cert_facts *c, const struct cert_facts *issuer)
{
	c->issuer = issuer->subject;
	c->issuer_text = issuer->subject_text;
	c->issuer_der = issuer->subject_der;
	c->authority_key_id = issuer->subject_key_id;
	c->self_issued = bytes_equal(c->subject_der, c->issuer_der);
}

void set_serial(struct fixture *f, struct cert_facts *c, uint8_t first, size_t n)
{
	uint8_t *p = arena_alloc(f->a, n + 1);

	assert_non_null(p);
	p[0] = first;
	c->serial = bytes_of(p, n);
}

/* What every certificate has; `tag` makes its key and fingerprint its own. */
static void make_certificate(struct fixture *f, struct cert_facts *c, const char *common_name, uint8_t tag)
{
	uint8_t *key_id = arena_alloc(f->a, 20);

	assert_non_null(key_id);
	*c = (struct cert_facts){ .version = 3, .key_alg = KEY_ALG_EC_P256, .key_bits = 256, .sig_hash = SIG_HASH_SHA256,
				  .path_len = -1, .has_basic_constraints = true, .basic_constraints_critical = true,
				  .has_key_usage = true, .key_usage_critical = true };
	memset(c->fingerprint, tag, sizeof(c->fingerprint));
	memset(c->spki_sha256, tag + 1, sizeof(c->spki_sha256));
	memset(key_id, tag + 2, 20);
	c->subject_key_id = bytes_of(key_id, 20);
	set_subject(f, c, common_name);
	set_serial(f, c, 0x5a, 16);
}

static void make_ca(struct fixture *f, struct cert_facts *c, const char *common_name, uint8_t tag, const char *end)
{
	make_certificate(f, c, common_name, tag);
	c->is_ca = true;
	c->key_usage = BIT(KU_KEY_CERT_SIGN) | BIT(KU_CRL_SIGN);
	c->not_before = at("2026-01-01T00:00:00Z");
	c->not_after = at(end);
}

static void make_leaf(struct fixture *f, struct cert_facts *c, uint8_t tag, const char *begin, const char *end)
{
	make_certificate(f, c, "edge gateway", tag);
	c->key_usage = BIT(KU_DIGITAL_SIGNATURE);
	c->has_ext_key_usage = true;
	c->ext_key_usage = BIT(EKU_SERVER_AUTH);
	c->not_before = at(begin);
	c->not_after = at(end);
	set_names(f, c, "gw.example.com;192.0.2.1");
}

static void make_chain(struct fixture *f, struct chain_facts *c)
{
	make_ca(f, &c->certs[2], "Example Root", 0x10, "2036-01-01T00:00:00Z");
	make_ca(f, &c->certs[1], "Example Issuing CA", 0x20, "2032-01-01T00:00:00Z");
	set_issuer(&c->certs[2], &c->certs[2]);
	c->certs[2].self_signature_valid = true;
	set_issuer(&c->certs[1], &c->certs[2]);
	set_issuer(&c->certs[0], &c->certs[1]);
	c->n = 3;
	c->complete = c->has_key = c->key_matches = true;
	for (size_t i = 0; i < FACTS_CHAIN_MAX; i++)
		c->signature_valid[i] = true;
}

struct fixture *fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->a = arena_new(1 << 20);
	assert_non_null(f->a);
	f->policy = COMPAT_POLICY_DEFAULT;
	f->now = at("2026-11-24T08:00:00Z");
	make_leaf(f, OLD, 0x30, "2026-01-02T00:00:00Z", "2026-12-31T23:59:59Z");
	make_leaf(f, NEW, 0x40, "2026-11-24T07:00:00Z", "2027-11-24T23:59:59Z");
	make_chain(f, &f->current);
	make_chain(f, &f->candidate);
	return f;
}

void fixture_free(struct fixture *f)
{
	arena_free(f->a);
	free(f);
}

static bool has_prefix(const char **s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*s, prefix, n) != 0)
		return false;
	*s += n;
	return true;
}

static struct bytes from_hex(struct fixture *f, const char *digits)
{
	size_t n = strlen(digits) / 2;
	uint8_t *p = arena_alloc(f->a, n + 1);

	assert_non_null(p);
	assert_true(hex_decode(bytes_of_str(digits), p, n));
	return bytes_of(p, n);
}

/* "10.0.0.0/8" and "2001:db8::/32": address and mask. */
static bool read_subtree(struct fixture *f, const char *s, struct bytes *ret)
{
	const char *slash = strchr(s, '/');
	size_t prefix = slash ? strtoul(slash + 1, NULL, 10) : 0, n;
	uint8_t *p = arena_alloc(f->a, 32), address[NAME_ADDRESS_MAX];

	assert_non_null(p);
	n = slash ? name_address(bytes_of(s, (size_t)(slash - s)), address) : 0;
	if (n == 0)
		return false;
	memcpy(p, address, n);
	for (size_t i = 0; i < prefix; i++)
		p[n + i / 8] |= (uint8_t)(0x80 >> i % 8);
	*ret = bytes_of(p, 2 * n);
	return true;
}

static struct general_name read_name(struct fixture *f, const char *s)
{
	struct general_name n = { GN_DNS, BYTES_NONE };
	uint8_t address[NAME_ADDRESS_MAX];
	size_t address_n = name_address(bytes_of_str(s), address);

	if (address_n > 0) {
		n.kind = GN_IP;
		assert_true(arena_bytes(f->a, bytes_of(address, address_n), &n.value));
		return n;
	}
	if (has_prefix(&s, "dn:"))
		return (struct general_name){ GN_DIRECTORY, dn_of(f, s) };
	if (has_prefix(&s, "raw-ip:"))
		return (struct general_name){ GN_IP, from_hex(f, s) };
	if (has_prefix(&s, "raw-dn:"))
		return (struct general_name){ GN_DIRECTORY, from_hex(f, s) };
	n.kind = has_prefix(&s, "uri:")	    ? GN_URI :
		 has_prefix(&s, "email:")   ? GN_EMAIL :
		 has_prefix(&s, "other:")   ? GN_OTHER :
		 read_subtree(f, s, &n.value) ? GN_IP :
						GN_DNS;
	if (n.kind != GN_IP)
		n.value = bytes_of_str(arena_str(f->a, bytes_of_str(s)));
	return n;
}

static const struct general_name *read_names(struct fixture *f, const char *names, size_t *ret_n)
{
	struct general_name *list = arena_alloc_array(f->a, FACTS_NAMES_MAX, sizeof(*list));
	size_t n = 0;

	assert_non_null(list);
	while (*names) {
		size_t here = strcspn(names, ";");

		list[n++] = read_name(f, arena_str(f->a, bytes_of(names, here)));
		names += here + (names[here] == ';');
	}
	*ret_n = n;
	return list;
}

void set_names(struct fixture *f, struct cert_facts *c, const char *names)
{
	c->names = read_names(f, names, &c->names_n);
	c->has_san = c->names_n > 0;
}

void set_one_name(struct fixture *f, struct cert_facts *c, enum general_name_kind kind, const char *p, size_t n)
{
	struct general_name *name = arena_alloc(f->a, sizeof(*name));

	assert_non_null(name);
	name->kind = kind;
	assert_true(arena_bytes(f->a, bytes_of(p, n), &name->value));
	c->names = name;
	c->names_n = 1;
	c->has_san = true;
}

void set_both_names(struct fixture *f, const char *names)
{
	set_names(f, OLD, names);
	set_names(f, NEW, names);
}

void permit(struct fixture *f, struct cert_facts *c, const char *subtrees)
{
	c->has_name_constraints = true;
	c->permitted = read_names(f, subtrees, &c->permitted_n);
}

void exclude(struct fixture *f, struct cert_facts *c, const char *subtrees)
{
	c->has_name_constraints = true;
	c->excluded = read_names(f, subtrees, &c->excluded_n);
}

void change_root(struct fixture *f)
{
	make_ca(f, ROOT, "Other Root", 0x70, "2036-01-01T00:00:00Z");
	set_issuer(ROOT, ROOT);
	ROOT->self_signature_valid = true;
	set_issuer(INTER, ROOT);
}

void reissue_root(struct fixture *f)
{
	memset(ROOT->fingerprint, 0x71, sizeof(ROOT->fingerprint));
	ROOT->not_after = at("2046-01-01T00:00:00Z");
}

void set_intermediates(struct fixture *f, size_t n)
{
	struct cert_facts root = *ROOT;

	assert_true(n + 2 <= FACTS_CHAIN_MAX);
	f->candidate.n = n + 2;
	f->candidate.certs[n + 1] = root;
	for (size_t i = n; i > 0; i--) {
		char *name = arena_printf(f->a, "Example CA %zu", i);

		make_ca(f, &f->candidate.certs[i], name, (uint8_t)(0x80 + 4 * i), "2032-01-01T00:00:00Z");
		set_issuer(&f->candidate.certs[i], &f->candidate.certs[i + 1]);
	}
	set_issuer(NEW, &f->candidate.certs[1]);
}

const char *words_of(const struct findings *found, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < found->n && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", finding_word(found->items[i].id));
	return out;
}

/* A sentence: something in it, lower case, no full stop, nothing that a terminal would obey. */
static void assert_sentence(const struct finding *one)
{
	size_t n = strlen(one->text);

	assert_true(n > 10);
	assert_false(one->text[n - 1] == '.' && (n < 3 || one->text[n - 2] != '.'));
	assert_false(one->text[0] >= 'A' && one->text[0] <= 'Z');
	assert_false(bytes_has_control(bytes_of_str(one->text)));
	assert_true(bytes_is_utf8(bytes_of_str(one->text)));
}

void assert_words(const char *what, const struct findings *found, const char *want)
{
	char got[4096];

	if (strcmp(words_of(found, got, sizeof(got)), want) != 0) {
		print_error("%s\n  want: %s\n  got:  %s\n", what, want, got);
		for (size_t i = 0; i < found->n; i++)
			print_error("  %s: %s\n", finding_word(found->items[i].id), found->items[i].text);
		fail();
	}
	for (size_t i = 0; i < found->n; i++)
		assert_sentence(&found->items[i]);
}
