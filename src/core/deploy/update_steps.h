/* The update machine's own vocabulary: each function writes the one next action into `out`. Only update*.c include
 * this. */
#ifndef GW_CORE_DEPLOY_UPDATE_STEPS_H
#define GW_CORE_DEPLOY_UPDATE_STEPS_H

#include "core/deploy/update.h"

void update_say(char out[ERR_TEXT_MAX], const char *format, ...) PRINTF_LIKE(2, 3);

/* Note why it goes back or fails: "context" and the text. The first reason is the cause; what follows from it is not.
 */
void update_blame(struct update *u, const char *context, const char *text);
bool update_must_stop(const struct update *u);

void update_act(struct update *u, struct update_action *out, enum update_action_kind kind, const char *text);
void update_finish(struct update *u, struct update_action *out, enum update_result result, const char *text,
		   const char *detail);
void update_move(struct update *u, struct update_action *out, enum update_state to);

/* Before the switch: the old keystore was never touched. What was staged goes, when the host can still be told. */
void update_fail(struct update *u, struct update_action *out);

/* `round` counts from 0; the first comes at once. */
void update_probe(struct update *u, struct update_action *out, int round, int rounds);

/* These need the connection, or end in UA_CONNECT, or in the last look when there can be none. */
void update_reconnect(struct update *u, struct wall_time now, struct update_action *out);
void update_ask_status(struct update *u, struct wall_time now, struct update_action *out);
void update_confirm(struct update *u, struct wall_time now, struct update_action *out);
void update_roll_back(struct update *u, struct wall_time now, struct update_action *out);

/* After the switch: back to the old keystore. The state is stored first, unless nobody is there to store it. */
void update_go_back(struct update *u, struct wall_time now, struct update_action *out);

/* Cancelled, or without a manager: whichever of the two ways back is right now. */
void update_stop(struct update *u, struct wall_time now, struct update_action *out);

/* 50 ms, doubled up to 3.2 s. */
int64_t update_backoff_ms(int n);

#endif
