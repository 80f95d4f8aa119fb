package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ContrastiveResult;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.InfoNce;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.NtXent;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Similarity;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** InfoNCE, CLIP and NT-Xent: formulas, gradients through the scaling to length 1, chunks. */
public abstract class ContrastiveTck extends ApplicationTck {

    private static final int PAIRS = 6;
    private static final int DIMENSIONS = 5;
    private static final double TEMPERATURE = 0.25;

    /** Called by subclasses. */
    protected ContrastiveTck() {}

    private InfoNce infoNce(Similarity similarity) {
        return InfoNce.of(similarity, TEMPERATURE).execution(alone());
    }

    private NtXent ntXent() {
        return NtXent.of(TEMPERATURE).execution(alone());
    }

    /** Every form of InfoNCE. */
    private List<InfoNce> forms() {
        return List.of(
                infoNce(Similarity.DOT),
                infoNce(Similarity.COSINE),
                infoNce(Similarity.DOT).symmetric(),
                infoNce(Similarity.COSINE).symmetric(),
                infoNce(Similarity.COSINE).symmetric().reduction(Reduction.SUM),
                infoNce(Similarity.COSINE).reduction(Reduction.mean(Denominator.given(10))),
                InfoNce.clip(1 / 0.07).execution(alone()));
    }

    private static Matrix queries(ElementType type) {
        return random(type, 11, PAIRS, DIMENSIONS);
    }

    private static Matrix keys(ElementType type) {
        return random(type, 12, PAIRS, DIMENSIONS);
    }

