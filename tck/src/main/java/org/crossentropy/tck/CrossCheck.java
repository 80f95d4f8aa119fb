package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * Runs several backends on the same batches and compares every bit of what they return: row losses, sums, gradients
 * (apart and in place), log-sum-exps, softmax and log-softmax, and what lies between the rows, which must be untouched;
 * and for soft targets, class masks, formats of 16 bits and all other options also entropies, predictions and ranks.
 * The first backend is what the others are compared with; put {@code scalar} there.
 *
 * <p>Needs no test framework, so that a program can check the machine it runs on.
 */
public final class CrossCheck {

    /** How many differences a report describes. */
    public static final int DESCRIBED = 20;

    private final List<Backend> backends;
    private final List<Difference> differences = new ArrayList<>();
    private long comparisons;
    private long differing;
    private int batches;

    private CrossCheck(List<Backend> backends) {
        this.backends = backends;
    }

    /**
     * Compares backends.
     *
     * @param backends at least one; the first is the reference
     * @param extent how much to try
     * @param seed seed of the batches
     * @return what was found
     */
    public static Report run(List<Backend> backends, Grid.Extent extent, long seed) {
        return run(backends, Grid.shapes(extent, seed), SoftmaxFamilyOptions.pairs(seed), seed);
    }

    /**
     * Compares backends on chosen batches of the plain loss.
     *
     * @param backends at least one; the first is the reference
     * @param shapes the batches
     * @param seed seed of the class weights
     * @return what was found
     * @throws IllegalArgumentException if there is no backend
     */
    public static Report run(List<Backend> backends, List<Batch.Shape> shapes, long seed) {
        return run(backends, shapes, List.of(), seed);
    }

    private static Report run(
            List<Backend> backends, List<Batch.Shape> shapes, List<SoftmaxFamilyOptions> family, long seed) {
        if (backends.isEmpty()) {
            throw new IllegalArgumentException("there is no backend to check");
        }
        long start = System.nanoTime();
        CrossCheck check = new CrossCheck(List.copyOf(backends));
        for (int number = 0; number < shapes.size(); number++) {
            Batch.Shape shape = shapes.get(number);
            List<LossOptions> options = LossOptions.combinations(shape.classes(), seed);
            check.compare(shape, options.get(number % options.size()), options.get((number * 7 + 3) % options.size()));
        }
        check.compareFamily(family, seed);
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Report(
                check.backends, seed, check.batches, check.comparisons, check.differing, check.differences, seconds);
    }

