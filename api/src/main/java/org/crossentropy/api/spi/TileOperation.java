package org.crossentropy.api.spi;

/**
 * What a {@link TileStep} does to a tile: the small operations that the losses are composed of besides the softmax
 * kernels. Each is part of the canonical algorithm, so every backend returns the same bits.
 *
 * <p>{@code T} is the step's {@linkplain TileStep#type() type}. {@code out[j]}, {@code a[j]}, {@code b[j]}, {@code c[j]}
 * are elements of one row, {@code v[j]} of the step's {@link TileStep#column() column}, {@code r0, r1, r2} the scalars of
 * the row. "In T" means that every operation rounds to T, with the scalars rounded to T first; "in double", that the
 * elements are widened first and the last result alone is rounded to T. {@code fma} is fused, nothing else is. {@code
 * exp_T}, {@code exp64} and {@code log1p64} are the functions of the {@linkplain org.crossentropy.api.spi package
 * documentation}. A NaN that is stored is the canonical one. Scalars that are absent count as 0. Unless said otherwise {@code
 * out} may be the same memory as an operand.
 */
public enum TileOperation {

    /** {@code out = a}: bfloat16 to float. {@code a} holds 2-byte elements; exact. T is float; out apart from a. */
    WIDEN_BFLOAT16,

    /** {@code out = a}: IEEE 754 binary16 to float. {@code a} holds 2-byte elements; exact. T is float; out apart from a. */
    WIDEN_FLOAT16,

    /**
     * {@code out = a}: float to bfloat16, to nearest even; NaN becomes {@code 0x7fc0}. {@code out} holds 2-byte elements
     * and is apart from a. T is float.
     */
    NARROW_BFLOAT16,

    /**
     * {@code out = a}: float to IEEE 754 binary16, to nearest even, subnormals included, beyond 65520 infinite; NaN
     * becomes {@code 0x7e00}. {@code out} holds 2-byte elements and is apart from a. T is float.
     */
    NARROW_FLOAT16,

    /**
     * Soft-cap {@code r0} and temperature {@code r1} of logits, in double. Without a cap ({@code r0 = 0}): {@code out = a
     * / r1}. With one: {@code y = a / r0; e = exp64(-2 |y|); h = r0 * ((1 - e) / (1 + e))}, the sign of a given to h, and
     * {@code out = h / r1}.
     */
    SHAPE,

    /**
     * The derivative of {@link #SHAPE}, in double: {@code u = a * r1; out = (out * r0) * fma(-u, u, 1)}, where a is what
     * SHAPE returned, r0 one over the temperature, and r1 temperature over cap, or 0 without a cap.
     */
    SHAPE_GRADIENT,

    /**
     * {@code out = c[j] != 0 ? a : r0}, rounded to T. {@code c} holds bytes: one row of them for all rows if
     * {@link TileStep#sharedC()}, else one row a row.
     */
    MASK,

    /**
     * Moves the largest element of each row to 0, in T: {@code m} is the largest {@code a[j]}, NaN skipped; {@code out =
     * a - m}, or {@code out = a} where m is -inf. {@code results[i] = m}, one a row. An m of -0 counts as +0.
     */
    CENTER,

    /** {@code out = v[j] * fma(r0, a, r1)} in double; {@code v[j]} is 1 where there is no column. */
    TARGETS,

    /**
     * Cross-entropy and mass of each row, in double: {@code results[2 i] = sum over j of a[j] (r0 - b[j])} and {@code
     * results[2 i + 1] = sum over j of a[j]}, elements with {@code a[j] == 0} left out of both. Both are sums over 16 lanes:
     * lane {@code j mod 16} starts at +0 and takes its elements in ascending order, {@code S = fma(a[j], r0 - b[j], S)} and
     * {@code N = N + a[j]}; then for h = 8, 4, 2, 1, for l below h: {@code S[l] = S[l] + S[l + h]}, and so for N.
     */
    CROSS,

    /** {@code out = fma(out, r0, -(r1 * a))}, in T. */
    BLEND,

