package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.Distributions;
import org.crossentropy.api.Divergence;
import org.crossentropy.api.Divergence.Kind;
import org.crossentropy.api.DivergenceCall;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Form;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.tck.LossFamily.Data;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Entropy, cross-entropy and divergences of distributions: closed forms, laws, gradients, special values, errors. */
public abstract class DivergenceTck extends KernelTck {

    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double LN_2 = Math.log(2);
    private static final double[] P = {0.5, 0.25, 0.25, 0};
    private static final double[] Q = {0.125, 0.5, 0.125, 0.25};

    /** Called by subclasses. */
    protected DivergenceTck() {}

    private Divergence divergence(Kind kind) {
        return Divergence.builder(kind)
                .execution(alone())
                .reduction(Reduction.SUM)
                .build();
    }

    private static Matrix row(double... values) {
        return Matrix.of(values.clone(), 1, values.length);
    }

    private static double[] logs(double... values) {
        return Arrays.stream(values).map(Math::log).toArray();
    }

    /** Probabilities in any form; logits are the logarithms, moved. */
    private static Distributions in(Form form, double... p) {
        return switch (form) {
            case PROBABILITIES -> Distributions.ofProbabilities(row(p));
            case LOG_PROBABILITIES -> Distributions.ofLogProbabilities(row(logs(p)));
            case LOGITS ->
                Distributions.ofLogits(
                        row(Arrays.stream(logs(p)).map(x -> x + 7).toArray()));
        };
    }

    private double value(Kind kind, Distributions p, Distributions q) {
        return divergence(kind).loss(p, q).value();
    }

    private static void assertSame(double expected, double actual, Object where) {
        assertNear(expected, actual, Tolerances.SAME_LOSS_FLOAT64, where);
    }

    @Test
    void valuesAreTheClosedFormsInEveryForm() {
        double entropy = 1.5 * LN_2;
        double cross = (0.5 * 3 + 0.25 + 0.25 * 3) * LN_2;
        double js = 0;
        for (int j = 0; j < P.length; j++) {
            double m = (P[j] + Q[j]) / 2;
            js += (P[j] == 0 ? 0 : P[j] * Math.log(P[j] / m)) / 2 + Q[j] * Math.log(Q[j] / m) / 2;
        }
        for (Form ofP : Form.values()) {
            for (Form ofQ : Form.values()) {
                String where = ofP + " and " + ofQ;
                assertSame(cross, value(Kind.CROSS_ENTROPY, in(ofP, P), in(ofQ, Q)), where);
                assertSame(cross - entropy, value(Kind.KULLBACK_LEIBLER, in(ofP, P), in(ofQ, Q)), where);
                assertSame(js, value(Kind.JENSEN_SHANNON, in(ofP, P), in(ofQ, Q)), where);
                assertSame(js, value(Kind.JENSEN_SHANNON, in(ofQ, Q), in(ofP, P)), where);
            }
            double[] entropies = new double[1];
            divergence(Kind.JENSEN_SHANNON).entropy(in(ofP, P), RowValues.of(entropies));
            assertSame(entropy, entropies[0], ofP);
            assertSame(
                    entropy,
                    divergence(Kind.KULLBACK_LEIBLER).entropy(in(ofP, P), null).value(),
                    ofP);
        }
    }

    @Test
    void crossEntropyIsEntropyAndDivergence() {
        types().forEach(type -> {
            Data p = LossFamily.KULLBACK_LEIBLER_WITH_LOGITS.data(type, 30, 17, 0);
            Distributions ofP = Distributions.ofProbabilities(p.targets);
            Distributions ofQ = Distributions.ofLogits(p.predictions);
            double[] cross = new double[30];
            double[] divergences = new double[30];
            double[] entropies = new double[30];
            divergence(Kind.CROSS_ENTROPY)
                    .on(ofP, ofQ)
                    .rowLosses(RowValues.of(cross))
                    .compute();
            divergence(Kind.KULLBACK_LEIBLER)
                    .on(ofP, ofQ)
                    .rowLosses(RowValues.of(divergences))
                    .compute();
            divergence(Kind.CROSS_ENTROPY).entropy(ofP, RowValues.of(entropies));
            for (int row = 0; row < 30; row++) {
                double size = Math.abs(cross[row]) + Math.abs(entropies[row]);
                double error = Math.abs(cross[row] - entropies[row] - divergences[row]);
                assertTrue(error <= Tolerances.sameLoss(type) * size, "row " + row + " of " + type + ": " + error);
            }
        });
    }

