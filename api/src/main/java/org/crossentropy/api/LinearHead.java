package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * What logits are made of.
 *
 * @param hidden N x D
 * @param weight V x D
 * @param bias 1 x V, null for none
 */
record LinearHead(Matrix hidden, Matrix weight, @Nullable Matrix bias) {

    /** Number of classes. */
    int classes() {
        return Math.toIntExact(weight.rows());
    }

    /** Elements of a hidden state. */
    int width() {
        return weight.columns();
    }

    /** The format that is computed in. */
    ElementType type() {
        return hidden.type().arithmetic();
    }

    /** Registers the memory of all parts, whose shapes and formats are checked. */
    void check(CallBuffers buffers) {
        if (weight.columns() != hidden.columns()) {
            throw new IllegalArgumentException("weight is " + weight.rows() + " x " + weight.columns()
                    + ", must have as many columns as hidden, " + hidden.columns()
                    + ": one row a class, as Linear layers store it");
        }
        if (weight.rows() < 1 || weight.rows() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("weight has " + weight.rows()
                    + " rows, must have one for each class, from 1" + " to " + Integer.MAX_VALUE);
        }
        checkType("weight", weight);
        buffers.input("hidden", hidden.segment()).input("weight", weight.segment());
        if (bias != null) {
            if (bias.rows() != 1 || bias.columns() != weight.rows()) {
                throw new IllegalArgumentException("bias is " + bias.rows() + " x " + bias.columns() + ", must be 1 x "
                        + weight.rows() + ": one number for each class");
            }
            checkType("bias", bias);
            buffers.input("bias", bias.segment());
        }
    }

    private void checkType(String name, Matrix matrix) {
        if (matrix.type().arithmetic() != type()) {
            throw new IllegalArgumentException(
                    name + " is " + matrix.type() + ", must be computed in the same format as hidden, " + type());
        }
    }
}
