package org.crossentropy.app.bert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.crossentropy.app.io.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordPieceTest {

    private static final Vocabulary VOCABULARY = new Vocabulary(
            "vocab.txt",
            List.of(
                    "[UNK]", "[CLS]", "[SEP]", "[MASK]", "want", "##want", "##ed", "wa", "un", "runn", "##ing", ",",
                    "low", "lowest", "##er", "##est", "$", "[", "]", "mask", "cafe", "中", "國"));

    private static String tokens(String text) {
        return String.join(
                " ",
                Arrays.stream(new WordPiece(VOCABULARY).tokens(text))
                        .mapToObj(VOCABULARY::token)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unwanted running  | un ##want ##ed runn ##ing",
                "unwantedX running | [UNK] runn ##ing",
                "UNwanted          | un ##want ##ed",
                "lowest            | lowest",
                "lower lowing      | low ##er low ##ing",
                "wanted,running    | want ##ed , runn ##ing",
                "$want             | $ want",
                "[MASK]            | [ mask ]",
                "Café CAFÉ         | cafe cafe",
                "中國               | 中 國",
                "want中low          | want 中 low",
                "ing               | [UNK]",
            })
    void takesTheLongestTokens(String text, String expected) {
        assertEquals(expected, tokens(text));
    }

    @Test
    void wordsEndAtBlanksOfAllKinds() {
        assertEquals("want want want want", tokens("  want\twant\nwant\u00a0want\u3000"));
        assertEquals("", tokens(" \r\n "));
    }

    @Test
    void leavesOutWhatIsNotText() {
        assertEquals("want", tokens("wa\u0000n\ufffdt\u200b"));
        assertEquals("cafe", tokens("cafe\u0301"));
    }

    @Test
    void aWordOfMoreThan100CharactersIsUnknown() {
        assertEquals("[UNK]", tokens("want" + "ing".repeat(33)));
        assertEquals("want" + " ##ing".repeat(32), tokens("want" + "ing".repeat(32)));
    }

    @Test
    void splitsAsTheModelsWithoutCaseDo() {
        assertEquals(List.of("hello", "!", "how", "are", "you", "?"), BasicTokens.of(" \tHeLLo!how  \n Are yoU?  "));
        assertEquals(List.of("ah", "博", "推", "zz"), BasicTokens.of("ah\u535A\u63A8zz"));
        assertEquals(List.of("a", "^", "b", "`", "c", "¿", "d"), BasicTokens.of("a^b`c¿d"));
    }

    @Test
    void needsTheSpecialTokens() {
        InputException missing = assertThrows(
                InputException.class, () -> new Vocabulary("vocab.txt", List.of("[UNK]", "[CLS]", "[SEP]", "the")));
        assertEquals("vocab.txt: has no token \"[MASK]\"", missing.getMessage());
    }
}