    @Test
    void jensenShannonIsSymmetricAndBounded() {
        types().forEach(type -> {
            Data data = LossFamily.JENSEN_SHANNON_WITH_LOGITS.data(type, 30, 17, 0);
            Distributions p = Distributions.ofLogits(data.predictions);
            Distributions q = Distributions.ofLogits(data.targets);
            double[] there = new double[30];
            double[] back = new double[30];
            Divergence js = divergence(Kind.JENSEN_SHANNON);
            js.on(p, q).rowLosses(RowValues.of(there)).compute();
            js.on(q, p).rowLosses(RowValues.of(back)).compute();
            for (int row = 0; row < 30; row++) {
                assertNear(there[row], back[row], Tolerances.sameLoss(type), "row " + row);
                assertTrue(there[row] > 0 && there[row] <= LN_2, "row " + row + ": " + there[row]);
            }
        });
        for (Form form : Form.values()) {
            assertSame(LN_2, value(Kind.JENSEN_SHANNON, in(form, 1, 0), in(form, 0, 1)), form);
        }
    }

    @Test
    void nearlyEqualDistributionsKeepTheirDivergence() {
        double d = 1e-6;
        double[] q = {0.5 + d, 0.5 - d};
        // KL of (1/2, 1/2) and (1/2 + d, 1/2 - d) is -log(1 - 4 d^2) / 2, and 2 d^2 in front; entropies know log 2 to
        // 1e-16 only.
        double expected = -0.5 * Math.log1p(-4 * d * d);
        double actual = value(Kind.KULLBACK_LEIBLER, in(Form.PROBABILITIES, 0.5, 0.5), in(Form.PROBABILITIES, q));
        assertEquals(expected, actual, Ulp.spacing(ElementType.FLOAT64, 1), "absolute error");
        double none = value(Kind.KULLBACK_LEIBLER, in(Form.LOGITS, P), in(Form.LOGITS, P));
        assertBits(0.0, Math.abs(none), "divergence of equals");
    }

    @Test
    void crossEntropyWithLogitsIsTheSoftmaxLoss() {
        types().forEach(type -> {
            Data data = LossFamily.CROSS_ENTROPY_WITH_LOGITS.data(type, 12, 9, 0);
            Matrix expected = Matrices.like(data.predictions);
            Matrix actual = Matrices.like(data.predictions);
            double loss = SoftmaxCrossEntropy.builder()
                    .execution(alone())
                    .reduction(Reduction.SUM)
                    .build()
                    .on(data.predictions, SoftTargets.of(data.targets))
                    .gradient(expected)
                    .compute()
                    .value();
            double value = divergence(Kind.CROSS_ENTROPY)
                    .on(Distributions.ofProbabilities(data.targets), Distributions.ofLogits(data.predictions))
                    .gradient(actual)
                    .compute()
                    .value();
            assertNear(loss, value, Tolerances.sameLoss(type), type);
            for (int row = 0; row < 12; row++) {
                for (int j = 0; j < 9; j++) {
                    double size = 1 + Math.abs(expected.get(row, j));
                    assertEquals(expected.get(row, j), actual.get(row, j), Tolerances.sameLoss(type) * size);
                }
            }
        });
    }

    @Test
    void gradientOfPIsTheSlope() {
        double[] p = {0.3, 0.15, 0.55};
        double[] q = {0.6, 0.3, 0.1};
        for (Kind kind : Kind.values()) {
            for (Form form : Form.values()) {
                double[] gradient = new double[3];
                Distributions ofP = in(form, p);
                divergence(kind)
                        .on(ofP, in(Form.LOGITS, q))
                        .gradientOfP(Matrix.of(gradient, 1, 3))
                        .compute();
                for (int j = 0; j < 3; j++) {
                    double h = Tolerances.DIFFERENCE_STEP;
                    double slope = (moved(kind, ofP, q, j, h) - moved(kind, ofP, q, j, -h)) / (2 * h);
                    assertEquals(slope, gradient[j], Tolerances.TILE_DIFFERENCE_ERROR, kind + " of " + form + " " + j);
                }
            }
        }
    }

