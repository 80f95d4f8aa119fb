package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.jspecify.annotations.Nullable;

/**
 * Hidden states, weight, bias and all inputs of rows for a member of the family of losses, made from a seed. Rows that are
 * left out hold NaN, which must not matter; an empty row is one whose logits overflow to -inf, though all its elements are
 * finite.
 */
final class LinearBatch {

    private static final List<MemoryKind> MEMORY = List.of(MemoryKind.values());
    private static final List<ElementType> FLOATS =
            List.of(ElementType.FLOAT32, ElementType.BFLOAT16, ElementType.FLOAT16);
    private static final Pattern NEEDED = Pattern.compile("needs (\\d+)");

    /**
     * The head of a batch.
     *
     * @param width elements of a hidden state
     * @param hasBias whether logits have a bias
     * @param hidden format of the hidden states
     * @param weight format of the weight
     * @param bias format of the bias
     * @param hiddenGradient format of their gradient
     * @param hiddenMemory where hidden states live
     * @param weightMemory where the weight lives
     * @param gradientMemory where gradients live
     * @param padding elements between rows
     */
    record Head(
            int width,
            boolean hasBias,
            ElementType hidden,
            ElementType weight,
            ElementType bias,
            ElementType hiddenGradient,
            MemoryKind hiddenMemory,
            MemoryKind weightMemory,
            MemoryKind gradientMemory,
            int padding) {

        /** A head off-heap in one format, with a bias and without padding. */
        static Head plain(SoftmaxFamilyOptions options, int width) {
            MemoryKind memory = MemoryKind.OFF_HEAP;
            ElementType type = options.type();
            ElementType hidden = forRows(options, type);
            return new Head(width, true, hidden, type, type, type.arithmetic(), memory, memory, memory, 0);
        }

        /** Products of numbers of 65,504 at most are not -inf, as those of an empty row are. */
        private static ElementType forRows(SoftmaxFamilyOptions options, ElementType hidden) {
            boolean isSmall = hidden == ElementType.FLOAT16 && options.emptyRows() == EmptyRows.IGNORED;
            return isSmall ? ElementType.BFLOAT16 : hidden;
        }

        /** Formats, memory and widths that change from number to number, each at its own pace. */
        static Head mixed(SoftmaxFamilyOptions options, int number) {
            boolean isDouble = options.type() == ElementType.FLOAT64;
            boolean isFloat = options.type() == ElementType.FLOAT32;
            ElementType hidden = forRows(options, isDouble || isFloat ? options.type() : turn(FLOATS, number));
            return new Head(
                    turn(List.of(5, 33, 1, 16), number / 2),
                    number % 5 != 0,
                    hidden,
                    isDouble || isFloat ? options.type() : turn(FLOATS, number / 3),
                    isDouble ? options.type() : turn(FLOATS, number / 9),
                    number % 2 == 0 ? hidden : hidden.arithmetic(),
                    options.memory(),
                    turn(MEMORY, number / 5),
                    turn(MEMORY, number / 7),
                    options.padding());
        }

        private static <T> T turn(List<T> values, int number) {
            return values.get(number % values.size());
        }

        ElementType type() {
            return hidden.arithmetic();
        }
    }

    private final SoftmaxFamilyBatch rows;
    private final Head head;
    private final Matrix hidden;
    private final Matrix weight;
    private final Matrix bias;

    LinearBatch(SoftmaxFamilyBatch rows, Head head, long seed) {
        this.rows = rows;
        this.head = head;
        SplittableRandom random = new SplittableRandom(seed);
        int classes = rows.options().classes();
        hidden = matrix(head.hidden(), head.hiddenMemory(), rows.rows(), head.width());
        weight = matrix(head.weight(), head.weightMemory(), classes, head.width());
        bias = matrix(head.bias(), head.weightMemory(), 1, classes);
        fill(hidden, random, 1);
        fill(weight, random, 4 / Math.sqrt(Math.max(1, head.width())));
        fill(bias, random, 2);
        for (int row = 0; row < rows.rows(); row++) {
            if (rows.isEmpty(row)) {
                makeEmpty(row);
            }
            if (rows.isLeftOut(row)) {
                hidden.set(row, random.nextInt(head.width()), Double.NaN);
            }
        }
    }

    private Matrix matrix(ElementType type, MemoryKind memory, int count, int columns) {
        long stride = (long) columns + head.padding();
        MemorySegment segment = memory.allocate(Arena.ofAuto(), type, Math.max(1, count * stride));
        segment.fill(Batch.MARK);
        return Matrix.of(type, segment, count, columns, stride);
    }

    private static void fill(Matrix matrix, SplittableRandom random, double deviation) {
        for (long row = 0; row < matrix.rows(); row++) {
            for (int j = 0; j < matrix.columns(); j++) {
                matrix.set(row, j, deviation * random.nextGaussian());
            }
        }
    }

