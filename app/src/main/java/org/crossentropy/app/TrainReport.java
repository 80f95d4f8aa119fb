package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.crossentropy.api.Execution;
import org.crossentropy.app.data.Dataset;
import org.crossentropy.app.model.Objective;
import org.crossentropy.app.model.Score;
import org.crossentropy.app.model.Trainer;

/**
 * What {@code xent train} did.
 *
 * @param setup what was asked for
 * @param epochs how training went
 * @param heldOut the score that counts
 * @param fingerprint of all weights
 * @param seconds how long all of it took
 */
record TrainReport(Setup setup, List<Epoch> epochs, Score heldOut, String fingerprint, double seconds) {

    /**
     * What is trained, how and where.
     *
     * @param dataset the examples
     * @param model the kind of model
     * @param widths numbers of inputs, outputs of hidden layers, logits
     * @param parameters how many numbers are learnt
     * @param objective what is made small
     * @param execution where it is computed
     * @param seed of everything random
     * @param options of training
     */
    record Setup(
            Dataset dataset,
            TrainCommand.Model model,
            List<Integer> widths,
            long parameters,
            Objective objective,
            Execution execution,
            long seed,
            Trainer.Options options) {

        void print(PrintWriter out) {
            out.println(dataset);
            out.printf(
                    "%s %s, %s, %,d parameters; seed %d; %s, %s%n",
                    name(),
                    widths.stream().map(String::valueOf).collect(Collectors.joining("-")),
                    objective.name(),
                    parameters,
                    seed,
                    execution.backend(),
                    execution.parallelism());
            out.flush();
        }

        private String name() {
            return model.name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One epoch.
     *
     * @param score of its examples, while the model still learnt
     * @param seconds how long it took
     */
    record Epoch(Score score, double seconds) {}

    void print(PrintWriter out) {
        out.printf(
                "held out: loss %.4f, accuracy %.2f %% (%d of %d); %.1f s%n",
                heldOut.loss().value(),
                100 * heldOut.accuracy(),
                heldOut.right(),
                heldOut.loss().count(),
                seconds);
        out.printf("weights: SHA-256 %s%n", fingerprint);
        out.flush();
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStringField("data", setup.dataset().name());
        json.writeStringField("model", setup.name());
        json.writeStringField("function", setup.objective().name());
        json.writeFieldName("widths");
        json.writeArray(
                setup.widths().stream().mapToInt(Integer::intValue).toArray(),
                0,
                setup.widths().size());
        json.writeNumberField("parameters", setup.parameters());
        json.writeStringField("backend", setup.execution().backend().name());
        json.writeNumberField("threads", setup.execution().parallelism().threads());
        writeOptions(json);
        json.writeArrayFieldStart("epochs");
        for (Epoch epoch : epochs) {
            json.writeStartObject();
            write(json, epoch.score());
            json.writeNumberField("penalty", epoch.score().penalty());
            json.writeNumberField("seconds", epoch.seconds());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("heldOut");
        write(json, heldOut);
        json.writeEndObject();
        json.writeStringField("weights", fingerprint);
        json.writeNumberField("seconds", seconds);
    }

    private void writeOptions(JsonGenerator json) throws IOException {
        Trainer.Options options = setup.options();
        json.writeNumberField("seed", setup.seed());
        json.writeNumberField("batch", options.batch());
        json.writeNumberField("learningRate", options.learningRate());
        json.writeNumberField("weightDecay", options.weightDecay());
        json.writeNumberField("l2", options.l2());
        json.writeNumberField("labelSmoothing", setup.objective().labelSmoothing());
        json.writeNumberField("shift", options.shift());
    }

    private static void write(JsonGenerator json, Score score) throws IOException {
        json.writeNumberField("loss", score.total());
        json.writeNumberField("accuracy", score.accuracy());
        json.writeNumberField("right", score.right());
        json.writeNumberField("count", score.loss().count());
    }
}
