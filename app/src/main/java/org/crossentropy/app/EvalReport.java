package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import org.crossentropy.api.Backend;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.Reduction;

/**
 * What {@code xent eval} found.
 *
 * @param result sums and counts
 * @param right rows whose first largest logit is the label's
 * @param classes number of classes
 * @param backend where it was computed
 * @param parallelism on how many threads
 * @param seconds how long it took, files mapped but perhaps not yet in memory
 */
record EvalReport(
        LossResult result, long right, int classes, Backend backend, Parallelism parallelism, double seconds) {

    /** The share of right rows among those that are not ignored; NaN if there are none. */
    double accuracy() {
        return (double) right / result.count();
    }

    private boolean isReduced() {
        return !result.reduction().equals(Reduction.NONE);
    }

    void write(JsonGenerator json) throws IOException {
        if (isReduced()) {
            json.writeNumberField("loss", result.value());
        } else {
            json.writeNullField("loss");
        }
        json.writeNumberField("lossSum", result.lossSum());
        json.writeNumberField("weightSum", result.weightSum());
        json.writeNumberField("count", result.count());
        json.writeNumberField("rows", result.rows());
        json.writeNumberField("classes", classes);
        json.writeNumberField("perplexity", result.perplexity());
        json.writeNumberField("accuracy", accuracy());
        json.writeStringField("backend", backend.name());
        json.writeNumberField("threads", parallelism.threads());
        json.writeNumberField("seconds", seconds);
    }

    void print(PrintWriter out) {
        if (isReduced()) {
            line(out, "loss", String.valueOf(result.value()));
        }
        line(out, "loss sum", String.valueOf(result.lossSum()));
        line(out, "weight sum", String.valueOf(result.weightSum()));
        line(out, "rows", String.format("%d, of which %d count", result.rows(), result.count()));
        line(out, "classes", String.valueOf(classes));
        line(out, "perplexity", String.valueOf(result.perplexity()));
        line(out, "accuracy", String.format("%s (%d right)", accuracy(), right));
        line(out, "backend", backend + ", " + parallelism);
        line(out, "seconds", String.format("%.3f", seconds));
        out.flush();
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-11s %s%n", name, value);
    }
}
