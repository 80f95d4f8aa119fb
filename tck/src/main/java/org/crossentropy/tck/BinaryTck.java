package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleBinaryOperator;
import org.crossentropy.api.BernoulliCrossEntropy;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.ElementwiseCall;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SigmoidSquaredError;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.tck.LossFamily.Data;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Losses of yes and no: closed forms, special values, laws, options and errors. */
public abstract class BinaryTck extends KernelTck {

    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double[] LOGITS = {0, -0.0, 1e-300, 0.3, -0.3, 2, -7, 19, -40, 300, -600, 700};
    private static final double[] TARGETS = {0, 1, 0.5, 0.3, 1e-9};

    /** Called by subclasses. */
    protected BinaryTck() {}

    /** Loss and gradient of one element. */
    record Point(double loss, double gradient) {}

    private BinaryCrossEntropy.Builder logits() {
        return BinaryCrossEntropy.builder().execution(alone()).reduction(Reduction.SUM);
    }

    private BernoulliCrossEntropy.Builder probabilities() {
        return BernoulliCrossEntropy.builder().execution(alone()).reduction(Reduction.SUM);
    }

    private static Point point(ElementwiseCall call) {
        Matrix gradient = Matrix.of(new double[1], 1, 1);
        return new Point(call.gradient(gradient).compute().value(), gradient.get(0, 0));
    }

    private static Matrix one(double value) {
        return Matrix.of(new double[] {value}, 1, 1);
    }

    private Point point(BinaryCrossEntropy.Builder loss, double x, double t) {
        return point(loss.build().on(one(x), one(t)));
    }

    private Point point(BernoulliCrossEntropy.Builder loss, double p, double t) {
        return point(loss.build().on(one(p), one(t)));
    }

