package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ElementOutOfRangeException;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.TargetOutOfRangeException;
import org.crossentropy.app.io.ArrayOutput;
import org.crossentropy.app.io.InputException;

/**
 * The loss of some logits, computed straight from the mapped files and into them. Output files appear when all of them
 * are complete.
 *
 * @param inputs what is evaluated
 * @param loss how
 * @param top how many classes a target may be among to count for top-k accuracy
 * @param files where row losses and gradient go, if wanted
 */
record Evaluation(EvalInputs inputs, EvalLoss loss, int top, OutputOptions files) {

    /**
     * What was found.
     *
     * @param result sums and counts
     * @param hits how many predictions are right
     * @param seconds how long it took, files mapped but perhaps not yet in memory
     */
    record Findings(LossResult result, Correctness.Hits hits, double seconds) {}

    Findings run(Arena arena) {
        Matrix logits = inputs.predictions();
        List<ArrayOutput> outputs = new ArrayList<>();
        try {
            RowValues rowLosses = null;
            if (files.perRow() != null) {
                ArrayOutput output = ArrayOutput.create(
                        files.perRow(), "losses", ElementType.FLOAT64, List.of(logits.rows()), arena);
                outputs.add(output);
                rowLosses = RowValues.of(ElementType.FLOAT64, output.data(), logits.rows());
            }
            Matrix gradient = null;
            if (files.gradient() != null) {
                List<Long> shape = List.of(logits.rows(), (long) logits.columns());
                ArrayOutput output = ArrayOutput.create(files.gradient(), "gradient", logits.type(), shape, arena);
                outputs.add(output);
                gradient = Matrix.of(logits.type(), output.data(), logits.rows(), logits.columns());
            }
            Findings findings = measure(new EvalOutputs(gradient, rowLosses), arena);
            outputs.forEach(ArrayOutput::commit);
            return findings;
        } finally {
            outputs.forEach(ArrayOutput::close);
        }
    }

    private Findings measure(EvalOutputs outputs, Arena arena) {
        long start = System.nanoTime();
        try {
            Correctness correctness = correctness(arena);
            LossResult result = loss.compute(inputs, outputs, correctness);
            Correctness.Hits hits = correctness.count();
            return new Findings(result, hits, (System.nanoTime() - start) * 1e-9);
        } catch (TargetOutOfRangeException bad) {
            throw new InputException(
                    inputs.place(EvalInputs.LABELS) + ": row " + bad.row() + " has label " + bad.value() + ", must be "
                            + labelRule(),
                    bad);
        } catch (ElementOutOfRangeException bad) {
            throw new InputException(place(bad.parameter()) + ": " + bad.getMessage(), bad);
        }
    }

    private String labelRule() {
        if (loss.name().isElementwise()) {
            return "0 or 1";
        }
        String classes = "from 0 to " + (inputs.predictions().columns() - 1);
        return inputs.targets() instanceof EvalTargets.Labels labels
                ? classes + ", or the ignore index " + labels.ignoreIndex()
                : classes;
    }

    /** Which file holds what the library calls by this name. */
    private String place(String parameter) {
        if (parameter.equals(loss.name().predictions())) {
            return inputs.place(EvalInputs.LOGITS);
        }
        return parameter.equals(loss.name().targets())
                ? inputs.targetsPlace()
                : inputs.place(EvalInputs.SAMPLE_WEIGHTS);
    }

    private Correctness correctness(Arena arena) {
        if (loss.name().isElementwise()) {
            return new PredictedSigns(inputs, loss.execution().parallelism().threads());
        }
        return switch (inputs.targets()) {
            case EvalTargets.Labels labels -> RankedLabels.of(inputs, labels, top, loss.execution(), arena);
            case EvalTargets.Soft(var soft) -> PredictedClasses.of(inputs, soft, loss.execution(), arena);
        };
    }
}
