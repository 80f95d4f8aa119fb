package org.crossentropy.app.explain;

/** Where training begins. */
public enum Start {
    /** A trained solution, every weight and the bias negated: almost all answers wrong, and most of them surely so. */
    SURE_AND_WRONG("sureAndWrong"),
    /** All weights 0: every answer 1/2. */
    ZERO("zero");

    private final String jsonName;

    Start(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * {@return the name in JSON}
     */
    public String jsonName() {
        return jsonName;
    }
}
