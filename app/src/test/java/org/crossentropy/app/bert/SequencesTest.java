package org.crossentropy.app.bert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.crossentropy.app.io.InputException;
import org.junit.jupiter.api.Test;

class SequencesTest {

    private static final Vocabulary VOCABULARY = new Vocabulary("vocab.txt", TinyBert.TOKENS);

    private static final int START = 2;
    private static final int END = 3;
    private static final int MASK = 4;

    @Test
    void cutsIntoEqualWindows() {
        Sequences sequences = Sequences.of("the cat sat on the mat . the dog ran !", VOCABULARY, 7, Long.MAX_VALUE);
        assertEquals(11, sequences.tokens());
        assertEquals(0, sequences.unknown());
        assertEquals(
                List.of("[2, 5, 6, 7, 3]", "[2, 8, 5, 9, 14, 3]", "[2, 5, 17, 18, 19, 3]"),
                sequences.all().stream().map(Arrays::toString).toList());
        assertEquals(4, Sequences.of("the cat sat on the mat", VOCABULARY, 7, 4).tokens());
        assertEquals(0, Sequences.of("", VOCABULARY, 7, Long.MAX_VALUE).all().size());
    }

    @Test
    void masksEveryTokenOnceInTurn() {
        Sequences sequences = Sequences.of("the cat sat on xyz the mat .", VOCABULARY, 16, Long.MAX_VALUE);
        assertEquals(1, sequences.unknown());
        List<MaskedSequence> passes = new Masking.Spread(3, true).apply(sequences, 1);
        assertEquals(3, passes.size());
        assertArrayEquals(
                new int[] {START, MASK, 6, 7, MASK, 1, 5, 9, MASK, END},
                passes.getFirst().masked());
        assertEquals(8, passes.getFirst().place(2));
        assertEquals(14, passes.getFirst().token(2));
        assertEquals(List.of(1, 2, 3, 4, 6, 7, 8), places(passes));
        assertEquals(1, new Masking.Spread(3, false).apply(sequences, 1).size());
        assertEquals(7, Masking.Spread.ONE_BY_ONE.apply(sequences, 1).size());
        assertEquals(List.of(1, 2, 3, 4, 6, 7, 8), places(Masking.Spread.ONE_BY_ONE.apply(sequences, 1)));
    }

    private static List<Integer> places(List<MaskedSequence> passes) {
        List<Integer> places = new ArrayList<>();
        for (MaskedSequence pass : passes) {
            IntStream.range(0, pass.count()).map(pass::place).forEach(places::add);
        }
        return places.stream().sorted().toList();
    }

    @Test
    void drawsAShareByTheSeed() {
        Sequences sequences = Sequences.of("the cat sat on the mat ".repeat(10), VOCABULARY, 22, Long.MAX_VALUE);
        List<MaskedSequence> passes = Masking.Drawn.AS_TRAINED.apply(sequences, 1);
        assertEquals(3, passes.size());
        for (MaskedSequence pass : passes) {
            assertEquals(3, pass.count());
            assertTrue(pass.place(0) < pass.place(1) && pass.place(1) < pass.place(2));
            assertTrue(pass.place(0) > 0 && pass.place(2) < pass.length() - 1);
        }
        assertEquals(places(passes), places(Masking.Drawn.AS_TRAINED.apply(sequences, 1)));
        assertTrue(IntStream.range(2, 12)
                .anyMatch(seed -> !places(passes).equals(places(Masking.Drawn.AS_TRAINED.apply(sequences, seed)))));
        Sequences one = Sequences.of("cat", VOCABULARY, 22, Long.MAX_VALUE);
        assertEquals(1, Masking.Drawn.AS_TRAINED.apply(one, 1).getFirst().count());
        assertEquals(
                0,
                Masking.Drawn.AS_TRAINED
                        .apply(Sequences.of("xyz", VOCABULARY, 9, 99), 1)
                        .size());
    }

    @Test
    void findsBlanks() {
        MaskedSequence sequence = Sequences.withBlanks("[MASK] sat on the[MASK].", VOCABULARY, 9);
        assertArrayEquals(new int[] {START, MASK, 7, 8, 5, MASK, 14, END}, sequence.masked());
        assertEquals(5, sequence.place(1));
        assertThrows(InputException.class, () -> Sequences.withBlanks("the cat", VOCABULARY, 9));
        assertThrows(InputException.class, () -> Sequences.withBlanks("the cat sat [MASK]", VOCABULARY, 5));
    }
}
