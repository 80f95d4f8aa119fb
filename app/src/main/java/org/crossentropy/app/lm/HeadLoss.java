package org.crossentropy.app.lm;

import java.lang.foreign.Arena;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * The loss of a head given as matrices.
 *
 * @param rows inputs and outputs
 * @param loss the loss of the logits, all its options but the reduction set
 * @param reduction how losses become one number
 * @param ignoreIndex target of rows that are left out
 * @param classWeights V numbers, or none
 * @param top how many classes a target may be among; 0 if that is not asked for
 * @param memory bytes to work in
 */
public record HeadLoss(
        HeadRows rows,
        SoftmaxCrossEntropy loss,
        Reduction reduction,
        long ignoreIndex,
        List<Double> classWeights,
        int top,
        long memory) {

    /**
     * Computes it.
     *
     * @param targetsPlace where the targets are, as messages begin
     * @param weightsPlace where the sample weights are
     * @param progress told after each slice
     * @param arena what memory is allocated from
     * @return what was found
     * @throws org.crossentropy.app.io.InputException if a target or weight cannot be used, before anything is written
     */
    public Findings compute(String targetsPlace, String weightsPlace, Progress progress, Arena arena) {
        RowCounts counts =
                RowCounts.of(rows, ignoreIndex, classWeights, new RowCounts.Places(targetsPlace, weightsPlace));
        SoftmaxCrossEntropy ofAll =
                loss.toBuilder().reduction(counts.ofAll(reduction)).build();
        long all = counts.rows();
        Head head = new Head(rows.weight(), rows.bias(), ofAll, Math.max(1, all), memory, arena);
        ClassIndices ranks = ClassIndices.of(
                IndexType.INT32, arena.allocate(head.slice() * Integer.BYTES, Long.BYTES), head.slice());
        Tally tally = new Tally(top);
        long start = System.nanoTime();
        long done = 0;
        do {
            long count = Math.min(head.slice(), all - done);
            ClassIndices ranksOfSlice = ClassIndices.of(IndexType.INT32, ranks.segment(), count);
            LossResult result =
                    rows.call(head, done, count).targetRanks(ranksOfSlice).compute();
            tally.add(result, ranksOfSlice);
            done += count;
            progress.show("tokens", done, Math.max(1, all));
        } while (done < all);
        double seconds = (System.nanoTime() - start) * 1e-9;
        double operations = rows.outputs().products() * head.operations() * counts.count();
        return tally.findings(new Effort(seconds, operations), head.memory());
    }
}
