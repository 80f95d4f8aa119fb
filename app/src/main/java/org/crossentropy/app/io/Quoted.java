package org.crossentropy.app.io;

/** Text from a file or the command line, as a message of one line can show it. */
final class Quoted {

    private static final int LONGEST = 200;

    private Quoted() {}

    /** The text in quotation marks, cut where it is very long. */
    static String of(String text) {
        String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return "\"" + PythonLiteral.printable(cut) + "\"";
    }
}
