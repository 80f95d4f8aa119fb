/* What the instruction sets share: the arguments of a call, the table of functions, and the constants of a
 * row. */
#ifndef XENT_KERNELS_H
#define XENT_KERNELS_H

#include <stdint.h>

#include "xent/xent.h"

/* A function that only makes sense inside its callers, where its constant arguments remove branches. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Before a loop over the registers of one step, or over coefficients: it must vanish, else registers become
 * memory. */
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* How the elements of logits and gradient are stored: as what is computed in, or in one of 16 bits. */
enum xent_format { FORMAT_PLAIN, FORMAT_BFLOAT16, FORMAT_FLOAT16 };

/*
 * The arguments of a row kernel, checked by api.c. What is void * has the element type that the function is
 * for; logits and gradient are stored in the format. The contract of each field is that of the parameter of the same
 * name in xent.h.
 */
struct xent_rows {
    const void *logits;
    enum xent_format format;
    const uint8_t *mask;
    int64_t mask_stride;
    int64_t row_stride;
    int64_t rows;
    int64_t classes;
    const int32_t *targets;
    const void *class_weights;
    double weight_total;
    void *workspace;
    double *nll;
    double *lse;
    double *spread;
    const xent_coefficients *coefficients;
    int64_t coefficient_step;
    int32_t empty_rows_zero;
    void *gradient;
    int64_t gradient_stride;
};

typedef void xent_row_kernel(const struct xent_rows *rows);

/* The arguments of xent_tile, checked by api.c. */
struct xent_tile {
    int32_t operation;
    int64_t rows;
    int64_t columns;
    void *out;
    const void *a;
    const void *b;
    const void *c;
    int32_t shared_c;
    const void *column;
    const double *scalars;
    int64_t scalar_step;
    double *results;
};

typedef void xent_tile_kernel(const struct xent_tile *tile);

/* The arguments of xent_logistic_f32 and its like, checked by api.c; their contract is written down in xent.h. */
struct xent_logistic {
    int64_t rows;
    int64_t columns;
    const void *logits;
    int64_t logits_stride;
    const void *targets;
    int64_t targets_stride;
    const void *weights;
    int64_t weights_stride;
    const void *column;
    const double *factors;
    int64_t factor_step;
    double *sums;
    void *losses;
    void *gradient;
    int64_t gradient_stride;
};

typedef void xent_logistic_kernel(const struct xent_logistic *call);

/* The operations on tiles, for each element type. */
struct xent_tile_kernels {
    xent_tile_kernel *f32;
    xent_tile_kernel *f64;
};

struct xent_kernels {
    xent_row_kernel *forward_f32;
    xent_row_kernel *forward_f64;
    xent_row_kernel *gradient_f32;
    xent_row_kernel *gradient_f64;
    xent_row_kernel *log_softmax_f32;
    xent_row_kernel *log_softmax_f64;
    xent_logistic_kernel *logistic_f32;
    xent_logistic_kernel *logistic_f64;
    const struct xent_tile_kernels *tile;
    float (*probe_read)(const float *source, int64_t count);
    void (*probe_copy)(const float *source, float *target, int64_t count, int32_t non_temporal);
    void (*probe_update)(float *values, int64_t count);
};

extern const struct xent_kernels xent_kernels_scalar;
extern const struct xent_kernels xent_kernels_avx2;
extern const struct xent_kernels xent_kernels_avx512;

extern const struct xent_tile_kernels xent_tile_scalar;
extern const struct xent_tile_kernels xent_tile_avx2;
extern const struct xent_tile_kernels xent_tile_avx512;

/*
 * The shape of a row's sum: partial sums side by side, and elements after which they are flushed into
 * doubles. Part of the canonical algorithm: the same numbers whatever the register width.
 */
enum { LANES_f32 = 32, BLOCK_f32 = 1024, LANES_f64 = 16, BLOCK_f64 = 512 };

/* Up to here rows are worked on side by side, one in each lane of a register. Not above LANES of any type. */
enum { FEW_CLASSES = 16 };

/*
 * Bytes that are prefetched ahead of the exponentials. Logits: far enough that one thread keeps the memory
 * busy (nearer than 12 KB it does not; from 16 to 128 KB there is no difference). Where the exponentials go:
 * the lines are in the second level, or of no use until they are, and stores wait for one another.
 */
enum { LOGITS_AHEAD = 16384, EXPONENTIALS_AHEAD = 4096 };

/*
 * Where logits come from: memory as they are; or mapped on their way, widened or with -inf where a mask has 0. The
 * odd ones have a mask.
 */
