package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LossResultTest {

    private static LossResult result(double sum, double weightSum, long count, long rows) {
        return new LossResult(sum, 0, weightSum, 0, count, rows, Reduction.MEAN, EmptyMean.NAN);
    }

    @Test
    void everyDenominatorHasItsMean() {
        LossResult result = result(12, 3, 4, 6);
        assertEquals(4, result.mean(Denominator.Of.WEIGHT_SUM));
        assertEquals(3, result.mean(Denominator.Of.VALID_ROWS));
        assertEquals(2, result.mean(Denominator.Of.ALL_ROWS));
        assertEquals(1.5, result.mean(Denominator.given(8)));
        assertEquals(4, result.value());
        assertEquals(Math.exp(4), result.perplexity());
    }

    @Test
    void theMeanOverNothingIsWhatWasChosen() {
        assertEquals(Double.NaN, result(0, 0, 0, 5).mean());
        assertEquals(0, result(0, 0, 0, 5).mean(Denominator.Of.ALL_ROWS));
        assertEquals(0, new LossResult(0, 0, 0, 0, 0, 5, Reduction.MEAN, EmptyMean.ZERO).mean());
    }

    @Test
    void reductionNoneHasNoValue() {
        LossResult result = new LossResult(1, 0, 1, 0, 1, 1, Reduction.NONE, EmptyMean.NAN);
        var thrown = assertThrows(IllegalStateException.class, result::value);
        assertTrue(String.valueOf(thrown.getMessage()).contains("NONE"), thrown.getMessage());
        assertEquals(1, result.mean());
    }

    @Test
    void mergingAddsEverythingInAnyOrder() {
        Random random = new Random(42);
        List<LossResult> parts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            double sum = Math.exp(random.nextGaussian() * 20);
            parts.add(result(sum, i, i, i + 1));
        }
        LossResult forward = parts.stream().reduce(LossResult::merge).orElseThrow();
        for (int order = 0; order < 50; order++) {
            Collections.shuffle(parts, random);
            LossResult shuffled = parts.stream().reduce(LossResult::merge).orElseThrow();
            assertEquals(forward.lossSum(), shuffled.lossSum());
            assertEquals(forward.count(), shuffled.count());
            assertEquals(forward.weightSum(), shuffled.weightSum());
        }
        assertEquals(199 * 200 / 2 + 200, forward.rows());
    }

    @Test
    void infinityAndNanSurviveMerging() {
        LossResult infinite = result(Double.POSITIVE_INFINITY, 1, 1, 1);
        assertEquals(
                Double.POSITIVE_INFINITY, result(1, 1, 1, 1).merge(infinite).lossSum());
        assertEquals(
                Double.POSITIVE_INFINITY,
                infinite.merge(infinite).merge(infinite).lossSum());
        assertEquals(Double.NaN, infinite.merge(result(Double.NaN, 1, 1, 1)).lossSum());
    }

    @Test
    void resultsOfDifferentMeaningDoNotMerge() {
        LossResult sum = new LossResult(1, 0, 1, 0, 1, 1, Reduction.SUM, EmptyMean.NAN);
        assertThrows(IllegalArgumentException.class, () -> sum.merge(result(1, 1, 1, 1)));
    }

    @Test
    void aDenominatorIsAPositiveNumber() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> Denominator.given(bad));
        }
    }
}
