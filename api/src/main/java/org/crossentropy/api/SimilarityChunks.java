package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The similarities of queries with all keys, some rows at a time: each chunk becomes logits, then losses and derivatives in
 * its own place, then what these add to the gradients of the embeddings. The whole matrix never exists unless it fits one
 * chunk.
 */
final class SimilarityChunks {

    /** What becomes of a chunk of logits. */
    interface ChunkLoss {
        /**
         * Computes the losses of some queries.
         *
         * @param logits the logits of the queries from {@code from} on; overwritten by their gradient if that is wanted
         * @param from first query
         * @param wantsGradient whether the gradient is wanted
         * @return sums of the rows of this chunk
         */
        LossResult compute(Matrix logits, long from, boolean wantsGradient);
    }

    private final ContrastiveOptions options;
    private final MatrixProduct product;
    private final Matrix memory;

    SimilarityChunks(ContrastiveOptions options, Execution execution, Matrix memory) {
        this.options = options;
        this.product = MatrixProduct.on(execution);
        this.memory = memory;
    }

    /** Memory for chunks: the caller's, or some of its own. */
    static Matrix memory(ContrastiveOptions options, Matrix queries, long keys, @Nullable Matrix given) {
        long rows = options.chunkRows(queries.rows(), keys);
        int columns = Math.toIntExact(keys);
        if (given != null) {
            return given.rows(0, Math.min(rows, given.rows()));
        }
        ElementType type = queries.type();
        MemorySegment segment = Arena.ofAuto().allocate(rows * columns * type.bytes(), 64);
        return Matrix.of(type, segment, rows, columns);
    }

    /**
     * Runs over all chunks.
     *
     * @param weight factor of everything that is added to gradients
     * @return sum of the losses, without the weight
     */
    CompensatedSum run(Embeddings queries, Embeddings keys, double weight, ChunkLoss loss) {
        CompensatedSum sum = new CompensatedSum();
        long rows = queries.seen().rows();
        boolean wantsGradient = queries.wantsGradient() || keys.wantsGradient();
        double scale = weight * options.logitScale();
        for (long from = 0; from < rows; from += memory.rows()) {
            long count = Math.min(memory.rows(), rows - from);
            Matrix chunk = memory.rows(0, count);
            Matrix some = queries.seen().rows(from, count);
            fillLogits(some, keys.seen(), chunk);
            LossResult result = loss.compute(chunk, from, wantsGradient);
            sum.add(result.lossSum(), result.lossSumTail());
            keys.addGradient(0, keys.seen().rows(), scale, chunk, MatrixProduct.Operand.TRANSPOSED, some);
            queries.addGradient(from, count, scale, chunk, MatrixProduct.Operand.PLAIN, keys.seen());
        }
        return sum;
    }

    private void fillLogits(Matrix queries, Matrix keys, Matrix chunk) {
        boolean biased = options.bias() != 0;
        if (biased) {
            fill(chunk, options.bias());
        }
        product.multiply(
                queries,
                MatrixProduct.Operand.PLAIN,
                keys,
                MatrixProduct.Operand.TRANSPOSED,
                options.logitScale(),
                biased ? 1 : 0,
                chunk);
    }

    private static void fill(Matrix matrix, double value) {
        for (long row = 0; row < matrix.rows(); row++) {
            long start = row * matrix.rowStride();
            for (long at = start; at < start + matrix.columns(); at++) {
                if (matrix.type() == ElementType.FLOAT32) {
                    matrix.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, (float) value);
                } else {
                    matrix.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at * Double.BYTES, value);
                }
            }
        }
    }
}
