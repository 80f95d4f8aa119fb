package org.crossentropy.tck;

import java.util.List;
import java.util.SplittableRandom;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.Execution;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * The options of a softmax cross-entropy as a value that can be printed, handed to the façade and handed to the oracle.
 *
 * @param smoothing label smoothing
 * @param weights class weights, empty for none
 * @param reduction reduction, which scales the gradient
 * @param emptyMean mean over nothing
 * @param emptyRows meaning of rows of -inf
 * @param indexType format of the targets
 * @param ignoreIndex target of rows to leave out
 */
public record LossOptions(
        LabelSmoothing smoothing,
        List<Double> weights,
        Reduction reduction,
        EmptyMean emptyMean,
        EmptyRows emptyRows,
        IndexType indexType,
        long ignoreIndex) {

    /** Mean over the rows, nothing else. */
    public static final LossOptions PLAIN = new LossOptions(
            LabelSmoothing.none(),
            List.of(),
            Reduction.MEAN,
            EmptyMean.NAN,
            EmptyRows.NAN,
            IndexType.INT32,
            SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX);

    /** Sum over the rows, nothing else: row gradients are not scaled. */
    public static final LossOptions SUM = PLAIN.with(Reduction.SUM);

    /**
     * Returns combinations in which every option and every pair of options that meet in a formula appears.
     *
     * @param classes number of classes
     * @param seed seed of the class weights
     * @return the combinations
     */
    public static List<LossOptions> combinations(int classes, long seed) {
        List<Double> weights = randomWeights(classes, seed);
        LossOptions weighted = PLAIN.withWeights(weights);
        LabelSmoothing others = classes > 1 ? LabelSmoothing.others(0.1) : LabelSmoothing.uniform(0.1);
        return List.of(
                PLAIN,
                SUM.with(IndexType.INT64, -1),
                PLAIN.with(Reduction.NONE).with(IndexType.INT32, classes / 2),
                PLAIN.with(LabelSmoothing.uniform(0.1)).with(Reduction.mean(Denominator.Of.ALL_ROWS)),
                SUM.with(others).with(IndexType.INT64, SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX),
                weighted,
                weighted.with(LabelSmoothing.uniform(0.25)).with(EmptyRows.IGNORED),
                weighted.with(others).with(Reduction.mean(Denominator.given(7.5))),
                weighted.with(Reduction.mean(Denominator.Of.VALID_ROWS)).with(IndexType.INT64, classes - 1),
                PLAIN.with(EmptyRows.IGNORED).with(EmptyMean.ZERO),
                PLAIN.with(LabelSmoothing.uniform(1)).with(EmptyRows.IGNORED).with(Reduction.SUM));
    }

    /**
     * Returns class weights of which some are 0, some 1 and some small.
     *
     * @param classes number of classes
     * @param seed seed
     * @return a weight for each class
     */
    public static List<Double> randomWeights(int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Double[] weights = new Double[classes];
        for (int j = 0; j < classes; j++) {
            weights[j] = switch (random.nextInt(8)) {
                case 0 -> 0.0;
                case 1 -> 1.0;
                case 2 -> 1e-3 * random.nextDouble();
                default -> 3 * random.nextDouble();
            };
        }
        return List.of(weights);
    }

    /**
     * Returns these options with another smoothing.
     *
     * @param other smoothing
     * @return new options
     */
    public LossOptions with(LabelSmoothing other) {
        return new LossOptions(other, weights, reduction, emptyMean, emptyRows, indexType, ignoreIndex);
    }

    /**
     * Returns these options with other weights.
     *
     * @param other weights, empty for none
     * @return new options
     */
    public LossOptions withWeights(List<Double> other) {
        return new LossOptions(smoothing, other, reduction, emptyMean, emptyRows, indexType, ignoreIndex);
    }

    /**
     * Returns these options with another reduction.
     *
     * @param other reduction
     * @return new options
     */
    public LossOptions with(Reduction other) {
        return new LossOptions(smoothing, weights, other, emptyMean, emptyRows, indexType, ignoreIndex);
    }

    /**
     * Returns these options with another mean over nothing.
     *
     * @param other mean over nothing
     * @return new options
     */
    public LossOptions with(EmptyMean other) {
        return new LossOptions(smoothing, weights, reduction, other, emptyRows, indexType, ignoreIndex);
    }

    /**
     * Returns these options with another meaning of empty rows.
     *
     * @param other meaning of empty rows
     * @return new options
     */
    public LossOptions with(EmptyRows other) {
        return new LossOptions(smoothing, weights, reduction, emptyMean, other, indexType, ignoreIndex);
    }

    /**
     * Returns these options with other targets.
     *
     * @param type format of the targets
     * @param ignore index that marks rows to leave out
     * @return new options
     */
    public LossOptions with(IndexType type, long ignore) {
        return new LossOptions(smoothing, weights, reduction, emptyMean, emptyRows, type, ignore);
    }

    /**
     * Builds the loss.
     *
     * @param execution where it computes
     * @return the loss with these options
     */
    public SoftmaxCrossEntropy on(Execution execution) {
        SoftmaxCrossEntropy.Builder builder = SoftmaxCrossEntropy.builder()
                .execution(execution)
                .labelSmoothing(smoothing)
                .reduction(reduction)
                .emptyMean(emptyMean)
                .emptyRows(emptyRows)
                .ignoreIndex(ignoreIndex);
        if (!weights.isEmpty()) {
            builder.classWeights(
                    weights.stream().mapToDouble(Double::doubleValue).toArray());
        }
        return builder.build();
    }

    /**
     * Returns the weight of a class as rows of a type use it.
     *
     * @param type element type of the logits, to which weights are rounded
     * @param index class
     * @return the weight, 1 where there are none
     */
    public double weight(ElementType type, int index) {
        if (weights.isEmpty()) {
            return 1;
        }
        double weight = weights.get(index);
        return type == ElementType.FLOAT32 ? (float) weight : weight;
    }

    @Override
    public String toString() {
        return reduction + ", " + smoothing + (weights.isEmpty() ? "" : ", class weights") + ", empty mean " + emptyMean
                + ", empty rows " + emptyRows + ", targets " + indexType + ", ignore index " + ignoreIndex;
    }
}
