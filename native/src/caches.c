/* The size of the last-level cache, which decides where output goes. Read once, when the library is loaded.
 */
#define _DEFAULT_SOURCE

#include <stdlib.h>
#include <unistd.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

/*
 * The largest cache that a leaf of deterministic cache parameters lists: leaf 4, or AMD's 0x8000001d, which
 * has the same form. 0 if the processor does not have the leaf.
 */
static int64_t largest_of_leaf(uint32_t leaf) {
    uint32_t a, b, c, d;
    int64_t largest = 0;
    for (uint32_t index = 0; index < 16 && __get_cpuid_count(leaf, index, &a, &b, &c, &d) && a % 32 != 0;
         index++) {
        int64_t ways = (b >> 22) + 1, partitions = (b >> 12 & 1023) + 1, line = (b & 4095) + 1;
        int64_t bytes = ways * partitions * line * ((int64_t)c + 1);
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}

static int64_t processor_bytes(void) {
    int64_t bytes = largest_of_leaf(4);
    return bytes ? bytes : largest_of_leaf(UINT32_C(0x8000001d));
}
#else
static int64_t processor_bytes(void) { return 0; }
#endif

/* The C library's answer; some versions take all caches of a socket together. 0 if it has none. */
static int64_t system_bytes(void) {
#if defined(_SC_LEVEL3_CACHE_SIZE)
    long level3 = sysconf(_SC_LEVEL3_CACHE_SIZE), level2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return level3 > 0 ? level3 : level2 > 0 ? level2 : 0;
#else
    return 0;
#endif
}

/* XENT_LAST_LEVEL_BYTES: for machines that say something wrong about themselves, and for tests. */
static int64_t given_bytes(void) {
    const char *given = getenv("XENT_LAST_LEVEL_BYTES");
    return given ? strtoll(given, NULL, 10) : 0;
}

/* What is taken where nothing is known: common for a group of cores that share one. */
int64_t xent_last_level_bytes = INT64_C(32) << 20;

__attribute__((constructor)) static void read_cache_sizes(void) {
    int64_t (*const sources[])(void) = {given_bytes, processor_bytes, system_bytes};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        int64_t bytes = sources[i]();
        if (bytes > 0) {
            xent_last_level_bytes = bytes;
            return;
        }
    }
}
