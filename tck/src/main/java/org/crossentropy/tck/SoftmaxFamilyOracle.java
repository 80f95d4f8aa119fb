package org.crossentropy.tck;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.Reduction;

/**
 * What the losses of the family truly are, in double-double arithmetic and from their definitions: logits are shaped, masked
 * classes are left out as if they did not exist, targets are smoothed over the classes that are there, and the loss is
 * written down as it is in the literature. Gradients are not written down at all: the {@link Tape} finds them.
 */
final class SoftmaxFamilyOracle {

    /**
     * What is true of a row. Derivatives are those of the row's own loss, times its sample weight; they and the numbers that
     * bound their errors have an element for each class, 0 where it is masked.
     *
     * @param counts whether the row counts
     * @param weight what it adds to the weight sum
     * @param loss loss
     * @param logSumExp log-sum-exp
     * @param targetLogProbability log-probability of the class; 0 for soft targets
     * @param entropy entropy
     * @param gradient by the logits
     * @param targetGradient by soft targets, after class weights and smoothing
     * @param prediction first of the largest logits, or -1
     * @param rank rank of the target, or -1
     * @param bounds what errors are measured with
     */
    record Row(
            boolean counts,
            double weight,
            DoubleDouble loss,
            DoubleDouble logSumExp,
            DoubleDouble targetLogProbability,
            DoubleDouble entropy,
            List<DoubleDouble> gradient,
            List<DoubleDouble> targetGradient,
            int prediction,
            int rank,
            Bounds bounds) {}

    /**
     * How much a row's numbers change at most, to first order, when every shaped logit changes by 1.
     *
     * @param logit size of the rounding of a logit, in roundoffs: that of the shape, and that of {@code x - max}
     * @param loss by how much the loss changes
     * @param entropy by how much the entropy changes
     * @param gradient by how much each derivative changes
     * @param targetGradient by how much each derivative by a target changes
     */
    record Bounds(double logit, double loss, double entropy, List<Double> gradient, List<Double> targetGradient) {}

    private final SoftmaxFamilyBatch batch;
    private final SoftmaxFamilyOptions options;

    SoftmaxFamilyOracle(SoftmaxFamilyBatch batch) {
        this.batch = batch;
        this.options = batch.options();
    }

    /** {@return what is true of a row} */
    Row row(int row) {
        return new Work(row).row();
    }

    /** {@return the factor of gradients: 1, or 1 by the denominator} */
    DoubleDouble scale(List<Row> rows) {
        if (!(options.reduction() instanceof Reduction.Mean(Denominator denominator))) {
            return DoubleDouble.ONE;
        }
        return DoubleDouble.ONE.dividedBy(LossOracle.divisor(denominator, counts(rows)));
    }

    /** {@return weight sum and counts of a batch} */
    LossOracle.Counts counts(List<Row> rows) {
        DoubleDouble sum = DoubleDouble.ZERO;
        for (Row row : rows) {
            sum = row.counts() ? sum.plus(DoubleDouble.of(row.weight())) : sum;
        }
        return new LossOracle.Counts(sum, rows.stream().filter(Row::counts).count(), rows.size());
    }

    /** The numbers of one row. */
    private final class Work {

        private final int row;
        private final Tape tape = new Tape();
        private final List<Integer> classes = new ArrayList<>();
        private final List<Tape.Value> logits = new ArrayList<>();
        private final List<Tape.Value> shaped = new ArrayList<>();
        private final List<Tape.Value> targets = new ArrayList<>();
        private final List<Tape.Value> powers = new ArrayList<>();

        Work(int row) {
            this.row = row;
            for (int j = 0; j < options.classes(); j++) {
                if (batch.keeps(row, j)) {
                    classes.add(j);
                }
            }
        }

        Row row() {
            boolean empty = options.softCap() == 0
                    && classes.stream().allMatch(j -> batch.logits().get(row, j) == Double.NEGATIVE_INFINITY);
            if (batch.isIgnored(row) || batch.sampleWeight(row) == 0) {
                return leftOut();
            }
            if (empty) {
                if (options.emptyRows() != EmptyRows.IGNORED) {
                    throw new AssertionError("the oracle is for rows that are not empty");
                }
                return leftOut();
            }
            return counted();
        }

