/*
 * Which kernels the library has and which of them this machine runs. Never compiled with instruction set
 * flags: this file must run where the kernels do not.
 */
#include <stddef.h>

#include "kernels.h"

#if defined(XENT_HAS_AVX2) || defined(XENT_HAS_AVX512)
#include <cpuid.h>

/* Conversions of float16, which not every compiler's check knows. They need no registers that AVX2 does not. */
static int has_f16c(void) {
    unsigned int a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

/* The compiler's checks include whether the operating system saves the registers. */
static int has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
}

static int has_avx512(void) {
    __builtin_cpu_init();
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

static int always(void) { return 1; }

/*
 * One line for each xent_isa, in its order. The check asks for exactly the flags that CMakeLists.txt compiles
 * the file with; AVX-512 flags imply those of AVX2.
 */
static const struct {
    const char *name;
    const struct xent_kernels *kernels; /* null if not compiled */
    int (*is_on_this_cpu)(void);
} instruction_sets[XENT_ISA_COUNT] = {
    /* kernels_scalar.c, tile_scalar.c: no flags */
    [XENT_ISA_SCALAR] = {"scalar", &xent_kernels_scalar, always},
#if defined(XENT_HAS_AVX2)
    /* kernels_avx2.c, tile_avx2.c: -mavx2 -mfma, and the former -mf16c */
    [XENT_ISA_AVX2] = {"avx2", &xent_kernels_avx2, has_avx2},
#else
    [XENT_ISA_AVX2] = {"avx2", NULL, NULL},
#endif
#if defined(XENT_HAS_AVX512)
    /* kernels_avx512.c, tile_avx512.c: -mavx512f -mavx512vl -mavx512dq -mavx512bw */
    [XENT_ISA_AVX512] = {"avx512", &xent_kernels_avx512, has_avx512},
#else
    [XENT_ISA_AVX512] = {"avx512", NULL, NULL},
#endif
    /* No NEON kernels yet: on AArch64 the scalar ones run. */
    [XENT_ISA_NEON] = {"neon", NULL, NULL},
};

const char *xent_isa_name(int32_t isa) {
    return isa >= 0 && isa < XENT_ISA_COUNT ? instruction_sets[isa].name : NULL;
}

int32_t xent_isa_support(int32_t isa) {
    if (isa < 0 || isa >= XENT_ISA_COUNT || !instruction_sets[isa].kernels) {
        return XENT_NOT_COMPILED;
    }
    return instruction_sets[isa].is_on_this_cpu() ? XENT_SUPPORTED : XENT_NOT_ON_THIS_CPU;
}

int32_t xent_best_isa(void) {
    for (int32_t isa = XENT_ISA_COUNT - 1; isa > XENT_ISA_SCALAR; isa--) {
        if (xent_isa_support(isa) == XENT_SUPPORTED) {
            return isa;
        }
    }
    return XENT_ISA_SCALAR;
}

const xent_kernels *xent_kernels_for(int32_t isa) {
    return xent_isa_support(isa) == XENT_SUPPORTED ? instruction_sets[isa].kernels : NULL;
}
