/* Names, numbers and refusals: what the library says of itself, and what it does not accept. */
#include <string.h>

#include "harness.h"
#include "xent/xent.h"

static int is_text(const char *text, const char *wanted) { return text && strcmp(text, wanted) == 0; }

static void test_names(void) {
    check(xent_abi() == XENT_ABI, "abi %d", xent_abi());
    check(xent_version() && strlen(xent_version()) >= 5, "version");
    check(is_text(xent_isa_name(XENT_ISA_SCALAR), "scalar"), "name of scalar");
    check(is_text(xent_isa_name(XENT_ISA_AVX2), "avx2"), "name of avx2");
    check(is_text(xent_isa_name(XENT_ISA_AVX512), "avx512"), "name of avx512");
    check(is_text(xent_isa_name(XENT_ISA_NEON), "neon"), "name of neon");
    check(!xent_isa_name(-1) && !xent_isa_name(XENT_ISA_COUNT), "name of an unknown instruction set");
    check(is_text(xent_status_name(XENT_OK), "XENT_OK"), "name of OK");
    check(is_text(xent_status_name(XENT_INVALID_ARGUMENT), "XENT_INVALID_ARGUMENT"), "name of a refusal");
    check(is_text(xent_status_name(XENT_UNSUPPORTED), "XENT_UNSUPPORTED"), "name of unsupported");
    check(!xent_status_name(3) && !xent_status_name(-1), "name of an unknown status");
    check(xent_sizeof_coefficients() == 24 && xent_offsetof_coefficients_gamma() == 16,
          "layout of coefficients");
}

static void test_tables(void) {
    check(xent_kernels_for(XENT_ISA_SCALAR) != NULL, "scalar is always there");
    check(xent_isa_support(XENT_ISA_SCALAR) == XENT_SUPPORTED, "scalar is always supported");
    check(xent_isa_support(-1) == XENT_NOT_COMPILED && xent_isa_support(99) == XENT_NOT_COMPILED,
          "unknown support");
    check(!xent_kernels_for(-1) && !xent_kernels_for(99), "unknown kernels");
    int32_t best = XENT_ISA_SCALAR;
    for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
        int is_supported = xent_isa_support(isa) == XENT_SUPPORTED;
        check(is_supported == (xent_kernels_for(isa) != NULL), "kernels of %s", xent_isa_name(isa));
        best = is_supported ? isa : best;
    }
    check(xent_best_isa() == best, "best is %d", xent_best_isa());
}

static void test_workspace(void) {
    check(xent_workspace_bytes(XENT_FLOAT32, 1) > 0, "workspace of one class");
    check(xent_workspace_bytes(XENT_FLOAT64, 1000) % 64 == 0, "workspace in cache lines");
    check(xent_workspace_bytes(XENT_FLOAT32, 0) == 0 && xent_workspace_bytes(7, 10) == 0,
          "workspace of nonsense");
    check(xent_workspace_bytes(XENT_FLOAT64, INT64_MAX) == 0, "workspace of too many classes");
}

/* Refused calls write nothing: the outputs are compared with what they held. */
static void test_refusals(void) {
    const xent_kernels *k = xent_kernels_for(XENT_ISA_SCALAR);
    float x[6] = {1, 2, 3, 4, 5, 6}, g[6] = {9, 9, 9, 9, 9, 9};
    int32_t y[2] = {0, 1};
    double nll[2] = {9, 9}, lse[2] = {9, 9};
    _Alignas(64) char work[256];
    const xent_coefficients c = {1, 0, 1};
    const int32_t bad = XENT_INVALID_ARGUMENT;
#define FORWARD(k, x, stride, rows, classes, y, work)                                                        \
    xent_softmax_forward_f32(k, x, stride, rows, classes, y, NULL, 3, work, nll, lse, NULL)
    check(FORWARD(NULL, x, 3, 2, 3, y, work) == bad, "no kernels");
    check(FORWARD(k, NULL, 3, 2, 3, y, work) == bad, "no logits");
    check(FORWARD(k, x, 2, 2, 3, y, work) == bad, "stride below classes");
    check(FORWARD(k, x, 3, -1, 3, y, work) == bad, "negative rows");
    check(FORWARD(k, x, 3, 2, 0, y, work) == bad, "no classes");
    check(FORWARD(k, x, INT64_MAX, 2, INT64_C(1) << 31, y, work) == bad, "too many classes");
    check(FORWARD(k, x, 3, 2, 3, NULL, work) == bad, "nll without targets");
    check(FORWARD(k, x, 3, 2, 3, y, NULL) == bad, "no workspace");
    check(FORWARD(k, x, 3, 2, 3, y, work + 4) == bad, "workspace not aligned");
#define GRADIENT(c, step, g, stride)                                                                         \
    xent_softmax_gradient_f32(k, x, 3, 2, 3, y, NULL, 3, work, nll, lse, NULL, c, step, 0, g, stride)
    check(GRADIENT(NULL, 0, g, 3) == bad, "no coefficients");
    check(GRADIENT(&c, 2, g, 3) == bad, "coefficient step 2");
    check(GRADIENT(&c, 0, NULL, 3) == bad, "no gradient");
    check(GRADIENT(&c, 0, g, 2) == bad, "gradient stride below classes");
    check(GRADIENT(&c, 0, x, 4) == bad, "in place with another stride");
    check(xent_log_softmax_f32(k, x, 3, 2, 3, work, NULL, NULL, 3) == bad, "no log-softmax");
    check(nll[0] == 9 && lse[1] == 9 && g[0] == 9, "a refused call wrote");
    check(FORWARD(k, NULL, 3, 0, 3, NULL, NULL) == XENT_OK, "no rows need no data");
    check(FORWARD(k, x, 3, 2, 3, y, work) == XENT_OK && nll[0] != 9, "a good call");
}

int main(void) {
    test_names();
    test_tables();
    test_workspace();
    test_refusals();
    return report("test_dispatch");
}
