package org.crossentropy.app;

import java.util.Locale;
import java.util.Optional;
import org.crossentropy.api.Reduction;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the losses of rows become one number, as the user says it. */
final class ReductionOptions {

    /** The reductions by the names that users know. */
    enum Name {
        MEAN,
        SUM,
        NONE
    }

    @Option(
            names = "--reduction",
            paramLabel = "HOW",
            description = "mean, sum or none: what loss and gradient are of (default: ${DEFAULT-VALUE})")
    private Name name = Name.MEAN;

    @Option(
            names = "--denominator",
            paramLabel = "D",
            converter = DenominatorName.Converter.class,
            description =
                    "what a mean divides by: weights (their sum, the default), valid (rows that count), all (rows)"
                            + " or a number")
    private @Nullable DenominatorName denominator;

    void check() {
        if (denominator != null && name != Name.MEAN) {
            throw new InputException("--denominator is for --reduction mean, not for --reduction " + this);
        }
    }

    Reduction reduction() {
        return switch (name) {
            case MEAN -> Reduction.mean(denominator().denominator());
            case SUM -> Reduction.SUM;
            case NONE -> Reduction.NONE;
        };
    }

    /** What the loss is divided by, if it is a mean. */
    Optional<DenominatorName> divisor() {
        return name == Name.MEAN ? Optional.of(denominator()) : Optional.empty();
    }

    private DenominatorName denominator() {
        return denominator == null ? DenominatorName.WEIGHTS : denominator;
    }

    /** What the user would say. */
    @Override
    public String toString() {
        return name.name().toLowerCase(Locale.ROOT);
    }
}
