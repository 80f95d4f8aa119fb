package org.crossentropy.app.bert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.crossentropy.app.io.InputException;

/** A text as sequences that a model can encode: cut into windows, each between the token of a start and that of an end. */
public final class Sequences {

    private static final int SPECIAL = 2;

    private static final String BLANK = "[MASK]";

    private final Vocabulary vocabulary;
    private final List<int[]> all;

    private Sequences(Vocabulary vocabulary, List<int[]> all) {
        this.vocabulary = vocabulary;
        this.all = all;
    }

    /**
     * Cuts a text into windows that do not overlap and are of equal length, but for rounding.
     *
     * @param text the text
     * @param vocabulary the tokens
     * @param longest most tokens of a window, special ones included, at least 3
     * @param most most tokens of the text to use, the first ones
     * @return the windows
     */
    public static Sequences of(String text, Vocabulary vocabulary, int longest, long most) {
        int[] tokens = new WordPiece(vocabulary).tokens(text);
        int used = (int) Math.min(tokens.length, most);
        long windows = Math.ceilDiv(used, longest - SPECIAL);
        List<int[]> all = new ArrayList<>();
        for (long window = 0; window < windows; window++) {
            int from = (int) (used * window / windows);
            int to = (int) (used * (window + 1) / windows);
            all.add(sequence(vocabulary, Arrays.stream(tokens, from, to)));
        }
        return new Sequences(vocabulary, all);
    }

    /**
     * Reads a text with blanks, written {@code [MASK]}, as one sequence whose blanks are masked.
     *
     * @param text the text
     * @param vocabulary the tokens
     * @param longest most tokens, special ones included
     * @return the sequence; what its blanks hide is not known, {@link MaskedSequence#token} is the mask
     * @throws InputException if there is no blank, or the text is too long
     */
    public static MaskedSequence withBlanks(String text, Vocabulary vocabulary, int longest) {
        WordPiece pieces = new WordPiece(vocabulary);
        IntStream tokens = IntStream.empty();
        int start = 0;
        for (int blank = text.indexOf(BLANK); blank >= 0; blank = text.indexOf(BLANK, start)) {
            IntStream before = Arrays.stream(pieces.tokens(text.substring(start, blank)));
            tokens = IntStream.concat(tokens, IntStream.concat(before, IntStream.of(vocabulary.mask())));
            start = blank + BLANK.length();
        }
        tokens = IntStream.concat(tokens, Arrays.stream(pieces.tokens(text.substring(start))));
        int[] sequence = sequence(vocabulary, tokens);
        int[] blanks = IntStream.range(0, sequence.length)
                .filter(i -> sequence[i] == vocabulary.mask())
                .toArray();
        if (blanks.length == 0) {
            throw new InputException(
                    "the text to fill in has no blank, must have " + BLANK + " where a word is missing");
        }
        if (sequence.length > longest) {
            throw new InputException("the text to fill in has " + (sequence.length - SPECIAL)
                    + " tokens, must have at most " + (longest - SPECIAL));
        }
        return new MaskedSequence(sequence, blanks, vocabulary.mask());
    }

    private static int[] sequence(Vocabulary vocabulary, IntStream tokens) {
        IntStream end = IntStream.of(vocabulary.end());
        return IntStream.concat(IntStream.of(vocabulary.start()), IntStream.concat(tokens, end))
                .toArray();
    }

    /**
     * {@return the sequences}
     */
    public List<int[]> all() {
        return all;
    }

    /**
     * {@return number of tokens, special ones left out}
     */
    public long tokens() {
        return all.stream().mapToLong(sequence -> sequence.length - SPECIAL).sum();
    }

    /**
     * {@return number of unknown tokens, which are never masked}
     */
    public long unknown() {
        return all.stream()
                .flatMapToInt(Arrays::stream)
                .filter(token -> token == vocabulary.unknown())
                .count();
    }

    int mask() {
        return vocabulary.mask();
    }

    /** Where the tokens of a sequence are that can be guessed: neither special nor unknown. */
    int[] guessable(int[] sequence) {
        return IntStream.range(1, sequence.length - 1)
                .filter(i -> sequence[i] != vocabulary.unknown())
                .toArray();
    }
}