    /**
     * {@code out = fma(r0 * b, (a - r1) - r2, out)}, in T, where {@code b != 0}; elsewhere out stays as it is. Out is apart
     * from a and b.
     */
    TILT,

    /**
     * {@code out = exp_T(a)}; {@code a} may be positive: from {@code 0x1.62e430p6} (float) or {@code 0x1.62e42fefa39efp9}
     * (double) on, the result is +inf; and between that and the last power of two it may be, too.
     */
    EXP,

    /**
     * {@code out = log(a)}, computed in double as log64, the steps of log1p64 from {@code ix} on with {@code w = a, c = 0}
     * (a subnormal double is multiplied by 2^54 first, and 54 subtracted from k): -inf for 0, NaN below, +inf for +inf.
     */
    LOG,

    /** {@code out = r0 * (a / b)}, in T, where {@code a != 0}; 0 elsewhere. */
    RATIO,

    /**
     * Binary cross-entropy of logits a and targets b, with element weights c and weights v of the positive side, each 1
     * where absent; r0 scales the gradient, r1 is the focusing exponent of the focal loss, r2 the coefficient of poly-1.
     *
     * <p>{@code e = exp_T(-|a|)} in T; all else in double: {@code d = e; l = log1p64(d); P = l + max(-a, 0); N = l + max(a,
     * 0)}, the losses of the two sides; {@code q = 1 / (1 + d)}, and {@code s} is the probability of the positive side, {@code
     * s = a >= 0 ? q : d * q}, {@code z = a >= 0 ? d * q : q} that of the negative. {@code p = (c * v) * b; n = c * (1 -
     * b)}.
     *
     * <p>Where r1 is 0: {@code fP = fma(r2, z, P); gP = -fma(r2 * s, z, z); fN = fma(r2, s, N); gN = fma(r2 * z, s, s)}.
     * Elsewhere (r2 being 0): {@code mP = exp64(-r1 * N); fP = mP * P; gP = -(mP * ((s == 0 ? 0 : (r1 * P) * s) + z)); mN =
     * exp64(-r1 * P); fN = mN * N; gN = mN * ((z == 0 ? 0 : (r1 * N) * z) + s)}.
     *
     * <p>{@code results[j] = p * fP + n * fN} for each element, a term whose factor is 0 left out; {@code out = r0 * (p * gP +
     * n * gN)}, likewise, if out is given. Where a is NaN, both are NaN whatever the factors.
     */
    LOGISTIC,

    /**
     * Squared error of {@code sigmoid(a)} and targets b, with weights as in {@link #LOGISTIC} and s, z, c, r0 as there, in
     * double: {@code d = (1 - b) * s - b * z; results[j] = (c * d) * d}; {@code out = r0 * (((2 * c) * d) * (s * z))}.
     */
    SIGMOID_SQUARED,

    /**
     * Binary cross-entropy of probabilities a and targets b, weights c and v as in {@link #LOGISTIC}, in double: {@code P =
     * -log64(a); N = -log1p64(-a)} (log1p64 from -1 on), each at most r1, which may be infinite. {@code results[j] = p * P + n
     * * N}, a term whose factor is 0 left out. If out is given, {@code out = r0 * (n / (1 - a) - p / a)}, a term left out
     * whose factor is 0 or whose logarithm was cut at r1. Where a is NaN, both are NaN whatever the factors.
     */
    BERNOULLI,

    /**
     * Place of the largest element of each row of a and rank of the target {@code y = r0}, a whole number below the number of columns: {@code results[2 i]} is the
     * first j with the largest a[j]; {@code results[2 i + 1]} is the number of j with {@code a[j] > a[y]}, or {@code a[j] ==
     * a[y]} and {@code j < y}. Both are -1 if a NaN is in the row or all are -inf; the rank also where y is negative.
     */
    ORDER,

    /** {@code results[i]} is the first j for which {@code a[j] < r0} or {@code a[j] > r1}, the bounds rounded to T, or -1; NaN passes. */
    RANGE
}
