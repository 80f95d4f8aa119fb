package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.DoubleFunction;
import org.crossentropy.api.ContrastiveResult;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SigLip;
import org.crossentropy.api.Similarity;
import org.junit.jupiter.api.Test;

/** The sigmoid loss of pairs: formula, gradients, derivatives by scale and bias, chunks. */
public abstract class SigLipTck extends ApplicationTck {

    private static final int PAIRS = 7;
    private static final int DIMENSIONS = 4;
    private static final double SCALE = 3;
    private static final double BIAS = -1.5;

    /** Called by subclasses. */
    protected SigLipTck() {}

    private SigLip loss() {
        return SigLip.of(SCALE, BIAS).execution(alone());
    }

    private List<SigLip> forms() {
        return List.of(
                loss(),
                loss().rowsPerChunk(3),
                SigLip.of(Similarity.DOT, 0.5, 0).execution(alone()),
                SigLip.of(10, -10)
                        .execution(alone())
                        .reduction(Reduction.mean(Denominator.given(40)))
                        .rowsPerChunk(1));
    }

    private static Matrix images(ElementType type) {
        return random(type, 31, PAIRS, DIMENSIONS);
    }

    private static Matrix texts(ElementType type) {
        return random(type, 32, PAIRS, DIMENSIONS);
    }

    @Test
    void lossIsThatOfTheFormula() {
        types().forEach(type -> {
            double expected = new ContrastiveOracle(Similarity.COSINE, SCALE).sigLip(images(type), texts(type), BIAS);
            for (int rows : new int[] {1, 2, 7, 50}) {
                ContrastiveResult result = loss().rowsPerChunk(rows).loss(images(type), texts(type));
                assertNear(expected, result.value(), Tolerances.contrastive(type), rows + " rows a chunk");
                assertEquals(PAIRS, result.loss().count());
            }
        });
    }

    @Test
    void pairsAtRightAnglesHaveAKnownLoss() {
        // Similarity 0: log(1 + exp(-bias)) for the pair, log(1 + exp(bias)) for each of the others.
        types().forEach(type -> {
            Matrix images = zeros(type, 2, 4);
            Matrix texts = zeros(type, 2, 4);
            for (int i = 0; i < 2; i++) {
                images.set(i, i, 1);
                texts.set(i, i + 2, 1);
            }
            double expected = Math.log1p(Math.exp(-BIAS)) + Math.log1p(Math.exp(BIAS));
            assertNear(expected, loss().loss(images, texts).value(), Tolerances.contrastive(type), type);
        });
    }

    @Test
    void gradientsAreTheDerivatives() {
        Matrix images = images(ElementType.FLOAT64);
        Matrix texts = texts(ElementType.FLOAT64);
        for (SigLip loss : forms()) {
            Matrix ofImages = outputFor(images);
            Matrix ofTexts = outputFor(texts);
            loss.lossAndGradients(images, texts, ofImages, ofTexts);
            assertDerivative(images, ofImages, () -> loss.loss(images, texts).value(), loss);
            assertDerivative(texts, ofTexts, () -> loss.loss(images, texts).value(), loss);
        }
    }

    @Test
    void scaleAndBiasHaveTheirDerivatives() {
        Matrix images = images(ElementType.FLOAT64);
        Matrix texts = texts(ElementType.FLOAT64);
        ContrastiveResult result =
                loss().rowsPerChunk(2).lossAndGradients(images, texts, outputFor(images), outputFor(texts));
        assertSlope(
                slope(step -> SigLip.of(SCALE + step, BIAS), images, texts),
                result.logitScaleGradient().orElseThrow(),
                "logit scale");
        assertSlope(
                slope(step -> SigLip.of(SCALE, BIAS + step), images, texts),
                result.biasGradient().orElseThrow(),
                "bias");
    }

    private double slope(DoubleFunction<SigLip> loss, Matrix images, Matrix texts) {
        double step = Tolerances.DIFFERENCE_STEP;
        double above = loss.apply(step).execution(alone()).loss(images, texts).value();
        double below = loss.apply(-step).execution(alone()).loss(images, texts).value();
        return (above - below) / (2 * step);
    }

    @Test
    void lentMemoryAndRowLosses() {
        types().forEach(type -> {
            Matrix expected = outputFor(texts(type));
            Matrix actual = outputFor(texts(type));
            double[] losses = new double[PAIRS];
            ContrastiveResult own =
                    loss().rowsPerChunk(2).compute(images(type), texts(type), null, expected, null, null);
            ContrastiveResult lent = loss().compute(
                            images(type), texts(type), null, actual, RowValues.of(losses), zeros(type, 2, PAIRS));
            assertSameBits(own.loss(), lent.loss(), type);
            assertSameBits(expected, actual, type);
            double sum = 0;
            for (double loss : losses) {
                sum += loss;
            }
            assertNear(sum, lent.loss().lossSum(), Tolerances.BATCH_SUM, type);
        });
    }

    @Test
    void threadsDoNotShow() {
        Matrix images = random(ElementType.FLOAT64, 33, 300, DIMENSIONS);
        Matrix texts = random(ElementType.FLOAT64, 34, 300, DIMENSIONS);
        Matrix alone = outputFor(images);
        Matrix together = outputFor(images);
        ContrastiveResult one = loss().compute(images, texts, alone, null, null, null);
        ContrastiveResult four = loss().execution(threads(4)).compute(images, texts, together, null, null, null);
        assertSameBits(one.loss(), four.loss(), "threads");
        assertClose(alone, together, Tolerances.contrastive(ElementType.FLOAT64), "threads");
    }

    @Test
    void errors() {
        Matrix images = images(ElementType.FLOAT32);
        Matrix texts = texts(ElementType.FLOAT32);
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertRefused(refused, () -> SigLip.of(0, 0), "logitScale is 0.0");
        assertRefused(refused, () -> SigLip.of(1, Double.POSITIVE_INFINITY), "bias is Infinity");
        assertRefused(refused, () -> loss().loss(images, texts.rows(0, 2)), "texts have 2 rows", "pair");
        assertRefused(
                refused,
                () -> loss().lossAndGradients(images, texts, outputFor(images), texts),
                "textGradient overlaps texts");
    }
}
