package org.crossentropy.app.bench;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;

/** Compares every result of a problem with the first one, bit by bit. */
final class ResultCheck {

    /** No result has such bytes everywhere, so what was not written shows. */
    private static final byte UNWRITTEN = (byte) 0xa5;

    /**
     * What the others are compared with.
     *
     * @param from where it was computed
     * @param loss its loss
     */
    private record Expected(String from, LossResult loss) {}

    private final Problem problem;
    private final MemorySegment gradient;
    private final Map<Pass, Expected> expected = new EnumMap<>(Pass.class);
    private final List<String> differences = new ArrayList<>();

    ResultCheck(Problem problem) {
        this.problem = problem;
        this.gradient = problem.matrix();
    }

    /** Computes once, and compares or keeps the result. */
    void check(Pass pass, Execution execution, Supplier<LossResult> call) {
        problem.gradient().fill(UNWRITTEN);
        LossResult loss = call.get();
        String from = execution.backend().name() + " on " + execution.parallelism();
        Expected first = expected.putIfAbsent(pass, new Expected(from, loss));
        if (first != null) {
            compare(problem.workload() + ", " + pass + ": " + from + " and " + first.from(), pass, first.loss(), loss);
        } else if (pass == Pass.FORWARD_BACKWARD) {
            gradient.copyFrom(problem.gradient());
        }
    }

    private void compare(String both, Pass pass, LossResult first, LossResult loss) {
        // Records compare doubles as Double.equals does: zeros of different sign differ.
        if (!first.equals(loss)) {
            differences.add(both + " differ in the loss, " + loss.lossSum() + " and " + first.lossSum());
        }
        long mismatch = pass == Pass.FORWARD ? -1 : gradient.mismatch(problem.gradient());
        if (mismatch >= 0) {
            long element = mismatch / Float.BYTES;
            int columns = problem.workload().columns();
            differences.add(
                    both + " differ in the gradient at row " + element / columns + ", column " + element % columns);
        }
    }

    /** One line for each result that is not the first one's. */
    List<String> differences() {
        return differences;
    }
}
