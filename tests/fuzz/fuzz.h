/*
 * A fuzz target is one file with one function that libFuzzer calls with any bytes, and that asserts what must hold for all of them.
 * replay.c calls the same function with every file of its corpus, so that check replays what was found once.
 */
#ifndef GW_TESTS_FUZZ_H
#define GW_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_INPUT_MAX (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant; on in every build, also with NDEBUG. */
#define FUZZ_ASSERT(condition)                                                               \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                             \
		}                                                                            \
	} while (0)

#endif
