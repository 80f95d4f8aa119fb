package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Options that every loss has: reduction, empty mean, and where to compute. Not for use by several threads at once.
 *
 * @param <B> the builder of a loss
 */
public abstract class LossBuilder<B extends LossBuilder<B>> {

    private Reduction reduction = Reduction.MEAN;
    private EmptyMean emptyMean = EmptyMean.NAN;
    private @Nullable Execution execution;

    /** For the losses of this package. */
    LossBuilder() {}

    abstract B self();

    /**
     * Sets how losses become one number, and with it the scale of gradients. Default: {@link Reduction#MEAN}.
     *
     * @param reduction none, sum or a mean
     * @return this
     */
    public final B reduction(Reduction reduction) {
        this.reduction = Objects.requireNonNull(reduction, "reduction");
        return self();
    }

    /**
     * Sets what a mean with a denominator of 0 is. Default: {@link EmptyMean#NAN}. The gradient is 0 there: nothing counts.
     *
     * @param emptyMean NaN or 0
     * @return this
     */
    public final B emptyMean(EmptyMean emptyMean) {
        this.emptyMean = Objects.requireNonNull(emptyMean, "emptyMean");
        return self();
    }

    /**
     * Sets where to compute. Default: {@link Execution#automatic}.
     *
     * @param execution backend and threads
     * @return this
     */
    public final B execution(Execution execution) {
        this.execution = Objects.requireNonNull(execution, "execution");
        return self();
    }

    /** The options as a value; chooses a backend if none was set. */
    final LossSettings settings() {
        return new LossSettings(reduction, emptyMean, execution != null ? execution : Execution.automatic());
    }

    /** Takes the options of another loss. */
    final B settings(LossSettings settings) {
        return reduction(settings.reduction()).emptyMean(settings.emptyMean()).execution(settings.execution());
    }
}
