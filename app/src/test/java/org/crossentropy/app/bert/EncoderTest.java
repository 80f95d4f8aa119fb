package org.crossentropy.app.bert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.crossentropy.api.Backends;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderTest {

    private static final double CLOSE = 2e-5;

    private static final int[] LONG = {2, 5, 6, 7, 4, 5, 9, 14, 13, 17, 18, 8, 5, 4, 19, 3};
    private static final int[] SHORT = {2, 4, 3};

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    @ParameterizedTest
    @CsvSource({"native, 1", "native, 2", "vector, 2", "scalar, 1"})
    void encodesAsDefined(String backend, int threads) throws IOException {
        TinyBert weights = new TinyBert();
        PlainBert plain = new PlainBert(weights);
        try (Arena arena = Arena.ofShared()) {
            BertModel model = BertModel.open(weights.write(folder), null, arena);
            Execution execution = new Execution(Backends.require(backend), Parallelism.threads(threads));
            Encoder encoder = new Encoder(model, LONG.length, execution, arena);
            // The short sequence in between must leave no trace in the memory that sequences share.
            for (int[] tokens : new int[][] {LONG, SHORT, LONG}) {
                double[][] expected = plain.encode(tokens);
                Matrix states = encoder.encode(tokens);
                assertClose(expected, states);
                Matrix hidden = Compute.matrix(tokens.length, TinyBert.WIDTH, arena);
                encoder.transform(states, hidden);
                assertClose(plain.transform(expected), hidden);
            }
        }
    }

    private static void assertClose(double[][] expected, Matrix actual) {
        assertEquals(expected.length, actual.rows());
        for (int t = 0; t < expected.length; t++) {
            for (int j = 0; j < expected[t].length; j++) {
                assertEquals(expected[t][j], actual.get(t, j), CLOSE, "token " + t + ", column " + j);
            }
        }
    }

    @Test
    void readsTheShapeFromTheWeights() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            BertShape shape =
                    BertModel.open(new TinyBert().write(folder), null, arena).shape();
            assertEquals(
                    new BertShape(
                            TinyBert.TOKENS.size(),
                            TinyBert.WIDTH,
                            TinyBert.LAYERS,
                            TinyBert.HEADS,
                            TinyBert.INNER,
                            TinyBert.POSITIONS),
                    shape);
            // Products of 3 tokens in 2 layers: 4 of width x width, 2 of width x inner, 2 of width x 3.
            assertEquals(2 * 2 * 3 * (4 * 128 * 128 + 2 * 128 * 72 + 2 * 128 * 3), shape.operations(3));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-9, -7.99, -5, -3.2, -1, -0.015625, -1e-3, 0, 1e-20, 0.3, 0.75, 1, 2.5, 4.99, 7.9, 8, 100})
    void geluIsExact(double x) {
        assertEquals((float) x * PlainBert.normalDistribution((float) x), Gelu.of((float) x), 1e-7 * (1 + Math.abs(x)));
    }

    @Test
    void geluHasItsKnownValues() {
        assertEquals(0.8413447460685429, Gelu.of(1), 1e-7);
        assertEquals(-0.15865525393145707, Gelu.of(-1), 1e-8);
        assertEquals(Float.POSITIVE_INFINITY, Gelu.of(Float.POSITIVE_INFINITY));
        assertEquals(0, Gelu.of(Float.NEGATIVE_INFINITY));
        assertEquals(Float.NaN, Gelu.of(Float.NaN));
    }
}
