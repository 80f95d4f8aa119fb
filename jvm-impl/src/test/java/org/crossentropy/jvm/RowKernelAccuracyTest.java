package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.SoftmaxRows;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar kernels against formulas in double; the vector kernels return the same bits. */
class RowKernelAccuracyTest {

    private static final double FLOAT_EPSILON = 0x1p-23;

    private final ScalarLossKernels kernels = new ScalarLossKernels();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 33, 1000, 5000})
    void lossSpreadAndGradientFollowTheirFormulas(int classes) {
        Random random = new Random(classes);
        float[] logits = new float[classes];
        float[] weights = new float[classes];
        double total = 0;
        for (int j = 0; j < classes; j++) {
            logits[j] = (float) (4 * random.nextGaussian());
            weights[j] = random.nextFloat();
            total += weights[j];
        }
        int target = random.nextInt(classes);
        double alpha = 0.75;
        double beta = 0.125;
        double gamma = 0.5;
        float[] gradient = new float[classes];
        double[] outputs = run(logits, weights, total, target, gradient, alpha, beta, gamma);

        double sum = 0;
        for (float x : logits) {
            sum += StrictMath.exp(x);
        }
        double logSumExp = StrictMath.log(sum);
        double spread = 0;
        for (int j = 0; j < classes; j++) {
            spread += j == target ? 0 : weights[j] * (logSumExp - logits[j]);
        }
        assertEquals(logSumExp, outputs[1], 2 * FLOAT_EPSILON * Math.max(1, Math.abs(logSumExp)));
        assertEquals(logSumExp - logits[target], outputs[0], 2 * FLOAT_EPSILON * Math.max(1, outputs[0]));
        assertEquals(spread, outputs[2], 40 * FLOAT_EPSILON * Math.max(1, spread));
        for (int j = 0; j < classes; j++) {
            double expected =
                    alpha * StrictMath.exp(logits[j] - logSumExp) - beta * weights[j] - (j == target ? gamma : 0.0);
            assertEquals(expected, gradient[j], 8 * FLOAT_EPSILON, "class " + j);
        }
    }

    /** A row that is confidently right keeps the relative accuracy of its tiny loss and of one minus its probability. */
    @ParameterizedTest
    @ValueSource(floats = {20f, 40f, 80f})
    void smallLossesAreExact(float margin) {
        float[] logits = {0f, margin, 0f};
        float[] gradient = new float[3];
        double[] outputs = run(logits, new float[] {1, 1, 1}, 3, 1, gradient, 1, 0, 1);
        double others = 2 * StrictMath.exp(-margin);
        assertEquals(StrictMath.log1p(others), outputs[0], FLOAT_EPSILON * others);
        assertEquals(-others / (1 + others), gradient[1], FLOAT_EPSILON * others);
    }

    private double[] run(
            float[] logits,
            float[] weights,
            double total,
            int target,
            float[] gradient,
            double alpha,
            double beta,
            double gamma) {
        double[] outputs = new double[3];
        MemorySegment results = MemorySegment.ofArray(outputs);
        try (Arena arena = Arena.ofConfined()) {
            kernels.softmaxGradient(new SoftmaxRows()
                    .logits(ElementType.FLOAT32, MemorySegment.ofArray(logits), logits.length, logits.length)
                    .range(0, 1)
                    .targets(MemorySegment.ofArray(new int[] {target}), 0)
                    .classWeights(MemorySegment.ofArray(weights), total)
                    .rowOutputs(results.asSlice(0, 8), results.asSlice(8, 8), results.asSlice(16, 8))
                    .gradient(MemorySegment.ofArray(gradient), logits.length)
                    .coefficients(MemorySegment.ofArray(new double[] {alpha, beta, gamma}), 0)
                    .workspace(arena.allocate(kernels.workspaceBytes(ElementType.FLOAT32, logits.length), 64)));
        }
        return outputs;
    }
}