    private double moved(Kind kind, Distributions p, double[] q, int column, double step) {
        Matrix matrix = Matrices.copyOf(p.matrix());
        matrix.set(0, column, matrix.get(0, column) + step);
        return value(kind, new Distributions(matrix, p.form()), in(Form.LOGITS, q));
    }

    @Test
    void bothGradientsInPlaceHaveTheBitsOfApart() {
        for (Kind kind : Kind.values()) {
            for (ElementType type : ElementType.values()) {
                Data data = LossFamily.JENSEN_SHANNON_WITH_LOGITS.data(type, 8, 5, 2);
                Matrix apartP = Matrices.like(data.targets);
                Matrix apartQ = Matrices.like(data.predictions);
                both(kind, data.targets, data.predictions, apartP, apartQ);
                Matrix p = Matrices.copyOf(data.targets);
                Matrix q = Matrices.copyOf(data.predictions);
                both(kind, p, q, p, q);
                assertSameBits(apartP, p, kind + " by p, " + type);
                assertSameBits(apartQ, q, kind + " by q, " + type);
            }
        }
    }

    private void both(Kind kind, Matrix p, Matrix q, Matrix gradientOfP, Matrix gradientOfQ) {
        divergence(kind)
                .on(Distributions.ofLogits(p), Distributions.ofLogits(q))
                .gradientOfP(gradientOfP)
                .gradient(gradientOfQ)
                .compute();
    }

    private double[] slopes(Kind kind, Distributions p, Distributions q, boolean byP) {
        double[] slopes = new double[p.matrix().columns()];
        DivergenceCall call = divergence(kind).on(p, q);
        Matrix gradient = Matrix.of(slopes, 1, slopes.length);
        (byP ? call.gradientOfP(gradient) : call.gradient(gradient)).compute();
        return slopes;
    }

    @Test
    void probabilitiesOfZero() {
        double[] never = {0, 1};
        double[] always = {1, 0};
        for (Form form : Form.values()) {
            Distributions p = in(form, 0.5, 0.5);
            Distributions q = in(form, never);
            assertBits(INFINITY, value(Kind.CROSS_ENTROPY, p, q), form.name());
            assertBits(INFINITY, value(Kind.KULLBACK_LEIBLER, p, q), form.name());
            assertSame(LN_2, value(Kind.KULLBACK_LEIBLER, q, p), form);
            assertBits(0.0, Math.abs(value(Kind.KULLBACK_LEIBLER, q, q)), form.name());
            assertBits(
                    0.0,
                    Math.abs(divergence(Kind.CROSS_ENTROPY)
                            .entropy(in(form, always), null)
                            .value()),
                    form.name());
            double expected = (0.5 * Math.log(2) + 0.5 * Math.log(2.0 / 3) + Math.log(4.0 / 3)) / 2;
            assertSame(expected, value(Kind.JENSEN_SHANNON, p, q), form);
        }
        Distributions p = in(Form.PROBABILITIES, 0.5, 0.5);
        assertEquals(-INFINITY, slopes(Kind.KULLBACK_LEIBLER, p, in(Form.PROBABILITIES, never), false)[0]);
        assertEquals(-0.5, slopes(Kind.KULLBACK_LEIBLER, p, in(Form.LOG_PROBABILITIES, never), false)[0]);
        assertEquals(-0.5, slopes(Kind.KULLBACK_LEIBLER, p, in(Form.LOGITS, never), false)[0]);
        assertEquals(-INFINITY, slopes(Kind.KULLBACK_LEIBLER, in(Form.PROBABILITIES, never), p, true)[0]);
        Distributions both = in(Form.PROBABILITIES, never);
        for (Kind kind : new Kind[] {Kind.KULLBACK_LEIBLER, Kind.JENSEN_SHANNON}) {
            assertEquals(0, slopes(kind, both, in(Form.PROBABILITIES, never), true)[0], kind + ", p = q = 0");
        }
        assertEquals(0, slopes(Kind.JENSEN_SHANNON, both, in(Form.PROBABILITIES, never), false)[0], "p = q = 0");
    }

