package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import org.crossentropy.api.MatrixProduct.Operand;
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

    /** What is done with some of the keys. */
    private interface KeyWork {
        void on(int first, Matrix keys);
    }

    private final ContrastiveOptions options;
    private final MatrixProduct product;
    private final Embeddings queries;
    private final Embeddings keys;
    private final SimilarityMemory plan;
    private final Matrix memory;
    private final EmbeddingWindow queryWindow;
    private final EmbeddingWindow keyWindow;

    /**
     * Divides queries into chunks, and prepares the gradients.
     *
     * @param workspace memory for similarities that the caller lends
     * @param arena gives all other working memory
     * @throws IllegalArgumentException if the bound on working memory is too small
     */
    private SimilarityChunks(
            ContrastiveOptions options,
            Execution execution,
            Embeddings queries,
            Embeddings keys,
            @Nullable Matrix workspace,
            Arena arena) {
        this.options = options;
        this.product = MatrixProduct.on(execution);
        this.queries = queries;
        this.keys = keys;
        this.plan = SimilarityMemory.plan(options, queries, keys, workspace);
        queries.clearGradient();
        keys.clearGradient();
        this.memory = plan.similarities(arena);
        this.queryWindow = new EmbeddingWindow(queries, plan.queryRoom(arena));
        this.keyWindow = new EmbeddingWindow(keys, plan.keyRoom(arena));
    }

    /**
     * Does something with chunks that have working memory of their own as long as it takes. That of one thread alone is not
     * for others to reach: memory that is takes longer to free than a small batch to compute.
     *
     * @return what the work returns
     */
    static CompensatedSum sum(
            ContrastiveOptions options,
            Execution execution,
            Embeddings queries,
            Embeddings keys,
            @Nullable Matrix workspace,
            Function<SimilarityChunks, CompensatedSum> work) {
        boolean alone = execution.parallelism().threads() == 1;
        try (Arena arena = alone ? Arena.ofConfined() : Arena.ofShared()) {
            return work.apply(new SimilarityChunks(options, execution, queries, keys, workspace, arena));
        }
    }

    /** Number of chunks. */
    int count() {
        return Math.toIntExact(Math.ceilDiv(queries.given().rows(), (long) plan.chunkRows()));
    }

    /** The first query of a chunk. */
    long from(int chunk) {
        return (long) chunk * plan.chunkRows();
    }

    /** The memory of a chunk, whatever it holds. */
    Matrix memory(int chunk) {
        return memory.rows(0, Math.min(plan.chunkRows(), queries.given().rows() - from(chunk)));
    }

    boolean wantGradients() {
        return queries.wantsGradient() || keys.wantsGradient();
    }

    /**
     * Runs over all chunks.
     *
     * @return sum of the losses
     */
    CompensatedSum run(ChunkLoss loss) {
        CompensatedSum sum = new CompensatedSum();
        for (int chunk = 0; chunk < count(); chunk++) {
            Matrix logits = logits(chunk);
            LossResult result = loss.compute(logits, from(chunk), wantGradients());
            sum.add(result.lossSum(), result.lossSumTail());
            addGradients(chunk, logits, 1);
        }
        return sum;
    }

    /** Makes the logits of a chunk, in its memory. */
    Matrix logits(int chunk) {
        Matrix logits = memory(chunk);
        boolean biased = options.bias() != 0;
        if (biased) {
            fill(logits, options.bias());
        }
        Matrix some = queryWindow.rows(from(chunk), logits.rows());
        forEachKeys((first, others) -> product.multiply(
                some,
                Operand.PLAIN,
                others,
                Operand.TRANSPOSED,
                options.logitScale(),
                biased ? 1 : 0,
                logits.columns(first, (int) others.rows())));
        return logits;
    }

    /**
     * Adds what the derivatives of a chunk's logits, times a weight, contribute to the gradients that are wanted.
     *
     * @param derivatives of the logits of the chunk
     */
    void addGradients(int chunk, Matrix derivatives, double weight) {
        double scale = weight * options.logitScale();
        long count = derivatives.rows();
        if (keys.wantsGradient()) {
            addKeyGradient(queryWindow.rows(from(chunk), count), derivatives, scale);
        }
        if (queries.wantsGradient()) {
            forEachKeys((first, others) -> queries.addGradient(
                    from(chunk), count, scale, derivatives.columns(first, (int) others.rows()), Operand.PLAIN, others));
        }
    }

    private void addKeyGradient(Matrix some, Matrix derivatives, double scale) {
        int all = derivatives.columns();
        for (int first = 0; first < all; first += plan.keyGradientRows()) {
            int count = Math.min(plan.keyGradientRows(), all - first);
            keys.addGradient(first, count, scale, derivatives.columns(first, count), Operand.TRANSPOSED, some);
        }
    }

    /** Goes through the keys, as a whole where products can use them as they are or copies of all are at hand. */
    private void forEachKeys(KeyWork work) {
        int all = Math.toIntExact(keys.given().rows());
        for (int first = 0; first < all; first += plan.keyRows()) {
            work.on(first, keyWindow.rows(first, Math.min(plan.keyRows(), all - first)));
        }
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