    private static double sigmoid(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    /** {@code -log sigmoid(x)}. */
    private static double positive(double x) {
        return Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static void assertPoint(double loss, double gradient, Point actual, Object where) {
        assertNear(loss, actual.loss(), Tolerances.SAME_LOSS_FLOAT64, "loss, " + where);
        assertNear(gradient, actual.gradient(), Tolerances.SAME_LOSS_FLOAT64, "gradient, " + where);
    }

    private void compare(BinaryCrossEntropy.Builder loss, DoubleBinaryOperator value, DoubleBinaryOperator slope) {
        for (double x : LOGITS) {
            for (double t : TARGETS) {
                Point actual = point(loss, x, t);
                assertPoint(value.applyAsDouble(x, t), slope.applyAsDouble(x, t), actual, "x = " + x + ", t = " + t);
            }
        }
    }

    @Test
    void plainLossIsTheClosedForm() {
        compare(
                logits(),
                (x, t) -> t * positive(x) + (1 - t) * positive(-x),
                (x, t) -> (1 - t) * sigmoid(x) - t * sigmoid(-x));
    }

    @Test
    void positiveWeightAndSmoothingAreAppliedOnce() {
        double q = 3;
        double epsilon = 0.2;
        DoubleBinaryOperator smooth = (_, t) -> (1 - epsilon) * t + epsilon / 2;
        compare(
                logits().positiveWeights(q).labelSmoothing(epsilon),
                (x, t) -> {
                    double s = smooth.applyAsDouble(x, t);
                    return q * s * positive(x) + (1 - s) * positive(-x);
                },
                (x, t) -> {
                    double s = smooth.applyAsDouble(x, t);
                    return (1 - s) * sigmoid(x) - q * s * sigmoid(-x);
                });
    }

    @Test
    void focalLossIsTheClosedForm() {
        double gamma = 2;
        double alpha = 0.25;
        compare(
                logits().focal(gamma).alpha(alpha),
                (x, t) -> alpha * t * Math.pow(sigmoid(-x), gamma) * positive(x)
                        + (1 - alpha) * (1 - t) * Math.pow(sigmoid(x), gamma) * positive(-x),
                (x, t) -> (1 - alpha) * (1 - t) * focalSlope(-x, gamma) - alpha * t * focalSlope(x, gamma));
    }

    /** Minus the derivative of {@code (1 - p)^gamma (-log p)} by x. */
    private static double focalSlope(double x, double gamma) {
        double p = sigmoid(x);
        double rest = sigmoid(-x);
        return Math.pow(rest, gamma) * (gamma * p * positive(x) + rest);
    }

    @Test
    void polyLossIsTheClosedForm() {
        double epsilon = 1.5;
        compare(
                logits().poly1(epsilon),
                (x, t) -> t * (positive(x) + epsilon * sigmoid(-x)) + (1 - t) * (positive(-x) + epsilon * sigmoid(x)),
                (x, t) -> (1 - t) * sigmoid(x) * (1 + epsilon * sigmoid(-x))
                        - t * sigmoid(-x) * (1 + epsilon * sigmoid(x)));
    }

    @Test
    void squaredErrorIsTheClosedForm() {
        for (double x : LOGITS) {
            for (double t : TARGETS) {
                double d = (1 - t) * sigmoid(x) - t * sigmoid(-x);
                SigmoidSquaredError loss = SigmoidSquaredError.builder()
                        .execution(alone())
                        .reduction(Reduction.SUM)
                        .build();
                double slope = 2 * d * sigmoid(x) * sigmoid(-x);
                assertPoint(d * d, slope, point(loss.on(one(x), one(t))), "x = " + x + ", t = " + t);
            }
        }
    }

    @Test
    void probabilitiesHaveTheClosedForm() {
        for (double p : new double[] {1e-300, 1e-17, 0.1, 0.5, 0.9, 1 - 0x1p-53}) {
            for (double t : TARGETS) {
                double loss = -t * Math.log(p) - (1 - t) * Math.log1p(-p);
                double slope = (1 - t) / (1 - p) - t / p;
                assertPoint(loss, slope, point(probabilities(), p, t), "p = " + p + ", t = " + t);
            }
        }
    }

    @Test
    void sureAndWrongIsPulledWithOne() {
        Point wrong = point(logits(), -50, 1);
        assertNear(50, wrong.loss(), Tolerances.SAME_LOSS_FLOAT64, "loss");
        assertNear(-1, wrong.gradient(), Tolerances.SAME_LOSS_FLOAT64, "gradient");
        float[] gradient = new float[1];
        logits().build()
                .lossAndGradient(
                        Matrix.of(new float[] {-50}, 1, 1),
                        Matrix.of(new float[] {1}, 1, 1),
                        Matrix.of(gradient, 1, 1));
        assertEquals(-1, gradient[0], 0, "gradient of float32");
    }

    @Test
    void infiniteLogits() {
        assertEquals(new Point(0, 0), abs(point(logits(), INFINITY, 1)), "right");
        assertEquals(new Point(0, 0), abs(point(logits(), -INFINITY, 0)), "right");
        assertEquals(new Point(INFINITY, -1), point(logits(), -INFINITY, 1), "wrong");
        assertEquals(new Point(INFINITY, 1), point(logits(), INFINITY, 0), "wrong");
        assertEquals(new Point(INFINITY, 0.75), point(logits(), INFINITY, 0.25), "soft");
        assertEquals(new Point(0, 0), abs(point(logits().focal(2), INFINITY, 1)), "focal, right");
        assertEquals(new Point(INFINITY, -1), point(logits().focal(2), -INFINITY, 1), "focal, wrong");
    }

    /** Without the signs of zeros. */
    private static Point abs(Point point) {
        return new Point(point.loss() + 0.0, point.gradient() + 0.0);
    }

    @Test
    void certainProbabilities() {
        assertEquals(new Point(0, -1), abs(point(probabilities(), 1, 1)), "right");
        assertEquals(new Point(0, 1), abs(point(probabilities(), 0, 0)), "right");
        assertEquals(new Point(INFINITY, -INFINITY), point(probabilities(), 0, 1), "wrong");
        assertEquals(new Point(INFINITY, INFINITY), point(probabilities(), 1, 0), "wrong");
        assertEquals(new Point(100, 0), abs(point(probabilities().logClamp(100), 0, 1)), "wrong, PyTorch's bound");
        assertEquals(new Point(100, 0), abs(point(probabilities().logClamp(100), 1, 0)), "wrong, PyTorch's bound");
    }

    @Test
    void nanStaysAtItsElement() {
        for (ElementType type : ElementType.values()) {
            Matrix x = Matrices.of(type, 1, 3, 0.5, Double.NaN, 0.5);
            Matrix t = Matrices.of(type, 1, 3, 1, 0, Double.NaN);
            for (ElementwiseCall call : new ElementwiseCall[] {
                logits().build().on(x, t), probabilities().build().on(x, t)
            }) {
                Matrix gradient = Matrices.like(x);
                Matrix losses = Matrices.like(x);
                assertBits(
                        Double.NaN,
                        call.gradient(gradient).elementLosses(losses).compute().value(),
                        type.name());
                assertTrue(losses.get(0, 0) > 0 && Math.abs(gradient.get(0, 0)) > 0, type.name());
                for (int j = 1; j < 3; j++) {
                    assertBits(Double.NaN, losses.get(0, j), "loss of element " + j);
                    assertBits(Double.NaN, gradient.get(0, j), "gradient of element " + j);
                }
            }
        }
    }

    @Test
    void logitsAreSoftmaxOfThemAndZero() {
        SoftmaxCrossEntropy softmax = SoftmaxCrossEntropy.builder()
                .execution(alone())
                .reduction(Reduction.SUM)
                .build();
        for (double x : LOGITS) {
            Matrix gradient = Matrix.of(new double[2], 1, 2);
            double loss = softmax.lossAndGradient(Matrix.of(new double[] {x, 0}, 1, 2), ClassIndices.of(0), gradient)
                    .value();
            assertPoint(loss, gradient.get(0, 0), point(logits(), x, 1), "x = " + x);
        }
    }

    @Test
    void probabilitiesOfSigmoidsAreLogits() {
        for (double x : new double[] {-30, -3, 0, 0.5, 5}) {
            for (double t : TARGETS) {
                Point ofLogit = point(logits(), x, t);
                Point ofProbability = point(probabilities(), sigmoid(x), t);
                // The probability has lost what lies below its last digit.
                double tolerance = Tolerances.SAME_LOSS_FLOAT64 * (1 + Math.exp(x));
                assertNear(ofLogit.loss(), ofProbability.loss(), tolerance, "x = " + x + ", t = " + t);
                double chained = ofProbability.gradient() * sigmoid(x) * sigmoid(-x);
                assertEquals(ofLogit.gradient(), chained, tolerance, "gradient, x = " + x + ", t = " + t);
            }
        }
    }

    @Test
    void columnsAreBinaryLossesAddedUp() {
        types().forEach(type -> {
            Data data = LossFamily.BINARY_POLY.data(type, 6, 3, 0);
            double[] rowLosses = new double[6];
            Matrix elements = Matrices.empty(ElementType.FLOAT64, 6, 3, 2);
            Matrix gradient = Matrices.like(data.predictions);
            logits().build()
                    .on(data.predictions, data.targets)
                    .gradient(gradient)
                    .elementLosses(elements)
                    .rowLosses(RowValues.of(rowLosses))
                    .compute();
            for (int row = 0; row < 6; row++) {
                double sum = 0;
                for (int j = 0; j < 3; j++) {
                    Matrix x = Matrices.of(type, 1, 1, data.predictions.get(row, j));
                    Matrix t = Matrices.of(type, 1, 1, data.targets.get(row, j));
                    Matrix slope = Matrices.like(x);
                    double loss = logits().build().lossAndGradient(x, t, slope).value();
                    assertBits(loss, elements.get(row, j), "element " + row + ", " + j);
                    assertBits(slope.get(0, 0), gradient.get(row, j), "gradient " + row + ", " + j);
                    sum += loss;
                }
                assertNear(sum, rowLosses[row], Tolerances.BATCH_SUM, "row " + row);
            }
            assertPaddingUntouched(elements, type);
        });
    }

    @Test
    void classIndicesAreOnesAndZeros() {
        for (ElementType type : ElementType.values()) {
            Matrix x = Matrices.of(type, 4, 1, -2, 0.5, 3, -1);
            Matrix t = Matrices.of(type, 4, 1, 1, 0, 1, 0);
            Matrix expected = Matrices.like(x);
            Matrix actual = Matrices.like(x);
            LossResult matrix = logits().build().on(x, t).gradient(expected).compute();
            LossResult indices = logits().build()
                    .on(x, ClassIndices.of(1, 0, 1, 0))
                    .gradient(actual)
                    .compute();
            assertSameBits(matrix, indices, type);
            assertSameBits(expected, actual, type);
        }
    }

    @Test
    void denominatorsCountElements() {
        Matrix x = Matrices.of(ElementType.FLOAT32, 3, 2, 1, 2, 3, 4, 5, 6);
        Matrix t = Matrices.of(ElementType.FLOAT32, 3, 2, 1, 0, 1, 0, 1, 0);
        Matrix weights = Matrices.of(ElementType.BFLOAT16, 3, 2, 1, 0, 0.5, 2, 7, 7);
        LossResult result = BinaryCrossEntropy.builder()
                .execution(alone())
                .positiveWeights(5, 6)
                .build()
                .on(x, t)
                .elementWeights(weights)
                .sampleWeights(RowValues.of(new double[] {2, 3, 0}))
                .compute();
        assertEquals(6, result.rows());
        assertEquals(3, result.count());
        assertBits(2 * 1 + 3 * 2.5, result.weightSum(), "weight sum");
        assertBits(result.lossSum() / 9.5, result.value(), "default mean");
        assertBits(result.lossSum() / 3, result.mean(Denominator.Of.VALID_ROWS), "mean over elements with a weight");
        assertBits(result.lossSum() / 6, result.mean(Denominator.Of.ALL_ROWS), "mean of PyTorch and Keras");
        LossResult plain =
                BinaryCrossEntropy.builder().execution(alone()).build().loss(x, t);
        assertBits(6, plain.weightSum(), "weight sum without weights");
        assertEquals(6, plain.count());
    }

    @Test
    void elementOfWeightZeroIsLeftOut() {
        types().forEach(type -> {
            Matrix x = Matrices.of(type, 1, 3, 2, Double.NaN, -1);
            Matrix t = Matrices.of(type, 1, 3, 0, Double.NaN, 1);
            Matrix gradient = Matrices.like(x);
            Matrix losses = Matrices.like(x);
            LossResult result = logits().build()
                    .on(x, t)
                    .elementWeights(Matrices.of(type, 1, 3, 1, 0, 2))
                    .gradient(gradient)
                    .elementLosses(losses)
                    .compute();
            double expected = positive(-2) + 2 * positive(-1);
            assertNear(expected, result.value(), Tolerances.sameLoss(type), "loss");
            assertEquals(0, losses.get(0, 1), 0, "loss of the element left out");
            assertEquals(0, gradient.get(0, 1), 0, "gradient of the element left out");
            assertNear(-2 * sigmoid(1), gradient.get(0, 2), Tolerances.sameLoss(type), "gradient");
        });
    }

    @Test
    void meanOfNothingIsAsWished() {
        Matrix x = Matrices.of(ElementType.FLOAT64, 1, 1, 3);
        LossResult result = logits().reduction(Reduction.MEAN)
                .emptyMean(EmptyMean.ZERO)
                .build()
                .on(x, one(1))
                .sampleWeights(RowValues.of(new double[] {0}))
                .elementWeights(Matrices.of(ElementType.FLOAT64, 1, 1, 1))
                .compute();
        assertBits(0.0, result.value(), "mean");
    }

    @Test
    void toBuilderKeepsOptions() {
        BinaryCrossEntropy focal =
                logits().focal(1.5).alpha(0.3).positiveWeights(2).build();
        assertEquals(point(focal.on(one(1), one(0.4))), point(focal.toBuilder(), 1, 0.4));
        BernoulliCrossEntropy cut =
                probabilities().logClamp(3).labelSmoothing(0.1).build();
        assertEquals(point(cut.on(one(0.01), one(0.9))), point(cut.toBuilder(), 0.01, 0.9));
        assertTrue(focal.toString().contains("focal 1.5"), focal::toString);
        assertTrue(cut.toString().contains("at least -3"), cut::toString);
    }

    private static void refuse(Class<? extends Exception> type, Executable call, String... words) {
        String message = String.valueOf(assertThrows(type, call).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }

    private static void refuse(Executable call, String... words) {
        refuse(IllegalArgumentException.class, call, words);
    }

    @Test
    void optionsOutOfRange() {
        refuse(() -> logits().positiveWeights(1, -2), "positiveWeights[1] is -2.0", "at least 0");
        refuse(() -> logits().labelSmoothing(1.5), "labelSmoothing epsilon is 1.5", "0 to 1");
        refuse(() -> logits().focal(-1), "focal gamma is -1.0");
        refuse(() -> logits().alpha(1), "alpha is 1.0", "less than 1");
        refuse(() -> logits().alpha(Double.NaN), "alpha is NaN");
        refuse(() -> logits().poly1(-2), "poly1 epsilon is -2.0");
        refuse(() -> logits().focal(1).poly1(1).build(), "focal", "poly1");
        refuse(() -> logits().focal(1).labelSmoothing(0.1).build(), "focal", "labelSmoothing");
        refuse(() -> logits().poly1(1).labelSmoothing(0.1).build(), "poly1", "labelSmoothing");
        refuse(() -> probabilities().logClamp(0), "logClamp bound is 0.0", "greater than 0");
    }

    @Test
    void inputsOutOfRange() {
        Matrix half = Matrices.of(ElementType.FLOAT32, 2, 2, 0.5, 0.5, 0.5, 0.5);
        Matrix wrong = Matrices.of(ElementType.FLOAT32, 2, 2, 0, 1, 0.5, 1.25);
        Matrix below = Matrices.of(ElementType.FLOAT16, 2, 2, 0, -0.5, 0.5, 1);
        refuse(() -> logits().build().loss(half, wrong), "targets[1, 1] is 1.25", "from 0 to 1");
        refuse(() -> logits().build().loss(half, below), "targets[0, 1] is -0.5");
        refuse(() -> probabilities().build().loss(wrong, half), "probabilities[1, 1] is 1.25", "from 0 to 1");
        for (double bad : new double[] {-1, INFINITY, Double.NaN}) {
            Matrix weights = Matrices.of(ElementType.FLOAT32, 2, 2, 1, 1, bad, 1);
            refuse(
                    () -> logits().build()
                            .on(half, half)
                            .elementWeights(weights)
                            .compute(),
                    "elementWeights[1, 0] is " + bad,
                    "finite and at least 0");
        }
        Matrix column = Matrices.of(ElementType.FLOAT32, 2, 1, 0, 1);
        refuse(
                IndexOutOfBoundsException.class,
                () -> logits().build().on(column, ClassIndices.of(1, 2)).compute(),
                "targets[1] is 2",
                "0 or 1");
    }

    @Test
    void shapesThatDoNotFit() {
        Matrix half = Matrices.of(ElementType.FLOAT32, 2, 2, 0.5, 0.5, 0.5, 0.5);
        Matrix wide = Matrices.of(ElementType.FLOAT64, 2, 2, 0.5, 0.5, 0.5, 0.5);
        Matrix column = Matrices.of(ElementType.FLOAT32, 2, 1, 0, 1);
        refuse(() -> logits().build().loss(half, column), "targets is 2 x 1", "shape of logits, 2 x 2");
        refuse(() -> logits().build().loss(half, wide), "targets is FLOAT64", "FLOAT32");
        refuse(
                () -> logits().build().on(half, half).elementWeights(column).compute(),
                "elementWeights is 2 x 1",
                "2 x 2");
        refuse(
                () -> logits().build().on(half, half).elementLosses(column).compute(),
                "elementLosses is 2 x 1",
                "2 x 2");
        refuse(() -> logits().build().on(half, half).elementLosses(half).compute(), "elementLosses overlaps logits");
        refuse(() -> logits().build().on(half, column.rows(0, 1)).compute(), "targets is 1 x 1");
        refuse(() -> logits().build().on(half, ClassIndices.of(0, 1)).compute(), "logits has 2", "1 column");
        refuse(() -> logits().build().on(column, ClassIndices.of(0)).compute(), "targets has 1", "2 rows");
        refuse(() -> logits().positiveWeights(1, 2, 3).build().loss(half, half), "positiveWeights has 3", "2 classes");
        Matrix none = Matrices.empty(ElementType.FLOAT32, 2, 0, 0);
        refuse(() -> probabilities().build().loss(none, none), "probabilities has 0 columns");
    }
}