        private Row leftOut() {
            List<DoubleDouble> zeros = java.util.Collections.nCopies(options.classes(), DoubleDouble.ZERO);
            List<Double> none = java.util.Collections.nCopies(options.classes(), 0.0);
            DoubleDouble zero = DoubleDouble.ZERO;
            return new Row(false, 0, zero, zero, zero, zero, zeros, zeros, -1, -1, new Bounds(0, 0, 0, none, none));
        }

        private Row counted() {
            for (int j : classes) {
                Tape.Value logit = tape.variable(batch.logits().get(row, j));
                logits.add(logit);
                shaped.add(shape(logit));
                targets.add(tape.variable(batch.probability(row, j)));
            }
            double max =
                    shaped.stream().mapToDouble(x -> x.value().high()).max().orElseThrow();
            // A shift by any constant cancels, from value and derivative.
            Tape.Value shift = tape.constant(max);
            shaped.forEach(x -> powers.add(x.minus(shift).exp()));
            Tape.Value sum = sum(powers, -1);
            Tape.Value logSumExp = sum.log().plus(shift);
            Tape.Value loss = crossEntropy(sum, logSumExp);
            if (options.zLoss() != 0) {
                loss = loss.plus(logSumExp.times(logSumExp).times(tape.constant(options.zLoss())));
            }
            loss = loss.times(tape.constant(batch.sampleWeight(row)));
            tape.differentiate(loss);
            double weight = batch.sampleWeight(row) * (options.hasClasses() ? batch.classWeight(batch.target(row)) : 1);
            return new Row(
                    true,
                    weight,
                    loss.value(),
                    logSumExp.value(),
                    options.hasClasses() ? shaped.get(place()).value().minus(logSumExp.value()) : DoubleDouble.ZERO,
                    entropy(sum, logSumExp),
                    spread(logits),
                    options.targets() == SoftmaxFamilyOptions.TargetKind.SOFT ? spread(targets) : List.of(),
                    prediction(),
                    options.hasClasses() ? rank() : -1,
                    bounds(sum, logSumExp, loss));
        }

        private Tape.Value shape(Tape.Value logit) {
            Tape.Value bounded = logit;
            if (options.softCap() != 0) {
                Tape.Value cap = tape.constant(options.softCap());
                bounded = Double.isInfinite(logit.value().high())
                        ? tape.constant(
                                Math.copySign(options.softCap(), logit.value().high()))
                        : logit.dividedBy(cap).tanh().times(cap);
            }
            return bounded.dividedBy(tape.constant(options.temperature()));
        }

        private Tape.Value sum(List<Tape.Value> terms, int without) {
            Tape.Value sum = tape.constant(0);
            for (int i = 0; i < terms.size(); i++) {
                sum = i == without ? sum : sum.plus(terms.get(i));
            }
            return sum;
        }

        /** Place of the target among the classes that are there. */
        private int place() {
            return classes.indexOf(batch.target(row));
        }

        private Tape.Value crossEntropy(Tape.Value sum, Tape.Value logSumExp) {
            if (options.focal() != 0 || options.poly() != 0) {
                return shapedCrossEntropy(sum, logSumExp);
            }
            Tape.Value loss = tape.constant(0);
            for (int i = 0; i < classes.size(); i++) {
                Tape.Value mass = smoothed(i).times(tape.constant(batch.classWeight(classes.get(i))));
                loss = loss.plus(mass.times(logSumExp.minus(shaped.get(i))));
            }
            return loss;
        }

        /** Focal loss and poly-1, with the probability of all other classes as the sum that it is. */
        private Tape.Value shapedCrossEntropy(Tape.Value sum, Tape.Value logSumExp) {
            if (classes.size() == 1) {
                return tape.constant(0);
            }
            int place = place();
            Tape.Value surprisal = logSumExp.minus(shaped.get(place));
            Tape.Value others = sum(powers, place).dividedBy(sum);
            Tape.Value loss = options.focal() != 0
                    ? others.power(options.focal()).times(surprisal)
                    : surprisal.plus(others.times(tape.constant(options.poly())));
            return loss.times(tape.constant(batch.classWeight(batch.target(row))));
        }