    /** Everything that a call returns. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Gradients(ContrastiveResult result, Matrix ofQueries, Matrix ofKeys, double[] losses) {}

    private static Gradients gradients(InfoNce loss, Matrix queries, Matrix keys) {
        Matrix ofQueries = outputFor(queries);
        Matrix ofKeys = outputFor(keys);
        double[] losses = new double[Math.toIntExact(queries.rows())];
        ContrastiveResult result = loss.on(queries, keys)
                .queryGradient(ofQueries)
                .keyGradient(ofKeys)
                .rowLosses(RowValues.of(losses))
                .compute();
        return new Gradients(result, ofQueries, ofKeys, losses);
    }

    @Test
    void lossIsThatOfTheFormula() {
        types().forEach(type -> {
            for (Similarity similarity : Similarity.values()) {
                ContrastiveOracle oracle = new ContrastiveOracle(similarity, 1 / TEMPERATURE);
                double forth = oracle.infoNce(queries(type), keys(type));
                double back = oracle.infoNce(keys(type), queries(type));
                InfoNce loss = infoNce(similarity);
                double tolerance = Tolerances.contrastive(type);
                assertNear(forth, loss.loss(queries(type), keys(type)).value(), tolerance, loss);
                double both = loss.symmetric().loss(queries(type), keys(type)).value();
                assertNear((forth + back) / 2, both, tolerance, loss);
            }
        });
    }

    @Test
    void orthonormalPairsHaveAKnownLoss() {
        // Two pairs, each alike and at right angles to the other: log(1 + exp(-1 / temperature)).
        types().forEach(type -> {
            Matrix unit = zeros(type, 2, 2);
            unit.set(0, 0, 1);
            unit.set(1, 1, 1);
            for (InfoNce loss : forms().subList(0, 4)) {
                double value = loss.loss(unit, unit).value();
                assertNear(Math.log1p(Math.exp(-1 / TEMPERATURE)), value, Tolerances.contrastive(type), loss);
            }
        });
    }

    @Test
    void gradientsAreTheDerivatives() {
        Matrix queries = queries(ElementType.FLOAT64);
        Matrix keys = keys(ElementType.FLOAT64);
        for (InfoNce loss : forms()) {
            Gradients gradients = gradients(loss, queries, keys);
            assertDerivative(
                    queries,
                    gradients.ofQueries(),
                    () -> loss.loss(queries, keys).value(),
                    loss);
            assertDerivative(
                    keys, gradients.ofKeys(), () -> loss.loss(queries, keys).value(), loss);
            assertDerivativesByScale(loss, gradients.result(), queries, keys);
        }
    }

    private static void assertDerivativesByScale(InfoNce loss, ContrastiveResult result, Matrix queries, Matrix keys) {
        double scale = result.logitScale();
        double step = Tolerances.DIFFERENCE_STEP;
        double above = loss.logitScale(scale + step).loss(queries, keys).value();
        double below = loss.logitScale(scale - step).loss(queries, keys).value();
        double slope = (above - below) / (2 * step);
        assertSlope(slope, result.logitScaleGradient().orElseThrow(), "logit scale, " + loss);
        assertNear(scale * slope, result.logLogitScaleGradient(), Tolerances.DERIVED_SLOPE, loss);
        assertNear(-scale * scale * slope, result.temperatureGradient(), Tolerances.DERIVED_SLOPE, loss);
    }

    @Test
    void scaleGradientIsTheSameFromEitherSide() {
        types().forEach(type -> {
            for (InfoNce loss : forms()) {
                ContrastiveResult both =
                        gradients(loss, queries(type), keys(type)).result();
                ContrastiveResult keysOnly = loss.on(queries(type), keys(type))
                        .keyGradient(outputFor(keys(type)))
                        .compute();
                double expected = both.logitScaleGradient().orElseThrow();
                double actual = keysOnly.logitScaleGradient().orElseThrow();
                double allowed = Tolerances.contrastive(type) * Math.max(1, Math.abs(expected));
                assertEquals(expected, actual, allowed, loss::toString);
                assertSameBits(both.loss(), keysOnly.loss(), loss);
            }
        });
    }

    @Test
    void chunksDoNotShow() {
        types().forEach(type -> {
            Matrix queries = random(type, 13, 23, DIMENSIONS);
            Matrix keys = random(type, 14, 23, DIMENSIONS);
            for (InfoNce loss : forms()) {
                Gradients whole = gradients(loss, queries, keys);
                for (int rows : new int[] {1, 4, 22, 23, 100}) {
                    Gradients parts = gradients(loss.rowsPerChunk(rows), queries, keys);
                    String where = rows + " rows a chunk, " + loss;
                    double tolerance = Tolerances.contrastive(type);
                    assertNear(
                            whole.result().loss().lossSum(),
                            parts.result().loss().lossSum(),
                            tolerance,
                            where);
                    assertClose(whole.ofQueries(), parts.ofQueries(), tolerance, where);
                    assertClose(whole.ofKeys(), parts.ofKeys(), tolerance, where);
                }
            }
        });
    }

    @Test
    void bothDirectionsInChunksAreThoseOfTheFormula() {
        types().forEach(type -> {
            int pairs = 301;
            Matrix queries = random(type, 19, pairs, DIMENSIONS);
            Matrix keys = random(type, 20, pairs, DIMENSIONS);
            for (Similarity similarity : Similarity.values()) {
                ContrastiveOracle oracle = new ContrastiveOracle(similarity, 1 / TEMPERATURE);
                double loss = oracle.symmetric(queries, keys);
                double[][] ofQueries = oracle.symmetricGradient(queries, keys);
                double[][] ofKeys = oracle.symmetricGradient(keys, queries);
                double tolerance = Tolerances.contrastive(type);
                for (int rows : new int[] {1, 7, 100, 150, 301}) {
                    InfoNce chunked = infoNce(similarity).symmetric().rowsPerChunk(rows);
                    Gradients actual = gradients(chunked, queries, keys);
                    assertNear(loss, actual.result().value(), tolerance, chunked);
                    assertClose(matrix(ofQueries), actual.ofQueries(), tolerance, "queries, " + chunked);
                    assertClose(matrix(ofKeys), actual.ofKeys(), tolerance, "keys, " + chunked);
                }
            }
        });
    }

    private static Matrix matrix(double[][] rows) {
        Matrix matrix = zeros(ElementType.FLOAT64, rows.length, rows[0].length);
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                matrix.set(i, j, rows[i][j]);
            }
        }
        return matrix;
    }

    @Test
    void smallLossesOfColumnsStayExactInChunks() {
        // Unit vectors far apart: every other similarity is 0, so each loss is log1p((n - 1) exp(-scale)).
        types().forEach(type -> {
            int pairs = 9;
            Matrix unit = zeros(type, pairs, pairs);
            for (int i = 0; i < pairs; i++) {
                unit.set(i, i, 1);
            }
            for (double scale : new double[] {1, 20, 40, 64}) {
                double expected = Math.log1p((pairs - 1) * Math.exp(-scale));
                for (int rows : new int[] {1, 2, 4, 9}) {
                    InfoNce loss = infoNce(Similarity.DOT)
                            .symmetric()
                            .logitScale(scale)
                            .rowsPerChunk(rows);
                    Gradients actual = gradients(loss, unit, unit);
                    double tolerance = Tolerances.contrastive(type);
                    assertNear(expected, actual.result().value(), tolerance, loss);
                    // The derivative by the own similarity is -(1 - p), where p rounds to 1.
                    double byOwn = scale * Math.expm1(-expected) / pairs;
                    assertNear(byOwn, actual.ofQueries().get(3, 3), tolerance, loss);
                    assertNear(byOwn, actual.ofKeys().get(8, 8), tolerance, loss);
                }
            }
        });
    }

    @Test
    void symmetricIsHalfOfEachDirectionWhateverTheData() {
        types().forEach(type -> {
            Matrix queries = random(type, 21, 5, 2);
            Matrix keys = random(type, 22, 5, 2);
            double beyond = type == ElementType.FLOAT64 ? 1e200 : 1e25;
            queries.set(1, 0, beyond);
            keys.set(1, 0, -beyond);
            assertIsHalfOfEachDirection(queries, keys, "similarity of -inf to the positive");
            queries.set(3, 1, Double.POSITIVE_INFINITY);
            assertIsHalfOfEachDirection(queries, keys, "an infinity");
            keys.set(0, 0, Double.NaN);
            assertIsHalfOfEachDirection(queries, keys, "NaN in a key");
        });
    }

    private void assertIsHalfOfEachDirection(Matrix queries, Matrix keys, String what) {
        InfoNce oneWay = infoNce(Similarity.DOT);
        double[] forth = gradients(oneWay, queries, keys).losses();
        double[] back = gradients(oneWay, keys, queries).losses();
        for (int rows : new int[] {1, 2, 3, 5}) {
            double[] both = gradients(oneWay.symmetric().rowsPerChunk(rows), queries, keys)
                    .losses();
            for (int i = 0; i < both.length; i++) {
                double expected = 0.5 * forth[i] + 0.5 * back[i];
                String where = what + ", row " + i + ", " + rows + " rows a chunk";
                assertEquals(Double.isNaN(expected), Double.isNaN(both[i]), where);
                if (!Double.isNaN(expected)) {
                    assertNear(expected, both[i], Tolerances.contrastive(queries.type()), where);
                }
            }
        }
    }

    @Test
    void nanReachesTheSameGradientsInChunks() {
        types().forEach(type -> {
            for (Similarity similarity : Similarity.values()) {
                Matrix queries = queries(type);
                queries.set(4, 2, Double.NaN);
                InfoNce loss = infoNce(similarity).symmetric();
                Gradients whole = gradients(loss, queries, keys(type));
                for (int rows : new int[] {1, 2, 5}) {
                    Gradients parts = gradients(loss.rowsPerChunk(rows), queries, keys(type));
                    assertNanAlike(whole.ofQueries(), parts.ofQueries(), loss);
                    assertNanAlike(whole.ofKeys(), parts.ofKeys(), loss);
                    assertBits(Double.NaN, parts.result().value(), "loss");
                }
            }
        });
    }

    private static void assertNanAlike(Matrix expected, Matrix actual, Object where) {
        for (int i = 0; i < expected.rows(); i++) {
            for (int j = 0; j < expected.columns(); j++) {
                assertEquals(Double.isNaN(expected.get(i, j)), Double.isNaN(actual.get(i, j)), where::toString);
            }
        }
    }

    @Test
    void onePairIsCertain() {
        types().forEach(type -> {
            for (Similarity similarity : Similarity.values()) {
                Gradients actual = gradients(
                        infoNce(similarity).symmetric(),
                        queries(type).rows(2, 1),
                        keys(type).rows(2, 1));
                assertBits(0, actual.result().value(), "loss");
                for (int j = 0; j < DIMENSIONS; j++) {
                    assertEquals(0, actual.ofQueries().get(0, j), "gradient of the query");
                    assertEquals(0, actual.ofKeys().get(0, j), "gradient of the key");
                }
            }
        });
    }

    @Test
    void workingMemoryDoesNotShow() {
        types().forEach(type -> {
            Matrix queries = random(type, 13, 23, DIMENSIONS);
            Matrix keys = random(type, 14, 23, DIMENSIONS);
            long row = 23L * type.bytes();
            long embedding = (long) DIMENSIONS * type.bytes();
            for (InfoNce loss : forms()) {
                Gradients whole = gradients(loss, queries, keys);
                // One query, its similarities and one key at a time; several; all.
                for (long bytes : new long[] {192 + row + 5 * embedding, 192 + 5 * row, 192 + 24 * row, 1 << 20}) {
                    Gradients parts = gradients(loss.workingMemory(bytes), queries, keys);
                    String where = bytes + " bytes, " + loss;
                    double tolerance = Tolerances.contrastive(type);
                    assertNear(whole.result().value(), parts.result().value(), tolerance, where);
                    assertClose(whole.ofQueries(), parts.ofQueries(), tolerance, where);
                    assertClose(whole.ofKeys(), parts.ofKeys(), tolerance, where);
                }
            }
        });
    }

    @Test
    void threadsDoNotShowInLosses() {
        Matrix queries = random(ElementType.FLOAT64, 23, 300, DIMENSIONS);
        Matrix keys = random(ElementType.FLOAT64, 24, 300, DIMENSIONS);
        for (int rows : new int[] {37, 300}) {
            InfoNce loss = infoNce(Similarity.COSINE).symmetric().rowsPerChunk(rows);
            Gradients alone = gradients(loss, queries, keys);
            Gradients together = gradients(loss.execution(threads(4)), queries, keys);
            double tolerance = Tolerances.contrastive(ElementType.FLOAT64);
            assertNear(alone.result().value(), together.result().value(), tolerance, loss);
            assertClose(alone.ofQueries(), together.ofQueries(), tolerance, loss);
            assertClose(alone.ofKeys(), together.ofKeys(), tolerance, loss);
            assertSameBits(
                    together.losses(),
                    gradients(loss.execution(threads(4)), queries, keys).losses(),
                    loss);
        }
    }

    @Test
    void lentMemoryDoesNotShow() {
        types().forEach(type -> {
            for (InfoNce loss : forms()) {
                for (int rows : new int[] {1, 4, 9}) {
                    Matrix expected = outputFor(queries(type));
                    Matrix actual = outputFor(queries(type));
                    double value = loss.rowsPerChunk(Math.min(rows, 6))
                            .on(queries(type), keys(type))
                            .queryGradient(expected)
                            .compute()
                            .value();
                    double lent = loss.on(queries(type), keys(type))
                            .queryGradient(actual)
                            .workspace(zeros(type, rows, PAIRS))
                            .compute()
                            .value();
                    assertBits(value, lent, rows + " rows, " + loss);
                    assertSameBits(expected, actual, rows + " rows, " + loss);
                }
            }
        });
    }

    @Test
    void clipDoesNotMindWhichSideIsWhich() {
        types().forEach(type -> {
            InfoNce clip = InfoNce.clip(10).execution(alone());
            Gradients forth = gradients(clip, queries(type), keys(type));
            Gradients back = gradients(clip, keys(type), queries(type));
            double tolerance = Tolerances.contrastive(type);
            assertNear(forth.result().value(), back.result().value(), tolerance, type);
            assertClose(forth.ofQueries(), back.ofKeys(), tolerance, type);
            assertClose(forth.ofKeys(), back.ofQueries(), tolerance, type);
        });
    }

    @Test
    void cosineDoesNotSeeLengths() {
        types().forEach(type -> {
            Matrix longer = queries(type);
            for (int row = 0; row < PAIRS; row++) {
                for (int j = 0; j < DIMENSIONS; j++) {
                    longer.set(row, j, 8 * longer.get(row, j));
                }
            }
            InfoNce loss = infoNce(Similarity.COSINE);
            Gradients expected = gradients(loss, queries(type), keys(type));
            Gradients actual = gradients(loss, longer, keys(type));
            assertBits(expected.result().value(), actual.result().value(), "loss of longer queries");
            for (int row = 0; row < PAIRS; row++) {
                double along = 0;
                for (int j = 0; j < DIMENSIONS; j++) {
                    assertBits(
                            expected.ofQueries().get(row, j) / 8,
                            actual.ofQueries().get(row, j),
                            "row " + row);
                    along += longer.get(row, j) * actual.ofQueries().get(row, j);
                }
                assertEquals(0, along, Tolerances.contrastive(type), "the gradient is at right angles to the query");
            }
        });
    }

    @Test
    void cosineDoesNotSeeLengthsWhoseSquaresOverflowOrUnderflow() {
        InfoNce loss = infoNce(Similarity.COSINE);
        Gradients expected = gradients(loss, queries(ElementType.FLOAT64), keys(ElementType.FLOAT64));
        for (int exponent : List.of(600, -600, 900, -900)) {
            Matrix scaled = queries(ElementType.FLOAT64);
            for (int row = 0; row < PAIRS; row++) {
                for (int j = 0; j < DIMENSIONS; j++) {
                    scaled.set(row, j, Math.scalb(scaled.get(row, j), exponent));
                }
            }
            Gradients actual = gradients(loss, scaled, keys(ElementType.FLOAT64));
            assertBits(expected.result().value(), actual.result().value(), "loss, 2^" + exponent);
            for (int row = 0; row < PAIRS; row++) {
                for (int j = 0; j < DIMENSIONS; j++) {
                    assertBits(
                            Math.scalb(expected.ofQueries().get(row, j), -exponent),
                            actual.ofQueries().get(row, j),
                            "gradient, 2^" + exponent + ", row " + row);
                }
            }
        }
    }

    @Test
    void anEmbeddingOfZerosHasSimilarityAndGradientZero() {
        types().forEach(type -> {
            Matrix queries = queries(type);
            Matrix keys = keys(type);
            for (int j = 0; j < DIMENSIONS; j++) {
                queries.set(2, j, 0);
                keys.set(4, j, 0);
            }
            InfoNce loss = infoNce(Similarity.COSINE);
            Gradients gradients = gradients(loss, queries, keys);
            double expected = new ContrastiveOracle(Similarity.COSINE, 1 / TEMPERATURE).infoNce(queries, keys);
            assertNear(expected, gradients.result().value(), Tolerances.contrastive(type), type);
            assertNear(Math.log(PAIRS), gradients.losses()[2], Tolerances.contrastive(type), type);
            for (int j = 0; j < DIMENSIONS; j++) {
                assertEquals(0, gradients.ofQueries().get(2, j), "query");
                assertEquals(0, gradients.ofKeys().get(4, j), "key");
            }
        });
    }

    @Test
    void furtherKeysAreNegatives() {
        Matrix queries = queries(ElementType.FLOAT64);
        Matrix keys = random(ElementType.FLOAT64, 15, 9, DIMENSIONS);
        ContrastiveOracle oracle = new ContrastiveOracle(Similarity.COSINE, 1 / TEMPERATURE);
        InfoNce loss = infoNce(Similarity.COSINE);
        double tolerance = Tolerances.contrastive(ElementType.FLOAT64);
        assertNear(oracle.infoNce(queries, keys), loss.loss(queries, keys).value(), tolerance, "queue");
        int[] places = {3, 4, 5, 6, 7, 8};
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            sum += oracle.infoNce(queries, i, keys, places[i], j -> true);
        }
        Matrix gradient = outputFor(keys);
        double value = loss.on(queries, keys)
                .positives(ClassIndices.of(places))
                .keyGradient(gradient)
                .compute()
                .value();
        assertNear(sum / PAIRS, value, tolerance, "positives");
        assertDerivative(
                keys,
                gradient,
                () -> loss.on(queries, keys)
                        .positives(ClassIndices.of(places))
                        .compute()
                        .value(),
                "positives");
    }

    @Test
    void rowLossesAddUp() {
        types().forEach(type -> {
            for (InfoNce loss : forms()) {
                Gradients gradients = gradients(loss.rowsPerChunk(4), queries(type), keys(type));
                double sum = 0;
                for (double row : gradients.losses()) {
                    sum += row;
                }
                assertNear(sum, gradients.result().loss().lossSum(), Tolerances.BATCH_SUM, loss);
                assertEquals(PAIRS, gradients.result().loss().count());
            }
        });
    }

    @Test
    void infoNceIsCrossEntropyOfTheProduct() {
        types().forEach(type -> {
            Matrix logits = zeros(type, PAIRS, PAIRS);
            Matrix queries = queries(type);
            Matrix keys = keys(type);
            MatrixProduct.on(alone())
                    .multiply(
                            queries,
                            MatrixProduct.Operand.PLAIN,
                            keys,
                            MatrixProduct.Operand.TRANSPOSED,
                            1 / TEMPERATURE,
                            0,
                            logits);
            Outcome expected = compute(
                    SoftmaxCrossEntropy.builder().execution(alone()).build(),
                    logits,
                    ClassIndices.of(0, 1, 2, 3, 4, 5),
                    logits);
            Gradients actual = gradients(infoNce(Similarity.DOT), queries, keys);
            assertSameBits(expected.result(), actual.result().loss(), type);
            assertSameBits(expected.losses(), actual.losses(), type);
        });
    }

    @Test
    void stridesAndMemoryDoNotShow() {
        for (MemoryKind kind : MemoryKind.values()) {
            types().forEach(type -> {
                Batch.Shape shape = Batch.Shape.of(Grid.seed(), type, PAIRS, DIMENSIONS);
                Batch plain = batch(shape);
                Batch other = batch(shape.with(kind, 3));
                for (InfoNce loss : forms()) {
                    Gradients expected = gradients(loss, plain.logits(), keys(type));
                    Matrix gradient = other.output();
                    ContrastiveResult result = loss.on(other.logits(), keys(type))
                            .queryGradient(gradient)
                            .compute();
                    double tolerance = Tolerances.contrastive(type);
                    assertNear(expected.result().value(), result.value(), tolerance, kind + ", " + loss);
                    assertClose(expected.ofQueries(), gradient, tolerance, kind + ", " + loss);
                    assertPaddingUntouched(gradient, kind + ", " + loss);
                }
            });
        }
    }

    @Test
    void ntXentIsThatOfTheFormula() {
        types().forEach(type -> {
            for (int samples : new int[] {1, 2, 7}) {
                Matrix views = random(type, 16, 2 * samples, DIMENSIONS);
                double expected = new ContrastiveOracle(Similarity.COSINE, 1 / TEMPERATURE).ntXent(views);
                for (int rows : new int[] {1, 3, 100}) {
                    double value = ntXent().rowsPerChunk(rows).loss(views).value();
                    assertEquals(
                            expected, value, Tolerances.contrastive(type) * Math.max(1, expected), views::toString);
                }
            }
        });
    }

    @Test
    void ntXentGradientIsTheDerivative() {
        for (NtXent loss : List.of(
                ntXent(),
                ntXent().rowsPerChunk(2),
                NtXent.of(Similarity.DOT, 2).execution(alone()).reduction(Reduction.SUM))) {
            Matrix views = random(ElementType.FLOAT64, 17, 6, DIMENSIONS);
            Matrix gradient = outputFor(views);
            loss.lossAndGradient(views, gradient);
            assertDerivative(views, gradient, () -> loss.loss(views).value(), loss);
        }
        Matrix views = random(ElementType.FLOAT64, 17, 6, DIMENSIONS);
        ContrastiveResult result = ntXent().lossAndGradient(views, outputFor(views));
        double step = Tolerances.DIFFERENCE_STEP;
        double above =
                NtXent.of(TEMPERATURE + step).execution(alone()).loss(views).value();
        double below =
                NtXent.of(TEMPERATURE - step).execution(alone()).loss(views).value();
        double slope = (above - below) / (2 * step);
        assertNear(slope, result.temperatureGradient(), Tolerances.DERIVED_SLOPE, "temperature");
    }

    @Test
    void ntXentInLentMemory() {
        Matrix views = random(ElementType.FLOAT32, 18, 8, DIMENSIONS);
        Matrix expected = outputFor(views);
        Matrix actual = outputFor(views);
        double[] losses = new double[8];
        ContrastiveResult own = ntXent().rowsPerChunk(3).lossAndGradient(views, expected);
        ContrastiveResult lent =
                ntXent().compute(views, actual, RowValues.of(losses), zeros(ElementType.FLOAT32, 3, 8));
        assertSameBits(own.loss(), lent.loss(), "lent");
        assertSameBits(expected, actual, "lent");
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        assertNear(sum, lent.loss().lossSum(), Tolerances.BATCH_SUM, "row losses");
    }

    @Test
    void nanStaysNan() {
        Matrix queries = queries(ElementType.FLOAT32);
        queries.set(1, 0, Double.NaN);
        Gradients gradients = gradients(infoNce(Similarity.COSINE), queries, keys(ElementType.FLOAT32));
        assertBits(Double.NaN, gradients.result().value(), "loss");
        assertBits(Double.NaN, gradients.losses()[1], "loss of the row");
        assertEquals(false, Double.isNaN(gradients.losses()[0]), "loss of another row");
    }

    @Test
    void nothing() {
        Matrix none = zeros(ElementType.FLOAT32, 0, 3);
        Matrix keys = random(ElementType.FLOAT32, 1, 2, 3);
        Matrix gradient = random(ElementType.FLOAT32, 2, 2, 3);
        InfoNce loss = infoNce(Similarity.COSINE);
        assertBits(Double.NaN, loss.loss(none, none).value(), "mean of nothing");
        loss.on(none, keys).keyGradient(gradient).compute();
        for (int j = 0; j < 3; j++) {
            assertBits(0, gradient.get(1, j), "gradient of a key without queries");
        }
        assertBits(0, ntXent().reduction(Reduction.SUM).loss(none).value(), "sum of nothing");
    }

    @Test
    void errors() {
        Matrix queries = queries(ElementType.FLOAT32);
        Matrix keys = keys(ElementType.FLOAT32);
        InfoNce loss = infoNce(Similarity.COSINE);
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertRefused(refused, () -> InfoNce.of(Similarity.DOT, 0), "temperature is 0.0", "greater than 0");
        assertRefused(refused, () -> loss.logitScale(Double.NaN), "logitScale is NaN");
        assertRefused(refused, () -> loss.rowsPerChunk(0), "rowsPerChunk is 0", "at least 1");
        assertRefused(refused, () -> loss.workingMemory(0), "workingMemory is 0", "at least 1");
        Matrix untouched = random(ElementType.FLOAT32, 25, PAIRS, DIMENSIONS);
        Matrix expected = random(ElementType.FLOAT32, 25, PAIRS, DIMENSIONS);
        assertRefused(
                refused,
                () -> loss.workingMemory(50).lossAndGradients(queries, keys, untouched, outputFor(keys)),
                "workingMemory is 50 bytes",
                "6 similarities",
                "raise workingMemory");
        assertSameBits(expected, untouched, "gradient of a refused call");
        assertRefused(refused, () -> loss.loss(queries, keys.rows(0, 3)), "keys have 3 rows", "6 queries", "positives");
        assertRefused(
                refused, () -> loss.loss(queries, keys(ElementType.FLOAT64)), "keys are 6 x 5 FLOAT64", "of queries");
        assertRefused(refused, () -> loss.symmetric().loss(queries.rows(0, 2), keys), "keys have 6 rows", "pairs");
        assertRefused(
                refused,
                () -> loss.symmetric()
                        .on(queries, keys)
                        .positives(ClassIndices.of(1, 2, 3, 4, 5, 0))
                        .compute(),
                "positives and the symmetric loss");
        assertRefused(
                IndexOutOfBoundsException.class,
                () -> loss.on(queries, keys)
                        .positives(ClassIndices.of(1, 2, 6, 4, 5, 0))
                        .compute(),
                "positives[2] is 6",
                "6 keys");
        assertRefused(
                refused,
                () -> loss.lossAndGradients(queries, keys, queries, outputFor(keys)),
                "queryGradient overlaps");
        Matrix shared = outputFor(keys);
        assertRefused(
                refused,
                () -> loss.lossAndGradients(queries, keys, shared, shared),
                "keyGradient overlaps queryGradient");
        assertRefused(
                refused,
                () -> loss.on(queries, keys)
                        .workspace(zeros(ElementType.FLOAT32, 2, 5))
                        .compute(),
                "workspace is 2 x 5",
                "1 x 6");
        Matrix halves =
                Matrix.of(ElementType.BFLOAT16, java.lang.foreign.Arena.ofAuto().allocate(60), PAIRS, DIMENSIONS);
        assertRefused(refused, () -> loss.loss(halves, halves), "queries are BFLOAT16", "widen");
        assertRefused(refused, () -> ntXent().loss(queries.rows(0, 3)), "views have 3 rows", "even");
        assertRefused(refused, () -> ntXent().loss(zeros(ElementType.FLOAT32, 2, 0)), "views have 0 columns");
        assertRefused(
                IllegalStateException.class,
                () -> loss.loss(queries, keys).temperatureGradient(),
                "ask for the gradient");
    }
}
