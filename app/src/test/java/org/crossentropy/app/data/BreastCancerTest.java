package org.crossentropy.app.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BreastCancerTest {

    private final Dataset data = BreastCancer.load();

    private static long ofClass(Examples examples, int label) {
        return IntStream.range(0, examples.count())
                .filter(example -> examples.classOf(example) == label)
                .count();
    }

    @Test
    void bothPartsHaveTheClassesInTheSameProportion() {
        assertEquals(212 - 42, ofClass(data.training(), 0));
        assertEquals(357 - 71, ofClass(data.training(), 1));
        assertEquals(42, ofClass(data.heldOut(), 0));
        assertEquals(71, ofClass(data.heldOut(), 1));
        assertEquals("wdbc: 456 tumours to train, 113 held out, 30 features, 2 classes", data.toString());
    }

    @Test
    void trainingHasMeanZeroAndDeviationOne() {
        double[] sums = new double[30];
        double[] squares = new double[30];
        float[] row = new float[30];
        for (int example = 0; example < data.training().count(); example++) {
            data.training().read(example, row);
            for (int j = 0; j < row.length; j++) {
                sums[j] += row[j];
                squares[j] += (double) row[j] * row[j];
            }
        }
        for (int j = 0; j < sums.length; j++) {
            assertEquals(0, sums[j] / 456, 1e-6);
            assertEquals(1, squares[j] / 456, 1e-6);
        }
    }

    /** The fifth malignant tumour of the file, line 5, scaled by what NumPy finds for the other part. */
    @Test
    void heldOutIsScaledAsTraining() {
        float[] row = new float[30];
        data.heldOut().read(0, row);
        assertEquals(0, data.heldOut().classOf(0));
        assertEquals(1.75208821, row[0], 1e-5);
        assertEquals(-0.42293073, row[29], 1e-5);
    }
}
