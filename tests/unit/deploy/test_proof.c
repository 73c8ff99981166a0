/* The proof: its text, golden; its JWS parts; and the JSON writer and check below it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/json_write.h"
#include "core/deploy/proof.h"

#include <errno.h>
#include <stdio.h>

static const char *const names[] = { "gw.example.com" };

static struct proof_certificate certificate(const char *fingerprint, const struct bytes *chain, size_t n)
{
	return (struct proof_certificate){ fingerprint, "edge \"one\"", "CN=edge", "0a", names, 1, { 0 }, { 86400 }, chain, n };
}

static int payload(const char *probe, bool with_old, struct buf *out, struct err *e)
{
	static struct findings findings;
	struct bytes chain[2] = { bytes_of_str("PEM1\n"), bytes_of_str("PEM2\n") }, after[1] = { bytes_of_str(probe) };
	struct proof_certificate old = certificate("aa", chain, 2), new = certificate("bb", chain, 1);
	struct proof_step step = { "probing", "probe", "done", { 61 }, 12 };
	struct proof_input in = {
		.version = "0.1.0", .job = 7, .gateway = "edge-1", .target = "nginx", .result = "confirmed", .made_at = { 100 },
		.generation = "g1", .ssh_host = "192.0.2.1", .ssh_user = "root", .host_key = "SHA256:x", .ssh_port = 22,
		.old = with_old ? &old : NULL, .new = &new, .compared_at = { 60 }, .findings = &findings, .probes_after = after,
		.probes_after_n = 1, .handshakes_tried = 3, .steps = &step, .steps_n = 1,
	};

	return proof_payload(&in, out, e);
}

#define SIDE(fp, chain)                                                                                                       \
	"{\"fingerprint\":\"" fp "\",\"display_name\":\"edge \\\"one\\\"\",\"subject\":\"CN=edge\",\"serial\":\"0a\","        \
	"\"names\":[\"gw.example.com\"],\"not_before\":\"1970-01-01T00:00:00Z\",\"not_after\":\"1970-01-02T00:00:00Z\","      \
	"\"chain\":[" chain "]}"

static void golden(void **state)
{
	static const char want[] =
		"{\"proof\":1,\"made_by\":\"gatewrightd\",\"version\":\"0.1.0\",\"made_at\":\"1970-01-01T00:01:40Z\",\"job\":7,"
		"\"gateway\":\"edge-1\",\"target\":\"nginx\",\"result\":\"confirmed\",\"old\":" SIDE("aa", "\"PEM1\\n\",\"PEM2\\n\"")
		",\"new\":" SIDE("bb", "\"PEM1\\n\"")
		",\"compatibility\":{\"compared_at\":\"1970-01-01T00:01:00Z\",\"revocation_known\":false,\"compatible\":true,\"findings\":[],"
		"\"findings_dropped\":0},\"host\":{\"ssh_host\":\"192.0.2.1\",\"ssh_port\":22,\"ssh_user\":\"root\",\"host_key\":\"SHA256:x\","
		"\"generation\":\"g1\",\"old_generation\":null},\"probes_before\":[],\"probes_after\":[{\"ok\": true}],"
		"\"handshakes\":{\"measured_by\":\"the manager's own probes between switch and confirmation\",\"tried\":3,\"lost\":0},"
		"\"steps\":[{\"state\":\"probing\",\"text\":\"probe\",\"outcome\":\"done\",\"started_at\":\"1970-01-01T00:01:01Z\","
		"\"time_ms\":12}]}";
	struct buf b;
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 65536);
	assert_int_equal(payload("{\"ok\": true}", true, &b, &e), 0);
	assert_string_equal(buf_str(&b), want);
	assert_true(json_is_valid(buf_bytes(&b)));
	buf_reset(&b);
	assert_int_equal(payload("{}", false, &b, &e), 0);
	assert_non_null(strstr(buf_str(&b), "\"old\":null,"));
	buf_fini(&b);
}

static void refused(void **state)
{
	struct buf b;
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 65536);
	assert_int_equal(payload("{}], \"result\": \"forged\", \"x\": [", true, &b, &e), -EINVAL);
	assert_string_equal(err_text(&e), "the proof: want texts in UTF-8 and probes in JSON, got something else");
	buf_fini(&b);
	buf_init(&b, 100);
	assert_int_equal(payload("{}", true, &b, &e), -EFBIG);
	buf_fini(&b);
}

/* RFC 8037 appendix A: the key of its examples, its thumbprint's input, and the form of its signature. */
static void jws(void **state)
{
	static const uint8_t key[32] = { 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
					 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a };
	static const uint8_t thumbprint[32] = { 0x90, 0xfa, 0xcf, 0xaf, 0xea, 0x9b, 0x15, 0x56, 0x69, 0x85, 0x40, 0xf7, 0x0c, 0x01, 0x17, 0xa2,
						0x2e, 0xa3, 0x7b, 0xd5, 0xcf, 0x3e, 0xd3, 0xc4, 0x70, 0x93, 0xc1, 0x70, 0x72, 0x82, 0xb4, 0xb2 };
	static const uint8_t signature[64] = { 0xfb };
	struct buf b, out;
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 4096);
	buf_init(&out, 4096);
	proof_thumbprint_input(key, &b);
	assert_string_equal(buf_str(&b), "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	buf_reset(&b);
	assert_int_equal(proof_signing_input(bytes_of_str("{}"), key, thumbprint, &b, &e), 0);
	assert_true(bytes_equal_str(bytes_of(b.p + b.n - 4, 4), ".e30"));
	assert_int_equal(proof_assemble(buf_bytes(&b), signature, &out, &e), 0);
	assert_memory_equal(out.p, "{\"payload\":\"e30\",\"protected\":\"eyJhbGciOiJFZERTQSIsInR5cCI6Imdh", 62);
	assert_memory_equal(out.p + out.n - 103, ",\"signature\":\"-wAAAA", 20);
	assert_int_equal(out.p[out.n - 1], '\n');
	assert_int_equal(proof_assemble(bytes_of_str("nodot"), signature, &out, &e), -EINVAL);
	buf_fini(&b);
	buf_fini(&out);
}

