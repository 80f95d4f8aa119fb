package org.crossentropy.tck;

import org.crossentropy.api.ElementType;

/**
 * How far a result may be from the true one: the only place with such numbers. A change needs a reason, and the measured
 * errors before and after.
 *
 * <p>The model of a row: an error of {@code base + perDepth d} units. The unit is an ULP of the element type at the true
 * value, or at the largest term of a sum that may cancel. {@code d} is how far, in nats, the logits that make up the
 * value lie below the row's largest: kernels round {@code x[j] - M} to the element type, and so an exponential is off by
 * up to half an ULP (of the exponential, up to one) for each nat. Everything else (exp, sums, division) is in {@code
 * base}.
 *
 * <p>Where exponentials become 0 below the smallest normal number, values of that size are allowed to be missing.
 */
public final class Tolerances {

    /**
     * What is measured, with base and perDepth in float32 and in float64. Bounds are a little above the worst errors
     * measured over the grid of the TCK with several seeds. Bases are larger where the largest exponential is in the sum
     * and rounds all that is added to it; in float64 also because weight sums are doubles themselves.
     */
    public enum Quantity {
        /** Loss of a row without smoothing, in ULP of the loss. */
        LOSS(3.0, 1.0, 4.0, 1.0),
        /** Loss of a row with smoothing, in ULP of the loss. */
        SMOOTHED_LOSS(5.0, 1.0, 16.0, 1.0),
        /** Log-sum-exp, in ULP at 1 of the element type (the logarithm's error is absolute). */
        LOG_SUM_EXP(6.0, 1.0, 4.0, 1.0),
        /** Softmax, in ULP of the probability. */
        SOFTMAX(9.0, 1.0, 12.0, 1.0),
        /** Log-softmax, in ULP of the log-probability or at 1, whichever is larger. */
        LOG_SOFTMAX(6.0, 1.0, 4.0, 1.0),
        /** Gradient at a class other than the target, in ULP of the larger of its two terms. */
        GRADIENT(9.0, 1.0, 24.0, 1.0),
        /** Gradient at the target, in ULP of the larger of its two terms. */
        TARGET_GRADIENT(4.0, 1.0, 24.0, 1.0),
        /** Sum over a row of the gradient, in ULP at 1 for each unit of what the terms add up to without their signs. */
        GRADIENT_ROW_SUM(3.0, 1.0, 3.0, 1.0);

        private final double floatBase;
        private final double floatPerDepth;
        private final double doubleBase;
        private final double doublePerDepth;

        Quantity(double floatBase, double floatPerDepth, double doubleBase, double doublePerDepth) {
            this.floatBase = floatBase;
            this.floatPerDepth = floatPerDepth;
            this.doubleBase = doubleBase;
            this.doublePerDepth = doublePerDepth;
        }

        /**
         * Returns the bound.
         *
         * @param type element type of the logits
         * @param depth nats below the row's largest logit
         * @return units
         */
        public double bound(ElementType type, double depth) {
            return switch (type) {
                case FLOAT32 -> floatBase + floatPerDepth * depth;
                case FLOAT64 -> doubleBase + doublePerDepth * depth;
                case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
            };
        }
    }

    /**
     * A smoothed loss needs the sum of {@code w[j] (lse - x[j])}, which kernels take as a difference: the sum of {@code
     * x[j] - c0} is rounded in the element type, c0 being the largest logit of the row's first block. So many roundoffs
     * of {@code sum of w[j] |x[j] - c0|} are allowed: half for each difference, and the partial sums of one lane within a
     * block, 32 numbers at most.
     */
    public static final double SPREAD_ROUNDOFFS = 2;

    /** Sums over the rows of a batch, relative to the sum of the absolute values: sums of doubles. */
    public static final double BATCH_SUM = 1e-13;

    /** Loss of equal logits relative to log K: exponentials and sums are exact, the logarithm and its use are not. */
    public static final double UNIFORM_LOSS = 6e-16;

    /** Loss of two classes whose difference is a number of the element type, in ULP: only exp is rounded. */
    public static final double EXACT_DIFFERENCE_LOSS = 1.5;

    /** A smoothed loss whose first block is masked and whose other logits are about 1000, relative to it. */
    public static final double MASKED_SMOOTHED_LOSS = 1e-4;

    /** Half of the last digit of a constant from the literature. */
    public static final double SEVEN_DIGITS = 5e-8;

    /** Log-softmax of equal logits wherever they lie, in ULP. */
    public static final double LOG_SOFTMAX_OF_EQUALS = 1.5;

    /** A float64 loss is known to about this, relative to it; for laws that compare two losses. */
    public static final double SAME_LOSS_FLOAT64 = 1e-13;

    /** The same for float32. */
    public static final double SAME_LOSS_FLOAT32 = 4e-6;

    /** Step of the finite differences in float64: about the cube root of the roundoff. */
    public static final double DIFFERENCE_STEP = 6e-6;

    /** Error of the central difference with that step, absolute, for row losses of some units. */
    public static final double DIFFERENCE_ERROR = 1e-9;

