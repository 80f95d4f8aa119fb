package org.crossentropy.app.bert;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Splits text into words as BERT's models without case were trained with: lower case, accents stripped, each punctuation
 * character and each ideograph of Chinese a word of its own, control characters left out.
 */
final class BasicTokens {

    private static final int REPLACEMENT = 0xfffd;

    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();

    private BasicTokens() {}

    static List<String> of(String text) {
        BasicTokens tokens = new BasicTokens();
        // Accents become characters of their own, which add leaves out.
        Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
                .codePoints()
                .forEach(tokens::add);
        tokens.endWord();
        return tokens.words;
    }

    private void add(int character) {
        if (isBlank(character)) {
            endWord();
        } else if (isPunctuation(character) || isIdeograph(character)) {
            endWord();
            word.appendCodePoint(character);
            endWord();
        } else if (!isLeftOut(character)) {
            word.appendCodePoint(character);
        }
    }

    private void endWord() {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    private static boolean isBlank(int character) {
        return switch (character) {
            case ' ', '\t', '\n', '\r' -> true;
            default -> Character.getType(character) == Character.SPACE_SEPARATOR;
        };
    }

    private static boolean isLeftOut(int character) {
        return character == REPLACEMENT
                || switch (Character.getType(character)) {
                    case Character.NON_SPACING_MARK,
                            Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED -> true;
                    default -> false;
                };
    }

    /** Also those characters of ASCII that Unicode calls symbols, such as the dollar sign. */
    private static boolean isPunctuation(int character) {
        if (character > ' ' && character < 0x7f) {
            return !Character.isLetterOrDigit(character);
        }
        return switch (Character.getType(character)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /** The blocks of ideographs that Chinese is written with; not those of Japanese syllables or of Korean. */
    private static boolean isIdeograph(int character) {
        return (character >= 0x4e00 && character <= 0x9fff)
                || (character >= 0x3400 && character <= 0x4dbf)
                || (character >= 0xf900 && character <= 0xfaff)
                || (character >= 0x20000 && character <= 0x2a6df)
                || (character >= 0x2a700 && character <= 0x2ceaf)
                || (character >= 0x2f800 && character <= 0x2fa1f);
    }
}
