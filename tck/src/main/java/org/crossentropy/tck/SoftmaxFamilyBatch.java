package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.crossentropy.api.Targets;
import org.crossentropy.api.TopTargets;
import org.jspecify.annotations.Nullable;

/**
 * Logits and all other inputs for a member of the family, made from a seed. With row 0 ignored, row 2 of sample weight 0 and
 * row 3 empty where the options have such rows; the first two hold NaN, which must not matter.
 */
final class SoftmaxFamilyBatch {

    private static final int TOP = 3;
    private static final int IGNORED_ROW = 0;
    private static final int WEIGHTLESS_ROW = 2;
    private static final int EMPTY_ROW = 3;

    private final SoftmaxFamilyOptions options;
    private final int rows;
    private final long seed;
    private final Matrix logits;
    private final double[] classWeights;
    private final double[] sampleWeights;
    private final boolean[][] kept;
    private final long[] classes;
    private final Matrix soft;
    private final long[] topClasses;
    private final Matrix topProbabilities;

    /** Everything that one call returns. Never compared with equals, never kept. */
    @SuppressWarnings("ArrayRecordComponent")
    record Outcome(
            LossResult result,
            Matrix gradient,
            Matrix targetGradient,
            double[] losses,
            double[] logSumExp,
            double[] targetLogProbability,
            double[] entropy,
            long[] predictions,
            long[] targetRanks) {}

    SoftmaxFamilyBatch(SoftmaxFamilyOptions options, int rows, long seed) {
        this.options = options;
        this.rows = rows;
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        classWeights = makeClassWeights(random);
        sampleWeights = makeSampleWeights(random);
        classes = new long[rows];
        kept = new boolean[rows][];
        logits = matrix();
        soft = matrix();
        topClasses = new long[rows * TOP];
        topProbabilities = Matrix.of(
                options.type(),
                options.memory().allocate(Arena.ofAuto(), options.type(), (long) rows * TOP),
                rows,
                TOP);
        for (int row = 0; row < rows; row++) {
            fill(random, row);
        }
    }

    /** Copies a batch to the type and memory that other options say, and its logits unless others are given. */
    private SoftmaxFamilyBatch(SoftmaxFamilyBatch other, SoftmaxFamilyOptions options, @Nullable Matrix given) {
        this.options = options;
        rows = other.rows;
        seed = other.seed;
        classWeights = other.classWeights;
        sampleWeights = other.sampleWeights;
        classes = other.classes;
        kept = other.kept;
        logits = given == null ? matrix() : given;
        soft = matrix();
        topClasses = other.topClasses;
        topProbabilities = Matrix.of(
                options.type(),
                options.memory().allocate(Arena.ofAuto(), options.type(), (long) rows * TOP),
                rows,
                TOP);
        if (given == null) {
            copy(other.logits, logits);
        }
        copy(other.soft, soft);
        copy(other.topProbabilities, topProbabilities);
    }

    private double[] makeClassWeights(SplittableRandom random) {
        double[] weights = new double[options.classes()];
        for (int j = 0; j < weights.length; j++) {
            weights[j] = j > 2 && random.nextInt(6) == 0 ? 0 : random.nextDouble(0.1, 3);
        }
        return weights;
    }

    private double[] makeSampleWeights(SplittableRandom random) {
        double[] weights = new double[rows];
        for (int row = 0; row < rows; row++) {
            weights[row] = row == WEIGHTLESS_ROW ? 0 : random.nextDouble(0.1, 4);
        }
        return weights;
    }

    private void fill(SplittableRandom random, int row) {
        for (int j = 0; j < options.classes(); j++) {
            logits.set(row, j, 4 * random.nextGaussian());
        }
        classes[row] = random.nextInt(options.classes());
        boolean[] flags = new boolean[options.classes()];
        for (int j = 0; j < flags.length; j++) {
            flags[j] = random.nextInt(4) != 0 || flags.length == 2;
        }
        boolean shared = options.mask() == SoftmaxFamilyOptions.MaskKind.SHARED && row > 0;
        kept[row] = shared ? kept[0] : flags;
        keepEnough(row);
        fillTargets(random, row);
        if (isLeftOut(row)) {
            logits.set(row, random.nextInt(options.classes()), Double.NaN);
        }
        if (isEmpty(row)) {
            for (int j = 0; j < options.classes(); j++) {
                logits.set(row, j, Double.NEGATIVE_INFINITY);
            }
        }
    }

