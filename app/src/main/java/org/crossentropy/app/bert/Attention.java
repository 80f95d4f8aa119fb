package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct.Operand;

/**
 * Attention of every token to every other in several heads (Vaswani et al. 2017): of each head's columns {@code C =
 * softmax(Q K' / sqrt d) V}, d being how many there are.
 */
final class Attention {

    private final Dense queries;
    private final Dense keys;
    private final Dense values;
    private final int heads;

    Attention(Dense queries, Dense keys, Dense values, int heads) {
        this.queries = queries;
        this.keys = keys;
        this.values = values;
        this.heads = heads;
    }

    /** Room for what is computed on the way, which all layers share. */
    static final class Workspace {

        private final Matrix q;
        private final Matrix k;
        private final Matrix v;
        private final Matrix scores;

        Workspace(int longest, int width, Arena arena) {
            q = Compute.matrix(longest, width, arena);
            k = Compute.matrix(longest, width, arena);
            v = Compute.matrix(longest, width, arena);
            scores = Compute.matrix(longest, longest, arena);
        }
    }

    static Attention read(TensorBundle bundle, String name, BertShape shape) {
        int width = shape.width();
        return new Attention(
                Dense.read(bundle, name + "/query", width, width),
                Dense.read(bundle, name + "/key", width, width),
                Dense.read(bundle, name + "/value", width, width),
                shape.heads());
    }

    /** Writes C for the rows of x. */
    void apply(Matrix x, Matrix c, Workspace space, Compute compute) {
        long length = x.rows();
        Matrix q = space.q.rows(0, length);
        Matrix k = space.k.rows(0, length);
        Matrix v = space.v.rows(0, length);
        queries.apply(x, q, compute);
        keys.apply(x, k, compute);
        values.apply(x, v, compute);
        Matrix scores = Matrix.of(ElementType.FLOAT32, space.scores.segment(), length, (int) length);
        int width = x.columns() / heads;
        double scale = 1 / Math.sqrt(width);
        for (int head = 0; head < heads; head++) {
            int from = head * width;
            Matrix keysOfHead = columns(k, from, width);
            compute.product()
                    .multiply(columns(q, from, width), Operand.PLAIN, keysOfHead, Operand.TRANSPOSED, scale, 0, scores);
            compute.softmax().softmax(scores, scores);
            compute.product().multiply(scores, columns(v, from, width), columns(c, from, width));
        }
    }

    private static Matrix columns(Matrix matrix, int from, int count) {
        return Matrix.of(
                ElementType.FLOAT32,
                matrix.segment().asSlice((long) from * Float.BYTES),
                matrix.rows(),
                count,
                matrix.rowStride());
    }
}
