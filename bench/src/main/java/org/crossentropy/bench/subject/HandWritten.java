package org.crossentropy.bench.subject;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.task.Accuracy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** The loops that people write by hand in Java: arrays, a maximum, {@link Math#exp}, {@link Math#log}. */
public final class HandWritten implements Subject {

    private final int threads;

    /**
     * Takes a number of threads.
     *
     * @param threads threads to split the rows over
     */
    public HandWritten(int threads) {
        this.threads = threads;
    }

    @Override
    public String detail() {
        return "loops over float[] with Math.exp";
    }

    @Override
    public Accuracy accuracy() {
        return Accuracy.ABSOLUTE;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        boolean known = task.form() == Form.SOFTMAX || task.form() == Form.BINARY;
        if (!known || task.type() != ElementType.FLOAT32 || task.pass() == Pass.IN_PLACE) {
            throw new UnsupportedOperationException("nobody wrote " + task + " by hand");
        }
        return new Loops(task, batch, threads);
    }

    /** Loss and gradient of arrays. */
    private static final class Loops implements Work {

        private final Task task;
        private final int rows;
        private final int classes;
        private final float[] logits;
        private final int[] targets;
        private final float[] targetMatrix;
        private final int threads;
        private final ExecutorService executor;
        private float[] gradient = new float[0];
        private double loss;

        Loops(Task task, Batch batch, int threads) {
            this.task = task;
            this.threads = threads;
            rows = task.shape().rows();
            classes = task.shape().classes();
            logits = batch.logits().segment().toArray(ValueLayout.JAVA_FLOAT);
            targets = batch.targets().segment().toArray(ValueLayout.JAVA_INT);
            targetMatrix = task.form() == Form.BINARY
                    ? batch.targetMatrix().segment().toArray(ValueLayout.JAVA_FLOAT)
                    : new float[0];
            executor = Executors.newFixedThreadPool(threads);
        }

        @Override
        public void run() {
            if (task.pass() == Pass.GRADIENT && gradient.length == 0) {
                gradient = new float[logits.length];
            }
            if (threads == 1) {
                loss = rows(0, rows);
                return;
            }
            List<Future<Double>> parts = new ArrayList<>();
            for (int part = 0; part < threads; part++) {
                int from = (int) ((long) rows * part / threads);
                int to = (int) ((long) rows * (part + 1) / threads);
                parts.add(executor.submit(() -> rows(from, to)));
            }
            double sum = 0;
            try {
                for (Future<Double> part : parts) {
                    sum += part.get();
                }
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
            loss = sum;
        }

        private double rows(int from, int to) {
            if (task.form() == Form.BINARY) {
                return task.pass() == Pass.FORWARD ? binary(from, to) : binaryAndGradient(from, to);
            }
            return task.pass() == Pass.FORWARD ? softmax(from, to) : softmaxAndGradient(from, to);
        }

        private double softmax(int from, int to) {
            double total = 0;
            for (int row = from; row < to; row++) {
                int start = row * classes;
                float max = Float.NEGATIVE_INFINITY;
                for (int j = 0; j < classes; j++) {
                    max = Math.max(max, logits[start + j]);
                }
                double sum = 0;
                for (int j = 0; j < classes; j++) {
                    sum += Math.exp(logits[start + j] - max);
                }
                total += max + Math.log(sum) - logits[start + targets[row]];
            }
            return total / rows;
        }

        private double softmaxAndGradient(int from, int to) {
            double total = 0;
            for (int row = from; row < to; row++) {
                int start = row * classes;
                float max = Float.NEGATIVE_INFINITY;
                for (int j = 0; j < classes; j++) {
                    max = Math.max(max, logits[start + j]);
                }
                double sum = 0;
                for (int j = 0; j < classes; j++) {
                    float exponential = (float) Math.exp(logits[start + j] - max);
                    gradient[start + j] = exponential;
                    sum += exponential;
                }
                float scale = (float) (1 / (sum * rows));
                for (int j = 0; j < classes; j++) {
                    gradient[start + j] *= scale;
                }
                gradient[start + targets[row]] -= 1f / rows;
                total += max + Math.log(sum) - logits[start + targets[row]];
            }
            return total / rows;
        }

        private double binary(int from, int to) {
            double total = 0;
            for (int i = from * classes; i < to * classes; i++) {
                float logit = logits[i];
                total += Math.max(logit, 0) - logit * targetMatrix[i] + Math.log1p(Math.exp(-Math.abs(logit)));
            }
            return total / logits.length;
        }

        private double binaryAndGradient(int from, int to) {
            double total = 0;
            for (int i = from * classes; i < to * classes; i++) {
                float logit = logits[i];
                double exponential = Math.exp(-Math.abs(logit));
                total += Math.max(logit, 0) - logit * targetMatrix[i] + Math.log1p(exponential);
                double probability = (logit >= 0 ? 1 : exponential) / (1 + exponential);
                gradient[i] = (float) ((probability - targetMatrix[i]) / logits.length);
            }
            return total / logits.length;
        }

        @Override
        public double loss() {
            return loss;
        }

        @Override
        public double gradient(int row, int column) {
            return gradient[row * classes + column];
        }

        @Override
        public void close() {
            executor.shutdown();
        }
    }
}
