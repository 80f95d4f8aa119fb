package org.crossentropy.examples;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A text as tokens, one for each byte: the number of that byte among the different ones that occur. */
final class Text {

    private final int[] tokens;
    private final String alphabet;

    private Text(int[] tokens, String alphabet) {
        this.tokens = tokens;
        this.alphabet = alphabet;
    }

    /** The first book of the King James Bible (1611): a verse a line, chapters apart. */
    static Text genesis() {
        String text = new String(Resources.unzip("genesis/genesis.txt.gz"), StandardCharsets.US_ASCII);
        int[] bytes = text.chars().distinct().sorted().toArray();
        String alphabet = new String(bytes, 0, bytes.length);
        return new Text(text.chars().map(alphabet::indexOf).toArray(), alphabet);
    }

    /** The tokens of a string of the same alphabet. */
    int[] encode(String string) {
        return string.chars().map(alphabet::indexOf).toArray();
    }

    /** The string of some tokens. */
    String decode(int[] some) {
        int[] bytes = Arrays.stream(some).map(alphabet::charAt).toArray();
        return new String(bytes, 0, bytes.length);
    }

    /** The tokens of the text, not to be changed. */
    int[] tokens() {
        return tokens;
    }

    /** How many different tokens there are. */
    int vocabulary() {
        return alphabet.length();
    }

    /** The share of each token in the text. */
    double[] frequencies() {
        double[] frequencies = new double[alphabet.length()];
        for (int token : tokens) {
            frequencies[token] += 1.0 / tokens.length;
        }
        return frequencies;
    }
}
