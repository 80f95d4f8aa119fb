package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.crossentropy.app.explain.BinaryLoss;
import org.crossentropy.app.explain.Descent;
import org.crossentropy.app.explain.Explanation;
import org.crossentropy.app.explain.LossCurve;
import org.crossentropy.app.explain.Recovery;
import org.crossentropy.app.explain.Start;
import org.crossentropy.app.explain.Trial;

/**
 * What {@code xent explain} found, in words and numbers.
 *
 * @param explanation what it found
 */
record ExplainReport(Explanation explanation) {

    private static final List<Integer> SHOWN_LOGITS = List.of(-12, -8, -4, 0, 4, 8, 12);

    void print(PrintWriter out) {
        printCurves(out);
        out.println();
        printRecovery(out);
        out.println();
        out.printf(
                "%s, %s%n",
                explanation.execution().backend(), explanation.execution().parallelism());
        out.flush();
    }

    private void printCurves(PrintWriter out) {
        LossCurve crossEntropy = explanation.curve(BinaryLoss.CROSS_ENTROPY);
        LossCurve squaredError = explanation.curve(BinaryLoss.SQUARED_ERROR);
        out.println("A positive example, by its logit:");
        out.printf("%7s  %26s  %26s%n", "", "cross-entropy (nats)", "squared error");
        out.printf("%7s  %13s%13s  %13s%13s%n", "logit", "loss", "gradient", "loss", "gradient");
        for (int logit : SHOWN_LOGITS) {
            LossCurve.Point first = crossEntropy.at(logit);
            LossCurve.Point second = squaredError.at(logit);
            out.printf(
                    "%7d  %13.4g%13.4g  %13.4g%13.4g%n",
                    logit, first.loss(), first.gradient(), second.loss(), second.gradient());
        }
        out.printf(
                "Sure and wrong at logit %d, cross-entropy pulls %,.0f times as hard.%n",
                Explanation.SURE_AND_WRONG, explanation.pullRatio());
    }

    private void printRecovery(PrintWriter out) {
        Recovery recovery = explanation.recovery();
        out.println(recovery.dataset());
        out.printf(
                "Steps of gradient descent until %.0f %% of those to train are right, at most %,d, from a start that is%n"
                        + "sure and wrong (%.1f %% right, mean |logit| %.1f) and from weights 0:%n",
                100 * Descent.GOAL, recovery.steps(), 100 * recovery.startAccuracy(), recovery.startMeanLogit());
        out.printf("%9s  %28s  %28s%n", "", "sure and wrong", "weights 0");
        out.printf("%9s", "rate");
        for (int i = 0; i < Start.values().length; i++) {
            out.printf("  %14s%14s", BinaryLoss.CROSS_ENTROPY, BinaryLoss.SQUARED_ERROR);
        }
        out.println();
        for (double rate : Recovery.RATES) {
            printRow(out, rate);
        }
        for (BinaryLoss loss : BinaryLoss.values()) {
            printBest(out, loss);
        }
    }

    private void printRow(PrintWriter out, double rate) {
        out.printf("%9s", name(rate));
        for (Start start : Start.values()) {
            out.print("  ");
            for (BinaryLoss loss : BinaryLoss.values()) {
                out.printf("%14s", text(explanation.recovery().steps(start, loss, rate)));
            }
        }
        out.println();
    }

    private static String name(double rate) {
        return String.valueOf(rate).replaceFirst("\\.0$", "");
    }

    private static String text(OptionalInt steps) {
        return steps.isPresent() ? String.valueOf(steps.getAsInt()) : "never";
    }

    private void printBest(PrintWriter out, BinaryLoss loss) {
        explanation
                .recovery()
                .best(Start.SURE_AND_WRONG, loss)
                .ifPresent(best -> out.printf(
                        "Best rate of %s from the wrong start: %s, %d steps (%s from weights 0).%n",
                        loss,
                        name(best.learningRate()),
                        best.steps().orElseThrow(),
                        text(explanation.recovery().steps(Start.ZERO, loss, best.learningRate()))));
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStringField("backend", explanation.execution().backend().name());
        json.writeNumberField("threads", explanation.execution().parallelism().threads());
        json.writeNumberField("sureAndWrongLogit", Explanation.SURE_AND_WRONG);
        json.writeNumberField("pullRatio", explanation.pullRatio());
        json.writeObjectFieldStart("curves");
        for (LossCurve curve : explanation.curves()) {
            json.writeArrayFieldStart(curve.loss().jsonName());
            for (LossCurve.Point point : curve.points()) {
                json.writeStartObject();
                json.writeNumberField("logit", point.logit());
                json.writeNumberField("loss", point.loss());
                json.writeNumberField("gradient", point.gradient());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        writeRecovery(json, explanation.recovery());
    }

    private static void writeRecovery(JsonGenerator json, Recovery recovery) throws IOException {
        json.writeStringField("data", recovery.dataset().name());
        json.writeNumberField("goal", Descent.GOAL);
        json.writeNumberField("steps", recovery.steps());
        json.writeNumberField("startAccuracy", recovery.startAccuracy());
        json.writeNumberField("startMeanLogit", recovery.startMeanLogit());
        json.writeNumberField("commonRate", Recovery.COMMON_RATE);
        json.writeObjectFieldStart("descents");
        for (Descent descent : recovery.descents()) {
            json.writeArrayFieldStart(descent.loss().jsonName());
            for (Descent.State state : descent.states()) {
                json.writeStartObject();
                json.writeNumberField("loss", state.loss());
                json.writeNumberField("accuracy", state.accuracy());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        json.writeArrayFieldStart("trials");
        for (Trial trial : recovery.trials()) {
            json.writeStartObject();
            write(json, trial);
            json.writeEndObject();
        }
        json.writeEndArray();
        writeBest(json, recovery);
    }

    private static void writeBest(JsonGenerator json, Recovery recovery) throws IOException {
        json.writeArrayFieldStart("best");
        for (Start start : Start.values()) {
            for (BinaryLoss loss : BinaryLoss.values()) {
                Optional<Trial> best = recovery.best(start, loss);
                if (best.isPresent()) {
                    json.writeStartObject();
                    write(json, best.get());
                    json.writeEndObject();
                }
            }
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Trial trial) throws IOException {
        json.writeStringField("start", trial.start().jsonName());
        json.writeStringField("loss", trial.loss().jsonName());
        json.writeNumberField("learningRate", trial.learningRate());
        if (trial.steps().isPresent()) {
            json.writeNumberField("steps", trial.steps().getAsInt());
        } else {
            json.writeNullField("steps");
        }
    }
}
