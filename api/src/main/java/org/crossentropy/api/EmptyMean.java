package org.crossentropy.api;

/**
 * What the mean over nothing is: of an empty batch, of one whose rows are all ignored, or of one whose weights sum to 0.
 */
public enum EmptyMean {
    /** NaN, which does not hide the missing data; PyTorch since 1.11. */
    NAN(Double.NaN),
    /** 0, so that a fully masked batch passes through a training loop unnoticed; Keras, Liger, TransformerEngine. */
    ZERO(0);

    private final double value;

    EmptyMean(double value) {
        this.value = value;
    }

    double value() {
        return value;
    }
}
