package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What the exceptions about single numbers tell, for callers that name the source of the numbers themselves. */
class OutOfRangeTest {

    private static final TargetScan.IgnoreIndex IGNORE = new TargetScan.IgnoreIndex(true, -100);

    @Test
    void aTargetThatIsNoClassHasRowAndValue() {
        ClassIndices targets = ClassIndices.of(0L, -100L, 1L << 40, -1L);
        var thrown = assertThrows(
                TargetOutOfRangeException.class, () -> new TargetScan(targets, 3, IGNORE, null, null, null));
        assertEquals(2, thrown.row());
        assertEquals(1L << 40, thrown.value());
        assertEquals(
                "targets[2] is 1099511627776, must be from 0 to 2 (3 classes) or the ignore index -100",
                thrown.getMessage());
    }

    @Test
    void aTargetThatIsMaskedIsOneOfTheTargets() {
        ClassMask mask = ClassMask.keep(true, false, true);
        var thrown = assertThrows(
                ElementOutOfRangeException.class,
                () -> new TargetScan(ClassIndices.of(0, 1), 3, IGNORE, null, null, mask));
        assertEquals("targets", thrown.parameter());
        assertEquals(
                "targets[1] is 1, a class that classMask leaves out and whose probability is 0; keep the class or ignore"
                        + " the row",
                thrown.getMessage());
    }

    @Test
    void aSampleWeightNamesTheSampleWeights() {
        RowValues weights = RowValues.of(new float[] {1, -0.5f});
        var thrown = assertThrows(ElementOutOfRangeException.class, () -> SampleWeights.checked(weights, 1));
        assertEquals("sampleWeights", thrown.parameter());
        assertEquals(
                "sampleWeights[1] is -0.5, must be finite and at least 0; 0 leaves the row out", thrown.getMessage());
    }
}
