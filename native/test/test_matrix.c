/* Matrix products against the plain triple loop in long double, on guarded memory. */
#define _DEFAULT_SOURCE

#include <math.h>

#include "guarded.h"
#include "xent/xent.h"

enum { MAX_SIZE = 70, MAX_MATRIX = MAX_SIZE * (MAX_SIZE + 8) };

static struct guarded memory_a, memory_b, memory_c;

struct product {
    int is_f64, transpose_a, transpose_b, at_end;
    int32_t m, n, k;
    double scale, accumulate;
    int64_t stride_a, stride_b, stride_c;
};

static size_t extent(int32_t rows, int32_t columns, int64_t stride) {
    return rows == 0 || columns == 0 ? 0 : (size_t)((rows - 1) * stride + columns);
}

static double get(const struct product *p, const void *values, int64_t at) {
    return p->is_f64 ? ((const double *)values)[at] : (double)((const float *)values)[at];
}

/* Fills with numbers, or with NaN where nothing may be read. */
static void *make(const struct product *p, const struct guarded *g, size_t count, int is_nan) {
    void *values = guarded_place(g, count * (p->is_f64 ? 8 : 4), p->at_end);
    for (size_t i = 0; i < count; i++) {
        double value = is_nan ? (double)NAN : next_normal();
        if (p->is_f64) {
            ((double *)values)[i] = value;
        } else {
            ((float *)values)[i] = (float)value;
        }
    }
    return values;
}

static void check_element(const struct product *p, const void *a, const void *b, const double *old,
                          const void *c, int32_t i, int32_t j) {
    long double sum = 0, size = 0, u = p->is_f64 ? 0x1p-53L : 0x1p-24L;
    for (int32_t l = 0; l < p->k; l++) {
        long double x = get(p, a, p->transpose_a ? l * p->stride_a + i : i * p->stride_a + l);
        long double y = get(p, b, p->transpose_b ? j * p->stride_b + l : l * p->stride_b + j);
        sum += x * y;
        size += fabsl(x * y);
    }
    long double before = p->accumulate == 0 ? 0 : (long double)old[i * p->stride_c + j] * p->accumulate;
    long double wanted = p->scale * sum + before;
    long double bound = 2 * ((p->k + 2) * u * fabsl(p->scale) * size + 2 * u * fabsl(before));
    double got = get(p, c, i * p->stride_c + j);
    check(fabsl(got - wanted) <= bound, "%s %d%d %dx%dx%d [%d,%d] %.17g, not %.17Lg",
          p->is_f64 ? "f64" : "f32", p->transpose_a, p->transpose_b, p->m, p->n, p->k, i, j, got, wanted);
}

static void test_product(const struct product *p) {
    static double old[MAX_MATRIX];
    int32_t rows_a = p->transpose_a ? p->k : p->m, columns_a = p->transpose_a ? p->m : p->k;
    int32_t rows_b = p->transpose_b ? p->n : p->k, columns_b = p->transpose_b ? p->k : p->n;
    void *a = make(p, &memory_a, extent(rows_a, columns_a, p->stride_a), 0);
    void *b = make(p, &memory_b, extent(rows_b, columns_b, p->stride_b), 0);
    size_t count = extent(p->m, p->n, p->stride_c);
    void *c = make(p, &memory_c, count, p->accumulate == 0);
    for (size_t i = 0; i < count; i++) {
        old[i] = get(p, c, (int64_t)i);
    }
    int32_t status =
        p->is_f64 ? xent_matrix_product_f64(p->transpose_a, p->transpose_b, p->m, p->n, p->k, p->scale, a,
                                            p->stride_a, b, p->stride_b, p->accumulate, c, p->stride_c)
                  : xent_matrix_product_f32(p->transpose_a, p->transpose_b, p->m, p->n, p->k, p->scale, a,
                                            p->stride_a, b, p->stride_b, p->accumulate, c, p->stride_c);
    check(status == XENT_OK, "status %d", status);
    for (int32_t i = 0; i < p->m; i++) {
        for (int32_t j = 0; j < p->n; j++) {
            check_element(p, a, b, old, c, i, j);
        }
        for (int64_t j = p->n; j < p->stride_c && i + 1 < p->m && p->n > 0; j++) {
            double padding = get(p, c, i * p->stride_c + j);
            check(memcmp(&padding, &old[i * p->stride_c + j], 8) == 0, "padding was written");
        }
    }
}

static void test_sizes(void) {
    static const int32_t sizes[] = {0, 1, 2, 3, 7, 8, 17, 33, 64, MAX_SIZE};
    static const double factors[] = {0, 1, 0.5, -1.25};
    for (int draw = 0; draw < 1200; draw++) {
        struct product p = {.is_f64 = next_flag(), .transpose_a = next_flag(), .transpose_b = next_flag()};
        p.m = sizes[next_below(10)];
        p.n = sizes[next_below(10)];
        p.k = sizes[next_below(10)];
        p.at_end = next_flag();
        p.scale = factors[1 + next_below(3)];
        p.accumulate = factors[next_below(4)];
        p.stride_a = (p.transpose_a ? p.m : p.k) + (next_flag() ? 0 : next_below(8));
        p.stride_b = (p.transpose_b ? p.k : p.n) + (next_flag() ? 0 : next_below(8));
        p.stride_c = p.n + (next_flag() ? 0 : next_below(8));
        test_product(&p);
    }
}

static void test_refusals(void) {
    float a[4] = {1, 2, 3, 4}, c[4] = {0};
    const int32_t bad = XENT_INVALID_ARGUMENT;
    check(xent_matrix_product_f32(0, 0, -1, 2, 2, 1, a, 2, a, 2, 0, c, 2) == bad, "negative m");
    check(xent_matrix_product_f32(0, 0, 2, 2, 2, 1, NULL, 2, a, 2, 0, c, 2) == bad, "no A");
    check(xent_matrix_product_f32(0, 0, 2, 2, 2, 1, a, 1, a, 2, 0, c, 2) == bad, "stride of A");
    check(xent_matrix_product_f32(0, 0, 2, 2, 2, 1, a, 2, a, INT64_C(1) << 40, 0, c, 2) == bad,
          "stride of B");
    check(xent_matrix_product_f32(0, 0, 2, 2, 2, 1, a, 2, a, 2, 0, NULL, 2) == bad, "no C");
    check(xent_matrix_product_f32(0, 0, 0, 2, 2, 1, NULL, 2, a, 2, 0, NULL, 2) == XENT_OK, "no rows");
}

int main(void) {
    memory_a = guarded_new(MAX_MATRIX * 8);
    memory_b = guarded_new(MAX_MATRIX * 8);
    memory_c = guarded_new(MAX_MATRIX * 8);
    printf("%s\n", xent_blas_description());
    test_sizes();
    test_refusals();
    return report("test_matrix");
}
