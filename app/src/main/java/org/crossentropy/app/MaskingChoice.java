package org.crossentropy.app;

import org.crossentropy.app.bert.Masking;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Which tokens are masked, as the user says it.
 *
 * @param text what the user says
 * @param masking what it means
 */
record MaskingChoice(String text, Masking masking) {

    /** What BERT was trained with. */
    static final MaskingChoice DEFAULT = new MaskingChoice("random:0.15", Masking.Drawn.AS_TRAINED);

    /** Reads what the user gives. */
    static final class Converter implements ITypeConverter<MaskingChoice> {

        @Override
        public MaskingChoice convert(String text) {
            int colon = text.indexOf(':');
            String kind = text.substring(0, colon + 1);
            try {
                return new MaskingChoice(text, masking(kind, text.substring(colon + 1)));
            } catch (IllegalArgumentException invalid) {
                throw new TypeConversionException(text
                        + ", must be random:P with P above 0 and at most 1, turns:K or every:K with K at least 1, or"
                        + " each");
            }
        }

        private static Masking masking(String kind, String rest) {
            return switch (kind) {
                case "" -> each(rest);
                case "turns:" -> new Masking.Spread(distance(rest), true);
                case "every:" -> new Masking.Spread(distance(rest), false);
                case "random:" -> new Masking.Drawn(share(rest));
                default -> throw new IllegalArgumentException(kind);
            };
        }

        private static Masking each(String word) {
            if (!word.equals("each")) {
                throw new IllegalArgumentException(word);
            }
            return Masking.Spread.ONE_BY_ONE;
        }

        private static int distance(String text) {
            int distance = Integer.parseInt(text);
            if (distance < 1) {
                throw new IllegalArgumentException(text);
            }
            return distance;
        }

        private static double share(String text) {
            double share = Double.parseDouble(text);
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(text);
            }
            return share;
        }
    }

    /** What the user would say. */
    @Override
    public String toString() {
        return text;
    }
}
