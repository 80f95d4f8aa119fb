package org.crossentropy.app.io;

/** Text from a file or the command line, as a message of one line can show it. */
public final class Quoted {

    private static final int LONGEST = 200;

    private Quoted() {}

    /**
     * Quotes a text.
     *
     * @param text any text
     * @return the text in quotation marks, what cannot be printed escaped, cut where it is very long
     */
    public static String of(String text) {
        String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return "\"" + PythonLiteral.printable(cut) + "\"";
    }
}
