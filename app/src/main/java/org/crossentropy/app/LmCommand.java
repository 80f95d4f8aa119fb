package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.bert.BertModel;
import org.crossentropy.app.bert.MaskedSequence;
import org.crossentropy.app.bert.Sequences;
import org.crossentropy.app.lm.Blanks;
import org.crossentropy.app.lm.Findings;
import org.crossentropy.app.lm.HeadLoss;
import org.crossentropy.app.lm.MaskedText;
import org.crossentropy.app.lm.Progress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent lm}. */
@Command(
        name = "lm",
        description =
                "Computes the cross-entropy of a language model's head, from hidden states and the head's matrix, or of a"
                        + " BERT on a text; the logits never exist as a whole.",
        footer = {
            "",
            "Logits are hidden x weight transposed + bias. They are made for some rows at a",
            "time, as many as fit in --memory, and overwritten; files are mapped, so they",
            "may be larger than memory, and must not shrink meanwhile.",
            "A BERT guesses masked tokens from both sides. The exponential of its mean loss",
            "is a pseudo-perplexity, defined for --mask each. Tokens masked side by side are",
            "much harder, so compare it only with that of other such models, on the same text",
            "masked the same way. Unknown tokens are not masked."
        })
final class LmCommand implements Callable<Integer> {

    private static final long MEGABYTE = 1 << 20;

    /** Where the head is. */
    static final class Source {

        @ArgGroup(exclusive = false, heading = "A head in files:%n")
        private @Nullable HeadFiles files;

        @ArgGroup(exclusive = false, heading = "Or a masked language model:%n")
        private @Nullable BertOptions bert;
    }

    @Spec
    private @Nullable CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Mixin
    private ShapeOptions shape = new ShapeOptions();

    @Mixin
    private ReductionOptions reduction = new ReductionOptions();

    @Option(names = "--top", paramLabel = "K", description = "tell how often the target is among the K most probable")
    private int top;

    @Option(
            names = "--memory",
            paramLabel = "MB",
            description = "the most working memory for logits and copies of rows (default: ${DEFAULT-VALUE})")
    private int megabytes = (int) (LinearCrossEntropy.DEFAULT_WORKING_MEMORY / MEGABYTE);

    @Mixin
    private ExecutionOptions where = new ExecutionOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        reduction.check();
        Range.check("--memory", megabytes, 1, 1 << 20);
        Range.check("--top", top, 0, Integer.MAX_VALUE);
        if (source.bert != null) {
            source.bert.check();
        }
        Execution execution = where.open();
        try (Arena arena = Arena.ofShared()) {
            if (source.files != null) {
                print(head(source.files, execution, arena));
            } else {
                BertOptions options = Objects.requireNonNull(source.bert, "bert");
                BertModel model = options.open(arena);
                if (options.fills()) {
                    fill(model, options.blanks(model), execution);
                } else {
                    print(text(model, options, execution, arena));
                }
            }
        }
        return ExitStatus.FINE;
    }

    private LmReport head(HeadFiles files, Execution execution, Arena arena) {
        HeadInputs inputs = files.read(arena);
        shape.check(LossName.SOFTMAX_CROSS_ENTROPY, false, inputs::keptClasses);
        SoftmaxCrossEntropy.Builder builder = builder(execution).ignoreIndex(inputs.ignoreIndex());
        if (!inputs.classWeights().isEmpty()) {
            builder.classWeights(inputs.classWeightArray());
        }
        try (HeadOutputs.Open open = new HeadOutputs.Open()) {
            HeadLoss loss = new HeadLoss(
                    inputs.rows(files.outputs().create(inputs, open, arena)),
                    builder.build(),
                    reduction.reduction(),
                    inputs.ignoreIndex(),
                    inputs.classWeights(),
                    top,
                    memory());
            Findings findings = withProgress(progress -> loss.compute(
                    inputs.place(HeadInputs.TARGETS), inputs.place(HeadInputs.SAMPLE_WEIGHTS), progress, arena));
            open.commit();
            return new LmReport(findings, reduction, execution, top, new LmReport.Matrices(inputs));
        }
    }

    private LmReport text(BertModel model, BertOptions options, Execution execution, Arena arena) {
        shape.check(
                LossName.SOFTMAX_CROSS_ENTROPY, false, () -> (int) model.words().rows());
        Sequences sequences = options.sequences(model);
        List<MaskedSequence> masked = options.masking().masking().apply(sequences, options.seed());
        SoftmaxCrossEntropy loss = builder(execution).build();
        MaskedText evaluation = new MaskedText(model, loss, masked, top, memory(), arena);
        MaskedText.Outcome outcome = withProgress(progress -> evaluation.evaluate(masked, progress));
        LmReport.Text subject =
                new LmReport.Text(model.shape(), sequences, options.masking(), masked.size(), outcome.encoder());
        return new LmReport(outcome.head(), reduction, execution, top, subject);
    }

    private void fill(BertModel model, MaskedSequence sequence, Execution execution) {
        List<Blanks.Guess> guesses = Blanks.fill(model, sequence, execution, memory());
        PrintWriter out = Main.out(spec);
        if (json) {
            Json.print(out, generator -> write(generator, guesses));
        } else {
            guesses.forEach(guess -> out.printf("%-15s %.4f%n", guess.word(), guess.probability()));
            out.flush();
        }
    }

    private static void write(JsonGenerator json, List<Blanks.Guess> guesses) throws IOException {
        json.writeArrayFieldStart("blanks");
        for (Blanks.Guess guess : guesses) {
            json.writeStartObject();
            json.writeStringField("token", guess.word());
            json.writeNumberField("probability", guess.probability());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private SoftmaxCrossEntropy.Builder builder(Execution execution) {
        SoftmaxCrossEntropy.Builder builder =
                SoftmaxCrossEntropy.builder().reduction(reduction.reduction()).execution(execution);
        shape.apply(builder);
        return builder;
    }

    private long memory() {
        return megabytes * MEGABYTE;
    }

    /** Shows a bar on a terminal while something runs. */
    private <T> T withProgress(Function<Progress, T> work) {
        PrintWriter err = Objects.requireNonNull(spec, "spec").commandLine().getErr();
        ProgressBar bar = ProgressBar.onTerminal(err);
        if (bar == null) {
            return work.apply((_, _, _) -> {});
        }
        try {
            return work.apply(bar::show);
        } finally {
            bar.clear();
            err.flush();
        }
    }

    private void print(LmReport report) {
        PrintWriter out = Main.out(spec);
        if (json) {
            Json.print(out, report::write);
        } else {
            report.print(out);
        }
    }
}
