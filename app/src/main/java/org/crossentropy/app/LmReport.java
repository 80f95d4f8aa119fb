package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Reduction;
import org.crossentropy.app.bench.Machine;
import org.crossentropy.app.bert.BertShape;
import org.crossentropy.app.bert.Sequences;
import org.crossentropy.app.lm.Effort;
import org.crossentropy.app.lm.Findings;

/**
 * What {@code xent lm} says.
 *
 * @param findings what was found
 * @param reduction how the losses became one number
 * @param execution where it was computed
 * @param top how many classes a target may be among; 0 if that is not asked for
 * @param subject of what
 */
record LmReport(Findings findings, ReductionOptions reduction, Execution execution, int top, Subject subject) {

    private static final double MEGABYTE = 1 << 20;

    /** What was evaluated. */
    sealed interface Subject {
        void write(JsonGenerator json) throws IOException;

        void print(PrintWriter out);

        /** What the exponential of the mean loss is. */
        String perplexity();

        long classes();
    }

    /**
     * A head given as matrices.
     *
     * @param inputs the matrices
     */
    record Matrices(HeadInputs inputs) implements Subject {

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeNumberField("width", inputs.hidden().columns());
            json.writeObjectFieldStart("formats");
            for (var file : inputs.files().entrySet()) {
                json.writeStringField(file.getKey(), file.getValue().typeName());
            }
            json.writeEndObject();
        }

        @Override
        public void print(PrintWriter out) {
            String formats = inputs.files().entrySet().stream()
                    .map(file -> file.getKey() + " " + file.getValue())
                    .collect(Collectors.joining(", "));
            line(out, "formats", formats);
        }

        @Override
        public String perplexity() {
            return "perplexity";
        }

        @Override
        public long classes() {
            return inputs.weight().rows();
        }
    }

    /**
     * A masked language model on a text.
     *
     * @param shape how large the model is
     * @param sequences the text
     * @param masking which tokens were masked
     * @param passes how often a window was encoded
     * @param encoder what that took
     */
    record Text(BertShape shape, Sequences sequences, MaskingChoice masking, int passes, Effort encoder)
            implements Subject {

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeNumberField("width", shape.width());
            json.writeNumberField("textTokens", sequences.tokens());
            json.writeNumberField("unknownTokens", sequences.unknown());
            json.writeNumberField("windows", sequences.all().size());
            json.writeStringField("mask", masking.text());
            json.writeNumberField("passes", passes);
            json.writeNumberField("encoderSeconds", encoder.seconds());
            json.writeNumberField("encoderGigaflops", encoder.gigaflops());
        }

        @Override
        public void print(PrintWriter out) {
            line(
                    out,
                    "text",
                    String.format(
                            "%d tokens, %d of them unknown, in %d windows",
                            sequences.tokens(),
                            sequences.unknown(),
                            sequences.all().size()));
            line(out, "masked", masking + ", in " + passes + " passes");
            line(out, "encoder", String.format("%.3f s, %.1f GFLOP/s", encoder.seconds(), encoder.gigaflops()));
        }

        @Override
        public String perplexity() {
            return "pseudo-perplexity";
        }

        @Override
        public long classes() {
            return shape.vocabulary();
        }
    }

    private LossResult result() {
        return findings.result();
    }

    private boolean isReduced() {
        return !result().reduction().equals(Reduction.NONE);
    }

    private double share(long hits) {
        return (double) hits / result().count();
    }

    private double tokensPerSecond() {
        return result().count() / findings.head().seconds();
    }

    void write(JsonGenerator json) throws IOException {
        if (isReduced()) {
            json.writeNumberField("loss", result().value());
        } else {
            json.writeNullField("loss");
        }
        json.writeStringField("reduction", reduction.toString());
        json.writeNumberField("mean", result().mean());
        json.writeNumberField("lossSum", result().lossSum());
        json.writeNumberField("weightSum", result().weightSum());
        json.writeNumberField("count", result().count());
        json.writeNumberField("tokens", result().rows());
        json.writeNumberField("classes", subject.classes());
        json.writeNumberField(
                subject.perplexity().equals("perplexity") ? "perplexity" : "pseudoPerplexity", result().perplexity());
        json.writeNumberField("accuracy", share(findings.right()));
        if (top > 0) {
            json.writeNumberField("top", top);
            json.writeNumberField("topAccuracy", share(findings.inTop()));
        }
        subject.write(json);
        writeEffort(json);
    }

    private void writeEffort(JsonGenerator json) throws IOException {
        json.writeStringField("backend", execution.backend().name());
        json.writeNumberField("threads", execution.parallelism().threads());
        json.writeNumberField("seconds", findings.head().seconds());
        json.writeNumberField("tokensPerSecond", tokensPerSecond());
        json.writeNumberField("gigaflops", findings.head().gigaflops());
        json.writeNumberField("workingMemory", findings.memory());
        OptionalLong peak = Machine.peakMemory();
        if (peak.isPresent()) {
            json.writeNumberField("peakMemory", peak.getAsLong());
        } else {
            json.writeNullField("peakMemory");
        }
    }

    void print(PrintWriter out) {
        line(out, "mean loss", result().mean() + " nats a token");
        if (isReduced() && result().value() != result().mean()) {
            line(out, "loss", result().value() + ", " + reduction);
        }
        line(out, subject.perplexity(), String.valueOf(result().perplexity()));
        line(out, "tokens", String.format("%d, of which %d count", result().rows(), result().count()));
        line(out, "classes", String.valueOf(subject.classes()));
        line(out, "accuracy", String.format("%s (%d right)", share(findings.right()), findings.right()));
        if (top > 0) {
            line(out, "top " + top, String.format("%s (%d among them)", share(findings.inTop()), findings.inTop()));
        }
        subject.print(out);
        line(out, "backend", execution.backend() + ", " + execution.parallelism());
        line(
                out,
                "head",
                String.format(
                        "%.3f s, %.0f tokens/s, %.1f GFLOP/s",
                        findings.head().seconds(),
                        tokensPerSecond(),
                        findings.head().gigaflops()));
        line(out, "memory", memory());
        out.flush();
    }

    private String memory() {
        String working = String.format("%.1f MB to work in", findings.memory() / MEGABYTE);
        OptionalLong peak = Machine.peakMemory();
        return peak.isPresent()
                ? working + String.format(", %.1f MB of the process at its peak", peak.getAsLong() / MEGABYTE)
                : working;
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-17s %s%n", name, value);
    }
}