enum xent_source {
    SOURCE_PLAIN,
    SOURCE_MASKED,
    SOURCE_BFLOAT16,
    SOURCE_BFLOAT16_MASKED,
    SOURCE_FLOAT16,
    SOURCE_FLOAT16_MASKED
};

static inline enum xent_source xent_source_of(const struct xent_rows *rows) {
    return (enum xent_source)(2 * (int)rows->format + (rows->mask != 0));
}
ALWAYS_INLINE int xent_has_mask(enum xent_source source) { return source % 2; }
ALWAYS_INLINE enum xent_format xent_format_of(enum xent_source source) {
    return (enum xent_format)(source / 2);
}

/* Whether logits or gradient are not plain elements of what is computed in. */
static inline int xent_is_mapped(const struct xent_rows *rows) {
    return xent_source_of(rows) != SOURCE_PLAIN;
}

/* Bytes of a stored element. */
ALWAYS_INLINE int64_t xent_stored_bytes(enum xent_format format, int64_t element_bytes) {
    return format == FORMAT_PLAIN ? element_bytes : 2;
}

/* Its logarithm to base 2, since a division would cost as much as the exponentials of some registers. */
ALWAYS_INLINE int xent_stored_shift(enum xent_format format, int64_t element_bytes) {
    return format == FORMAT_PLAIN ? (element_bytes == 8 ? 3 : 2) : 1;
}

/* The mask of a row, or null. */
static inline const uint8_t *xent_mask_of(const struct xent_rows *rows, int64_t row) {
    return rows->mask ? rows->mask + row * rows->mask_stride : 0;
}

/*
 * Elements of the tile in the workspace of rows of one block: exponentials of as many rows as a vector of doubles has
 * lanes, or logits of few classes. Half of the first level, so that the rows themselves have room beside them.
 */
enum { TILE_ELEMENTS_f32 = 8 * BLOCK_f32, TILE_ELEMENTS_f64 = 8 * BLOCK_f64 };

/* How the spread of a row is summed. */
enum xent_spread { SPREAD_NONE, SPREAD_PLAIN, SPREAD_WEIGHTED };

static inline enum xent_spread xent_spread_of(const struct xent_rows *rows) {
    if (!rows->spread) {
        return SPREAD_NONE;
    }
    return rows->class_weights ? SPREAD_WEIGHTED : SPREAD_PLAIN;
}

/* Bytes of an array in a workspace, whose parts all start on a cache line. */
static inline int64_t xent_padded_bytes(int64_t count, int64_t element_bytes) {
    return (count * element_bytes + 63) / 64 * 64;
}

/* Blocks of a row. */
static inline int64_t xent_block_count(int64_t classes, int64_t block) {
    return (classes + block - 1) / block;
}

/* The coefficients of a row's gradient. */
static inline const xent_coefficients *xent_coefficients_of(const struct xent_rows *rows, int64_t row) {
    return rows->coefficients + row * rows->coefficient_step;
}

/* The class index of a row: -1 where it has none, which is not the same as an ignored row. */
static inline int64_t xent_target_of(const struct xent_rows *rows, int64_t row) {
    return rows->targets ? rows->targets[row] : -1;
}

/* Whether a row is left out: it has a class index, and a negative one. */
static inline int xent_is_ignored(const struct xent_rows *rows, int64_t row) {
    return rows->targets && rows->targets[row] < 0;
}

/* See caches.c. */
extern int64_t xent_last_level_bytes;

/* Whether some matrices of as many elements do not fit the last-level cache together. */
static inline int xent_exceeds_cache(int64_t matrices, int64_t elements, int64_t element_bytes) {
    return matrices * elements * element_bytes >= xent_last_level_bytes;
}

/*
 * Whether the output bypasses the cache. Stores that go straight to memory do not read the lines they
 * overwrite, and who reads the output next finds it in memory and not in the cache. Both together, measured
 * on 1 to 64 MB with a read of the output after the call: where logits and output fit the last-level cache,
 * plain stores are faster by a fifth to a quarter; where they do not, streaming is, by a fifth to a third. A
 * call that is a small part of a matrix cannot see this, and stores.
 *
 * With rows of one block there is no difference for gradients. In place, the lines are in the cache already.
 */
static inline int xent_should_stream(const struct xent_rows *rows, int64_t element_bytes, int64_t block) {
    return rows->gradient != rows->logits && rows->classes > block &&
           (uintptr_t)rows->gradient % (uintptr_t)element_bytes == 0 && /* else no element begins a line */
           xent_exceeds_cache(2, rows->rows * rows->classes, element_bytes);
}

#endif
