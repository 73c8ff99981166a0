/* What the program's exit status says; man/gatewright-gate.8 has the same rows. */
#ifndef GW_GATE_EXIT_CODES_H
#define GW_GATE_EXIT_CODES_H

enum exit_code {
	EXIT_DONE = 0,	      /* done; after an install: and proven */
	EXIT_FAILED = 1,      /* not done; what was served is served */
	EXIT_USAGE = 2,	      /* the command line or the configuration is wrong */
	EXIT_REFUSED = 3,     /* a check refused the keystore */
	EXIT_NOT_PROVEN = 4,  /* switched, but no gate runs that could prove it */
	EXIT_ROLLED_BACK = 5, /* switched, the proof failed, the old one is served again */
	EXIT_BUSY = 6,	      /* another switch is pending */
};

/* Of a failure's kind (gate/failure.h). */
enum exit_code exit_code_of(int kind);

#endif
