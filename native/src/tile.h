/*
 * What the operations on tiles share. They are written once, in plain C, and compiled once for each
 * instruction set: the compiler makes the vectors. So inner loops have no branches, only selections, and
 * everything that is the same for a row is decided outside.
 */
#ifndef XENT_TILE_H
#define XENT_TILE_H

#include "kernels.h"
#include "scalar_math.h"

/* Before a loop whose output may be one of its inputs, element by element: no iteration needs another one. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Side-by-side elements of a sum or a search. Part of the canonical algorithm for XENT_TILE_CROSS. */
enum { TILE_LANES = 16 };

/*
 * Elements of a row that are worked on at a time where intermediate results are kept; a multiple of
 * TILE_LANES.
 */
enum { TILE_CHUNK = 128 };

/* The row in work: where its elements begin, and its scalars. */
struct tile_row {
    int64_t index;
    int64_t start;
    double r0, r1, r2;
};

typedef void tile_operation(const struct xent_tile *tile, const struct tile_row *row);

static inline struct tile_row tile_row_of(const struct xent_tile *tile, int64_t index) {
    struct tile_row row = {.index = index, .start = index * tile->columns};
    if (tile->scalars) {
        const double *scalars = tile->scalars + index * tile->scalar_step;
        row.r0 = scalars[0];
        row.r1 = scalars[1];
        row.r2 = scalars[2];
    }
    return row;
}

/* Does one operation on all rows. */
static inline void tile_run(const struct xent_tile *tile, tile_operation *operation) {
    for (int64_t index = 0; index < tile->rows; index++) {
        struct tile_row row = tile_row_of(tile, index);
        operation(tile, &row);
    }
}

/* The sum of the lanes, the upper half added to the lower half until one is left. */
static inline double tile_tree(double *lanes) {
    for (int half = TILE_LANES / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
            lanes[lane] += lanes[lane + half];
        }
    }
    return lanes[0];
}

#endif