    /** A target must be kept. Where all rows have one mask, the target moves to a class that it keeps. */
    private void keepEnough(int row) {
        if (row == 0 || options.mask() != SoftmaxFamilyOptions.MaskKind.SHARED) {
            kept[row][(int) classes[row]] = true;
            kept[row][(int) ((classes[row] + 1) % options.classes())] = true;
        }
        while (options.mask() != SoftmaxFamilyOptions.MaskKind.NONE && !kept[row][(int) classes[row]]) {
            classes[row] = (classes[row] + 1) % options.classes();
        }
    }

    private void fillTargets(SplittableRandom random, int row) {
        for (int j = 0; j < options.classes(); j++) {
            boolean none = !keeps(row, j) || random.nextInt(3) == 0;
            soft.set(row, j, none ? 0 : Math.min(1, random.nextDouble(0, 3.0 / options.classes())));
        }
        for (int k = 0; k < TOP; k++) {
            int index = random.nextInt(options.classes());
            topClasses[row * TOP + k] = k == 1 && row % 2 == 1 ? -1 : keeps(row, index) ? index : classes[row];
            topProbabilities.set(row, k, random.nextDouble(0, 0.5));
        }
    }

    private static void copy(Matrix from, Matrix to) {
        for (long row = 0; row < from.rows(); row++) {
            for (int j = 0; j < from.columns(); j++) {
                to.set(row, j, from.get(row, j));
            }
        }
    }

    /** {@return the options this was made for} */
    SoftmaxFamilyOptions options() {
        return options;
    }

    /** {@return the number of rows} */
    int rows() {
        return rows;
    }

    /** {@return the logits} */
    Matrix logits() {
        return logits;
    }

    /** {@return whether a row has the ignore index} */
    boolean isIgnored(int row) {
        return options.ignoring() && options.hasClasses() && row == IGNORED_ROW;
    }

    /** {@return whether a class takes part in a row} */
    boolean keeps(int row, int index) {
        return options.mask() == SoftmaxFamilyOptions.MaskKind.NONE || kept[row][index];
    }

    /** {@return the class of a row} */
    int target(int row) {
        return (int) classes[row];
    }

    /** {@return the weight of a row as a sample, 1 without} */
    double sampleWeight(int row) {
        return options.sampleWeights() ? sampleWeights[row] : 1;
    }

    /** {@return the weights of all rows as samples, whether or not the options have them} */
    RowValues weights() {
        return RowValues.of(sampleWeights);
    }

    /** {@return whether nothing of a row may be read} */
    boolean isLeftOut(int row) {
        return isIgnored(row) || sampleWeight(row) == 0;
    }

    /** {@return whether the logits of a row are all -inf} */
    boolean isEmpty(int row) {
        return options.emptyRows() == EmptyRows.IGNORED && row == EMPTY_ROW;
    }

    /** {@return the weight of a class as rows of this type use it, 1 without} */
    double classWeight(int index) {
        double weight = options.classWeights() ? classWeights[index] : 1;
        return options.type() == ElementType.FLOAT64 ? weight : (float) weight;
    }

    /** {@return the probability that the targets give a class, before smoothing} */
    double probability(int row, int index) {
        return switch (options.targets()) {
            case CLASSES -> index == target(row) ? 1 : 0;
            case SOFT -> soft.get(row, index);
            case TOP -> {
                double sum = 0;
                for (int k = 0; k < TOP; k++) {
                    sum += topClasses[row * TOP + k] == index ? topProbabilities.get(row, k) : 0;
                }
                yield sum;
            }
        };
    }

    /** {@return this batch with the same elements in float32, in tight rows on the heap} */
    SoftmaxFamilyBatch widened() {
        return new SoftmaxFamilyBatch(
                this, options.on(options.type().arithmetic(), options.classes(), MemoryKind.HEAP, 0), null);
    }