    /**
     * A number in which a backend differs from the first one.
     *
     * @param backend the backend
     * @param result which result
     * @param batch the batch, with its seed, or what it was made from
     * @param options options of the loss, empty where there is no loss
     * @param index where: the element, counted from the start of the memory and with the padding
     * @param expected bits of the first backend
     * @param actual bits of this one
     */
    public record Difference(
            Backend backend, String result, Object batch, String options, long index, long expected, long actual) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: %s[%d] is %#x, must be %#x; %s%s",
                    backend.name(),
                    result,
                    index,
                    actual,
                    expected,
                    batch,
                    options.isEmpty() ? "" : ", " + options);
        }
    }

    /**
     * What a cross-check found.
     *
     * @param backends the backends that ran, the reference first
     * @param seed seed of the batches
     * @param batches number of batches
     * @param comparisons number of elements compared
     * @param differing number of elements that differ
     * @param differences the first of them, at most {@value CrossCheck#DESCRIBED}
     * @param seconds how long it took
     */
    public record Report(
            List<Backend> backends,
            long seed,
            int batches,
            long comparisons,
            long differing,
            List<Difference> differences,
            double seconds) {

        /** Copies the lists. */
        public Report {
            backends = List.copyOf(backends);
            differences = List.copyOf(differences);
        }

        /**
         * {@return whether all backends returned the same bits}
         */
        public boolean agrees() {
            return differing == 0;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            backends.forEach(backend -> text.append("ran: ").append(backend).append(System.lineSeparator()));
            text.append(String.format(
                    Locale.ROOT,
                    "%d batches (seed %d), %d elements compared, %d differ, %.1f s",
                    batches,
                    seed,
                    comparisons,
                    differing,
                    seconds));
            differences.forEach(
                    difference -> text.append(System.lineSeparator()).append(difference));
            return text.toString();
        }
    }

    /** One result: its name, the options it depends on, and its memory. */
    private record Result(String name, String options, MemorySegment memory, int elementBytes) {}

    private void compare(Batch.Shape shape, LossOptions first, LossOptions second) {
        try (Arena arena = Arena.ofConfined()) {
            Batch batch = new Batch(shape, arena);
            List<Result> expected = null;
            batches++;
            for (Backend backend : backends) {
                List<Result> results = new ArrayList<>();
                Execution execution = new Execution(backend, Parallelism.sequential());
                computeSoftmax(batch, execution, results);
                computeLoss(batch, execution, first, results);
                computeLoss(batch, execution, second, results);
                if (expected == null) {
                    expected = results;
                } else {
                    compare(backend, shape, expected, results);
                }
            }
        }
    }

    /** Tries the special values of the family with few classes, and its arithmetic with enough for several blocks. */
    private void compareFamily(List<SoftmaxFamilyOptions> pairs, long seed) {
        for (int number = 0; number < pairs.size(); number++) {
            SoftmaxFamilyOptions options = pairs.get(number);
            compare(new SoftmaxFamilyBatch(options, 5, seed + number));
            if (number % 6 == 0) {
                compare(new SoftmaxFamilyBatch(
                        options.on(options.type(), 2_100, options.memory(), 1), 5, seed + number));
            }
        }
    }

    private void compare(SoftmaxFamilyBatch batch) {
        List<Result> expected = null;
        batches++;
        for (Backend backend : backends) {
            List<Result> results = computeFamily(batch, new Execution(backend, Parallelism.sequential()));
            if (expected == null) {
                expected = results;
            } else {
                compare(backend, batch, expected, results);
            }
        }
    }

    private static List<Result> computeFamily(SoftmaxFamilyBatch batch, Execution execution) {
        SoftmaxFamilyBatch.Outcome outcome = batch.compute(execution);
        return List.of(
                result("sums", "", sums(outcome.result())),
                result("row losses", "", outcome.losses()),
                result("log-sum-exp", "", outcome.logSumExp()),
                result("log-probability", "", outcome.targetLogProbability()),
                result("entropy", "", outcome.entropy()),
                new Result("predictions", "", MemorySegment.ofArray(outcome.predictions()), Long.BYTES),
                new Result("ranks", "", MemorySegment.ofArray(outcome.targetRanks()), Long.BYTES),
                result("gradient", "", outcome.gradient()),
                result("gradient by targets", "", outcome.targetGradient()));
    }

    private static void computeSoftmax(Batch batch, Execution execution, List<Result> results) {
        Softmax softmax = Softmax.on(execution);
        double[] sums = new double[batch.shape().rows()];
        softmax.logSumExp(batch.logits(), RowValues.of(sums));
        results.add(result("log-sum-exp", "", sums));
        Matrix probabilities = batch.output();
        softmax.softmax(batch.logits(), probabilities);
        results.add(result("softmax", "", probabilities));
        Matrix logs = batch.copyOfLogits();
        softmax.logSoftmax(logs, logs);
        results.add(result("log-softmax", "", logs));
    }

    private static void computeLoss(Batch batch, Execution execution, LossOptions options, List<Result> results) {
        SoftmaxCrossEntropy loss = options.on(execution);
        String with = options.toString();
        double[] losses = new double[batch.shape().rows()];
        LossResult forward = loss.loss(batch.logits(), batch.targets(options), RowValues.of(losses));
        results.add(result("row losses", with, losses));
        results.add(result("sums", with, sums(forward)));
        Matrix gradient = batch.output();
        double[] again = new double[losses.length];
        LossResult both = loss.lossAndGradient(batch.logits(), batch.targets(options), gradient, RowValues.of(again));
        results.add(result("row losses with gradient", with, again));
        results.add(result("sums with gradient", with, sums(both)));
        results.add(result("gradient", with, gradient));
        Matrix inPlace = batch.copyOfLogits();
        loss.lossAndGradient(inPlace, batch.targets(options), inPlace);
        results.add(result("gradient in place", with, inPlace));
    }

    private static double[] sums(LossResult result) {
        return new double[] {result.lossSum(), result.lossSumTail(), result.weightSum(), result.count(), result.rows()};
    }

    private static Result result(String name, String options, double[] values) {
        return new Result(name, options, MemorySegment.ofArray(values), Double.BYTES);
    }

    private static Result result(String name, String options, Matrix matrix) {
        return new Result(name, options, matrix.segment(), matrix.type().bytes());
    }

    private void compare(Backend backend, Object batch, List<Result> expected, List<Result> actual) {
        for (int i = 0; i < expected.size(); i++) {
            Result result = actual.get(i);
            MemorySegment wanted = expected.get(i).memory();
            comparisons += wanted.byteSize() / result.elementBytes();
            if (wanted.mismatch(result.memory()) >= 0) {
                describe(backend, batch, wanted, result);
            }
        }
    }

    private void describe(Backend backend, Object batch, MemorySegment expected, Result actual) {
        int bytes = actual.elementBytes();
        for (long index = 0; index < expected.byteSize() / bytes; index++) {
            long wanted = bits(expected, index, bytes);
            long got = bits(actual.memory(), index, bytes);
            if (wanted != got) {
                differing++;
                if (differences.size() < DESCRIBED) {
                    differences.add(
                            new Difference(backend, actual.name(), batch, actual.options(), index, wanted, got));
                }
            }
        }
    }

    private static long bits(MemorySegment memory, long index, int bytes) {
        Objects.checkIndex(index, memory.byteSize() / bytes);
        return switch (bytes) {
            case Short.BYTES -> Short.toUnsignedLong(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * bytes));
            case Integer.BYTES -> Integer.toUnsignedLong(memory.get(ValueLayout.JAVA_INT_UNALIGNED, index * bytes));
            default -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, index * bytes);
        };
    }
}
