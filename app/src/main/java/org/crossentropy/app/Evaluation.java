package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.io.NpyOutput;
import org.crossentropy.app.model.Accuracy;
import org.jspecify.annotations.Nullable;

/**
 * The loss of some logits, computed straight from the mapped files and into them. Output files appear when all of them
 * are complete.
 *
 * @param inputs what is evaluated
 * @param loss how
 * @param perRow where row losses go, if wanted
 * @param gradient where the gradient goes, if wanted
 */
record Evaluation(
        EvalInputs inputs,
        SoftmaxCrossEntropy loss,
        @Nullable Path perRow,
        @Nullable Path gradient) {

    EvalReport run(Arena arena) {
        Matrix logits = inputs.logits();
        List<NpyOutput> outputs = new ArrayList<>();
        try {
            RowValues rowLosses = null;
            if (perRow != null) {
                NpyOutput output = NpyOutput.create(perRow, ElementType.FLOAT64, List.of(logits.rows()), arena);
                outputs.add(output);
                rowLosses = RowValues.of(ElementType.FLOAT64, output.data(), logits.rows());
            }
            Matrix gradients = null;
            if (gradient != null) {
                List<Long> shape = List.of(logits.rows(), (long) logits.columns());
                NpyOutput output = NpyOutput.create(gradient, logits.type(), shape, arena);
                outputs.add(output);
                gradients = Matrix.of(logits.type(), output.data(), logits.rows(), logits.columns());
            }
            EvalReport report = measure(gradients, rowLosses);
            outputs.forEach(NpyOutput::commit);
            return report;
        } finally {
            outputs.forEach(NpyOutput::close);
        }
    }

    private EvalReport measure(@Nullable Matrix gradients, @Nullable RowValues rowLosses) {
        long start = System.nanoTime();
        LossResult result = compute(gradients, rowLosses);
        long right = Accuracy.countRight(
                inputs.logits(),
                inputs.labels(),
                inputs.ignoreIndex(),
                loss.execution().parallelism().threads());
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new EvalReport(
                result,
                right,
                inputs.logits().columns(),
                loss.execution().backend(),
                loss.execution().parallelism(),
                seconds);
    }

    private LossResult compute(@Nullable Matrix gradients, @Nullable RowValues rowLosses) {
        if (gradients != null) {
            return rowLosses != null
                    ? loss.lossAndGradient(inputs.logits(), inputs.labels(), gradients, rowLosses)
                    : loss.lossAndGradient(inputs.logits(), inputs.labels(), gradients);
        }
        return rowLosses != null
                ? loss.loss(inputs.logits(), inputs.labels(), rowLosses)
                : loss.loss(inputs.logits(), inputs.labels());
    }
}
