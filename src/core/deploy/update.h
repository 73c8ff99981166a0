/*
 * A keystore update as a state machine. This decides; the deploy process acts: it carries out one action, reports what
 *came of it as an event, and gets the next action. No clock, no socket, no memory but struct update.
 *
 *	queued -> connecting -> checked -> staged -> switched -> probing -> confirmed
 *	                                                 \----------\---> rolling-back -> rolled-back
 *	failed: before the switch, or when the switch was refused before anything was touched; the old keystore is live
 *
 * A state is stored by the manager before anything happens in it (UA_MOVE, then UE_STORED): a stored "switched" means
 *that a switch may have been sent, a stored "staged" that none was. docs/adr/0002-dead-man-switch.md works out every
 *order of crash.
 */
#ifndef GW_CORE_DEPLOY_UPDATE_H
#define GW_CORE_DEPLOY_UPDATE_H

#include "base/err.h"
#include "base/time.h"
#include "core/deploy/hostproto.h"

enum update_state {
	US_QUEUED,
	US_CONNECTING,
	US_CHECKED,
	US_STAGED,
	US_SWITCHED,
	US_PROBING,
	US_ROLLING_BACK,
	US_CONFIRMED,
	US_ROLLED_BACK,
	US_FAILED,
	US_N
};

/* How a job ends. UNKNOWN: nobody could find out what is live; a person has to look. The state then stays what it was.
 */
enum update_result { UR_CONFIRMED, UR_ROLLED_BACK, UR_FAILED, UR_UNKNOWN, UR_N };

const char *update_state_word(enum update_state s);   /* "rolling-back" */
const char *update_result_word(enum update_result r); /* "rolled-back" */
bool update_state_from_word(struct bytes word, enum update_state *ret);
bool update_result_from_word(struct bytes word, enum update_result *ret);
bool update_may_move(enum update_state from, enum update_state to);
bool update_state_is_final(enum update_state s);

/* How long an action may take in this state; when it is over, report UE_TIMED_OUT. 0 for final states. */
int64_t update_limit_ms(enum update_state s);

/* From the moment that "switched" is asked for: the latest that the host's dead-man switch can fire. */
int64_t update_window_max_s(void);

/* The state that a job with this result is in, when it stood in `stands` before. */
enum update_state update_final_state(enum update_result r, enum update_state stands);

/* What the deploy process is to do. Each is safe to do twice. "Answers" are the events that may follow (besides the
 * asynchronous ones). */
enum update_action_kind {
	UA_WAIT,	/* the action under way goes on; an asynchronous event was noted */
	UA_MOVE,	/* have the manager store .state (and .deadline when .has_deadline). Answers: UE_STORED,
			   UE_MANAGER_GONE */
	UA_CONNECT,	/* connect, check the host key, authenticate, become root, greet. .delay_ms first. Answers:
			   UE_CONNECTED, UE_CONNECT_FAILED */
	UA_CHECK,	/* `check`. Answers: UE_CHECKED, UE_STEP_FAILED */
	UA_STAGE,	/* `stage`. Answers: UE_STAGED, UE_STEP_FAILED */
	UA_SWITCH,	/* `switch` with .seconds. Answers: UE_SWITCHED, UE_SWITCH_FAILED */
	UA_PROBE,	/* after .delay_ms: TLS probe of every address and name. Answer: UE_PROBED */
	UA_STATUS,	/* after .delay_ms: `status`. Answers: UE_STATUS, UE_STEP_FAILED */
	UA_CONFIRM,	/* `confirm`. Answers: UE_CONFIRMED, UE_NOT_PENDING, UE_STEP_FAILED */
	UA_ROLLBACK,	/* `rollback`. Answers: UE_ROLLED_BACK, UE_NOT_PENDING, UE_STEP_FAILED */
	UA_DISCARD,	/* `discard` the staged generation. Answers: UE_DISCARDED, UE_STEP_FAILED */
	UA_SLEEP_UNTIL, /* wait for .until (nothing else to do). Answer: UE_WOKE */
	UA_FINISH, /* the end: .result and .text for the manager (MSG_DEPLOY_RESULT); `bye`, exit. Nothing follows */
	UA_N
};

