package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.crossentropy.api.BrierScore;
import org.crossentropy.api.CategoricalCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassLossCall;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SigmoidSquaredError;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Cross-entropy of probabilities and log-probabilities, and the Brier score: closed forms, laws, special values, errors. */
public abstract class ProbabilityTck extends KernelTck {

    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double[] ROW = {0.125, 0.5, 0.25, 0};
    private static final double[] SOFT = {0.25, 0.5, 0, 0};
    private static final double[] WEIGHTS = {3, 0.5, 2, 1};

    /** Called by subclasses. */
    protected ProbabilityTck() {}

    private CategoricalCrossEntropy.Builder ofProbabilities() {
        return CategoricalCrossEntropy.ofProbabilities().execution(alone()).reduction(Reduction.SUM);
    }

    private CategoricalCrossEntropy.Builder ofLogProbabilities() {
        return CategoricalCrossEntropy.ofLogProbabilities().execution(alone()).reduction(Reduction.SUM);
    }

    private BrierScore.Builder brier() {
        return BrierScore.builder().execution(alone()).reduction(Reduction.SUM);
    }

    private static Matrix row(double... values) {
        return Matrix.of(values.clone(), 1, values.length);
    }

    private static double[] logs(double... values) {
        return Arrays.stream(values).map(Math::log).toArray();
    }

    /** Loss and gradient of one row, the loss first. */
    private static double[] all(ClassLossCall call, int columns) {
        double[] gradient = new double[columns];
        double[] all = new double[columns + 1];
        all[0] = call.gradient(Matrix.of(gradient, 1, columns)).compute().value();
        System.arraycopy(gradient, 0, all, 1, columns);
        return all;
    }

    private static void assertAll(double[] expected, double[] actual, String where) {
        for (int i = 0; i < expected.length; i++) {
            assertNear(expected[i], actual[i], Tolerances.SAME_LOSS_FLOAT64, (i == 0 ? "loss" : "slope " + i) + where);
        }
    }

    @Test
    void classesHaveTheClosedForm() {
        ClassLossCall ofP = ofProbabilities().classWeights(WEIGHTS).build().on(row(ROW), ClassIndices.of(2));
        assertAll(new double[] {2 * Math.log(4), 0, 0, -8, 0}, all(ofP, 4), ", probabilities");
        ClassLossCall ofLog = ofLogProbabilities().classWeights(WEIGHTS).build().on(row(logs(ROW)), ClassIndices.of(2));
        assertAll(new double[] {2 * Math.log(4), 0, 0, -2, 0}, all(ofLog, 4), ", log-probabilities");
    }

    @Test
    void softTargetsHaveTheClosedForm() {
        double loss = 0.75 * Math.log(8) + 0.25 * Math.log(2);
        ClassLossCall ofP = ofProbabilities().classWeights(WEIGHTS).build().on(row(ROW), SoftTargets.of(row(SOFT)));
        assertAll(new double[] {loss, -6, -0.5, 0, 0}, all(ofP, 4), ", probabilities");
        ClassLossCall ofLog =
                ofLogProbabilities().classWeights(WEIGHTS).build().on(row(logs(ROW)), SoftTargets.of(row(SOFT)));
        assertAll(new double[] {loss, -0.75, -0.25, 0, 0}, all(ofLog, 4), ", log-probabilities");
    }

    @Test
    void impossibleClassCostsInfinityOrTheBound() {
        double[] certain = {0, 1};
        ClassIndices first = ClassIndices.of(0);
        assertAll(
                new double[] {INFINITY, -INFINITY, 0},
                all(ofProbabilities().build().on(row(certain), first), 2),
                ", exact");
        assertAll(
                new double[] {100, 0, 0},
                all(ofProbabilities().logClamp(100).build().on(row(certain), first), 2),
                ", bound");
        SoftTargets half = SoftTargets.of(row(0.5, 0.5));
        assertAll(
                new double[] {50, 0, -0.5},
                all(ofProbabilities().logClamp(100).build().on(row(certain), half), 2),
                ", soft bound");
        assertAll(
                new double[] {INFINITY, -0.5, -0.5},
                all(ofLogProbabilities().build().on(row(logs(certain)), half), 2),
                ", soft logarithms");
        assertAll(
                new double[] {0, 0, -1},
                all(ofProbabilities().build().on(row(certain), SoftTargets.of(row(0, 1))), 2),
                ", 0 log 0");
    }

