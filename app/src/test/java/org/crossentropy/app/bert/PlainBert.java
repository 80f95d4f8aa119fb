package org.crossentropy.app.bert;

/** BERT's encoder and head by their definitions, in double and without a library: what the fast one is compared with. */
public final class PlainBert {

    private final TinyBert weights;

    /** Takes its weights from there. */
    public PlainBert(TinyBert weights) {
        this.weights = weights;
    }

    /** The rows that the encoder gives. */
    double[][] encode(int... tokens) {
        int width = TinyBert.WIDTH;
        double[][] x = new double[tokens.length][width];
        float[] words = weights.values("bert/embeddings/word_embeddings");
        float[] positions = weights.values("bert/embeddings/position_embeddings");
        float[] segments = weights.values("bert/embeddings/token_type_embeddings");
        for (int t = 0; t < tokens.length; t++) {
            for (int j = 0; j < width; j++) {
                x[t][j] = (double) words[tokens[t] * width + j] + positions[t * width + j] + segments[j];
            }
        }
        x = normalised(x, "bert/embeddings/LayerNorm");
        for (int layer = 0; layer < TinyBert.LAYERS; layer++) {
            String name = "bert/encoder/layer_" + layer;
            double[][] c = dense(attention(x, name + "/attention/self"), name + "/attention/output/dense");
            double[][] y = normalised(sum(c, x), name + "/attention/output/LayerNorm");
            double[][] z = dense(gelu(dense(y, name + "/intermediate/dense")), name + "/output/dense");
            x = normalised(sum(z, y), name + "/output/LayerNorm");
        }
        return x;
    }

    /** What the head's matrix product takes. */
    double[][] transform(double[][] x) {
        return normalised(gelu(dense(x, "cls/predictions/transform/dense")), "cls/predictions/transform/LayerNorm");
    }

    /** The log-probability of the token at a place, that place masked. */
    public double logProbability(int[] tokens, int place) {
        int[] masked = tokens.clone();
        masked[place] = TinyBert.TOKENS.indexOf("[MASK]");
        return logProbability(transform(encode(masked))[place], tokens[place]);
    }

    private double logProbability(double[] hidden, int token) {
        float[] words = weights.values("bert/embeddings/word_embeddings");
        float[] bias = weights.values("cls/predictions/output_bias");
        double[] logits = new double[bias.length];
        double sum = 0;
        for (int k = 0; k < bias.length; k++) {
            logits[k] = bias[k];
            for (int j = 0; j < hidden.length; j++) {
                logits[k] += hidden[j] * words[k * hidden.length + j];
            }
            sum += Math.exp(logits[k]);
        }
        return logits[token] - Math.log(sum);
    }

    private double[][] attention(double[][] x, String name) {
        double[][] q = dense(x, name + "/query");
        double[][] k = dense(x, name + "/key");
        double[][] v = dense(x, name + "/value");
        int width = TinyBert.WIDTH / TinyBert.HEADS;
        double[][] c = new double[x.length][TinyBert.WIDTH];
        for (int head = 0; head < TinyBert.HEADS; head++) {
            int from = head * width;
            for (int t = 0; t < x.length; t++) {
                double[] shares = new double[x.length];
                double all = 0;
                for (int s = 0; s < x.length; s++) {
                    double score = 0;
                    for (int j = from; j < from + width; j++) {
                        score += q[t][j] * k[s][j];
                    }
                    shares[s] = Math.exp(score / Math.sqrt(width));
                    all += shares[s];
                }
                for (int s = 0; s < x.length; s++) {
                    for (int j = from; j < from + width; j++) {
                        c[t][j] += shares[s] / all * v[s][j];
                    }
                }
            }
        }
        return c;
    }

    private double[][] dense(double[][] x, String name) {
        float[] kernel = weights.values(name + "/kernel");
        float[] bias = weights.values(name + "/bias");
        double[][] y = new double[x.length][bias.length];
        for (int t = 0; t < x.length; t++) {
            for (int j = 0; j < bias.length; j++) {
                y[t][j] = bias[j];
                for (int i = 0; i < x[t].length; i++) {
                    y[t][j] += x[t][i] * kernel[i * bias.length + j];
                }
            }
        }
        return y;
    }

    private double[][] normalised(double[][] x, String name) {
        float[] scale = weights.values(name + "/gamma");
        float[] shift = weights.values(name + "/beta");
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double mean = 0;
            double variance = 0;
            for (double value : x[t]) {
                mean += value / x[t].length;
            }
            for (double value : x[t]) {
                variance += (value - mean) * (value - mean) / x[t].length;
            }
            y[t] = new double[x[t].length];
            for (int j = 0; j < y[t].length; j++) {
                y[t][j] = (x[t][j] - mean) / Math.sqrt(variance + 1e-12) * scale[j] + shift[j];
            }
        }
        return y;
    }

    private static double[][] sum(double[][] a, double[][] b) {
        double[][] c = new double[a.length][a[0].length];
        for (int t = 0; t < a.length; t++) {
            for (int j = 0; j < a[t].length; j++) {
                c[t][j] = a[t][j] + b[t][j];
            }
        }
        return c;
    }

    private static double[][] gelu(double[][] x) {
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int j = 0; j < x[t].length; j++) {
                y[t][j] = x[t][j] * normalDistribution(x[t][j]);
            }
        }
        return y;
    }

    /** Simpson's rule for the integral of the density from 0. */
    static double normalDistribution(double x) {
        int steps = 400;
        double width = x / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double t = i * width;
            double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-t * t / 2);
        }
        return 0.5 + sum * width / 3 / Math.sqrt(2 * Math.PI);
    }
}
