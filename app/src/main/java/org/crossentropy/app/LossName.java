package org.crossentropy.app;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.crossentropy.app.io.InputException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The losses of {@code xent eval}, by the names that users know, and which options each has. */
enum LossName {
    /** Of logits, by labels or distributions. */
    SOFTMAX_CROSS_ENTROPY(
            Measure.CODE_LENGTH,
            "logits",
            "--labels",
            "--ignore-index",
            "--class-weights",
            "--class-mask",
            "--label-smoothing",
            "--smoothing",
            "--temperature",
            "--softcap",
            "--z-loss",
            "--focal",
            "--top"),

    /** Of logits, each yes or no by itself. */
    BINARY_CROSS_ENTROPY(Measure.CODE_LENGTH, "logits", "--labels", "--pos-weights", "--label-smoothing", "--focal"),

    /** Squared distance of a softmax, from logits. */
    BRIER(Measure.DISTANCE, "logits", "--labels", "--ignore-index", "--top"),

    /** Squared distance of sigmoids, from logits. */
    SQUARED_ERROR(Measure.DISTANCE, "logits", "--labels"),

    /** Cross-entropy of probabilities. */
    CATEGORICAL(Measure.CODE_LENGTH, "probabilities", "--labels", "--ignore-index", "--class-weights", "--top"),

    /** Cross-entropy of log-probabilities. */
    NLL(Measure.CODE_LENGTH, "logProbabilities", "--labels", "--ignore-index", "--class-weights", "--top"),

    /** Divergence of a softmax from distributions. */
    KL(Measure.EXCESS, "q");

    /** What kind of number a loss is. */
    private enum Measure {
        /** Nats to tell an outcome: has a perplexity. */
        CODE_LENGTH,
        /** Nats beyond what is needed. */
        EXCESS,
        /** No nats. */
        DISTANCE
    }

    private final Measure measure;
    private final String predictions;

    @SuppressWarnings("ImmutableEnumChecker") // Made by Set.of.
    private final Set<String> options;

    LossName(Measure measure, String predictions, String... options) {
        this.measure = measure;
        this.predictions = predictions;
        this.options = Set.of(options);
    }

    /** Reads what the user gives. */
    static final class Converter implements ITypeConverter<LossName> {

        @Override
        public LossName convert(String text) {
            return Arrays.stream(values())
                    .filter(loss -> loss.toString().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(text + ", must be one of "
                            + Arrays.stream(values()).map(LossName::toString).collect(Collectors.joining(", "))));
        }
    }

    /** Whether every logit is a case of its own, with a target of its own. */
    boolean isElementwise() {
        return this == BINARY_CROSS_ENTROPY || this == SQUARED_ERROR;
    }

    /** Whether it is measured in nats, so that there are bits. */
    boolean isInNats() {
        return measure != Measure.DISTANCE;
    }

    boolean hasPerplexity() {
        return measure == Measure.CODE_LENGTH;
    }

    /** What the library's errors call the predictions. */
    String predictions() {
        return predictions;
    }

    /** What the library's errors call the targets. */
    String targets() {
        return this == KL ? "p" : "targets";
    }

    /** Rejects options that other losses have and this one has not. */
    void checkOptions(ParseResult given) {
        for (OptionSpec option : given.matchedOptions()) {
            String name = option.longestName();
            List<String> having = Arrays.stream(values())
                    .filter(loss -> loss.options.contains(name))
                    .map(LossName::toString)
                    .toList();
            if (!having.isEmpty() && !options.contains(name)) {
                throw new InputException(
                        name + " is not for --loss " + this + ", it is for " + String.join(", ", having));
            }
        }
    }

    /** What the user would say. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
