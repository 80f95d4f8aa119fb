package org.crossentropy.api;

import java.util.Objects;

/**
 * Sparse soft targets: for each row the k most probable classes of a teacher and their probabilities, as they are stored
 * for distillation. All other classes have probability 0; where the teacher's remaining mass should not be lost, rescale
 * the probabilities to sum to 1 before.
 *
 * <p>The loss is that of the {@link SoftTargets} with the same numbers; no matrix of N x K targets exists at any time. A
 * class named twice in a row has the sum of both. A negative index marks an entry that is not used.
 *
 * @param classes N k class indices from 0 to K - 1, row after row; negative where a row has fewer
 * @param probabilities N x k, each from 0 to 1
 */
public record TopTargets(ClassIndices classes, Matrix probabilities) implements Targets {

    /**
     * Checks that the two fit.
     *
     * @throws IllegalArgumentException if there is not one class index for each probability
     */
    public TopTargets {
        Objects.requireNonNull(classes, "classes");
        Objects.requireNonNull(probabilities, "probabilities");
        if (classes.count() != probabilities.rows() * probabilities.columns()) {
            throw new IllegalArgumentException(
                    "classes has " + classes.count() + " elements, must have one for each of the "
                            + probabilities.rows() + " x " + probabilities.columns() + " probabilities");
        }
    }

    /**
     * Views class indices and probabilities as sparse soft targets.
     *
     * @param classes N k class indices, row after row
     * @param probabilities N x k
     * @return the targets
     */
    public static TopTargets of(ClassIndices classes, Matrix probabilities) {
        return new TopTargets(classes, probabilities);
    }

    @Override
    public long count() {
        return probabilities.rows();
    }
}
