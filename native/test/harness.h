/* What the tests share: a count of failures, a generator of numbers, and memory that ends where it may not be
 * read. */
#ifndef XENT_TEST_HARNESS_H
#define XENT_TEST_HARNESS_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t failures;
static int64_t checks;

/* Counts a check; prints the first failures and counts the others. */
static inline void check(int ok, const char *format, ...) {
    checks++;
    if (ok) {
        return;
    }
    if (failures++ < 20) {
        va_list arguments;
        va_start(arguments, format);
        fputs("FAILED: ", stdout);
        vprintf(format, arguments);
        putchar('\n');
        va_end(arguments);
    }
}

/* Prints the counts; the exit code of a test. */
static inline int report(const char *test) {
    printf("%s: %lld checks, %lld failures\n", test, (long long)checks, (long long)failures);
    return failures == 0 && checks > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A small generator with a fixed start (splitmix64): the same numbers in every run. */
static uint64_t random_state = 42;

static inline uint64_t next_bits(void) {
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline int64_t next_below(int64_t bound) { return (int64_t)(next_bits() % (uint64_t)bound); }
static inline int next_flag(void) { return (int)(next_bits() >> 63); }
static inline double next_unit(void) { return (double)(next_bits() >> 11) * 0x1p-53; }

/* Roughly normal: the sum of twelve uniform numbers. */
static inline double next_normal(void) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += next_unit();
    }
    return sum;
}

#endif
