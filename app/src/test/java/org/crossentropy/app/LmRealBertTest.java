package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code xent lm} of BERT-base as it is published, which the profile {@code bert} of the build fetches. */
@EnabledIfSystemProperty(
        named = "org.crossentropy.test.bert",
        matches = ".+",
        disabledReason = "a download of 408 MB: ./build verify -Pbert")
class LmRealBertTest {

    /** Unpacked once, beside the jar. */
    private static Object[] lm(Object... options) {
        Path jar = Path.of(System.getProperty("org.crossentropy.test.bert", ""));
        Object[] model = {"lm", "--bert", jar, "--unpacked", jar.resolveSibling("model.zip"), "--json"};
        Object[] all = Arrays.copyOf(model, model.length + options.length);
        System.arraycopy(options, 0, all, model.length, options.length);
        return all;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the capital of france is [MASK].                          | paris    | 0.4168",
                "he was rushed to the [MASK] after the accident.           | hospital | 0.9939",
                "In the beginning God created the heaven and the [MASK].   | earth    | 0.9195"
            })
    void knowsWords(String text, String word, double probability) {
        Map<String, ?> json = CommandRun.of(lm("--fill", text)).isFine().json();
        Map<?, ?> blank = (Map<?, ?>) CommandRun.list(json, "blanks").getFirst();
        assertEquals(word, blank.get("token"));
        assertEquals(probability, (double) Objects.requireNonNull(blank.get("probability")), 1e-4);
    }

    @Test
    void readsAText() {
        Map<String, ?> json = CommandRun.of(lm("--text", Path.of("..", "LICENSE"), "--tokens", 510))
                .isFine()
                .json();
        assertEquals(30_522L, json.get("classes"));
        assertEquals(77L, json.get("count"));
        double loss = (double) Objects.requireNonNull(json.get("loss"));
        assertTrue(loss > 0.5 && loss < 3, () -> "loss " + loss);
    }
}