    @Test
    void tinyProbabilitiesDoNotBreakTheMiddle() {
        types().forEach(type -> {
            double tiny = type == ElementType.FLOAT64 ? Double.MIN_VALUE : Float.MIN_VALUE;
            Distributions some = Distributions.ofProbabilities(Matrices.of(type, 1, 2, tiny, 1));
            Distributions none = Distributions.ofProbabilities(Matrices.of(type, 1, 2, 0, 1));
            double js = value(Kind.JENSEN_SHANNON, some, none);
            assertEquals(0, js, Ulp.roundoff(type), "half of " + tiny + " must not become 0");
        });
    }

    @Test
    void classThatPDoesNotHaveIsNotLookedAt() {
        for (Kind kind : new Kind[] {Kind.CROSS_ENTROPY, Kind.KULLBACK_LEIBLER}) {
            double value =
                    value(kind, in(Form.PROBABILITIES, 0, 1), Distributions.ofLogProbabilities(row(Double.NaN, -1)));
            assertSame(1, value, kind);
            double seen =
                    value(kind, in(Form.PROBABILITIES, 1, 0), Distributions.ofLogProbabilities(row(Double.NaN, -1)));
            assertBits(Double.NaN, seen, kind.name());
        }
    }

    @Test
    void meanIsOverRowsUnlessSaidOtherwise() {
        Matrix p = Matrix.of(new double[] {0.5, 0.5, 0.25, 0.75}, 2, 2);
        Matrix q = Matrix.of(new double[] {0.25, 0.75, 0.5, 0.5}, 2, 2);
        Divergence mean =
                Divergence.builder(Kind.KULLBACK_LEIBLER).execution(alone()).build();
        LossResult result = mean.loss(Distributions.ofProbabilities(p), Distributions.ofProbabilities(q));
        assertBits(result.lossSum() / 2, result.value(), "batch mean");
        assertBits(result.lossSum() / 4, result.mean(Denominator.given(4)), "mean over elements");
        assertEquals(Kind.KULLBACK_LEIBLER, mean.toBuilder().build().kind());
        assertTrue(mean.toString().contains("Kullback-Leibler"), mean::toString);
    }

    @Test
    void divergenceFromClassesIsTheLoss() {
        // KL from a one-hot distribution is -log q at its class.
        double[] q = {0.2, 0.7, 0.1};
        double divergence = value(Kind.KULLBACK_LEIBLER, in(Form.PROBABILITIES, 0, 1, 0), in(Form.LOGITS, q));
        double loss = SoftmaxCrossEntropy.builder()
                .execution(alone())
                .build()
                .loss(row(logs(q)), ClassIndices.of(1))
                .value();
        assertSame(loss, divergence, "one-hot");
    }

    private static void refuse(Executable call, String... words) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }

    @Test
    void whatIsRefused() {
        Divergence kl = divergence(Kind.KULLBACK_LEIBLER);
        Distributions p = in(Form.PROBABILITIES, P);
        Distributions q = in(Form.PROBABILITIES, Q);
        refuse(() -> kl.loss(p, in(Form.PROBABILITIES, 0.5, 0.5)), "q is 1 x 2", "shape of p, 1 x 4");
        refuse(() -> kl.loss(in(Form.PROBABILITIES, 1, 2), in(Form.LOGITS, 1, 1)), "p[0, 1] is 2.0", "from 0 to 1");
        refuse(() -> kl.loss(in(Form.LOGITS, 1, 1), in(Form.PROBABILITIES, 1, -2)), "q[0, 1] is -2.0");
        Distributions narrow = Distributions.ofLogits(Matrices.of(ElementType.FLOAT16, 1, 4, Q));
        refuse(() -> kl.loss(p, narrow), "q is FLOAT16", "FLOAT64");
        refuse(() -> kl.on(p, q).gradientOfP(row(1, 2)).compute(), "gradientOfP is 1 x 2");
        refuse(() -> kl.on(p, q).gradientOfP(q.matrix()).compute(), "gradientOfP", "overlaps");
        refuse(() -> kl.on(p, q).gradient(p.matrix()).compute(), "gradient", "overlaps");
        Distributions none = Distributions.ofLogits(Matrices.empty(ElementType.FLOAT32, 1, 0, 0));
        refuse(() -> kl.loss(none, none), "p has 0 columns");
    }
}
