package org.crossentropy.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.crossentropy.api.Execution;
import org.crossentropy.app.explain.Explanation;
import org.crossentropy.app.explain.Picture;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.OutputFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent explain}. */
@Command(
        name = "explain",
        description =
                "Shows why classifiers are trained with cross-entropy and not with squared error, by computing both.",
        footer = {
            "",
            "Training is logistic regression on the wdbc data by gradient descent on all",
            "examples, in float64, from weights that are sure and wrong (a trained solution,",
            "negated) and from 0. Nothing is random. Loss and gradient by logit are the same",
            "bits on every backend; training has matrix products, so its losses agree up to",
            "rounding."
        })
final class ExplainCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--steps", paramLabel = "N", description = "steps of training at most (default: ${DEFAULT-VALUE})")
    private int steps = 1000;

    @Option(
            names = "--picture",
            paramLabel = "FILE",
            description = "draw it as well, to a file whose name ends in .png")
    private @Nullable Path picture;

    @Mixin
    private ExecutionOptions where = new ExecutionOptions();

    @Option(names = "--json", description = "print JSON, with every point of the curves")
    private boolean json;

    @Override
    public Integer call() {
        Range.check("--steps", steps, 1, 100_000);
        Execution execution = where.open();
        // Before anything is computed, so that a name or folder that cannot be used is met at once.
        try (OutputFile file = picture == null ? null : begin(picture)) {
            Explanation explanation = Explanation.compute(steps, execution);
            ExplainReport report = new ExplainReport(explanation);
            PrintWriter out = Main.out(spec);
            if (json) {
                Json.print(out, report::write);
            } else {
                report.print(out);
            }
            if (file != null) {
                file.write(Picture.png(explanation));
                file.commit();
            }
        }
        return ExitStatus.FINE;
    }

    private static OutputFile begin(Path picture) {
        if (!picture.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            throw new InputException("--picture is " + picture + ", must be a name that ends in .png");
        }
        return OutputFile.create(picture, Picture.LARGEST_SIZE);
    }
}
