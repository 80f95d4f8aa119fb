package org.crossentropy.app.lm;

import java.util.Objects;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.LossResult;
import org.jspecify.annotations.Nullable;

/** Adds up the results of slices. */
final class Tally {

    private final int top;
    private @Nullable LossResult result;
    private long right;
    private long inTop;

    /**
     * Starts with nothing.
     *
     * @param top how many classes a target may be among
     */
    Tally(int top) {
        this.top = top;
    }

    /**
     * Adds a slice.
     *
     * @param slice its sums and counts
     * @param ranks how many classes are more probable than each target; negative where a row does not count
     */
    void add(LossResult slice, ClassIndices ranks) {
        result = result == null ? slice : result.merge(slice);
        for (long row = 0; row < ranks.count(); row++) {
            long rank = ranks.get(row);
            right += rank == 0 ? 1 : 0;
            inTop += rank >= 0 && rank < top ? 1 : 0;
        }
    }

    Findings findings(Effort head, long memory) {
        return new Findings(Objects.requireNonNull(result, "no slice was added"), right, inTop, head, memory);
    }
}
