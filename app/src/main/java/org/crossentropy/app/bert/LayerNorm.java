package org.crossentropy.app.bert;

/** Layer normalisation (Ba et al. 2016): mean 0 and variance 1 over a row, then a scale and a shift for each column. */
final class LayerNorm {

    /** What BERT adds to the variance. */
    private static final double EPSILON = 1e-12;

    private final float[] scale;
    private final float[] shift;

    LayerNorm(float[] scale, float[] shift) {
        this.scale = scale;
        this.shift = shift;
    }

    static LayerNorm read(TensorBundle bundle, String name, int width) {
        return new LayerNorm(bundle.vector(name + "/gamma", width), bundle.vector(name + "/beta", width));
    }

    void apply(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        double factor = 1 / Math.sqrt(squares / values.length + EPSILON);
        for (int j = 0; j < values.length; j++) {
            values[j] = (float) ((values[j] - mean) * factor * scale[j] + shift[j]);
        }
    }
}
