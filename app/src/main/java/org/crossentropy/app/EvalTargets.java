package org.crossentropy.app;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.app.io.InputException;

/** What the rows should be. */
sealed interface EvalTargets {

    /**
     * One class each.
     *
     * @param indices N class indices
     * @param ignoreIndex label of rows to leave out
     */
    record Labels(ClassIndices indices, long ignoreIndex) implements EvalTargets {}

    /**
     * A number from 0 to 1 for every class.
     *
     * @param targets N x K
     */
    record Soft(SoftTargets targets) implements EvalTargets {}

    /** Rejects an option that needs labels where there are none. */
    static void checkLabels(String option, boolean present) {
        if (present) {
            throw new InputException(option + " needs --labels, it is not for --targets");
        }
    }
}
