package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The gradients that are asked for.
 *
 * @param hidden receives N x D
 * @param weight receives V x D
 * @param bias receives 1 x V
 * @param accumulate whether they are added to what the memory holds
 */
record LinearGradients(
        @Nullable Matrix hidden,
        @Nullable Matrix weight,
        @Nullable Matrix bias,
        boolean accumulate) {

    static final LinearGradients NONE = new LinearGradients(null, null, null, false);

    /** Whether the gradient with respect to the logits is needed. */
    boolean any() {
        return hidden != null || weight != null || bias != null;
    }

    /** Whether there are any that are products with hidden states or weights. */
    boolean needProducts() {
        return hidden != null || weight != null;
    }

    /** Registers the memory of all gradients, whose shapes and formats are checked. */
    void check(CallBuffers buffers, LinearHead head) {
        if (hidden != null) {
            Checks.shape("hidden", head.hidden(), "hiddenGradient", hidden);
            if (hidden.type() != head.type() && hidden.type() != head.hidden().type()) {
                throw new IllegalArgumentException("hiddenGradient is " + hidden.type() + ", must be "
                        + (head.type() == head.hidden().type() ? "" : head.type() + " or ")
                        + head.hidden().type() + ", the format of hidden");
            }
            buffers.output("hiddenGradient", hidden.segment());
        }
        if (weight != null) {
            Checks.shape("weight", head.weight(), "weightGradient", weight);
            checkSum("weightGradient", weight, head);
            buffers.output("weightGradient", weight.segment());
        }
        if (bias != null) {
            if (head.bias() == null) {
                throw new IllegalArgumentException("biasGradient is asked for without a bias; give the bias, or zeros");
            }
            Checks.shape("bias", head.bias(), "biasGradient", bias);
            checkSum("biasGradient", bias, head);
            buffers.output("biasGradient", bias.segment());
        }
    }

    private static void checkSum(String name, Matrix matrix, LinearHead head) {
        if (matrix.type() != head.type()) {
            throw new IllegalArgumentException(name + " is " + matrix.type() + ", must be " + head.type()
                    + ", the format computed in: it is a sum over chunks of rows");
        }
    }

    /** Makes the gradient of a row 0 that does not count, unless gradients are added. */
    void clearRow(long row) {
        if (hidden != null && !accumulate) {
            hidden.rows(row, 1).fillZero();
        }
    }

    /** Prepares sums that are not to be added to anything. */
    void clearSums() {
        if (!accumulate && weight != null) {
            weight.fillZero();
        }
        if (!accumulate && bias != null) {
            bias.fillZero();
        }
    }
}
