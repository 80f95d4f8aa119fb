/* Memory between two pages that may not be touched: reading or writing one byte outside it ends the test. */
#ifndef XENT_TEST_GUARDED_H
#define XENT_TEST_GUARDED_H

#ifndef _DEFAULT_SOURCE
#error "define _DEFAULT_SOURCE before any header: MAP_ANONYMOUS is asked for"
#endif

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

struct guarded {
    char *start;
    size_t bytes;
};

static inline struct guarded guarded_new(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bytes = (bytes + page - 1) / page * page;
    char *all = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all + page, bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("guarded memory");
        exit(EXIT_FAILURE);
    }
    return (struct guarded){all + page, bytes};
}

/* So many bytes of it, right before the upper page or right after the lower one, filled with a pattern. */
static inline void *guarded_place(const struct guarded *g, size_t bytes, int at_end) {
    if (bytes > g->bytes) {
        puts("guarded memory is too small");
        exit(EXIT_FAILURE);
    }
    char *place = at_end ? g->start + g->bytes - bytes : g->start;
    memset(place, 0x5a, bytes);
    return place;
}

#endif
