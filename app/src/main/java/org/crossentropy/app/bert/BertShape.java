package org.crossentropy.app.bert;

/**
 * How large a model is.
 *
 * @param vocabulary number of tokens it knows
 * @param width numbers for each token
 * @param layers number of layers
 * @param heads attention heads of a layer, which share the width
 * @param inner numbers for each token within a layer's network
 * @param positions length of the longest sequence
 */
public record BertShape(int vocabulary, int width, int layers, int heads, int inner, int positions) {

    int headWidth() {
        return width / heads;
    }

    /**
     * Multiplications and additions that the encoder takes for a sequence.
     *
     * @param length number of tokens
     * @return operations, those of matrix products alone
     */
    public double operations(int length) {
        double projections = 4.0 * width * width + 2.0 * width * inner;
        double attention = 2.0 * width * length;
        return 2 * layers * length * (projections + attention);
    }
}