    /** Half the largest number times -4 or less is -inf for each class, and 0 times it is 0. */
    private void makeEmpty(int row) {
        double half = head.type() == ElementType.FLOAT64 ? 0x1p1023 : 0x1p127;
        for (int d = 0; d < head.width(); d++) {
            hidden.set(row, d, d == 0 ? half : 0);
        }
        for (int j = 0; j < weight.rows(); j++) {
            weight.set(j, 0, -4 - Math.abs(weight.get(j, 0)));
        }
    }

    SoftmaxFamilyBatch rows() {
        return rows;
    }

    Head head() {
        return head;
    }

    Matrix hidden() {
        return hidden;
    }

    Matrix weight() {
        return weight;
    }

    /** {@return the bias, null if the head has none} */
    @Nullable
    Matrix bias() {
        return head.hasBias() ? bias : null;
    }

    /** {@return a call with all inputs and no output} */
    LinearCrossEntropyCall call(Execution execution, long workingMemory) {
        LinearCrossEntropyCall call = LinearCrossEntropy.of(rows.loss(execution))
                .workingMemory(workingMemory)
                .on(hidden, weight, rows.targets());
        if (head.hasBias()) {
            call.bias(bias);
        }
        if (rows.options().sampleWeights()) {
            call.sampleWeights(rows.weights());
        }
        ClassMask mask = rows.mask();
        return mask == null ? call : call.classMask(mask);
    }

    /**
     * Returns the working memory that one row needs, as the error says that comes of less.
     *
     * @param call makes a call with 1 byte of working memory
     * @return bytes
     */
    static long leastMemory(Supplier<LinearCrossEntropyCall> call) {
        try {
            call.get().compute();
        } catch (IllegalArgumentException expected) {
            Matcher matcher = NEEDED.matcher(String.valueOf(expected.getMessage()));
            if (matcher.find()) {
                return Long.parseLong(matcher.group(1));
            }
            throw expected;
        }
        throw new AssertionError("1 byte of working memory was enough");
    }

    /** {@return working memory for all outputs and some rows at a time} */
    long memoryForRows(Execution execution, int count) {
        long one = leastMemory(() -> new Outputs().ask(call(execution, 1)));
        long row = (long) rows.options().classes() * head.type().bytes()
                + 2L * head.width() * head.type().bytes()
                + 2L * rows.options().classes() * head.type().bytes();
        return one + (count - 1) * row;
    }

    /** Memory for everything that a call can tell of this batch. What is not for its targets stays 0. */
    final class Outputs {
        final Matrix hiddenGradient = matrix(head.hiddenGradient(), head.gradientMemory(), rows.rows(), head.width());
        final Matrix weightGradient =
                matrix(head.type(), head.gradientMemory(), rows.options().classes(), head.width());
        final Matrix biasGradient =
                matrix(head.type(), head.gradientMemory(), 1, rows.options().classes());
        final double[] losses = new double[rows.rows()];
        final double[] logSumExp = new double[rows.rows()];
        final double[] targetLogProbability = new double[rows.rows()];
        final double[] entropy = new double[rows.rows()];
        final long[] predictions = new long[rows.rows()];
        final long[] targetRanks = new long[rows.rows()];

        Outputs() {
            fillGradients(Double.NaN);
        }

        /** {@return the gradients there are} */
        List<Matrix> gradients() {
            return head.hasBias()
                    ? List.of(hiddenGradient, weightGradient, biasGradient)
                    : List.of(hiddenGradient, weightGradient);
        }

        Outputs fillGradients(double value) {
            for (Matrix gradient : gradients()) {
                for (long row = 0; row < gradient.rows(); row++) {
                    for (int j = 0; j < gradient.columns(); j++) {
                        gradient.set(row, j, value);
                    }
                }
            }
            return this;
        }

        Outputs fillGradients(SplittableRandom random) {
            gradients().forEach(gradient -> fill(gradient, random, 1));
            return this;
        }

        LinearCrossEntropyCall ask(LinearCrossEntropyCall call) {
            call.hiddenGradient(hiddenGradient).weightGradient(weightGradient);
            if (head.hasBias()) {
                call.biasGradient(biasGradient);
            }
            return askRows(call);
        }

        LinearCrossEntropyCall askRows(LinearCrossEntropyCall call) {
            call.rowLosses(RowValues.of(losses))
                    .logSumExp(RowValues.of(logSumExp))
                    .entropy(RowValues.of(entropy))
                    .predictions(ClassIndices.of(predictions));
            if (rows.options().hasClasses()) {
                call.targetLogProbability(RowValues.of(targetLogProbability)).targetRanks(ClassIndices.of(targetRanks));
            }
            return call;
        }
    }

    /** What a call returned and wrote. */
    record Outcome(LossResult result, Outputs outputs) {}

    /** Computes all there is. */
    Outcome compute(Execution execution, long workingMemory) {
        Outputs outputs = new Outputs();
        return new Outcome(outputs.ask(call(execution, workingMemory)).compute(), outputs);
    }

    @Override
    public String toString() {
        return head + " for " + rows;
    }
}