        private Tape.Value smoothed(int i) {
            double epsilon = options.smoothing().epsilon();
            DoubleDouble rest = DoubleDouble.difference(1, epsilon);
            return switch (options.smoothing().convention()) {
                case UNIFORM ->
                    targets.get(i).times(tape.constant(rest)).plus(tape.constant(share(epsilon, classes.size())));
                case OTHERS -> i == place() ? tape.constant(rest) : tape.constant(share(epsilon, classes.size() - 1));
            };
        }

        private static DoubleDouble share(double epsilon, int classes) {
            return DoubleDouble.of(epsilon).dividedBy(DoubleDouble.of(classes));
        }

        private DoubleDouble entropy(Tape.Value sum, Tape.Value logSumExp) {
            DoubleDouble entropy = DoubleDouble.ZERO;
            for (int i = 0; i < classes.size(); i++) {
                DoubleDouble probability = powers.get(i).value().dividedBy(sum.value());
                entropy = entropy.plus(
                        probability.times(logSumExp.value().minus(shaped.get(i).value())));
            }
            return entropy;
        }

        private List<DoubleDouble> spread(List<Tape.Value> numbers) {
            List<DoubleDouble> all =
                    new ArrayList<>(java.util.Collections.nCopies(options.classes(), DoubleDouble.ZERO));
            for (int i = 0; i < classes.size(); i++) {
                all.set(classes.get(i), numbers.get(i).derivative());
            }
            return all;
        }

        private int prediction() {
            int best = classes.getFirst();
            for (int j : classes) {
                best = batch.logits().get(row, j) > batch.logits().get(row, best) ? j : best;
            }
            return best;
        }

        private int rank() {
            double ofTarget = batch.logits().get(row, batch.target(row));
            int rank = 0;
            for (int j : classes) {
                double logit = batch.logits().get(row, j);
                rank += logit > ofTarget || (logit == ofTarget && j < batch.target(row)) ? 1 : 0;
            }
            return rank;
        }

        private Bounds bounds(Tape.Value sum, Tape.Value logSumExp, Tape.Value loss) {
            double largest = 0;
            double depth = 0;
            double entropy = 0;
            double mass = 0;
            for (int i = 0; i < classes.size(); i++) {
                double x = shaped.get(i).value().high();
                double surprisal = logSumExp.value().high() - x;
                largest = Math.max(largest, Math.abs(x));
                depth = Math.max(depth, surprisal);
                entropy += powers.get(i).value().high() / sum.value().high() * (1 + surprisal) * (1 + surprisal);
                mass += mass(i);
            }
            double weight = batch.sampleWeight(row);
            double byZ = 2 * options.zLoss() * (1 + Math.abs(logSumExp.value().high()));
            double byLogits = weight * (mass * (1 + options.focal() + Math.abs(options.poly())) + byZ);
            List<Double> gradient = new ArrayList<>(java.util.Collections.nCopies(options.classes(), 0.0));
            List<Double> byTargets = new ArrayList<>(gradient);
            for (int i = 0; i < classes.size(); i++) {
                double probability = powers.get(i).value().high() / sum.value().high();
                // At its class a row's gradient is made of 1 - p, which shows where that class has weight 0.
                boolean isTarget = options.hasClasses() && i == place();
                double share = isTarget ? Math.max(probability, 1 - probability) : probability;
                double terms = byLogits * share + weight * mass(i) * (1 + options.focal());
                gradient.set(classes.get(i), terms / options.temperature());
                byTargets.set(
                        classes.get(i),
                        weight
                                * batch.classWeight(classes.get(i))
                                * (1 + Math.abs(targets.get(i).derivative().high())));
            }
            double logit = depth + (options.isShaped() ? 2 * largest : 0);
            return new Bounds(logit, byLogits + Math.abs(loss.value().high()), entropy, gradient, byTargets);
        }

        private double mass(int i) {
            return smoothed(i).value().high() * batch.classWeight(classes.get(i));
        }
    }
}
