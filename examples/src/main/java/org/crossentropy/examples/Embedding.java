package org.crossentropy.examples;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;

/** A learnt vector for each token. A row of a network's input is the vectors of the last tokens, one after another. */
final class Embedding {

    private final Parameter vectors;
    private final int width;
    private final int context;

    /**
     * Makes random vectors.
     *
     * @param context how many tokens a row is made of
     */
    Embedding(int vocabulary, int width, int context, RandomGenerator random) {
        this.vectors = Parameter.normal(vocabulary, width, 1, random);
        this.width = width;
        this.context = context;
    }

    /** Writes the tokens up to a position to a row, the last first. */
    void write(int[] tokens, int position, Matrix rows, long row) {
        Matrix places = places(rows);
        for (int back = 0; back < context; back++) {
            Floats.copyRow(vectors.value(), tokens[position - back], places, row * context + back);
        }
    }

    /** Starts a gradient. */
    void clearGradient() {
        vectors.gradient().segment().fill((byte) 0);
    }

    /** Adds the gradient of a row to that of the tokens it was made of. */
    void addGradient(int[] tokens, int position, Matrix rowGradients, long row) {
        MemorySegment from = rowGradients.segment();
        MemorySegment sums = vectors.gradient().segment();
        for (int back = 0; back < context; back++) {
            long start = (row * context + back) * width;
            long vector = (long) tokens[position - back] * width;
            for (int j = 0; j < width; j++) {
                Floats.add(sums, vector + j, Floats.get(from, start + j));
            }
        }
    }

    void step(double learningRate) {
        vectors.step(learningRate);
    }

    /** The same memory with a row for each vector. */
    private Matrix places(Matrix rows) {
        return Matrix.of(rows.type(), rows.segment(), rows.rows() * context, width);
    }
}
