package org.crossentropy.tck.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.Stream;
import org.crossentropy.api.Backend;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The short methods of {@link SoftmaxCrossEntropy} have a way of their own for few rows: it must give what a call object
 * gives, to the bit, and the same errors in the same words.
 */
class FewRowsTest {

    private static final int[][] SHAPES = {
        {1, 1}, {1, 10}, {8, 10}, {512, 10}, {513, 10}, {16, 1000}, {17, 1000}, {1, 20_000}
    };

    static Stream<String> backends() {
        return TestBackends.names().stream();
    }

    private static SoftmaxCrossEntropy.Builder on(String name) {
        BackendProvider provider = TestBackends.provider(name);
        assumeTrue(provider.availability() instanceof Availability.Available, name);
        Backend backend = Backend.of(name, "for few rows", provider.open());
        return SoftmaxCrossEntropy.builder().execution(new Execution(backend, Parallelism.sequential()));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theShortMethodsGiveWhatACallGives(String name) {
        Random random = new Random(7);
        for (int[] shape : SHAPES) {
            for (Reduction reduction : new Reduction[] {
                Reduction.SUM,
                Reduction.MEAN,
                Reduction.mean(Denominator.Of.ALL_ROWS),
                Reduction.mean(Denominator.given(3))
            }) {
                SoftmaxCrossEntropy loss =
                        on(name).reduction(reduction).emptyMean(EmptyMean.NAN).build();
                for (int kind = 0; kind < 4; kind++) {
                    compare(loss, shape[0], shape[1], kind, random);
                }
            }
        }
    }

    /** Kinds: all rows count, some are ignored, all are ignored, some logits are special. */
    private static void compare(SoftmaxCrossEntropy loss, int rows, int classes, int kind, Random random) {
        float[] logits = new float[rows * classes];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = kind == 3 && i % 7 == 0 ? Float.NEGATIVE_INFINITY : (float) (8 * random.nextGaussian());
        }
        long[] targets = new long[rows];
        for (int i = 0; i < rows; i++) {
            boolean ignored = kind == 2 || (kind == 1 && i % 3 == 0);
            targets[i] = ignored ? SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX : random.nextInt(classes);
        }
        Matrix x = Matrix.of(logits, rows, classes);
        ClassIndices y = ClassIndices.of(targets);
        float[] ofMethod = new float[logits.length];
        float[] ofCall = new float[logits.length];
        LossResult expected =
                loss.on(x, y).gradient(Matrix.of(ofCall, rows, classes)).compute();
        String what = rows + " x " + classes + ", kind " + kind + ", " + loss;
        assertEquals(expected, loss.lossAndGradient(x, y, Matrix.of(ofMethod, rows, classes)), what);
        assertEquals(expected, loss.loss(x, y), what);
        assertArrayEquals(ofCall, ofMethod, what);
        assertEquals(expected, loss.lossAndGradient(x, y, x), what);
        assertArrayEquals(ofCall, logits, what);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void theShortMethodsRefuseWhatACallRefuses(String name) {
        SoftmaxCrossEntropy loss = on(name).build();
        float[] memory = new float[40];
        Matrix x = Matrix.of(memory, 2, 10);
        Matrix apart = Matrix.of(new float[20], 2, 10);
        ClassIndices y = ClassIndices.of(1, 2);
        Matrix shifted = Matrix.of(x.type(), MemorySegment.ofArray(memory).asSlice(4), 2, 10);
        Matrix readOnly = Matrix.of(x.type(), apart.segment().asReadOnly(), 2, 10);
        refuses(loss, x, ClassIndices.of(1), apart);
        refuses(loss, x, ClassIndices.of(1, 10), apart);
        refuses(loss, x, ClassIndices.of(-1, 2), apart);
        refuses(loss, x, ClassIndices.of(1L, 1L << 32), apart);
        refuses(loss, x, y, Matrix.of(new float[20], 1, 10));
        refuses(loss, x, y, Matrix.of(new double[20], 2, 10));
        refuses(loss, x, y, shifted);
        refuses(loss, x, y, readOnly);
        refuses(loss, Matrix.of(new float[0], 2, 0), y, Matrix.of(new float[0], 2, 0));
    }

    private static void refuses(SoftmaxCrossEntropy loss, Matrix x, ClassIndices y, Matrix gradient) {
        RuntimeException expected = assertThrows(
                RuntimeException.class, () -> loss.on(x, y).gradient(gradient).compute());
        RuntimeException thrown = assertThrows(RuntimeException.class, () -> loss.lossAndGradient(x, y, gradient));
        assertEquals(expected.toString(), thrown.toString());
    }
}
