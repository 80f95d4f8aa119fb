/*
 * Times the operations on float tiles that fit the cache: nanoseconds an element, the minimum of interleaved
 * repetitions. Not a test. Usage: bench_tile [repetitions [elements]]
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "harness.h"
#include "xent/xent.h"

/* What is timed: an operation, and its scalars where the time depends on them. */
static const struct work {
    const char *name;
    int32_t operation;
    int wants_out;
    double r0, r1;
} works[] = {{"logistic, loss", XENT_TILE_LOGISTIC, 0, 1, 0},
             {"logistic, gradient", XENT_TILE_LOGISTIC, 1, 1, 0},
             {"focal, gradient", XENT_TILE_LOGISTIC, 1, 1, 2},
             {"sigmoid squared", XENT_TILE_SIGMOID_SQUARED, 1, 1, 0},
             {"bernoulli", XENT_TILE_BERNOULLI, 1, 1, 100},
             {"cross", XENT_TILE_CROSS, 0, 5, 0},
             {"blend", XENT_TILE_BLEND, 1, 0.5, 0.5},
             {"tilt", XENT_TILE_TILT, 1, 1e-3, 0.5},
             {"targets", XENT_TILE_TARGETS, 1, 0.9, 0.01},
             {"ratio", XENT_TILE_RATIO, 1, 1, 0},
             {"exp", XENT_TILE_EXP, 1, 0, 0},
             {"log", XENT_TILE_LOG, 1, 0, 0},
             {"shape, no cap", XENT_TILE_SHAPE, 1, 0, 0.7},
             {"shape", XENT_TILE_SHAPE, 1, 30, 0.7},
             {"shape gradient", XENT_TILE_SHAPE_GRADIENT, 1, 0.99, 1e-3},
             {"mask", XENT_TILE_MASK, 1, 0, 0},
             {"center", XENT_TILE_CENTER, 1, 0, 0},
             {"order", XENT_TILE_ORDER, 0, 5, 0},
             {"range", XENT_TILE_RANGE, 0, -100, 100},
             {"widen bfloat16", XENT_TILE_WIDEN_BFLOAT16, 1, 0, 0},
             {"widen float16", XENT_TILE_WIDEN_FLOAT16, 1, 0, 0},
             {"narrow bfloat16", XENT_TILE_NARROW_BFLOAT16, 1, 0, 0},
             {"narrow float16", XENT_TILE_NARROW_FLOAT16, 1, 0, 0}};

enum { WORKS = sizeof works / sizeof *works, CALLS = 4 };

static float *logits, *probabilities, *output;
static uint8_t *mask;
static double *results;

/* Operands that the operation is for. Logits are half of each sign; the output is never an operand. */
static void run(const xent_kernels *kernels, const struct work *w, int64_t count) {
    int takes_probability = w->operation == XENT_TILE_BERNOULLI || w->operation == XENT_TILE_LOG ||
                            w->operation == XENT_TILE_CROSS || w->operation == XENT_TILE_RATIO;
    const float *a = takes_probability ? probabilities : logits;
    const float *b = w->operation == XENT_TILE_CROSS ? logits : probabilities;
    const double scalars[3] = {w->r0, w->r1, 0};
    xent_tile(kernels, w->operation, XENT_FLOAT32, 1, count, w->wants_out ? output : NULL, a, b,
              w->operation == XENT_TILE_MASK ? mask : NULL, 0, NULL, scalars, 0, results);
}

static double nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double timed(const xent_kernels *kernels, const struct work *w, int64_t count) {
    double start = nanoseconds();
    for (int call = 0; call < CALLS; call++) {
        run(kernels, w, count);
    }
    return (nanoseconds() - start) / (double)(CALLS * count);
}

static void *allocate(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!memory) {
        perror("bench");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static void make_operands(int64_t count) {
    logits = allocate((size_t)count * 4);
    probabilities = allocate((size_t)count * 4);
    output = allocate((size_t)count * 4);
    mask = allocate((size_t)count);
    results = allocate((size_t)count * 8);
    for (int64_t i = 0; i < count; i++) {
        logits[i] = (float)(next_normal() * 3);
        probabilities[i] = (float)next_unit();
        output[i] = (float)next_unit();
        mask[i] = (uint8_t)next_flag();
    }
}

int main(int count, char **arguments) {
    int repetitions = count > 1 ? atoi(arguments[1]) : 51;
    int64_t elements = count > 2 ? atoll(arguments[2]) : 16384;
    double best[WORKS][XENT_ISA_COUNT];
    make_operands(elements);
    for (int n = 0; n < repetitions; n++) {
        for (int w = 0; w < WORKS; w++) {
            for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
                const xent_kernels *kernels = xent_kernels_for(isa);
                double time = kernels ? timed(kernels, &works[w], elements) : 0;
                best[w][isa] = n == 0 || time < best[w][isa] ? time : best[w][isa];
            }
        }
    }
    printf("minimum ns an element of %d, %lld elements\n%-20s", repetitions, (long long)elements, "");
    for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
        printf(" %8s", xent_isa_name(isa));
    }
    for (int w = 0; w < WORKS; w++) {
        printf("\n%-20s", works[w].name);
        for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
            printf(" %8.3f", best[w][isa]);
        }
    }
    putchar('\n');
    return EXIT_SUCCESS;
}
