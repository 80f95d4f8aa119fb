package org.crossentropy.app.io;

import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a literal of the Python language, as far as the header of a .npy file may hold one: strings, whole numbers, True,
 * False, None, tuples, lists and dictionaries.
 */
final class PythonLiteral {

    /** What {@code None} is read as, so that no value is null. */
    static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    /** Deep enough for every data type there is, and shallow enough for the stack. */
    private static final int DEPTH = 32;

    private final String text;
    private int position;
    private int depth;

    private PythonLiteral(String text) {
        this.text = text;
    }

    /**
     * Reads a whole text.
     *
     * @return a String, Long, Boolean, {@link #NONE}, List (of a tuple or a list) or Map
     */
    static Object parse(String text) throws ParseException {
        PythonLiteral parser = new PythonLiteral(text);
        Object value = parser.value();
        parser.skipBlanks();
        if (parser.position < text.length()) {
            throw parser.unexpected("the end");
        }
        return value;
    }

    private Object value() throws ParseException {
        if (depth == DEPTH) {
            throw new ParseException("nested more than " + DEPTH + " deep", position);
        }
        depth++;
        Object value = switch (peek()) {
            case '{' -> dictionary();
            case '(' -> sequence('(', ')');
            case '[' -> sequence('[', ']');
            case '\'', '"' -> string();
            default -> word();
        };
        depth--;
        return value;
    }

    private Map<Object, Object> dictionary() throws ParseException {
        Map<Object, Object> entries = new LinkedHashMap<>();
        expect('{');
        while (peek() != '}') {
            Object key = value();
            expect(':');
            if (entries.put(key, value()) != null) {
                throw new ParseException("key " + key + " twice", position);
            }
            endOfElement('}');
        }
        expect('}');
        return entries;
    }

    private List<Object> sequence(char open, char close) throws ParseException {
        List<Object> elements = new ArrayList<>();
        expect(open);
        while (peek() != close) {
            elements.add(value());
            endOfElement(close);
        }
        expect(close);
        return elements;
    }

    /** A comma, which may be left out after the last element. */
    private void endOfElement(char close) throws ParseException {
        if (peek() != close) {
            expect(',');
        }
    }

    /** A string without escapes: no name of a data type has any. */
    private String string() throws ParseException {
        char quote = text.charAt(position);
        int end = text.indexOf(quote, position + 1);
        if (end < 0) {
            throw new ParseException("a string without end", position);
        }
        String string = text.substring(position + 1, end);
        if (string.indexOf('\\') >= 0) {
            throw new ParseException("a string with an escape", position);
        }
        position = end + 1;
        return string;
    }

    private Object word() throws ParseException {
        int start = position;
        while (position < text.length() && isOfWord(text.charAt(position))) {
            position++;
        }
        String word = text.substring(start, position);
        return switch (word) {
            case "True" -> true;
            case "False" -> false;
            case "None" -> NONE;
            default -> number(word, start);
        };
    }

    private Long number(String word, int start) throws ParseException {
        try {
            return Long.valueOf(word);
        } catch (NumberFormatException notANumber) {
            position = start;
            throw unexpected("a value");
        }
    }

    private static boolean isOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '+' || c == '.';
    }

    private char peek() throws ParseException {
        skipBlanks();
        if (position == text.length()) {
            throw new ParseException("the end of the header too early", position);
        }
        return text.charAt(position);
    }

    private void expect(char wanted) throws ParseException {
        if (peek() != wanted) {
            throw unexpected("'" + wanted + "'");
        }
        position++;
    }

    private void skipBlanks() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
    }

    private ParseException unexpected(String wanted) {
        int end = Math.min(text.length(), position + 12);
        String found = position == text.length() ? "nothing" : "\"" + printable(text.substring(position, end)) + "\"";
        return new ParseException(found + " where " + wanted + " must be", position);
    }

    /** The text without characters that would break a message of one line. */
    static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