static void valid_json(void **state)
{
	static const struct row {
		const char *text;
		bool valid;
	} rows[] = {
		{ "{}", true },		    { " [1, -2.5e+3, true, false, null, \"a\\u00e9\\n\"] ", true },
		{ "0", true },		    { "{\"a\":{\"b\":[]}}", true },
		{ "", false },		    { "{", false },
		{ "[1,]", false },	    { "[,1]", false },
		{ "{\"a\"}", false },	    { "{\"a\":1,}", false },
		{ "{a:1}", false },	    { "01", false },
		{ "1.", false },	    { "1e", false },
		{ "-", false },		    { "+1", false },
		{ "\"a", false },	    { "\"\\x\"", false },
		{ "\"\\u12g4\"", false },   { "\"a\nb\"", false },
		{ "nul", false },	    { "{} {}", false },
		{ "\"\xff\"", false },	    { "'a'", false },
		{ "[1}", false },	    { "NaN", false },
	};
	char deep[2 * JSON_DEPTH_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		if (json_is_valid(bytes_of_str(rows[i].text)) != rows[i].valid)
			fail_msg("%s", rows[i].text);
	}
	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_true(json_is_valid(bytes_of(deep, 2 * JSON_DEPTH_MAX)));
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_false(json_is_valid(bytes_of(deep, sizeof(deep))));
	assert_false(json_is_valid(bytes_of("\"\0\"", 3)));
}

static void writer(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	json_begin(&w, &b);
	json_open_object(&w, NULL);
	json_put_str(&w, "a", "\"\\\b\t\n\v\f\r\001\177\xc3\xa9/");
	json_open_array(&w, "b");
	json_put_int(&w, NULL, INT64_MIN);
	json_put_bool(&w, NULL, true);
	json_put_str(&w, NULL, NULL);
	json_close_array(&w);
	json_close_object(&w);
	assert_true(json_done(&w));
	assert_string_equal(buf_str(&b), "{\"a\":\"\\\"\\\\\\b\\t\\n\\u000b\\f\\r\\u0001\\u007f\xc3\xa9/\",\"b\":[-9223372036854775808,true,null]}");
	buf_fini(&b);
}

/* Calls out of order are found, whatever the text looks like. */
static void writer_misused(void **state)
{
	(void)state;
	for (int way = 0; way < 7; way++) {
		struct json_writer w;
		struct buf b;

		buf_init(&b, 4096);
		json_begin(&w, &b);
		json_open_object(&w, way == 0 ? "key" : NULL);
		if (way == 1)
			json_put_int(&w, NULL, 1);
		if (way == 2)
			json_close_array(&w);
		if (way == 3)
			json_put_str(&w, "a", "\xff");
		if (way != 4)
			json_close_object(&w);
		if (way == 5)
			json_put_int(&w, NULL, 1);
		if (way == 6)
			json_close_object(&w);
		assert_false(json_done(&w));
		buf_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden), cmocka_unit_test(refused),	cmocka_unit_test(jws), cmocka_unit_test(valid_json),
		cmocka_unit_test(writer), cmocka_unit_test(writer_misused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
