package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a loss whose elements stand alone: {@link BinaryCrossEntropy}, {@link BernoulliCrossEntropy} or {@link
 * SigmoidSquaredError}.
 *
 * <p><b>Counts.</b> In the {@link LossResult} of these losses the unit is the element, not the row: {@link
 * LossResult#rows} is N K, all elements; {@link LossResult#count} the number of elements whose weight (of the element and of
 * the row) is not 0; {@link LossResult#weightSum} the sum over elements of element weight times sample weight, which is N K
 * without weights. Denominators therefore mean:
 *
 * <table>
 * <caption>Denominators of element-wise losses</caption>
 * <tr><th>denominator</th><th>divides by</th><th>used by</th></tr>
 * <tr><td>{@link Denominator.Of#WEIGHT_SUM}, the default</td><td>the sum of the weights</td><td>weighted means</td></tr>
 * <tr><td>{@link Denominator.Of#VALID_ROWS}</td><td>the elements with a weight</td><td>libnd4j by non-zero weights</td></tr>
 * <tr><td>{@link Denominator.Of#ALL_ROWS}</td><td>N K</td><td>PyTorch's and Keras's mean, also with weights</td></tr>
 * <tr><td>{@link Denominator#given}</td><td>a number, such as N for a mean over rows of sums over columns</td>
 * <td>DL4J (minibatch size)</td></tr>
 * </table>
 *
 * <p>Without weights the first three are the same. Weights of the positive side and the focal loss's alpha are in no
 * denominator.
 */
public final class ElementwiseCall extends LossCall<ElementwiseCall> {

    private final ElementwiseLoss loss;
    private final Matrix predictions;
    private final @Nullable Matrix targets;
    private final @Nullable ClassIndices labels;
    private @Nullable Matrix elementWeights;
    private @Nullable Matrix elementLosses;

    ElementwiseCall(ElementwiseLoss loss, Matrix predictions, Matrix targets) {
        this.loss = loss;
        this.predictions = Objects.requireNonNull(predictions, loss.predictions());
        this.targets = Objects.requireNonNull(targets, "targets");
        this.labels = null;
    }

    ElementwiseCall(ElementwiseLoss loss, Matrix predictions, ClassIndices labels) {
        this.loss = loss;
        this.predictions = Objects.requireNonNull(predictions, loss.predictions());
        this.targets = null;
        this.labels = Objects.requireNonNull(labels, "targets");
    }

    @Override
    ElementwiseCall self() {
        return this;
    }

    /**
     * Weighs the elements: loss and gradient of each are multiplied by its weight, and the weight sum counts it. A weight of
     * 0 leaves the element out: whatever it holds, loss and gradient are 0.
     *
     * @param weights N x K, finite and at least 0; float64 for float64 predictions, any other type for the others
     * @return this
     */
    public ElementwiseCall elementWeights(Matrix weights) {
        this.elementWeights = Objects.requireNonNull(weights, "elementWeights");
        return this;
    }

    /**
     * Asks for each element's loss, weighted, not divided by anything; 0 for elements left out.
     *
     * @param losses receives N x K, rounded to its own element type, which may be any
     * @return this
     */
    public ElementwiseCall elementLosses(Matrix losses) {
        this.elementLosses = Objects.requireNonNull(losses, "elementLosses");
        return this;
    }

    @Override
    public LossResult compute() {
        boolean shareable = check();
        Execution execution = loss.settings().execution();
        if (loss.areProbabilities()) {
            SoftTargetCheck.check(execution, shareable, predictions, null, loss.predictions());
        }
        RowSelection selection = new SampleSelection(predictions.rows(), sampleWeights);
        BatchCounts counts = elementWeights == null
                ? BatchCounts.ofElements(predictions, selection)
                : ElementWeightScan.count(execution, shareable, elementWeights, selection);
        ClassWeights.Table positive = loss.positiveTable(predictions);
        boolean flat = sampleWeights == null && rowLosses == null && positive == null;
        if (flat && targets != null && isDirect(targets)) {
            return computeDirectly(targets, shareable, counts);
        }
        DenseTargets wanted = checkedTargets(shareable);
        ElementwisePass pass =
                new ElementwisePass(loss, predictions, wanted, positive, elementWeights, gradient, elementLosses, flat);
        return GroupPass.run(loss.settings(), shareable, predictions, selection, counts, rowLosses, pass);
    }

    /**
     * By the kernel that works on the caller's memory. Before a gradient is written all targets are looked at; a sum alone
     * tells by being NaN that there may be something to look for.
     */
    private LossResult computeDirectly(Matrix wanted, boolean shareable, BatchCounts counts) {
        Execution execution = loss.settings().execution();
        if (gradient != null) {
            SoftTargetCheck.check(execution, shareable, wanted, null, "targets");
        }
        LossResult result = LogisticPass.run(loss, shareable, predictions, wanted, counts, gradient);
        if (gradient == null && Double.isNaN(result.lossSum())) {
            SoftTargetCheck.check(execution, shareable, wanted, null, "targets");
        }
        return result;
    }

    /** Whether the kernel can work on the caller's memory itself. */
    private boolean isDirect(Matrix wanted) {
        return loss.isLogistic()
                && loss.smoothing() == 0
                && elementWeights == null
                && elementLosses == null
                && LogisticPass.accepts(predictions)
                && LogisticPass.accepts(wanted)
                && (gradient == null || LogisticPass.accepts(gradient));
    }

    private boolean check() {
        Checks.hasColumns(loss.predictions(), predictions);
        if (loss.positiveWeights() != null) {
            loss.positiveWeights().check(predictions.columns());
        }
        CallBuffers buffers = new CallBuffers().input(loss.predictions(), predictions.segment());
        checkShape(buffers, "targets", targets);
        buffers.input("targets", labels == null ? null : labels.segment());
        checkShape(buffers, "elementWeights", elementWeights);
        checkCommon(buffers, loss.predictions(), predictions);
        if (elementLosses != null) {
            Checks.shape(loss.predictions(), predictions, "elementLosses", elementLosses);
            MemorySegment segment = elementLosses.segment();
            buffers.output("elementLosses", segment);
        }
        return buffers.shareable();
    }

    private void checkShape(CallBuffers buffers, String name, @Nullable Matrix matrix) {
        if (matrix != null) {
            Checks.fits(loss.predictions(), predictions, name, matrix);
            buffers.input(name, matrix.segment());
        }
    }

    private DenseTargets checkedTargets(boolean shareable) {
        if (labels != null) {
            checkLabels(labels);
            return new DenseTargets.Labels(labels);
        }
        Matrix matrix = Objects.requireNonNull(targets, "targets");
        SoftTargetCheck.check(loss.settings().execution(), shareable, matrix, null, "targets");
        return new DenseTargets.Full(matrix);
    }

    private void checkLabels(ClassIndices indices) {
        if (predictions.columns() != 1) {
            throw new IllegalArgumentException("targets are class indices, which need 1 column; " + loss.predictions()
                    + " has " + predictions.columns() + ": give a matrix of targets");
        }
        Checks.perRow("targets", indices.count(), predictions);
        for (long row = 0; row < indices.count(); row++) {
            long index = indices.get(row);
            if (index != 0 && index != 1) {
                throw new TargetOutOfRangeException(
                        row, index, "must be 0 or 1; a sample weight of 0 leaves a row out");
            }
        }
    }
}
