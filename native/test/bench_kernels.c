/*
 * Times the float kernels beside the memory probes: minimum milliseconds of interleaved repetitions, on one
 * thread and on two. Not a test. Usage: bench_kernels [repetitions [instruction set]]
 */
#define _GNU_SOURCE

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "harness.h"
#include "xent/xent.h"

enum work { FORWARD, GRADIENT, IN_PLACE, LOG_SOFTMAX, READ, COPY, COPY_STREAMED, UPDATE, WORKS };

static const char *const names[WORKS] = {"fwd",  "fb",   "in place", "log-softmax",
                                         "read", "copy", "copy nt",  "update"};

struct shape {
    int64_t rows, classes;
};

static const struct shape shapes[] = {{65536, 10}, {8192, 1000}, {1024, 32000}, {256, 128256}};

enum { SHAPES = sizeof shapes / sizeof *shapes, MAX_THREADS = 2, MAX_ROWS = 65536 };

static const int64_t capacity = INT64_C(256) * 128256 + 1024;

static float *logits, *gradient, *scratch;
static int32_t *targets;
static double *results;
static void *workspaces[MAX_THREADS];

/* What the threads are to do next. */
static struct {
    const xent_kernels *kernels;
    struct shape shape;
    enum work work;
    int threads;
    int is_over;
} job;

static pthread_barrier_t gate;
static volatile float sink;

/* Big pages: otherwise address translation is a good part of what is measured. */
static void *allocate(size_t bytes) {
    const size_t big = (size_t)2 << 20;
    void *memory = aligned_alloc(big, (bytes + big - 1) / big * big);
    if (!memory) {
        perror("bench");
        exit(EXIT_FAILURE);
    }
    madvise(memory, bytes, MADV_HUGEPAGE);
    memset(memory, 1, bytes);
    return memory;
}

/* One thread's share of the rows. */
static void run_share(int thread) {
    int64_t from = job.shape.rows * thread / job.threads, to = job.shape.rows * (thread + 1) / job.threads;
    int64_t k = job.shape.classes, rows = to - from, count = rows * k;
    const float *x = logits + from * k;
    float *g = gradient + from * k, *s = scratch + from * k;
    const int32_t *y = targets + from;
    double *nll = results + from;
    const xent_coefficients c = {1.0 / 1024, 0, 1.0 / 1024};
    void *work = workspaces[thread];
    switch (job.work) {
    case FORWARD:
        xent_softmax_forward_f32(job.kernels, x, k, rows, k, y, NULL, (double)k, work, nll, NULL, NULL);
        break;
    case GRADIENT:
        xent_softmax_gradient_f32(job.kernels, x, k, rows, k, y, NULL, (double)k, work, nll, NULL, NULL, &c,
                                  0, 0, g, k);
        break;
    case IN_PLACE:
        xent_softmax_gradient_f32(job.kernels, s, k, rows, k, y, NULL, (double)k, work, nll, NULL, NULL, &c,
                                  0, 0, s, k);
        break;
    case LOG_SOFTMAX:
        xent_log_softmax_f32(job.kernels, x, k, rows, k, work, NULL, g, k);
        break;
    case READ:
        sink = xent_probe_read(job.kernels, x, count);
        break;
    case COPY:
    case COPY_STREAMED:
        xent_probe_copy(job.kernels, x, g, count, job.work == COPY_STREAMED);
        break;
    default:
        xent_probe_update(job.kernels, s, count);
        break;
    }
}

static void *second_thread(void *unused) {
    (void)unused;
    for (;;) {
        pthread_barrier_wait(&gate);
        if (job.is_over) {
            return NULL;
        }
        run_share(1);
        pthread_barrier_wait(&gate);
    }
}

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* Runs the job once. */
static double timed(void) {
    double start = milliseconds();
    if (job.threads == 1) {
        run_share(0);
    } else {
        pthread_barrier_wait(&gate);
        run_share(0);
        pthread_barrier_wait(&gate);
    }
    return milliseconds() - start;
}

/* All works of one shape in turn, again and again: a disturbance hits all of them and not one. */
static void bench(const xent_kernels *kernels, const char *isa, struct shape shape, int repetitions) {
    double best[WORKS][MAX_THREADS];
    job.kernels = kernels;
    job.shape = shape;
    for (int64_t i = 0; i < shape.rows; i++) {
        targets[i] = (int32_t)next_below(shape.classes);
    }
    for (int n = 0; n < repetitions; n++) {
        for (int w = 0; w < WORKS; w++) {
            for (job.threads = 1; job.threads <= MAX_THREADS; job.threads++) {
                job.work = (enum work)w;
                double time = timed();
                double *least = &best[w][job.threads - 1];
                *least = n == 0 || time < *least ? time : *least;
            }
        }
    }
    printf("%-7s %6lldx%-6lld", isa, (long long)shape.rows, (long long)shape.classes);
    for (int w = 0; w < WORKS; w++) {
        printf(" | %7.3f %7.3f", best[w][0], best[w][1]);
    }
    putchar('\n');
    fflush(stdout);
}

int main(int count, char **arguments) {
    int repetitions = count > 1 ? atoi(arguments[1]) : 11;
    const char *only = count > 2 ? arguments[2] : NULL;
    logits = allocate((size_t)capacity * 4);
    gradient = allocate((size_t)capacity * 4);
    scratch = allocate((size_t)capacity * 4);
    targets = allocate(MAX_ROWS * sizeof *targets);
    results = allocate(MAX_ROWS * sizeof *results);
    for (int t = 0; t < MAX_THREADS; t++) {
        workspaces[t] = allocate((size_t)xent_workspace_bytes(XENT_FLOAT32, 128256));
    }
    for (int64_t i = 0; i < capacity; i++) {
        logits[i] = scratch[i] = (float)(next_normal() * 3);
    }
    pthread_t second;
    pthread_barrier_init(&gate, NULL, 2);
    pthread_create(&second, NULL, second_thread, NULL);
    printf("minimum ms of %d, one thread and two\n%-7s %-13s", repetitions, "", "");
    for (int w = 0; w < WORKS; w++) {
        printf(" | %-15s", names[w]);
    }
    putchar('\n');
    for (int s = 0; s < SHAPES; s++) {
        for (int32_t isa = XENT_ISA_COUNT - 1; isa >= 0; isa--) {
            const xent_kernels *kernels = xent_kernels_for(isa);
            int wanted = only ? strcmp(only, xent_isa_name(isa)) == 0 : isa != XENT_ISA_SCALAR;
            if (kernels && wanted) {
                bench(kernels, xent_isa_name(isa), shapes[s], repetitions);
            }
        }
    }
    job.is_over = 1;
    pthread_barrier_wait(&gate);
    pthread_join(second, NULL);
    return EXIT_SUCCESS;
}
