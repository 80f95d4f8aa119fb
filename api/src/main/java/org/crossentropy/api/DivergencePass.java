package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy or a divergence of the distributions of a group of rows.
 *
 * <p>Every one of them is a sum of {@code p (c - b)} over the classes where p is not 0, with b a difference of logarithms (or
 * one logarithm) and c a constant: {@code b = log q} and c = 0 for the cross-entropy, {@code b = log q - log p} and c = 0 for
 * the divergence of Kullback and Leibler, {@code b = log(p + q) - log p} and {@code c = log 2} for each half of that of Jensen
 * and Shannon. Differences of logarithms are taken class by class; sums are never subtracted from each other. The
 * derivative by p is the same {@code c - b}, but for a constant.
 *
 * @param kind what is computed
 * @param p the first distributions
 * @param q the second
 * @param gradientOfP receives the gradient with respect to p's matrix
 * @param gradientOfQ receives the gradient with respect to q's matrix
 */
record DivergencePass(
        Divergence.Kind kind,
        Distributions p,
        Distributions q,
        @Nullable Matrix gradientOfP,
        @Nullable Matrix gradientOfQ)
        implements GroupPass.GroupLoss {

    private static final double LN_2 = 0x1.62e42fefa39efp-1;

    @Override
    public void compute(RowGroup group) {
        Side ofP = new Side(group, p.form(), Tiles.Buffer.PROBABILITIES, Tiles.Buffer.TARGETS);
        Side ofQ = new Side(group, q.form(), Tiles.Buffer.WEIGHTS, Tiles.Buffer.OTHER);
        ofP.load(p.matrix(), true);
        boolean both = kind == Divergence.Kind.JENSEN_SHANNON;
        ofQ.load(q.matrix(), both || (gradientOfQ != null && q.form() == Form.LOGITS));
        switch (kind) {
            case CROSS_ENTROPY -> crossEntropy(group, ofP, ofQ);
            case KULLBACK_LEIBLER -> kullbackLeibler(group, ofP, ofQ);
            case JENSEN_SHANNON -> jensenShannon(group, ofP, ofQ);
        }
    }

    private void crossEntropy(RowGroup group, Side ofP, Side ofQ) {
        ofP.relative = ofQ.logs;
        sumOfP(group, ofP);
        if (gradientOfP != null) {
            group.store(ofP.derivative(1, 0, 0), gradientOfP);
        }
        if (gradientOfQ != null) {
            group.store(byQ(group, ofP, ofQ), gradientOfQ);
        }
    }

    private void kullbackLeibler(RowGroup group, Side ofP, Side ofQ) {
        ofP.logsRelativeTo(ofQ.logs);
        sumOfP(group, ofP);
        if (gradientOfP != null) {
            group.store(ofP.derivative(1, 0, 1), gradientOfP);
        }
        if (gradientOfQ != null) {
            group.store(byQ(group, ofP, ofQ), gradientOfQ);
        }
    }

    private static void sumOfP(RowGroup group, Side ofP) {
        ofP.sum(0);
        for (int i = 0; i < group.count(); i++) {
            group.setLoss(i, ofP.sums(i));
        }
    }

    private void jensenShannon(RowGroup group, Side ofP, Side ofQ) {
        Tiles tiles = group.tiles();
        MemorySegment logOfSum = tiles.tile(Tiles.Buffer.LOGITS);
        tiles.copy(ofP.probabilities, logOfSum, group.count());
        TileStep add = tiles.step(TileOperation.BLEND, group.count());
        tiles.run(add.a(ofQ.probabilities).out(logOfSum), 1, -1, 0);
        tiles.run(tiles.step(TileOperation.LOG, group.count()).a(logOfSum).out(logOfSum));
        ofP.logsRelativeTo(logOfSum);
        ofQ.logsRelativeTo(logOfSum);
        ofP.sum(LN_2);
        ofQ.sum(LN_2);
        for (int i = 0; i < group.count(); i++) {
            group.setLoss(i, 0.5 * (ofP.sums(i) + ofQ.sums(i)));
        }
        if (gradientOfP != null) {
            group.store(ofP.derivative(0.5, LN_2, 0), gradientOfP);
        }
        if (gradientOfQ != null) {
            group.store(ofQ.derivative(0.5, LN_2, 0), gradientOfQ);
        }
    }

    /** The derivative of {@code -sum of p log q}, which the entropy of p does not change. */
    private static MemorySegment byQ(RowGroup group, Side ofP, Side ofQ) {
        Tiles tiles = group.tiles();
        MemorySegment gradient = tiles.tile(Tiles.Buffer.GRADIENT);
        for (int i = 0; i < group.count(); i++) {
            double factor = group.factor(i);
            switch (ofQ.form) {
                case PROBABILITIES, LOG_PROBABILITIES -> tiles.setScalars(i, 0.0 - factor, 0, 0);
                case LOGITS -> tiles.setScalars(i, factor * ofP.masses(i), factor, 0);
            }
        }
        int rows = group.count();
        switch (ofQ.form) {
            case PROBABILITIES -> {
                TileStep ratio = tiles.step(TileOperation.RATIO, rows);
                tiles.runByRow(ratio.a(ofP.probabilities).b(ofQ.probabilities).out(gradient));
            }
            case LOG_PROBABILITIES -> {
                TileStep scale = tiles.step(TileOperation.TARGETS, rows);
                tiles.runByRow(scale.a(ofP.probabilities).out(gradient));
            }
            case LOGITS -> {
                tiles.copy(ofQ.probabilities, gradient, rows);
                TileStep blend = tiles.step(TileOperation.BLEND, rows);
                tiles.runByRow(blend.a(ofP.probabilities).out(gradient));
            }
        }
        return gradient;
    }

    /** One of the two distributions in tiles. */
    private static final class Side {

        private final RowGroup group;
        private final Tiles tiles;
        private final Form form;
        private final MemorySegment probabilities;
        private final MemorySegment logs;

        /** What the probabilities are multiplied with in the sum, b above. */
        private MemorySegment relative;

        private final double[] numbers;

        Side(RowGroup group, Form form, Tiles.Buffer probabilities, Tiles.Buffer logs) {
            this.group = group;
            this.tiles = group.tiles();
            this.form = form;
            this.probabilities = tiles.tile(probabilities);
            this.logs = tiles.tile(logs);
            this.relative = this.logs;
            this.numbers = new double[2 * group.count()];
        }

        /** Reads the rows and makes the logarithms, and the probabilities where they are there or wanted. */
        void load(Matrix matrix, boolean wantsProbabilities) {
            int rows = group.count();
            group.load(matrix, form == Form.PROBABILITIES ? probabilities : logs);
            switch (form) {
                case PROBABILITIES ->
                    tiles.run(
                            tiles.step(TileOperation.LOG, rows).a(probabilities).out(logs));
                case LOG_PROBABILITIES -> {
                    if (wantsProbabilities) {
                        tiles.run(tiles.step(TileOperation.EXP, rows).a(logs).out(probabilities));
                    }
                }
                case LOGITS -> {
                    if (wantsProbabilities) {
                        tiles.softmax(logs, rows, probabilities, false);
                    }
                    tiles.logSoftmax(logs, rows, logs);
                }
            }
        }

        /** Replaces the logarithms: {@code b = others - logs}. */
        void logsRelativeTo(MemorySegment others) {
            TileStep step = tiles.step(TileOperation.BLEND, group.count());
            tiles.run(step.a(others).out(logs), -1, -1, 0);
        }

        /** Finds each row's sum of {@code p (constant - b)} and of p. */
        void sum(double constant) {
            TileStep step = tiles.step(TileOperation.CROSS, group.count());
            tiles.run(step.a(probabilities).b(relative), constant, 0, 0);
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = tiles.result(i);
            }
        }

        double sums(int i) {
            return numbers[2 * i];
        }

        double masses(int i) {
            return numbers[2 * i + 1];
        }

        /**
         * The gradient of {@code share (sum + rest)} with respect to what the caller gave, where {@code u = constant - b + rest}
         * is the derivative by p: u itself, p u for logarithms, and for logits p (u - sum of p u), where rest cancels.
         */
        MemorySegment derivative(double share, double constant, double rest) {
            MemorySegment gradient = tiles.tile(Tiles.Buffer.GRADIENT);
            for (int i = 0; i < group.count(); i++) {
                double factor = share * group.factor(i);
                switch (form) {
                    case PROBABILITIES -> tiles.setScalars(i, 0.0 - factor, factor * (constant + rest), 0);
                    case LOG_PROBABILITIES -> tiles.setScalars(i, 0.0 - factor, constant, rest);
                    case LOGITS -> tiles.setScalars(i, 0.0 - factor, constant, 0.0 - sums(i));
                }
                tiles.zeroRow(gradient, i);
            }
            if (form == Form.PROBABILITIES) {
                TileStep scale = tiles.step(TileOperation.TARGETS, group.count());
                tiles.runByRow(scale.a(relative).out(gradient));
                clearUnused(gradient);
            } else {
                TileStep tilt = tiles.step(TileOperation.TILT, group.count());
                tiles.runByRow(tilt.a(relative).b(probabilities).out(gradient));
            }
            return gradient;
        }

        /** Makes 0 what has no derivative: a class that has probability 0 on both sides. */
        private void clearUnused(MemorySegment gradient) {
            for (long at = 0; at < (long) group.count() * tiles.columns(); at++) {
                if (tiles.get(probabilities, at) == 0 && Double.isNaN(tiles.get(relative, at))) {
                    tiles.set(gradient, at, 0);
                }
            }
        }
    }
}
