package org.crossentropy.app;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.crossentropy.api.Execution;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent eval}. */
@Command(
        name = "eval",
        description =
                "Computes the cross-entropy, or another loss, of logits and targets in NumPy or safetensors files, which"
                        + " may be larger than memory.",
        footer = {
            "",
            "Accuracy is the share of rows, ignored ones left out, whose first largest logit",
            "is the label's, or is where the first largest target is; a row with a NaN counts",
            "as wrong. For binary-cross-entropy and squared-error all counts are of elements,",
            "right if above 0 just where the target is above 1/2. Bits and perplexity are of",
            "the mean loss by weight sum. Files are safetensors if their names end in",
            ".safetensors, else NumPy's .npy; inputs must not shrink meanwhile."
        })
final class EvalCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private EvalFiles files = new EvalFiles();

    @ArgGroup
    private LossChoice choice = new LossChoice();

    @Mixin
    private ShapeOptions shape = new ShapeOptions();

    @Mixin
    private ReductionOptions reduction = new ReductionOptions();

    @Option(names = "--top", paramLabel = "K", description = "tell how often the label is among the K most probable")
    private @Nullable Integer top;

    @Mixin
    private OutputOptions outputs = new OutputOptions();

    @Mixin
    private ExecutionOptions where = new ExecutionOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        LossName name = choice.loss();
        name.checkOptions(Objects.requireNonNull(spec, "spec").commandLine().getParseResult());
        reduction.check();
        outputs.checkApart(files.paths());
        Execution execution = where.open();
        try (Arena arena = Arena.ofShared()) {
            EvalInputs inputs = files.read(name, arena);
            shape.check(name, inputs.targets() instanceof EvalTargets.Soft, inputs::keptClasses);
            int few = checkedTop(inputs);
            EvalLoss loss = new EvalLoss(name, shape, reduction.reduction(), execution);
            Evaluation.Findings findings = new Evaluation(inputs, loss, few, outputs).run(arena);
            EvalReport report = new EvalReport(loss, reduction, inputs, few, findings);
            PrintWriter out = Main.out(spec);
            if (json) {
                Json.print(out, report::write);
            } else {
                report.print(out);
            }
        }
        return ExitStatus.FINE;
    }

    private int checkedTop(EvalInputs inputs) {
        if (top == null) {
            return 0;
        }
        Range.check("--top", top, 1, Integer.MAX_VALUE);
        EvalTargets.checkLabels("--top", inputs.targets() instanceof EvalTargets.Soft);
        return top;
    }
}