    @Test
    void otherClassesAreNotLookedAt() {
        double[] some = {Double.NaN, 0.5, 0};
        ClassLossCall classes = ofProbabilities().build().on(row(some), ClassIndices.of(1));
        assertAll(new double[] {Math.log(2), 0, -2, 0}, all(classes, 3), ", classes");
        ClassLossCall soft = ofProbabilities().build().on(row(some), SoftTargets.of(row(0, 1, 0)));
        assertAll(new double[] {Math.log(2), 0, -2, 0}, all(soft, 3), ", soft");
        ClassLossCall seen = ofProbabilities().build().on(row(some), ClassIndices.of(0));
        double[] nan = all(seen, 3);
        assertTrue(Double.isNaN(nan[0]) && Double.isNaN(nan[1]), () -> Arrays.toString(nan));
    }

    @Test
    void oneHotIsTheClass() {
        types().forEach(type -> {
            LossFamily.Data data = LossFamily.CLASSES_OF_PROBABILITIES.data(type, 9, 6, 0);
            Matrix oneHot = Matrices.empty(type, 9, 6, 0);
            for (int i = 0; i < 54; i++) {
                oneHot.set(i / 6, i % 6, data.classes.get(i / 6) == i % 6 ? 1 : 0);
            }
            Matrix ofClass = Matrices.like(data.predictions);
            Matrix ofSoft = Matrices.like(data.predictions);
            CategoricalCrossEntropy loss = ofProbabilities().build();
            double value = loss.lossAndGradient(data.predictions, data.classes, ofClass)
                    .value();
            LossResult soft = loss.on(data.predictions, SoftTargets.of(oneHot))
                    .gradient(ofSoft)
                    .compute();
            assertNear(value, soft.value(), Tolerances.sameLoss(type), type);
            for (int i = 0; i < 54; i++) {
                assertNear(ofClass.get(i / 6, i % 6), ofSoft.get(i / 6, i % 6), Tolerances.sameLoss(type), type);
            }
        });
    }

