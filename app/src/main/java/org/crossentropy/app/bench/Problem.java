package org.crossentropy.app.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;

/** The numbers of a workload, off the heap, always the same ones. */
final class Problem implements AutoCloseable {

    private static final long SEED = 0x5eed;

    /** Standard deviation of the logits: a few classes share most of the probability, as in a trained model. */
    private static final double SPREAD = 3;

    /** That of a page, so that no run is luckier than another. */
    private static final long ALIGNMENT = 4096;

    private final Arena arena = Arena.ofShared();
    private final Workload workload;
    private final MemorySegment logits;
    private final MemorySegment targets;
    private final MemorySegment gradient;

    Problem(Workload workload) {
        this.workload = workload;
        SplittableRandom random = new SplittableRandom(SEED);
        logits = matrix();
        fillNormal(logits, random);
        gradient = matrix();
        targets = switch (workload.loss()) {
            case SOFTMAX -> classes(random);
            case BINARY -> zerosAndOnes(random);
        };
    }

    /** Room for another matrix of this shape. */
    MemorySegment matrix() {
        return arena.allocate(workload.matrixBytes(), ALIGNMENT);
    }

    private static void fillNormal(MemorySegment values, SplittableRandom random) {
        for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (SPREAD * normal(random.nextLong())));
        }
    }

    /** Sum of four uniform numbers, scaled to variance 1: normal enough, and fast. */
    private static double normal(long bits) {
        long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum - 2.0 * 0xffff) * (Math.sqrt(3) / 0x10000);
    }

    private MemorySegment classes(SplittableRandom random) {
        MemorySegment classes = arena.allocate(ValueLayout.JAVA_INT, workload.rows());
        for (int row = 0; row < workload.rows(); row++) {
            classes.setAtIndex(ValueLayout.JAVA_INT, row, random.nextInt(workload.columns()));
        }
        return classes;
    }

    private MemorySegment zerosAndOnes(SplittableRandom random) {
        MemorySegment values = matrix();
        for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextLong() & 1));
        }
        return values;
    }

    Workload workload() {
        return workload;
    }

    MemorySegment logits() {
        return logits;
    }

    /** Class indices, or a matrix of zeros and ones. */
    MemorySegment targets() {
        return targets;
    }

    /** What backward passes write. */
    MemorySegment gradient() {
        return gradient;
    }

    /** The call that is timed. */
    Supplier<LossResult> call(Pass pass, Execution execution) {
        return switch (workload.loss()) {
            case SOFTMAX -> softmax(pass, execution);
            case BINARY -> binary(pass, execution);
        };
    }

    private Supplier<LossResult> softmax(Pass pass, Execution execution) {
        SoftmaxCrossEntropy loss =
                SoftmaxCrossEntropy.builder().execution(execution).build();
        Matrix x = view(logits);
        ClassIndices y = ClassIndices.of(IndexType.INT32, targets, workload.rows());
        Matrix dx = view(gradient);
        return switch (pass) {
            case FORWARD -> () -> loss.loss(x, y);
            case FORWARD_BACKWARD -> () -> loss.lossAndGradient(x, y, dx);
        };
    }

    private Supplier<LossResult> binary(Pass pass, Execution execution) {
        BinaryCrossEntropy loss =
                BinaryCrossEntropy.builder().execution(execution).build();
        Matrix x = view(logits);
        Matrix y = view(targets);
        Matrix dx = view(gradient);
        return switch (pass) {
            case FORWARD -> () -> loss.loss(x, y);
            case FORWARD_BACKWARD -> () -> loss.lossAndGradient(x, y, dx);
        };
    }

    private Matrix view(MemorySegment values) {
        return Matrix.of(ElementType.FLOAT32, values, workload.rows(), workload.columns());
    }

    @Override
    public void close() {
        arena.close();
    }
}
