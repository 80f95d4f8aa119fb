package org.crossentropy.api;

/**
 * What a mean divides the sum of losses by. Every framework has a mean of its own; here it has a name.
 */
public sealed interface Denominator {

    /** The denominators that a batch itself determines. */
    enum Of implements Denominator {
        /**
         * The sum of the class weights of the targets of the rows that are not ignored; their number where there are no
         * weights. The mean of PyTorch and ONNX for integer targets.
         */
        WEIGHT_SUM,
        /** The number of rows that are not ignored, whatever their weights. */
        VALID_ROWS,
        /** The number of rows, ignored ones included. */
        ALL_ROWS
    }

    /**
     * A number that the caller knows: the tokens of all micro-batches, or of all devices, of one training step.
     *
     * @param value finite and a normal number greater than 0
     */
    record Given(double value) implements Denominator {
        /**
         * Checks the value.
         *
         * @throws IllegalArgumentException if the value is not finite, or less than {@link Double#MIN_NORMAL}
         */
        public Given {
            if (!(value >= Double.MIN_NORMAL) || value == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("denominator is " + value + ", must be finite and greater than 0 (a"
                        + " normal number, so that its inverse is finite)");
            }
        }
    }

    /**
     * Returns a given number as denominator.
     *
     * @param value finite and greater than 0
     * @return the denominator
     */
    static Denominator given(double value) {
        return new Given(value);
    }
}
