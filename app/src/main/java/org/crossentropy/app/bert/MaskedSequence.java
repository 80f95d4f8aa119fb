package org.crossentropy.app.bert;

/** A sequence some of whose tokens are masked. */
public final class MaskedSequence {

    private final int[] tokens;
    private final int[] places;
    private final int mask;

    MaskedSequence(int[] tokens, int[] places, int mask) {
        this.tokens = tokens;
        this.places = places;
        this.mask = mask;
    }

    /**
     * {@return the tokens as the model sees them}
     */
    public int[] masked() {
        int[] masked = tokens.clone();
        for (int place : places) {
            masked[place] = mask;
        }
        return masked;
    }

    /**
     * {@return number of tokens}
     */
    public int length() {
        return tokens.length;
    }

    /**
     * {@return number of masked tokens}
     */
    public int count() {
        return places.length;
    }

    /**
     * Returns where a masked token is.
     *
     * @param i which of them
     * @return its place in the sequence
     */
    public int place(int i) {
        return places[i];
    }

    /**
     * Returns what a masked token is.
     *
     * @param i which of them
     * @return the token's number
     */
    public int token(int i) {
        return tokens[places[i]];
    }
}