    /** {@return this batch with the same elements in tight rows on the heap} */
    SoftmaxFamilyBatch tight() {
        return new SoftmaxFamilyBatch(this, options.on(options.type(), options.classes(), MemoryKind.HEAP, 0), null);
    }

    /** {@return this batch with other logits, which may be of another type} */
    SoftmaxFamilyBatch withLogits(Matrix others) {
        return new SoftmaxFamilyBatch(this, options, others);
    }

    /** {@return a new matrix of the logits' shape, stride and kind of memory} */
    Matrix matrix() {
        long stride = (long) options.classes() + options.padding();
        MemorySegment segment = options.memory().allocate(Arena.ofAuto(), options.type(), rows * stride);
        segment.fill(Batch.MARK);
        return Matrix.of(options.type(), segment, rows, options.classes(), stride);
    }

    /** {@return a new matrix with the logits in it} */
    Matrix copyOfLogits() {
        Matrix copy = matrix();
        copy.segment().copyFrom(logits.segment());
        return copy;
    }

    /** {@return the targets} */
    Targets targets() {
        return switch (options.targets()) {
            case CLASSES -> {
                long[] indices = classes.clone();
                for (int row = 0; row < rows; row++) {
                    indices[row] = isIgnored(row) ? SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX : indices[row];
                }
                yield ClassIndices.of(indices);
            }
            case SOFT -> SoftTargets.of(soft);
            case TOP -> TopTargets.of(ClassIndices.of(topClasses), topProbabilities);
        };
    }

    /** {@return the soft targets} */
    Matrix soft() {
        return soft;
    }

    /** {@return the mask, null for none} */
    @Nullable
    ClassMask mask() {
        if (options.mask() == SoftmaxFamilyOptions.MaskKind.NONE) {
            return null;
        }
        if (options.mask() == SoftmaxFamilyOptions.MaskKind.SHARED) {
            return ClassMask.keep(kept[0]);
        }
        MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, (long) rows * options.classes()));
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < options.classes(); j++) {
                long at = (long) row * options.classes() + j;
                // Any byte but 0 keeps a class.
                bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (kept[row][j] ? 1 + j % 200 : 0));
            }
        }
        return ClassMask.perRow(bytes, rows, options.classes());
    }

    /** {@return the loss} */
    SoftmaxCrossEntropy loss(Execution execution) {
        SoftmaxCrossEntropy.Builder builder = options.builder(execution);
        return (options.classWeights() ? builder.classWeights(classWeights) : builder).build();
    }

    /** {@return a call with all inputs and no output} */
    SoftmaxCrossEntropyCall call(Execution execution, Matrix of) {
        return call(execution, of, targets());
    }

    /** {@return the same with other targets} */
    SoftmaxCrossEntropyCall call(Execution execution, Matrix of, Targets targets) {
        SoftmaxCrossEntropyCall call = loss(execution).on(of, targets);
        if (options.sampleWeights()) {
            call.sampleWeights(weights());
        }
        ClassMask mask = mask();
        return mask == null ? call : call.classMask(mask);
    }

    /** Computes all there is. What is not for these targets stays 0. */
    Outcome compute(Execution execution) {
        Matrix gradient = matrix();
        Matrix targetGradient = matrix();
        double[][] numbers = new double[4][rows];
        long[] predictions = new long[rows];
        long[] ranks = new long[rows];
        SoftmaxCrossEntropyCall call = call(execution, logits)
                .gradient(gradient)
                .rowLosses(RowValues.of(numbers[0]))
                .logSumExp(RowValues.of(numbers[1]))
                .entropy(RowValues.of(numbers[3]))
                .predictions(ClassIndices.of(predictions));
        switch (options.targets()) {
            case CLASSES -> call.targetLogProbability(RowValues.of(numbers[2])).targetRanks(ClassIndices.of(ranks));
            case SOFT -> call.targetGradient(targetGradient);
            case TOP -> {}
        }
        return new Outcome(
                call.compute(),
                gradient,
                targetGradient,
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                predictions,
                ranks);
    }

    @Override
    public String toString() {
        return rows + " rows of " + options + " with seed=" + seed;
    }
}