    /** The same for means of losses of probabilities, whose third derivatives reach {@code 2 / 0.05^3}. */
    public static final double TILE_DIFFERENCE_ERROR = 1e-7;

    /** Error of a derivative that was made of another by factors of some hundreds, relative to it. */
    public static final double DERIVED_SLOPE = 1e-6;

    /** Times the standard bound {@code (k + 2) u |scale| (|A||B|) + u |accumulate C|} of a matrix product. */
    public static final double MATRIX_PRODUCT_FACTOR = 1.5;

    /** A change of logits by 1 at most changes a difference of two logits, and so a loss, by 2. */
    static final double SHIFT_OF_LOSS = 2;

    /** Roundoffs allowed to every member of the family, besides those of its logits: exp, sums, quotients, products. */
    public static final double FAMILY_BASE = 16;

    /** A block and a row of lanes of the canonical algorithm. */
    private static final int BLOCK_BYTES = 4096;

    private static final int LANE_BYTES = 128;

    /** A divergence that is half the square of 2^-30, relative to it: what the log-probability's last digit makes of it. */
    public static final double SMALL_DIVERGENCE = 1e-6;

    private static final double POLICY_ROUNDOFFS = 32;
    private static final double CONTRASTIVE_ROUNDOFFS = 256;

    private Tolerances() {}

    /**
     * Returns the relative error of a sum of exponentials at worst. A lane of a block holds 32 numbers; if the first is
     * 1 and the others about half a unit in its last place, each addition errs by half a unit in the same direction. In
     * float64 the same happens once more for each block. Ordinary logits stay far below.
     *
     * @param type element type of the logits
     * @param classes number of classes
     * @return relative error
     */
    public static double absorbed(ElementType type, int classes) {
        int additions = BLOCK_BYTES / LANE_BYTES;
        double blocks = type == ElementType.FLOAT64 ? (double) classes / blockElements(type) : 0;
        return (additions + blocks) * Ulp.roundoff(type);
    }

    /**
     * Returns how far the logits of a member of the family may seem to be off, from which all its errors follow: see {@link
     * SoftmaxFamilyOracle.Bounds}.
     *
     * @param type element type of the logits
     * @param logit size of what is rounded before exponentials are taken
     * @return an absolute error of logits
     */
    static double family(ElementType type, double logit) {
        return Ulp.roundoff(type) * (FAMILY_BASE + logit);
    }

    /**
     * Returns how far an element of a product may be off: the standard bound for sums in any order.
     *
     * @param type element type that is computed in
     * @param terms length of the sum
     * @param size sum of the absolute values of the terms
     * @return absolute error
     */
    static double product(ElementType type, long terms, double size) {
        return MATRIX_PRODUCT_FACTOR * Ulp.roundoff(type) * (double) (terms + 2) * size;
    }

    /**
     * Returns by how much a derivative of a member of the family changes for a change of all logits, in units of {@link
     * SoftmaxFamilyOracle.Bounds#gradient}. That of {@code m (p - t)} changes by {@code 2 m p}; of poly-1, a product of two
     * probabilities, by twice as much. The focal loss, of the surprisal s, has a slope of at most {@code 1 + gamma}, which is in
     * the unit, and its slope changes by at most {@code gamma (1 + gamma)} with s where {@code 1 - p} divides out. The slope
     * {@code 1 - tanh^2} of a soft-cap changes by at most {@code 2 / cap} of itself.
     *
     * @param focal exponent of the focal loss, 0 for none
     * @param softCap bound of the logits, 0 for none
     * @return a factor
     */
    static double shiftOfGradient(double focal, double softCap) {
        return 4 + 2 * focal + (softCap == 0 ? 0 : 2 / softCap);
    }

    /**
     * Returns the absolute error of losses of policies whose ratios and advantages are some units.
     *
     * @param type element type of the logits
     * @return absolute error
     */
    public static double policy(ElementType type) {
        return POLICY_ROUNDOFFS * Ulp.roundoff(type);
    }

    /**
     * Returns the relative error of losses and gradients of embeddings of some dimensions and logits of some tens, which
     * have the rounding of a few products in them.
     *
     * @param type element type of the embeddings
     * @return relative error
     */
    public static double contrastive(ElementType type) {
        return CONTRASTIVE_ROUNDOFFS * Ulp.roundoff(type);
    }

    /**
     * Returns the relative error within which two computations of one loss agree.
     *
     * @param type element type of the logits
     * @return relative error
     */
    public static double sameLoss(ElementType type) {
        return switch (type) {
            case FLOAT32 -> SAME_LOSS_FLOAT32;
            case FLOAT64 -> SAME_LOSS_FLOAT64;
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    /**
     * Returns the size of a block of the canonical algorithm, whose largest logit is c0 for the first.
     *
     * @param type element type of the logits
     * @return elements
     */
    static int blockElements(ElementType type) {
        return BLOCK_BYTES / type.bytes();
    }
}
