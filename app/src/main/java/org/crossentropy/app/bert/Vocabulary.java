package org.crossentropy.app.bert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.Quoted;

/** The tokens that a model knows, one a line of a file, numbered from 0. */
public final class Vocabulary {

    private final List<String> tokens;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final int unknown;
    private final int start;
    private final int end;
    private final int mask;

    /**
     * Numbers tokens.
     *
     * @param place where they are, as messages begin
     * @param tokens the tokens
     */
    Vocabulary(String place, List<String> tokens) {
        this.tokens = List.copyOf(tokens);
        for (int i = 0; i < tokens.size(); i++) {
            numbers.put(tokens.get(i), i);
        }
        this.unknown = special(place, "[UNK]");
        this.start = special(place, "[CLS]");
        this.end = special(place, "[SEP]");
        this.mask = special(place, "[MASK]");
    }

    private int special(String place, String token) {
        return number(token).orElseThrow(() -> new InputException(place + ": has no token " + Quoted.of(token)));
    }

    static Vocabulary read(String place, MemorySegment file) {
        String text = new String(file.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        return new Vocabulary(place, text.lines().map(String::strip).toList());
    }

    int size() {
        return tokens.size();
    }

    /** The number of a token, if there is such a token. */
    OptionalInt number(String token) {
        Integer number = numbers.get(token);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /**
     * Returns a token.
     *
     * @param number its number
     * @return its text
     */
    public String token(int number) {
        return tokens.get(number);
    }

    /** What words become that no tokens make up. */
    int unknown() {
        return unknown;
    }

    /** What every sequence starts with. */
    int start() {
        return start;
    }

    /** What every sequence ends with. */
    int end() {
        return end;
    }

    /** What stands in for a token that the model is to guess. */
    int mask() {
        return mask;
    }
}
