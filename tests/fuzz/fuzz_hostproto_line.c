/* Whatever a host says: lines of a reply, one after the other, their facts noted. */
#include "fuzz.h"
#include "base/rd.h"
#include "core/deploy/hostproto.h"

#include <errno.h>

static void check_fact(struct host_report *report, const struct host_line *l)
{
	struct err e = { 0 };
	struct bytes id;
	bool complete;
	int r = hostproto_report_fact(report, l, &e);

	FUZZ_ASSERT(r == 0 || (r == -EPROTO && bytes_is_utf8(bytes_of_str(e.text))));
	FUZZ_ASSERT(!hostproto_generation_fact(l, &id, &complete) || hostproto_is_id(id));
	FUZZ_ASSERT(report->live[0] == '\0' || hostproto_is_word(bytes_of_str(report->live)));
	FUZZ_ASSERT(report->free_bytes >= -1 && report->left_s >= 0 && report->clock >= 0);
}

static void check_line(struct bytes line, struct host_report *report)
{
	struct host_line l = { 0 };
	enum host_kind kind;
	struct err e = { 0 };
	int r = hostproto_parse_line(line, &l, &e);

	FUZZ_ASSERT(r == 0 || (r == -EPROTO && !bytes_has_control(bytes_of_str(e.text)) && bytes_is_utf8(bytes_of_str(e.text))));
	FUZZ_ASSERT(r != 0 || hostproto_parse_greeting(line, &kind, &e) < 0);
	if (r < 0)
		return;
	FUZZ_ASSERT(line.n < HOSTPROTO_LINE_MAX);
	FUZZ_ASSERT(l.kind != HOST_LINE_FAIL || (l.text.n > 0 && l.failure < HF_N));
	if (l.kind == HOST_LINE_FACT)
		check_fact(report, &l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_report report = HOST_REPORT_NONE;
	struct rd rd = rd_of(bytes_of(data, size));
	bool found = true;

	while (found)
		check_line(rd_until(&rd, '\n', &found), &report);
	return 0;
}
