package org.crossentropy.api;

/**
 * A number of an input is not what it must be: a probability that is not from 0 to 1, a weight that is negative, a target
 * on a class that is masked. Thrown before anything is computed or written. The parameter's name is there for callers
 * that know where its numbers come from, and name the file or the table themselves.
 */
public final class ElementOutOfRangeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    /** Name of the parameter. */
    private final String parameter;

    ElementOutOfRangeException(String parameter, long row, double value, String rule) {
        this(parameter, "[" + row + "] is " + value + ", " + rule);
    }

    ElementOutOfRangeException(String parameter, long row, int column, double value, String rule) {
        this(parameter, "[" + row + ", " + column + "] is " + value + ", " + rule);
    }

    /** For a target, which is a whole number. */
    ElementOutOfRangeException(String parameter, long row, long value, String rule) {
        this(parameter, "[" + row + "] is " + value + ", " + rule);
    }

    private ElementOutOfRangeException(String parameter, String problem) {
        super(parameter + problem);
        this.parameter = parameter;
    }

    /**
     * Returns which input it is, as the message names it: {@code targets}, {@code sampleWeights}, {@code elementWeights}, or
     * what the loss calls its predictions.
     *
     * @return name of the parameter
     */
    public String parameter() {
        return parameter;
    }
}