    @Test
    void logProbabilitiesOfTheLogSoftmaxAreTheSoftmaxLoss() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT64, 20, 7));
        Matrix logs = outputFor(batch.logits());
        Softmax.on(alone()).logSoftmax(batch.logits(), logs);
        ClassIndices targets = batch.targets(LossOptions.PLAIN);
        double[] weights = {1, 2, 3, 0, 0.5, 1, 4};
        LossResult expected = SoftmaxCrossEntropy.builder()
                .execution(alone())
                .classWeights(weights)
                .build()
                .loss(batch.logits(), targets);
        LossResult actual = CategoricalCrossEntropy.ofLogProbabilities()
                .execution(alone())
                .classWeights(weights)
                .build()
                .loss(logs, targets);
        for (Denominator.Of denominator : Denominator.Of.values()) {
            assertNear(expected.mean(denominator), actual.mean(denominator), Tolerances.SAME_LOSS_FLOAT64, denominator);
        }
        assertBits(expected.weightSum(), actual.weightSum(), "weight sum");
    }

    @Test
    void ignoredRowsAreNotRead() {
        types().forEach(type -> {
            Matrix p = Matrices.of(type, 2, 2, Double.NaN, Double.NaN, 0.5, 0.5);
            Matrix gradient = Matrices.like(p);
            double[] losses = new double[2];
            for (ClassLossCall call : new ClassLossCall[] {
                ofProbabilities().ignoreIndex(7).build().on(p, ClassIndices.of(7, 0)),
                brier().ignoreIndex(7).build().on(p, ClassIndices.of(7, 0))
            }) {
                LossResult result =
                        call.gradient(gradient).rowLosses(RowValues.of(losses)).compute();
                assertEquals(1, result.count());
                assertBits(0.0, losses[0], "ignored row");
                assertBits(0.0, gradient.get(0, 0), "gradient of the ignored row");
                assertTrue(losses[1] > 0, "row that counts");
            }
        });
    }

    @Test
    void brierScoreIsTheClosedForm() {
        double[] x = {1, -2, 0.5};
        double sum = Math.exp(1) + Math.exp(-2) + Math.exp(0.5);
        double[] p = {Math.exp(1) / sum, Math.exp(-2) / sum, Math.exp(0.5) / sum};
        for (int y = 0; y < 3; y++) {
            double[] t = new double[3];
            t[y] = 1;
            double score = 0;
            double mean = 0;
            for (int j = 0; j < 3; j++) {
                score += (p[j] - t[j]) * (p[j] - t[j]);
                mean += p[j] * (p[j] - t[j]);
            }
            double[] expected = {score, 0, 0, 0};
            for (int j = 0; j < 3; j++) {
                expected[j + 1] = 2 * p[j] * (p[j] - t[j] - mean);
            }
            assertAll(expected, all(brier().build().on(row(x), ClassIndices.of(y)), 3), ", class " + y);
            assertAll(expected, all(brier().build().on(row(x), SoftTargets.of(row(t))), 3), ", one-hot " + y);
        }
    }

    @Test
    void smallBrierScoreKeepsItsDigits() {
        // p of the other class is 1 / (1 + e^x), and the score twice its square.
        for (Matrix logits : inBothTypes(40, 0)) {
            double other = 1 / (1 + Math.exp(40));
            double score = brier().build().loss(logits, ClassIndices.of(0)).value();
            assertNear(2 * other * other, score, Tolerances.sameLoss(logits.type()), logits);
        }
    }

    @Test
    void brierScoreOfTwoClassesIsTwiceTheSquaredErrorOfOne() {
        SigmoidSquaredError binary = SigmoidSquaredError.builder()
                .execution(alone())
                .reduction(Reduction.SUM)
                .build();
        for (double x : new double[] {-3, 0, 0.7, 8}) {
            double ofOne = binary.loss(row(x), row(1)).value();
            double ofTwo = brier().build().loss(row(x, 0), ClassIndices.of(0)).value();
            assertNear(2 * ofOne, ofTwo, Tolerances.SAME_LOSS_FLOAT64, "x = " + x);
        }
    }

    @Test
    void brierScoreForgivesWhatCrossEntropyDoesNot() {
        double[] forgiven = all(brier().build().on(row(-INFINITY, 0), ClassIndices.of(0)), 2);
        assertAll(new double[] {2, 0, 0}, forgiven, ", impossible class");
    }

    @Test
    void brierScoreOfNanIsNan() {
        for (double bad : new double[] {Double.NaN, INFINITY}) {
            double score = brier().build().loss(row(bad, 0), ClassIndices.of(0)).value();
            assertBits(Double.NaN, score, "logit " + bad);
        }
    }

    @Test
    void toBuilderKeepsOptions() {
        CategoricalCrossEntropy loss = ofProbabilities()
                .classWeights(WEIGHTS)
                .ignoreIndex(3)
                .logClamp(1)
                .build();
        ClassIndices targets = ClassIndices.of(0);
        assertBits(
                loss.loss(row(ROW), targets).value(),
                loss.toBuilder().build().loss(row(ROW), targets).value(),
                loss.toString());
        assertEquals(
                0, loss.toBuilder().build().loss(row(ROW), ClassIndices.of(3)).count());
        assertEquals(
                0,
                brier().ignoreIndex(3).build().toBuilder()
                        .build()
                        .loss(row(ROW), ClassIndices.of(3))
                        .count());
        assertTrue(loss.toString().contains("class weights"), loss::toString);
    }

    private static void refuse(Class<? extends Exception> type, Executable call, String... words) {
        String message = String.valueOf(assertThrows(type, call).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }

    @Test
    void whatIsRefused() {
        Matrix p = row(ROW);
        CategoricalCrossEntropy loss = ofProbabilities().build();
        refuse(IndexOutOfBoundsException.class, () -> loss.loss(p, ClassIndices.of(4)), "targets[0] is 4", "-100");
        CategoricalCrossEntropy strict = loss.toBuilder().noIgnoreIndex().build();
        refuse(IndexOutOfBoundsException.class, () -> strict.loss(p, ClassIndices.of(-100)), "targets[0] is -100");
        BrierScore strictScore = brier().noIgnoreIndex().build();
        refuse(IndexOutOfBoundsException.class, () -> strictScore.loss(p, ClassIndices.of(-100)), "targets[0]");
        Class<IllegalArgumentException> wrong = IllegalArgumentException.class;
        refuse(wrong, () -> loss.loss(row(0.5, 1.5), ClassIndices.of(0)), "probabilities[0, 1] is 1.5");
        refuse(wrong, () -> loss.loss(p, ClassIndices.of(0, 1)), "targets has 2", "1 rows");
        refuse(wrong, () -> loss.on(p, SoftTargets.of(row(1, 2, 0, 0))).compute(), "targets[0, 1] is 2.0");
        refuse(wrong, () -> loss.on(p, SoftTargets.of(row(1, 0))).compute(), "targets is 1 x 2", "1 x 4");
        refuse(
                wrong,
                () -> ofProbabilities().classWeights(1, 2).build().loss(p, ClassIndices.of(0)),
                "classWeights has 2");
        refuse(wrong, () -> ofProbabilities().logClamp(Double.NaN), "logClamp bound is NaN");
        Matrix none = Matrices.empty(ElementType.FLOAT32, 1, 0, 0);
        refuse(wrong, () -> loss.loss(none, ClassIndices.of(0)), "probabilities has 0 columns");
    }
}
