package org.crossentropy.app.bert;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * WordPiece tokens (Wu et al. 2016) of a text: each word is the longest token that it starts with, and then the longest
 * continuation, marked by {@code ##}, that the rest starts with, until nothing is left. A word that this does not get to
 * the end of is unknown as a whole.
 *
 * @param vocabulary the tokens
 */
record WordPiece(Vocabulary vocabulary) {

    private static final String CONTINUATION = "##";

    /** A word of more characters is unknown. */
    private static final int LONGEST_WORD = 100;

    /** The numbers of the tokens of a text. */
    int[] tokens(String text) {
        return BasicTokens.of(text).stream().flatMapToInt(this::ofWord).toArray();
    }

    private IntStream ofWord(String word) {
        if (word.codePointCount(0, word.length()) > LONGEST_WORD) {
            return IntStream.of(vocabulary.unknown());
        }
        List<Integer> pieces = new ArrayList<>();
        int start = 0;
        while (start < word.length()) {
            int end = word.length();
            OptionalInt piece = piece(word, start, end);
            while (piece.isEmpty() && end > start + 1) {
                end--;
                piece = piece(word, start, end);
            }
            if (piece.isEmpty()) {
                return IntStream.of(vocabulary.unknown());
            }
            pieces.add(piece.getAsInt());
            start = end;
        }
        return pieces.stream().mapToInt(Integer::intValue);
    }

    private OptionalInt piece(String word, int start, int end) {
        String text = word.substring(start, end);
        return vocabulary.number(start == 0 ? text : CONTINUATION + text);
    }
}
