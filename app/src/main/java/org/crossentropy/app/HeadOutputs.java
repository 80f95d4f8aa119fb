package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.ArrayOutput;
import org.crossentropy.app.io.OutputFile;
import org.crossentropy.app.lm.HeadRows;
import org.jspecify.annotations.Nullable;

/**
 * Where results about a head go; null where they are not wanted.
 *
 * @param losses loss of each row
 * @param hiddenGradient gradient with respect to the hidden states
 * @param weightGradient gradient with respect to the weight
 * @param biasGradient gradient with respect to the bias
 */
record HeadOutputs(
        @Nullable Path losses,
        @Nullable Path hiddenGradient,
        @Nullable Path weightGradient,
        @Nullable Path biasGradient) {

    /** Rejects outputs that are one of the inputs, or the same. */
    void checkApart(List<Path> inputs) {
        List<Path> others = new ArrayList<>(inputs);
        for (Path output : Stream.of(losses, hiddenGradient, weightGradient, biasGradient)
                .filter(Objects::nonNull)
                .toList()) {
            OutputFile.checkApart(output, others);
            others.add(output);
        }
    }

    /** Files in the making, which appear all together or not at all. */
    static final class Open implements AutoCloseable {

        private final List<ArrayOutput> files = new ArrayList<>();

        private @Nullable Matrix matrix(
                @Nullable Path file, String name, ElementType type, long rows, int columns, Arena arena) {
            if (file == null) {
                return null;
            }
            ArrayOutput output = ArrayOutput.create(file, name, type, List.of(rows, (long) columns), arena);
            files.add(output);
            return Matrix.of(type, output.data(), rows, columns);
        }

        private @Nullable RowValues values(@Nullable Path file, String name, long count, Arena arena) {
            if (file == null) {
                return null;
            }
            ArrayOutput output = ArrayOutput.create(file, name, ElementType.FLOAT64, List.of(count), arena);
            files.add(output);
            return RowValues.of(ElementType.FLOAT64, output.data(), count);
        }

        /** Moves the complete files into place. */
        void commit() {
            files.forEach(ArrayOutput::commit);
        }

        /** Deletes files that were not committed. */
        @Override
        public void close() {
            files.forEach(ArrayOutput::close);
        }
    }

    /** Begins the files, all zeros. */
    HeadRows.Outputs create(HeadInputs inputs, Open open, Arena arena) {
        Matrix hidden = inputs.hidden();
        Matrix weight = inputs.weight();
        ElementType computed = weight.type().arithmetic();
        int width = hidden.columns();
        int classes = (int) weight.rows();
        return new HeadRows.Outputs(
                open.values(losses, "losses", hidden.rows(), arena),
                open.matrix(hiddenGradient, "hidden-gradient", hidden.type(), hidden.rows(), width, arena),
                open.matrix(weightGradient, "weight-gradient", computed, classes, width, arena),
                open.matrix(biasGradient, "bias-gradient", computed, 1, classes, arena));
    }
}
