package org.crossentropy.bench.task;

import org.crossentropy.api.ElementType;

/**
 * How closely results are compared with the oracle.
 */
public enum Accuracy {
    /** What this library promises: small gradients are as exact as large ones. */
    RELATIVE(4e-6, 1e-14),

    /** What arithmetic in float32 gives that adds up many rows and subtracts a probability near 1 from 1. */
    ABSOLUTE(1e-4, 1e-6),

    /** What a sum of millions of floats gives that is made one by one. */
    COARSE(1e-2, 1e-6);

    private final double float32;
    private final double absolute;

    Accuracy(double float32, double absolute) {
        this.float32 = float32;
        this.absolute = absolute;
    }

    /** Accepted relative error of a mean loss: a dozen roundings of an exponent of a size up to 30. */
    double ofLoss(ElementType type) {
        return type == ElementType.FLOAT64 ? 1e-12 : float32;
    }

    /** Accepted relative error of a gradient, which is stored in the type of the logits and no sum. */
    double ofGradient(ElementType type) {
        return switch (type) {
            case FLOAT32, FLOAT64 -> Math.min(ofLoss(type), 1e-4);
            case BFLOAT16 -> 0x1p-8;
            case FLOAT16 -> 0x1p-10;
        };
    }

    /** Accepted error of a gradient that is a sum of products, as a part of the sum of their sizes. */
    double ofProducts(ElementType type) {
        return type == ElementType.FLOAT64 ? 1e-11 : 1e-4;
    }

    /** Accepted error of a gradient besides, as a part of the gradient of a row by itself. */
    double absolute(ElementType type) {
        return type == ElementType.FLOAT16 ? 0x1p-10 : absolute;
    }
}
