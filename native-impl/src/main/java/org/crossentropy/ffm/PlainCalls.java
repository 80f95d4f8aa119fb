package org.crossentropy.ffm;

import static org.crossentropy.ffm.RowArguments.coefficientStep;
import static org.crossentropy.ffm.RowArguments.coefficients;
import static org.crossentropy.ffm.RowArguments.emptyRowsZero;
import static org.crossentropy.ffm.RowArguments.gradient;
import static org.crossentropy.ffm.RowArguments.logits;
import static org.crossentropy.ffm.RowArguments.mask;
import static org.crossentropy.ffm.RowArguments.rowOutput;
import static org.crossentropy.ffm.RowArguments.targets;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileStep;
import org.crossentropy.ffm.bindings.Xent;

/**
 * The kernels as plain calls, by the generated methods: for off-heap segments only, and for any length of time. Row
 * {@code row} of the arguments is the first of {@code count} rows of the call.
 */
final class PlainCalls {
    private PlainCalls() {}

    static int softmaxForwardF32(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        return Xent.xent_softmax_forward_f32(
                kernels,
                logits(rows, row),
                rows.rowStride(),
                count,
                rows.classes(),
                targets(rows, row),
                rows.classWeights(),
                rows.weightTotal(),
                rows.workspace(),
                rowOutput(rows.negativeLogLikelihood(), row),
                rowOutput(rows.logSumExp(), row),
                rowOutput(rows.spread(), row));
    }

    static int softmaxForwardF64(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        return Xent.xent_softmax_forward_f64(
                kernels,
                logits(rows, row),
                rows.rowStride(),
                count,
                rows.classes(),
                targets(rows, row),
                rows.classWeights(),
                rows.weightTotal(),
                rows.workspace(),
                rowOutput(rows.negativeLogLikelihood(), row),
                rowOutput(rows.logSumExp(), row),
                rowOutput(rows.spread(), row));
    }

    static int softmaxGradientF32(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        return Xent.xent_softmax_gradient_f32(
                kernels,
                logits(rows, row),
                rows.rowStride(),
                count,
                rows.classes(),
                targets(rows, row),
                rows.classWeights(),
                rows.weightTotal(),
                rows.workspace(),
                rowOutput(rows.negativeLogLikelihood(), row),
                rowOutput(rows.logSumExp(), row),
                rowOutput(rows.spread(), row),
                coefficients(rows, row),
                coefficientStep(rows),
                emptyRowsZero(rows),
                gradient(rows, row),
                rows.gradientStride());
    }

    static int softmaxGradientF64(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        return Xent.xent_softmax_gradient_f64(
                kernels,
                logits(rows, row),
                rows.rowStride(),
                count,
                rows.classes(),
                targets(rows, row),
                rows.classWeights(),
                rows.weightTotal(),
                rows.workspace(),
                rowOutput(rows.negativeLogLikelihood(), row),
                rowOutput(rows.logSumExp(), row),
                rowOutput(rows.spread(), row),
                coefficients(rows, row),
                coefficientStep(rows),
                emptyRowsZero(rows),
                gradient(rows, row),
                rows.gradientStride());
    }

    static int mappedForward(MemorySegment kernels, int type, SoftmaxRows rows, long row, long count) {
        return Xent.xent_mapped_forward(
                kernels,
                type,
                logits(rows, row),
                rows.rowStride(),
                mask(rows, row),
                rows.maskStride(),
                count,
                rows.classes(),
                targets(rows, row),
                rows.classWeights(),
                rows.weightTotal(),
                rows.workspace(),
                rowOutput(rows.negativeLogLikelihood(), row),
                rowOutput(rows.logSumExp(), row),
                rowOutput(rows.spread(), row));
    }

    static int mappedGradient(MemorySegment kernels, int type, SoftmaxRows rows, long row, long count) {
        return Xent.xent_mapped_gradient(
                kernels,
                type,
                logits(rows, row),
                rows.rowStride(),
                mask(rows, row),
                rows.maskStride(),
                count,
                rows.classes(),
                targets(rows, row),
                rows.classWeights(),
                rows.weightTotal(),
                rows.workspace(),
                rowOutput(rows.negativeLogLikelihood(), row),
                rowOutput(rows.logSumExp(), row),
                rowOutput(rows.spread(), row),
                coefficients(rows, row),
                coefficientStep(rows),
                emptyRowsZero(rows),
                gradient(rows, row),
                rows.gradientStride());
    }

    static int logSoftmaxF32(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        return Xent.xent_log_softmax_f32(
                kernels,
                logits(rows, row),
                rows.rowStride(),
                count,
                rows.classes(),
                rows.workspace(),
                rowOutput(rows.logSumExp(), row),
                gradient(rows, row),
                rows.gradientStride());
    }

    static int logSoftmaxF64(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        return Xent.xent_log_softmax_f64(
                kernels,
                logits(rows, row),
                rows.rowStride(),
                count,
                rows.classes(),
                rows.workspace(),
                rowOutput(rows.logSumExp(), row),
                gradient(rows, row),
                rows.gradientStride());
    }

    static int logisticF32(MemorySegment kernels, LogisticRows rows, long row, long count) {
        return Xent.xent_logistic_f32(
                kernels,
                count,
                rows.columns(),
                LogisticArguments.logits(rows, row),
                rows.logitsStride(),
                LogisticArguments.targets(rows, row),
                rows.targetsStride(),
                LogisticArguments.weights(rows, row),
                rows.weightsStride(),
                rows.positiveWeights(),
                LogisticArguments.factors(rows, row),
                rows.factorStep(),
                LogisticArguments.sums(rows, row),
                LogisticArguments.losses(rows, row),
                LogisticArguments.gradient(rows, row),
                rows.gradientStride());
    }

    static int logisticF64(MemorySegment kernels, LogisticRows rows, long row, long count) {
        return Xent.xent_logistic_f64(
                kernels,
                count,
                rows.columns(),
                LogisticArguments.logits(rows, row),
                rows.logitsStride(),
                LogisticArguments.targets(rows, row),
                rows.targetsStride(),
                LogisticArguments.weights(rows, row),
                rows.weightsStride(),
                rows.positiveWeights(),
                LogisticArguments.factors(rows, row),
                rows.factorStep(),
                LogisticArguments.sums(rows, row),
                LogisticArguments.losses(rows, row),
                LogisticArguments.gradient(rows, row),
                rows.gradientStride());
    }

    static int tile(MemorySegment kernels, int type, TileStep step) {
        return Xent.xent_tile(
                kernels,
                TileArguments.operation(step.operation()),
                type,
                step.rows(),
                step.columns(),
                step.out(),
                step.a(),
                step.b(),
                step.c(),
                TileArguments.sharedC(step),
                step.column(),
                step.scalars(),
                step.scalarStep(),
                step.results());
    }
}
