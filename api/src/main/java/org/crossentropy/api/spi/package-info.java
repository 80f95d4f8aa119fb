/**
 * What a backend implements: the {@linkplain org.crossentropy.api.spi.BackendProvider provider} that
 * {@link java.util.ServiceLoader} finds, the {@linkplain org.crossentropy.api.spi.LossKernels kernels} it opens, and,
 * below, the algorithm those kernels compute. Applications never need this package.
 *
 * <h2>The canonical algorithm</h2>
 *
 * <p>Two backends that follow this description return the same bits, on any instruction set, vector width and number of
 * threads. What is fixed is the set of roundings and their order; the order in which memory is visited, what is kept in
 * registers and how results are stored is free.
 *
 * <h3>Arithmetic</h3>
 *
 * <p>{@code T} is the element type of the row ({@code float} or {@code double}). Only operations that IEEE 754 rounds
 * correctly are used: add, subtract, multiply, divide, <em>explicit</em> fused multiply-add (written {@code fma(a, b,
 * c)} for a b + c with one rounding), conversion, compare, and integer operations on bit patterns. A product that is not
 * written {@code fma} is rounded before it is added, so a compiler must not contract (in C: {@code
 * -ffp-contract=off}). Rounding is to nearest even; subnormal numbers are neither flushed nor taken for zero. Library
 * functions for exp and log are not used.
 *
 * <h3>Shape of a sum</h3>
 *
 * <table>
 * <caption>Constants of the two element types</caption>
 * <tr><th></th><th>float</th><th>double</th></tr>
 * <tr><td>LANES, partial sums of a row</td><td>32</td><td>16</td></tr>
 * <tr><td>BLOCK, elements summed before a flush</td><td>1024</td><td>512</td></tr>
 * </table>
 *
 * <p>Both are 128 bytes by 32 steps. Element {@code j} of a row lies in block {@code b = j / BLOCK} and lane {@code l =
 * j mod LANES}. A block's partial sum {@code F[l]}, of type T, starts at +0 and takes the block's elements of lane l in
 * ascending order. At the end of each block it is flushed: {@code D[l] = D[l] + (double) F[l]}, where {@code D[l]} is a
 * double that starts at +0. At the end of the row the lanes are added as a tree: for h = LANES/2, LANES/4, ..., 1: for l
 * below h: {@code D[l] = D[l] + D[l + h]}; the sum is D[0]. Elements beyond the end of a row, and elements that are left
 * out, count as +0, which changes no partial sum; so a row shorter than LANES needs only the part of the tree that holds
 * elements.
 *
 * <h3>One row</h3>
 *
 * <p>Given are logits {@code x[0 .. K-1]}, perhaps a target y, perhaps weights w (1 each where there are none) with
 * their total W as a double (K where there are none).
 *
 * <ol>
 *   <li>Start: {@code M = -inf}, all D and E (below) +0.
 *   <li>For each block in ascending order:
 *       <ol>
 *         <li>{@code m} is the largest logit of the block, target included, NaN skipped; -inf if there is none. Where
 *             +0 and -0 are both largest, either may be taken: no result depends on it.
 *         <li>If {@code m > M}: every {@code D[l] = D[l] * exp64((double) M - (double) m)}, then {@code M = m}. (For
 *             the first block all D are 0 and the step may be skipped.)
 *         <li>The shift of the block is {@code c = M}, or 0 if M is -inf. The shift of the first block is called
 *             {@code c0}.
 *         <li>{@code e[j] = exp_T(x[j] - c)}, the subtraction rounded to T, and {@code e[y] = +0}: <em>the target is
 *             left out of the sum</em>. The sum of e is taken as described above and flushed into D.
 *         <li>If the spread is wanted: {@code v[j] = x[j] - c0}, rounded to T, is summed in the same manner through
 *             {@code G[l]} of type T into {@code E[l]}, without the target: {@code G[l] = G[l] + v[j]} where there are
 *             no weights, {@code G[l] = fma(w[j], v[j], G[l])} where there are, elements with {@code w[j] == 0} left
 *             out. E is never rescaled.
 *       </ol>
 *   <li>{@code s'} is the tree sum of D and {@code t} that of E.
 *   <li>With c the last block's shift and a target: {@code ey = (double) exp_T(x[y] - c)}, the subtraction rounded to
 *       T. Without: {@code ey = 0}. Then {@code s = s' + ey}, {@code u = s' + (ey - 1)} and {@code L = log1p64(u)}, all
 *       in double.
 *   <li>Results, in double:
 *       <ul>
 *         <li>If s is NaN: log-sum-exp, negative log-likelihood and spread are NaN.
 *         <li>Else if M is -inf (an <em>empty row</em>): log-sum-exp is -inf, the others are NaN.
 *         <li>Else {@code lse = (double) M + L}, {@code nll = L - ((double) x[y] - (double) M)}, {@code spread = W' *
 *             (((double) M - (double) c0) + L) - t} with {@code W' = W - (double) w[y]}, or W without a target;
 *             but if t is NaN or infinite (a logit of -inf, or a distance beyond the range of T), the spread is +inf; and
 *             where it comes out below 0, it is +0.
 *       </ul>
 * </ol>
 *
 * <p>Leaving the target out costs nothing and is what makes small losses exact: for a row that is confidently right,
 * {@code s'} is the mass of all other classes, and {@code nll = log1p(s')} and {@code 1 - p[y] = s' / s} keep their full
 * relative accuracy however small they are.
 *
 * <p>An <b>ignored row</b> (negative target) is not read: its negative log-likelihood, log-sum-exp and spread are +0,
 * and its gradient is +0 everywhere.
 *
 * <h3>Gradient of a row</h3>
 *
 * <p>Given are doubles alpha, beta, gamma. {@code r = alpha / s}.
 *
 * <ul>
 *   <li>Empty row (s is 0, so no logit is NaN): all +0 if {@link org.crossentropy.api.spi.SoftmaxRows#emptyRowsZero}, else all NaN.
 *   <li>Else, if {@code (T) r} is NaN or infinite: all NaN.
 *   <li>Else, for the elements of a block whose shift was made from {@code Mb} (the running maximum after that block):
 *       {@code k = (T) (r * exp64((double) Mb - (double) M))}; the exponential is exactly 1 where Mb = M, and 0 where
 *       Mb is -inf. With {@code bw[j] = (T) beta * w[j]}, rounded to T: {@code g[j] = fma(e[j], k, -bw[j])}. Without
 *       weights, and with a {@code (T) beta} that is +0 (and not -0), this is the product {@code e[j] * k}.
 *   <li>The target last: {@code g[y] = (T) (((alpha - gamma) - alpha * (s' / s)) - beta * (double) w[y])}, every step in
 *       double.
 * </ul>
 *
 * <h3>Log-softmax of a row</h3>
 *
 * <p>With M, L and lse of the row without a target: {@code out[j] = (x[j] - M) - (T) L}, rounded to T twice. If lse is
 * NaN or infinite, all NaN.
 *
 * <h3>Binary cross-entropy</h3>
 *
 * <p>Given are logits x, targets t from 0 to 1, perhaps weights w of the elements and v of the columns, and for a gradient a
 * double factor k of each row. Everything is in T, a product that is not written {@code fma} rounded; names with an index
 * left out are of element j.
 *
 * <pre>{@code
 * e = exp_T(-|x|);  l = log1p_T(e)
 * P = l + (x < 0 ? -x : 0);  N = l + (x > 0 ? x : 0)
 * p = v[j] * t, or t where there is no v;  n = 1 - t;  with weights p = w * p;  n = w * n
 * f = p == 0 ? 0 : p * P;  f = n == 0 ? f : fma(n, N, f);  with v: f = fma(l, 0, f)
 * q = 1 / (1 + e);  s = x >= 0 ? q : e * q;  z = x >= 0 ? e * q : q
 * g = (T) k * fma(n, s, -(p * z))
 * }</pre>
 *
 * <p>f is the loss of the element, g its gradient; an element with {@code w = 0} has f = g = +0 whatever it holds. The sum of a
 * row is the sum of f in the shape described above, flushed at the end of each block, with nothing to rescale; NaN
 * if a target of the row is below 0 or above 1, so that callers who only want a sum need not look at the targets before.
 *
 * <h3>Functions</h3>
 *
 * <p>Constants are written as hexadecimal floating-point numbers. {@code bits} is the bit pattern of a number as an
 * integer; shifts are of integers of that width. Polynomials are evaluated by Horner's rule with {@code fma}, first
 * coefficient first: {@code p = c0; p = fma(p, x, c1); p = fma(p, x, c2); ...}
 *
 * <p><b>exp_float(t)</b>, for t at most 0 or NaN, within 0.86 ULP (measured over every float of the range):
 *
 * <pre>{@code
 * z = fma(t, 0x1.715476p0, 12583039)            // round(t log2 e) + 127 in the low bits: 0x1.8p23 + 127
 * n = z - 12583039
 * r = fma(n, -0x1.62e430p-1, t)
 * r = fma(n, 0x1.05c610p-29, r)
 * p = Horner in r: 0x1.6890e4p-10, 0x1.1273ep-7, 0x1.555dbp-5, 0x1.55542ap-3, 0x1.fffffp-2, 1, 1
 * exp = t < -0x1.5d589ep6 ? +0 : p * float(bits(z) << 23)
 * }</pre>
 *
 * <p>Below the bound the result would be subnormal and is exactly 0. NaN is not less than anything, so it passes through.
 *
 * <p><b>exp_double(t)</b>, also called exp64, likewise, within 0.91 ULP (measured):
 *
 * <pre>{@code
 * z = fma(t, 0x1.71547652b82fep0, 0x1.80000000003ffp52)   // 0x1.8p52 + 1023
 * n = z - 0x1.80000000003ffp52
 * r = fma(n, -0x1.62e42fefa39efp-1, t)
 * r = fma(n, -0x1.abc9e3b39803fp-56, r)
 * p = Horner in r: 0x1.adb3b03f5b8f2p-26, 0x1.28ade3c481965p-22, 0x1.71df02d3d88b2p-19, 0x1.a019997933e47p-16,
 *     0x1.a01a013aa73f8p-13, 0x1.6c16c1846e395p-10, 0x1.111111112482cp-7, 0x1.55555555506dap-5,
 *     0x1.5555555555508p-3, 0x1.000000000000ap-1, 1, 1
 * exp = t < -0x1.6232bdd7abcd2p9 ? +0 : p * double(bits(z) << 52)
 * }</pre>
 *
 * <p><b>log1p64(u)</b>, for u at least 0, infinite or NaN, within 0.82 ULP (measured):
 *
 * <pre>{@code
 * w = 1 + u;  v = w - 1;  c = u - v             // c is what rounding took from 1 + u
 * ix = bits(w) - 0x3fe8000000000000             // bits of 0.75: w = m 2^k with m in [0.75, 1.5)
 * k = ix >>> 52;  ke = ix & 0xfff0000000000000
 * m = double(bits(w) - ke);  q = double(0x3ff0000000000000 - ke)          // q = 2^-k
 * cs = w < 0x1p53 ? c * q : +0
 * f = (m - 1) + cs;  s = f / (2 + f);  x = s * s
 * P = Horner in x: 0x1.1b792193c20f7p-3, 0x1.0dcca7123ce96p-3, 0x1.3b35b3a358433p-3, 0x1.745c4b27eb33fp-3,
 *     0x1.c71c748eefdb5p-3, 0x1.24924921e4c44p-2, 0x1.999999999c175p-2, 0x1.555555555554fp-1
 * g = -0.5 * f;  h = g * f;  a = fma(P, x, -h);  b = fma(g, f, s * a)
 * y = fma((double) k, 0x1.ef35793c76730p-45, b)
 * y = f + y
 * y = fma((double) k, 0x1.62e42fefa3800p-1, y)
 * log1p = u < inf ? y : u
 * }</pre>
 *
 * <p><b>log64(w)</b> and <b>log1p64(u)</b> from -1 on, for {@link org.crossentropy.api.spi.TileOperation tile operations}:
 * the same steps, but with a signed exponent, {@code k = ix >> 52} (arithmetic shift), which for w of at least 0.75 is
 * the same. Both are within 0.83 ULP (measured). log64 starts at {@code ix} with {@code cs = 0}; a subnormal w is multiplied by 2^54 first, and 54 subtracted from
 * k. The logarithm of 0 is -inf, of a negative number NaN, of +inf +inf.
 *
 * <p><b>log1p_float(e)</b>, for e from 0 to 1 or NaN, within 1.24 ULP (measured over every float from 2^-63 on): {@code fma(e *
 * e, Q, e)}, with
 *
 * <pre>{@code
 * Q = Horner in e: -0x1.af49cep-9, 0x1.4917cep-6, -0x1.d6b08cp-5, 0x1.b4ae08p-4, -0x1.3a435ep-3, 0x1.934b54p-3,
 *     -0x1.ff23e6p-3, 0x1.554ddp-2, -0x1.ffffd2p-2
 * }</pre>
 *
 * <p><b>log1p_double</b> is log1p64.
 *
 * <h3>NaN</h3>
 *
 * <p>A NaN that is stored is always the one with the bits {@code 0x7fc00000} or {@code 0x7ff8000000000000}. NaN never
 * takes part in a choice except as written above: a NaN logit makes s NaN and so every result of its row. A negative
 * log-likelihood that is asked for without targets is NaN.
 */
@NullMarked
package org.crossentropy.api.spi;

import org.jspecify.annotations.NullMarked;
