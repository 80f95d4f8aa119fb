package org.crossentropy.app;

import picocli.CommandLine.Option;

/** Which loss, as the user says it. */
final class LossChoice {

    @Option(
            names = "--loss",
            paramLabel = "NAME",
            converter = LossName.Converter.class,
            description =
                    "softmax-cross-entropy (the default), binary-cross-entropy, brier, squared-error (of sigmoids),"
                            + " categorical (X holds probabilities), nll (X holds log-probabilities) or kl (of T from X)")
    private LossName loss = LossName.SOFTMAX_CROSS_ENTROPY;

    @Option(names = "--binary", description = "the same as --loss binary-cross-entropy")
    private boolean binary;

    LossName loss() {
        return binary ? LossName.BINARY_CROSS_ENTROPY : loss;
    }
}
