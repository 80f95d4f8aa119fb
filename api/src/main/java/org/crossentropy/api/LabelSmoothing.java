package org.crossentropy.api;

import java.util.Objects;

/**
 * Label smoothing: how a part {@code epsilon} of a target's probability is spread over the classes. The two conventions
 * in use differ by a factor that is easily overlooked, so the convention is part of the value.
 *
 * <table>
 * <caption>Probability of each class, K classes in all</caption>
 * <tr><th></th><th>target class</th><th>each other class</th><th>used by</th></tr>
 * <tr><td>{@link Convention#UNIFORM}</td><td>{@code 1 - epsilon + epsilon / K}</td><td>{@code epsilon / K}</td>
 * <td>PyTorch, Keras, TensorFlow, Optax, Liger; Szegedy et al. 2015</td></tr>
 * <tr><td>{@link Convention#OTHERS}</td><td>{@code 1 - epsilon}</td><td>{@code epsilon / (K - 1)}</td>
 * <td>Megatron-LM, NeMo</td></tr>
 * </table>
 *
 * <p>Smoothing of {@code epsilon} over the others equals smoothing of {@code epsilon K / (K - 1)} uniformly.
 *
 * @param convention where the probability goes
 * @param epsilon the part that is spread, from 0 to 1
 */
public record LabelSmoothing(Convention convention, double epsilon) {

    /** Where the smoothed probability goes. */
    public enum Convention {
        /** Over all classes, the target among them: {@code epsilon / K} each. */
        UNIFORM,
        /** Over all classes but the target: {@code epsilon / (K - 1)} each; needs at least 2 classes. */
        OTHERS
    }

    private static final LabelSmoothing NONE = new LabelSmoothing(Convention.UNIFORM, 0);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if epsilon is NaN or outside [0, 1]
     */
    public LabelSmoothing {
        Objects.requireNonNull(convention, "convention");
        if (!(epsilon >= 0 && epsilon <= 1)) {
            throw new IllegalArgumentException("label smoothing epsilon is " + epsilon + ", must be from 0 to 1");
        }
    }

    /**
     * {@return no smoothing: the target has probability 1}
     */
    public static LabelSmoothing none() {
        return NONE;
    }

    /**
     * Returns smoothing over all classes, the convention of PyTorch.
     *
     * @param epsilon the part that is spread, from 0 to 1
     * @return {@code epsilon / K} to every class
     */
    public static LabelSmoothing uniform(double epsilon) {
        return new LabelSmoothing(Convention.UNIFORM, epsilon);
    }

    /**
     * Returns smoothing over the classes other than the target, the convention of Megatron-LM.
     *
     * @param epsilon the part that is spread, from 0 to 1
     * @return {@code epsilon / (K - 1)} to every class but the target
     */
    public static LabelSmoothing others(double epsilon) {
        return new LabelSmoothing(Convention.OTHERS, epsilon);
    }

    boolean isNone() {
        return epsilon == 0;
    }

    /** What each class but the target gets, of K classes. */
    double massPerClass(int classes) {
        return switch (convention) {
            case UNIFORM -> classes < 2 ? 0 : epsilon / classes;
            case OTHERS -> epsilon == 0 || classes < 2 ? 0 : epsilon / (classes - 1);
        };
    }

    /** What the target gets. */
    double massOfTarget(int classes) {
        return switch (convention) {
            case UNIFORM -> classes < 2 ? 1 : (1 - epsilon) + epsilon / classes;
            case OTHERS -> 1 - epsilon;
        };
    }

    void check(int classes) {
        if (convention == Convention.OTHERS && epsilon > 0 && classes < 2) {
            throw new IllegalArgumentException("label smoothing over the other classes needs at least 2 classes, the"
                    + " logits have " + classes + "; use LabelSmoothing.uniform or none");
        }
    }
}
