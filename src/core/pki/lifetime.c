#include "core/pki/lifetime.h"

struct wall_time lifetime_renew_at(struct wall_time not_before, struct wall_time not_after)
{
	int64_t life = not_after.s - not_before.s;

	return wall_add(not_before, life - life / 3);
}

enum lifetime_answer lifetime_judge(struct wall_time not_before, struct wall_time not_after,
				    struct wall_time issuer_end, int64_t life_s, struct wall_time now,
				    struct wall_time *ret_not_after)
{
	struct wall_time end = wall_add(now, life_s);

	if (now.s < lifetime_renew_at(not_before, not_after).s)
		return LIFETIME_GOOD;
	if (end.s > issuer_end.s)
		end = issuer_end;
	if (end.s < not_after.s + DAY_S)
		return LIFETIME_BY_HAND;
	*ret_not_after = end;
	return LIFETIME_RENEW;
}
