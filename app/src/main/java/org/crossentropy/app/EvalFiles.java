package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.crossentropy.app.io.ArrayFile;
import org.crossentropy.app.io.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the inputs of {@code xent eval} are, as the user says it. */
final class EvalFiles {

    @Option(
            names = "--logits",
            required = true,
            paramLabel = "X",
            description = "float16, bfloat16, float32 or float64, rows x classes, C order")
    private @Nullable Path logits;

    @Option(names = "--tensor", paramLabel = "NAME", description = "the logits in a file of several tensors")
    private @Nullable String logitsTensor;

    @ArgGroup
    private TargetFiles targets = new TargetFiles();

    @Option(
            names = "--sample-weights",
            paramLabel = "W",
            description = "float32 or float64, one for each row; 0 leaves it out")
    private @Nullable Path sampleWeights;

    @Option(names = "--class-weights", paramLabel = "W", description = "float32 or float64, one for each class")
    private @Nullable Path classWeights;

    @Option(
            names = "--pos-weights",
            paramLabel = "W",
            description = "float32 or float64, of the positive side, one for each column")
    private @Nullable Path positiveWeights;

    @Option(
            names = "--class-mask",
            paramLabel = "M",
            description =
                    "0 leaves a class out: bool, uint8, int32 or int64, one for each class, or bool or uint8, rows x"
                            + " classes")
    private @Nullable Path classMask;

    /**
     * One input.
     *
     * @param name what it is
     * @param file where it is
     * @param tensor which array of the file, null for the only one
     */
    private record Source(String name, Path file, @Nullable String tensor) {}

    /** The inputs that are given, in the order of the help. */
    static final class Sources {

        private final List<Source> sources = new ArrayList<>();

        void add(String name, @Nullable Path file, @Nullable String tensor) {
            if (file != null) {
                sources.add(new Source(name, file, tensor));
            }
        }
    }

    private List<Source> sources() {
        Sources all = new Sources();
        all.add(EvalInputs.LOGITS, logits, logitsTensor);
        targets.addTo(all);
        all.add(EvalInputs.SAMPLE_WEIGHTS, sampleWeights, null);
        all.add(EvalInputs.CLASS_WEIGHTS, classWeights, null);
        all.add(EvalInputs.POSITIVE_WEIGHTS, positiveWeights, null);
        all.add(EvalInputs.CLASS_MASK, classMask, null);
        return all.sources;
    }

    /** The files, which no output may be. */
    List<Path> paths() {
        return sources().stream().map(Source::file).toList();
    }

    /** Maps the files, and checks that they belong together. */
    EvalInputs read(LossName loss, Arena arena) {
        targets.checkPresent();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Source source : sources()) {
            tensors.put(source.name(), ArrayFile.map(source.file(), arena).tensor(source.tensor()));
        }
        return EvalInputs.of(loss, tensors, targets.ignoreIndex());
    }
}
