package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far the distributions of two batches are apart, row by row: the cross-entropy H(p, q), the Kullback-Leibler
 * divergence, or the Jensen-Shannon divergence; and the entropy of one. Each side is given as probabilities,
 * log-probabilities or logits, in any combination. An immutable value.
 *
 * <p><b>Formulas</b>, in nats, sums over the classes of a row where p is not 0 ({@code 0 log 0} is 0):
 *
 * <pre>{@code
 * H(p)     = -sum of p log p
 * H(p, q)  = -sum of p log q                      = H(p) + KL(p || q)
 * KL(p||q) =  sum of p (log p - log q)
 * JS(p, q) = (KL(p || m) + KL(q || m)) / 2,  m = (p + q) / 2,  from 0 to log 2
 * }</pre>
 *
 * A divergence is summed from differences of logarithms, class by class, never as a difference of entropies. Rounding can
 * make a divergence of nearly equal distributions negative by about the roundoff of the arithmetic (float for 32 and 16
 * bits) times the size of the logarithms. Probabilities and log-probabilities are taken as they are, whatever they sum to.
 *
 * <p><b>Gradients</b>, of the reduced loss, s being its scale times the row's weight:
 *
 * <table>
 * <caption>Gradient with respect to what was given</caption>
 * <tr><th></th><th>probabilities</th><th>log-probabilities</th><th>logits</th></tr>
 * <tr><td>H(p, q) and KL, by q</td><td>{@code -s p / q}</td><td>{@code -s p}</td><td>{@code s (q sum(p) - p)}</td></tr>
 * <tr><td>H(p, q), by p</td><td>{@code -s log q}</td><td>{@code -s p log q}</td>
 * <td>{@code s p (-log q - H(p, q))}</td></tr>
 * <tr><td>KL, by p</td><td>{@code s (log(p/q) + 1)}</td><td>{@code s p (log(p/q) + 1)}</td>
 * <td>{@code s p (log(p/q) - KL)}</td></tr>
 * <tr><td>JS, by p (by q likewise)</td><td>{@code s log(p/m) / 2}</td><td>{@code s p log(p/m) / 2}</td>
 * <td>{@code s p (log(p/m) - KL(p || m)) / 2}</td></tr>
 * </table>
 *
 * <table>
 * <caption>What a row's values lead to</caption>
 * <tr><th>row</th><th>value</th><th>gradient</th></tr>
 * <tr><td>sample weight 0, whatever it holds</td><td>0, in no count</td><td>0</td></tr>
 * <tr><td>p = 0 at a class, whatever q is there</td><td>that term is 0 (JS: also q's half counts)</td><td>by q: 0 there, and s q
 * sum(p) for logits</td></tr>
 * <tr><td>q = 0 where p is above 0</td><td>H(p, q) and KL +inf, JS finite</td><td>by q: -inf, -s p, finite; by p's logits: NaN
 * where the value is infinite</td></tr>
 * <tr><td>p = 0</td><td></td><td>by p as probability: -inf (KL, JS), honestly; 0 where p = q = 0</td></tr>
 * <tr><td>NaN where it is looked at</td><td>NaN</td><td>NaN in that row</td></tr>
 * </table>
 *
 * <p><b>Mean.</b> By default over the rows, weighted by sample weights: the mathematical divergence per sample. That is
 * PyTorch's {@code batchmean}; its {@code mean} divides by all elements, N K, which is no divergence any more: ask for {@code
 * Denominator.given(N * K)} to get that number. PyTorch's {@code kl_div(input, target)} is {@code on(target, input)} here: p
 * first, as in the formula.
 *
 * <p><b>Shapes.</b> p and q N x K, K at least 1, computed in the same format; gradients of the element type of their side,
 * each apart from all else or in place of its own side. <b>Threads.</b> Safe for use by many at once.
 */
public final class Divergence {

    /** What is computed. */
    public enum Kind {
        /** {@code H(p, q)}: nats to describe samples of p with a code for q. */
        CROSS_ENTROPY,
        /** {@code KL(p || q)}: what that costs beyond the entropy of p. Also called relative entropy. */
        KULLBACK_LEIBLER,
        /** {@code JS(p, q)}: symmetric and bounded by log 2. */
        JENSEN_SHANNON
    }

    private final Kind kind;
    private final LossSettings settings;

    private Divergence(Kind kind, LossSettings settings) {
        this.kind = kind;
        this.settings = settings;
    }

    /**
     * Returns a divergence with default options: mean over the rows, on the best backend and all processors.
     *
     * @param kind what to compute
     * @return the divergence
     * @throws BackendUnavailableException if no backend can run
     */
    public static Divergence of(Kind kind) {
        return builder(kind).build();
    }

    /**
     * Returns a builder with default options.
     *
     * @param kind what to compute
     * @return the builder
     */
    public static Builder builder(Kind kind) {
        return new Builder(kind);
    }

    /**
     * {@return a builder with the options of this divergence}
     */
    public Builder toBuilder() {
        return new Builder(kind).settings(settings);
    }

    /**
     * {@return what is computed}
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Computes the divergence of two batches.
     *
     * @param p N x K, the distributions that samples come from: targets, a teacher
     * @param q N x K, the distributions that are judged
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, or a probability is not from 0 to 1
     */
    public LossResult loss(Distributions p, Distributions q) {
        return on(p, q).compute();
    }

    /**
     * Begins a call.
     *
     * @param p N x K, the distributions that samples come from: targets, a teacher
     * @param q N x K, the distributions that are judged; {@link LossCall#gradient} is with respect to them
     * @return the call, to be completed and computed
     */
    public DivergenceCall on(Distributions p, Distributions q) {
        return new DivergenceCall(kind, settings, p, q);
    }

    /**
     * Computes the entropy of each row, whatever the kind of this divergence, with its reduction.
     *
     * @param p N x K
     * @param rowEntropies receives N numbers, from 0 to log K where rows of p sum to 1; null if only the batch is of interest
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit, or a probability is not from 0 to 1
     */
    public LossResult entropy(Distributions p, @Nullable RowValues rowEntropies) {
        DivergenceCall call = new DivergenceCall(Kind.CROSS_ENTROPY, settings, p, p);
        return (rowEntropies == null ? call : call.rowLosses(rowEntropies)).compute();
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return switch (kind) {
                    case CROSS_ENTROPY -> "cross-entropy of distributions";
                    case KULLBACK_LEIBLER -> "Kullback-Leibler divergence";
                    case JENSEN_SHANNON -> "Jensen-Shannon divergence";
                }
                + ", " + settings.describe();
    }

    /** Options of the divergence. Not for use by several threads at once. */
    public static final class Builder extends LossBuilder<Builder> {

        private final Kind kind;

        private Builder(Kind kind) {
            this.kind = Objects.requireNonNull(kind, "kind");
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the divergence.
         *
         * @return an immutable divergence with these options
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public Divergence build() {
            return new Divergence(kind, settings());
        }
    }
}
