package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.io.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a head's matrices are, as the user says it. */
final class HeadFiles {

    @Option(
            names = "--hidden",
            required = true,
            paramLabel = "H",
            converter = ArrayPlace.Converter.class,
            description = "hidden states: float16, bfloat16, float32 or float64, rows x width, C order; here and below"
                    + " FILE.npy, or FILE.safetensors:NAME (without NAME if it holds one tensor)")
    private @Nullable ArrayPlace hidden;

    @Option(
            names = "--weight",
            required = true,
            paramLabel = "W",
            converter = ArrayPlace.Converter.class,
            description =
                    "the head's matrix, classes x width; float64 if the hidden states are, else any other of these"
                            + " types")
    private @Nullable ArrayPlace weight;

    @Option(
            names = "--bias",
            paramLabel = "B",
            converter = ArrayPlace.Converter.class,
            description = "a number for each class, added to its logits; types as of the weight")
    private @Nullable ArrayPlace bias;

    @Option(
            names = "--targets",
            required = true,
            paramLabel = "Y",
            converter = ArrayPlace.Converter.class,
            description = "int32 or int64, one class index for each row")
    private @Nullable ArrayPlace targets;

    @Option(names = "--ignore-index", paramLabel = "I", description = "target of rows to leave out (default: -100)")
    private long ignoreIndex = SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX;

    @Option(
            names = "--sample-weights",
            paramLabel = "S",
            converter = ArrayPlace.Converter.class,
            description = "float32 or float64, one for each row; 0 leaves it out")
    private @Nullable ArrayPlace sampleWeights;

    @Option(
            names = "--class-weights",
            paramLabel = "C",
            converter = ArrayPlace.Converter.class,
            description = "float32 or float64, one for each class")
    private @Nullable ArrayPlace classWeights;

    @Option(
            names = "--class-mask",
            paramLabel = "M",
            converter = ArrayPlace.Converter.class,
            description = "0 leaves a class out: bool, uint8, int32 or int64, one for each class")
    private @Nullable ArrayPlace classMask;

    @Option(names = "--losses", paramLabel = "OUT", description = "write the loss of each row, float64")
    private @Nullable Path losses;

    @Option(
            names = "--hidden-gradient",
            paramLabel = "OUT",
            description = "write the gradient with respect to the hidden states, in their type")
    private @Nullable Path hiddenGradient;

    @Option(
            names = "--weight-gradient",
            paramLabel = "OUT",
            description = "write that with respect to the weight, float32, or float64 if all is")
    private @Nullable Path weightGradient;

    @Option(
            names = "--bias-gradient",
            paramLabel = "OUT",
            description = "write that with respect to the bias, likewise")
    private @Nullable Path biasGradient;

    /** The inputs that are given, by their names, in the order of the help. */
    private Map<String, ArrayPlace> places() {
        Map<String, ArrayPlace> places = new LinkedHashMap<>();
        put(places, HeadInputs.HIDDEN, hidden);
        put(places, HeadInputs.WEIGHT, weight);
        put(places, HeadInputs.BIAS, bias);
        put(places, HeadInputs.TARGETS, targets);
        put(places, HeadInputs.SAMPLE_WEIGHTS, sampleWeights);
        put(places, HeadInputs.CLASS_WEIGHTS, classWeights);
        put(places, HeadInputs.CLASS_MASK, classMask);
        return places;
    }

    private static void put(Map<String, ArrayPlace> places, String name, @Nullable ArrayPlace place) {
        if (place != null) {
            places.put(name, place);
        }
    }

    /** Maps the files, and checks that they belong together and that no output is one of them. */
    HeadInputs read(Arena arena) {
        Map<String, ArrayPlace> places = places();
        outputs().checkApart(places.values().stream().map(ArrayPlace::file).toList());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        places.forEach((name, place) -> tensors.put(name, place.map(arena)));
        return HeadInputs.of(tensors, ignoreIndex);
    }

    HeadOutputs outputs() {
        return new HeadOutputs(losses, hiddenGradient, weightGradient, biasGradient);
    }
}