enum update_event_kind {
	UE_STARTED, /* first event, once */
	UE_STORED,
	UE_CONNECTED,
	UE_CONNECT_FAILED, /* .permanent: host key unknown or changed, authentication refused: trying again is useless.
			      .text */
	UE_CHECKED,	   /* .check */
	UE_STAGED,
	UE_SWITCHED,
	UE_SWITCH_FAILED, /* .failure, .restored, .text */
	UE_PROBED,	  /* .seen, .text: what was seen, as a sentence */
	UE_STATUS,	  /* .status */
	UE_CONFIRMED,
	UE_NOT_PENDING,
	UE_ROLLED_BACK, /* .restored, .text */
	UE_DISCARDED,
	UE_STEP_FAILED, /* the host answered `fail`: .failure, .text */
	UE_WOKE,
	/* asynchronous: at any time after UE_STARTED */
	UE_LOST,	 /* the SSH connection is gone; while an action on it is under way this is its answer. .text */
	UE_TIMED_OUT,	 /* the action under way took longer than the state's limit; whatever it used (connection) is
			    closed now */
	UE_CANCEL,	 /* MSG_DEPLOY_CANCEL */
	UE_MANAGER_GONE, /* or it stored nothing in time. .text */
	UE_N
};

/* What a TLS probe of all addresses and names saw. Order: worse is higher. */
enum update_seen {
	SEEN_NEW,	  /* everywhere the new certificate, right names, right chain */
	SEEN_OLD,	  /* somewhere still the old one, and nowhere anything worse */
	SEEN_OTHER,	  /* somewhere a third certificate, or the new one with a wrong chain or wrong names */
	SEEN_UNREACHABLE, /* somewhere no TLS handshake */
	SEEN_N
};

/* The host's answer to `check`, as the machine needs it. */
enum update_live { LIVE_UNKNOWN, LIVE_OLD, LIVE_NEW, LIVE_OTHER, LIVE_NOTHING };
struct update_check {
	int64_t skew_s;	    /* host's clock minus ours */
	int64_t free_bytes; /* -1: not said */
	int64_t need_bytes; /* what the new generation takes */
	bool pending;	    /* another switch awaits its confirmation there */
	int64_t pending_left_s;
	bool pending_ours; /* its token is ours */
	enum host_running running;
	enum update_live live; /* the certificate in the live files against the one the manager believes in */
};

/* The host's answer to `status`. */
enum update_generation { GENERATION_NEW, GENERATION_OLD, GENERATION_OTHER };
enum update_pending { PENDING_NONE, PENDING_OURS, PENDING_OTHER };
struct update_status {
	enum update_generation
		live; /* against the staged ID, and `old` as the switch said (without it: not new is old) */
	enum update_pending pending;
	int64_t left_s; /* until the dead-man switch fires; 0: it is at work */
};

struct update_event {
	enum update_event_kind kind;
	bool permanent;
	enum host_failure failure;
	enum host_restored restored;
	enum update_seen seen;
	struct update_check check;
	struct update_status status;
	const char *text; /* borrowed, may be NULL: what happened, for people */
};

struct update_action {
	enum update_action_kind kind;
	enum update_state state;
	bool has_deadline;
	struct wall_time deadline; /* at the latest then the host has gone back by itself, unless confirmed */
	int64_t delay_ms, seconds;
	struct wall_time until;
	enum update_result result;
	char text[ERR_TEXT_MAX]; /* UA_FINISH: the sentence; others: what is being done, for people ("probe again, 3 of
				    12") */
};

