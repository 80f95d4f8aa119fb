package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.stream.Collectors;
import org.crossentropy.api.Backend;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.Reduction;

/**
 * What {@code xent eval} says.
 *
 * @param loss what was computed, and where
 * @param reduction how the losses became one number
 * @param inputs of what
 * @param top how many classes a target may be among; 0 if that is not asked for
 * @param findings what was found
 */
record EvalReport(EvalLoss loss, ReductionOptions reduction, EvalInputs inputs, int top, Evaluation.Findings findings) {

    private static final double NATS_PER_BIT = Math.log(2);

    private LossResult result() {
        return findings.result();
    }

    /** The share of those that are not left out; NaN if all are. */
    private double share(long hits) {
        return (double) hits / result().count();
    }

    private double bits() {
        return result().mean() / NATS_PER_BIT;
    }

    private boolean isReduced() {
        return !result().reduction().equals(Reduction.NONE);
    }

    void write(JsonGenerator json) throws IOException {
        writeLoss(json);
        json.writeNumberField("lossSum", result().lossSum());
        json.writeNumberField("weightSum", result().weightSum());
        json.writeNumberField("count", result().count());
        json.writeNumberField("rows", inputs.predictions().rows());
        json.writeNumberField("classes", inputs.predictions().columns());
        if (loss.name().isInNats()) {
            json.writeNumberField("bits", bits());
        }
        if (loss.name().hasPerplexity()) {
            json.writeNumberField("perplexity", result().perplexity());
        }
        json.writeNumberField("accuracy", share(findings.hits().right()));
        if (top > 0) {
            json.writeNumberField("top", top);
            json.writeNumberField("topAccuracy", share(findings.hits().inTop()));
        }
        json.writeObjectFieldStart("formats");
        for (var file : inputs.files().entrySet()) {
            json.writeStringField(file.getKey(), file.getValue().typeName());
        }
        json.writeEndObject();
        json.writeStringField("backend", backend().name());
        json.writeNumberField("threads", parallelism().threads());
        json.writeNumberField("seconds", findings.seconds());
    }

    private void writeLoss(JsonGenerator json) throws IOException {
        json.writeStringField("function", loss.name().toString());
        json.writeStringField("reduction", reduction.toString());
        if (reduction.divisor().isPresent()) {
            DenominatorName divisor = reduction.divisor().get();
            json.writeStringField("denominator", divisor.text());
            json.writeNumberField("divisor", divisor.of(result()));
        }
        json.writeStringField("unit", unit());
        if (isReduced()) {
            json.writeNumberField("loss", result().value());
        } else {
            json.writeNullField("loss");
        }
    }

    void print(PrintWriter out) {
        if (isReduced()) {
            line(out, "loss", String.valueOf(result().value()));
        }
        line(out, "function", loss.name() + ", " + described());
        line(out, "loss sum", String.valueOf(result().lossSum()));
        line(out, "weight sum", String.valueOf(result().weightSum()));
        line(out, unit() + "s", String.format("%d, of which %d count", result().rows(), result().count()));
        line(out, "classes", String.valueOf(inputs.predictions().columns()));
        if (loss.name().isInNats()) {
            line(out, "bits", String.valueOf(bits()));
        }
        if (loss.name().hasPerplexity()) {
            line(out, "perplexity", String.valueOf(result().perplexity()));
        }
        printHits(out, "accuracy", findings.hits().right(), "right");
        if (top > 0) {
            printHits(out, "top " + top, findings.hits().inTop(), "among them");
        }
        line(out, "formats", formats());
        line(out, "backend", backend() + ", " + parallelism());
        line(out, "seconds", String.format("%.3f", findings.seconds()));
        out.flush();
    }

    /** What the loss counts. */
    private String unit() {
        return loss.name().isElementwise() ? "element" : "row";
    }

    private String described() {
        return reduction
                .divisor()
                .map(divisor -> reduction + " over " + divisor.text())
                .orElseGet(reduction::toString);
    }

    private String formats() {
        return inputs.files().entrySet().stream()
                .map(file -> file.getKey() + " " + file.getValue())
                .collect(Collectors.joining(", "));
    }

    private Backend backend() {
        return loss.execution().backend();
    }

    private Parallelism parallelism() {
        return loss.execution().parallelism();
    }

    private void printHits(PrintWriter out, String name, long hits, String what) {
        line(out, name, String.format("%s (%d %s)", share(hits), hits, what));
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-11s %s%n", name, value);
    }
}
