package org.crossentropy.app.lm;

/**
 * How long a part of the work took.
 *
 * @param seconds wall time
 * @param operations multiplications and additions of its matrix products
 */
public record Effort(double seconds, double operations) {

    /**
     * {@return billions of operations a second}
     */
    public double gigaflops() {
        return operations / seconds * 1e-9;
    }
}