#define UPDATE_CONFIRM_WITHIN_DEFAULT_S 60
#define UPDATE_CONFIRM_WITHIN_MIN_S 15
#define UPDATE_CONFIRM_WITHIN_MAX_S 3600
#define UPDATE_SKEW_DEFAULT_S 300
#define UPDATE_MARGIN_S 15 /* behind the host's deadline until its reload is surely over */
/* Behind that deadline until the boot hook, which looks each minute when the watchdog is dead, has surely gone back,
 * reload included: only then is a new certificate that is served a confirmed one. */
#define UPDATE_HOOK_S 100
#define UPDATE_RESERVE_S                                                                                               \
	5		     /* before the deadline: no new probe round starts, so that the confirmation comes in time \
			      */
#define UPDATE_PROBES_MAX 12 /* rounds after a switch */
#define UPDATE_PROBES_OLD_MAX 8 /* rounds after going back */
#define UPDATE_RECONNECTS_MAX 8
#define UPDATE_STATUSES_MAX 8
#define UPDATE_RECOVER_PROBES_MAX 8

struct update_options {
	int64_t confirm_within_s; /* MIN..MAX */
	int64_t skew_max_s;	  /* at least 0 */
	bool stage;		  /* false: switch to a generation that is there already (rollback of an old update) */
	bool first_install;	  /* the manager knows of no certificate in use: going back is not seen as SEEN_OLD */
};

/* Embedded by the caller; only update.c looks inside. */
struct update {
	struct update_options options;
	enum update_state state;
	enum update_action_kind doing;	       /* the action under way */
	bool started, cancelled, manager_gone; /* what was heard */
	bool connected, refused;	       /* the SSH connection: is there; will never be again */
	bool stage_sent, discard_sent, switch_sent, confirm_sent;
	bool probed_new, confirmed, restored; /* what is known of the gateway and its host */
	bool last_look; /* no connection any more: wait for the deadline, then only a probe can tell */
	int probes, probes_old, reconnects, statuses;
	struct wall_time deadline; /* valid once switch_sent */
	enum update_state moving_to;
	char cause[ERR_TEXT_MAX]; /* why it goes back or fails: the first reason stays */
};

/* -EINVAL: an option out of range. */
MUST_USE int update_init(struct update *u, const struct update_options *options, struct err *e);

/* May an update go on after `check`? 0, or the kind and a sentence: clock, space, another update, not running, other
 * certificate. */
MUST_USE int update_judge_check(const struct update_options *options, const struct update_check *check, struct err *e);

/* One event in, one action out. An event that does not answer the action under way is the caller's bug: assert. */
void update_on_event(struct update *u, const struct update_event *event, struct wall_time now,
		     struct update_action *out);

/* May this event come now? For tests and for the caller's own asserts. */
bool update_accepts(const struct update *u, enum update_event_kind kind);

/*
 * A manager starts and finds an unfinished job. What now, without an SSH connection (passwords are not kept)? Probe
 * first, then ask this; on RECOVER_WAIT probe again at .until with attempts + 1. Bounded: attempts above
 * UPDATE_RECOVER_PROBES_MAX never wait.
 */
struct update_recovery {
	enum update_state state; /* as stored */
	bool has_deadline;
	struct wall_time deadline; /* as stored with "switched" or "probing" */
	struct wall_time
		entered; /* when the state was stored: without a deadline, the longest window counts from here */
	int attempts;	 /* probes done before this one */
	enum update_seen seen;
	const char *seen_text; /* borrowed, may be NULL */
	const char *cause;     /* borrowed, NULL: the manager was restarted */
};
enum update_recover_kind { RECOVER_WAIT, RECOVER_FINISH };
struct update_recover_decision {
	enum update_recover_kind kind;
	struct wall_time until;	   /* RECOVER_WAIT */
	enum update_result result; /* RECOVER_FINISH */
	char text[ERR_TEXT_MAX];
};
void update_recover(const struct update_recovery *in, struct wall_time now, struct update_recover_decision *ret);

#endif
