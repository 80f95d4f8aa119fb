package org.crossentropy.app;

/** What the command tells the shell. */
final class ExitStatus {

    /** All went well. */
    static final int FINE = 0;

    /** Backends differ. */
    static final int CHECK_FAILED = 1;

    /** The command line or a file cannot be used. */
    static final int BAD_INPUT = 2;

    /** A fault of the program, or of the machine. */
    static final int FAULT = 3;

    private ExitStatus() {}
}
