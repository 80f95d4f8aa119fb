package org.crossentropy.app;

import java.nio.file.Path;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the targets are, as the user says it: labels or distributions. */
final class TargetFiles {

    /** A class for each row. */
    static final class Labels {

        @Option(
                names = "--labels",
                paramLabel = "Y",
                description = "int32 or int64, one class index for each row; 0 or 1 for losses of one logit a row")
        private @Nullable Path file;

        @Option(
                names = "--labels-tensor",
                paramLabel = "NAME",
                description = "the labels in a file of several tensors, which may be that of the logits")
        private @Nullable String tensor;

        @Option(names = "--ignore-index", paramLabel = "I", description = "label of rows to leave out (default: -100)")
        private long ignoreIndex = SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX;
    }

    /** A number for each class of each row. */
    static final class Soft {

        @Option(
                names = "--targets",
                paramLabel = "T",
                description = "instead of labels: rows x classes from 0 to 1, of 64 bits if the logits are")
        private @Nullable Path file;

        @Option(
                names = "--targets-tensor",
                paramLabel = "NAME",
                description = "the targets in a file of several tensors")
        private @Nullable String tensor;
    }

    @ArgGroup(exclusive = false)
    private @Nullable Labels labels;

    @ArgGroup(exclusive = false)
    private @Nullable Soft soft;

    void checkPresent() {
        if ((labels == null || labels.file == null) && (soft == null || soft.file == null)) {
            throw new InputException("nothing says what the rows should be: give --labels or --targets");
        }
    }

    void addTo(EvalFiles.Sources sources) {
        if (labels != null) {
            sources.add(EvalInputs.LABELS, labels.file, labels.tensor);
        }
        if (soft != null) {
            sources.add(EvalInputs.TARGETS, soft.file, soft.tensor);
        }
    }

    long ignoreIndex() {
        return labels == null ? SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX : labels.ignoreIndex;
    }
}
