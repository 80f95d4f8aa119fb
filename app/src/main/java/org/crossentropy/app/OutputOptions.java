package org.crossentropy.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.crossentropy.app.io.OutputFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the outputs of {@code xent eval} go, as the user says it. */
final class OutputOptions {

    @Option(names = "--per-row", paramLabel = "OUT", description = "write the loss of each row, float64")
    private @Nullable Path perRow;

    @Option(
            names = "--gradient",
            paramLabel = "OUT",
            description = "write the gradient with respect to the logits, in their type")
    private @Nullable Path gradient;

    /** Rejects outputs that are one of the inputs, or the same. */
    void checkApart(List<Path> inputs) {
        List<Path> others = new ArrayList<>(inputs);
        for (Path output : Stream.of(perRow, gradient).filter(Objects::nonNull).toList()) {
            OutputFile.checkApart(output, others);
            others.add(output);
        }
    }

    @Nullable
    Path perRow() {
        return perRow;
    }

    @Nullable
    Path gradient() {
        return gradient;
    }
}
