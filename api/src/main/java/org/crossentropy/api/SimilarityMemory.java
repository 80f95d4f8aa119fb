package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * How the working memory of a contrastive loss is used: for the similarities of some queries with all keys, and, where
 * {@linkplain Embeddings#needCopies products need them}, for copies of those queries and of some keys, of all if they fit into
 * half of the memory. What products copy themselves, of gradients on the heap, is left free.
 */
final class SimilarityMemory {

    private static final long ALIGNMENT = 64;

    /** Rows a multiple of this many bytes apart would fight for the same few lines of the cache when a column is read. */
    private static final int CACHE_PERIOD = 1024;

    /** Elements that keep them apart. */
    private static final int PADDING = 16;

    /** Similarities and two kinds of copies, each aligned. */
    private static final int PIECES = 3;

    /** The share of the memory that copies of keys may take. */
    private static final int KEY_SHARE = 2;

    /** The share that copies of gradients of keys may take. */
    private static final int GRADIENT_SHARE = 8;

    private final Matrix queries;
    private final Matrix keys;
    private final @Nullable Matrix workspace;
    private final long queryBytes;
    private final long queryGradientBytes;
    private final int keyRows;
    private final int keyGradientRows;
    private final long keyBytes;
    private final long keyGradientBytes;
    private final int chunkRows;

    private SimilarityMemory(
            ContrastiveOptions options, Embeddings queries, Embeddings keys, @Nullable Matrix workspace) {
        this.queries = queries.given();
        this.keys = keys.given();
        this.workspace = workspace;
        long budget = options.workingMemory();
        long embeddingBytes = (long) this.keys.columns() * this.keys.type().bytes();
        this.queryBytes = queries.needCopies() ? embeddingBytes : 0;
        this.queryGradientBytes = queries.gradientNeedsCopies() ? embeddingBytes : 0;
        this.keyGradientRows = rowsOfShare(keys.gradientNeedsCopies(), budget / GRADIENT_SHARE / embeddingBytes);
        this.keyGradientBytes = keys.gradientNeedsCopies() ? keyGradientRows * embeddingBytes : 0;
        long besidesOneQuery = budget - keyGradientBytes - rowBytes() - PIECES * ALIGNMENT;
        this.keyRows = rowsOfShare(keys.needCopies(), Math.min(budget / KEY_SHARE, besidesOneQuery) / embeddingBytes);
        this.keyBytes = keys.needCopies() ? keyRows * embeddingBytes : 0;
        long most = mostRows(budget);
        this.chunkRows = LinearMemory.balanced(
                this.queries.rows(), options.rowsPerChunk() == 0 ? most : Math.min(most, options.rowsPerChunk()));
    }

    /**
     * Divides working memory up.
     *
     * @param workspace memory for similarities that the caller lends, which the bound then is not about
     * @throws IllegalArgumentException if it is too small for one query
     */
    static SimilarityMemory plan(
            ContrastiveOptions options, Embeddings queries, Embeddings keys, @Nullable Matrix workspace) {
        return new SimilarityMemory(options, queries, keys, workspace);
    }

    private int rowsOfShare(boolean copied, long rows) {
        int all = Math.toIntExact(keys.rows());
        return copied ? Math.clamp(rows, Math.min(1, all), all) : all;
    }

    private long mostRows(long budget) {
        long rest = budget - keyBytes - keyGradientBytes - PIECES * ALIGNMENT;
        long limit = workspace == null ? Integer.MAX_VALUE / 2 : workspace.rows();
        long most = rowBytes() == 0 ? limit : Math.min(limit, rest / rowBytes());
        if (rest >= 0 && most >= 1) {
            return most;
        }
        throw new IllegalArgumentException("workingMemory is " + budget + " bytes, one query and its " + keys.rows()
                + " similarities need " + (budget - rest + rowBytes()) + "; raise workingMemory");
    }

    private long rowBytes() {
        return ownSimilarityBytes() + queryBytes + queryGradientBytes;
    }

    /** Bytes of one query's similarities, unless the caller lends them. */
    private long ownSimilarityBytes() {
        return workspace == null ? rowStride() * keys.type().bytes() : 0;
    }

    /** Elements from one query's similarities to the next. */
    private long rowStride() {
        long rowBytes = keys.rows() * keys.type().bytes();
        return keys.rows() + (rowBytes % CACHE_PERIOD == 0 ? PADDING : 0);
    }

    /** Queries of a chunk. */
    int chunkRows() {
        return chunkRows;
    }

    /** Keys that are copied at a time; all where none are. */
    int keyRows() {
        return keyRows;
    }

    /** Keys whose gradient is added to at a time. */
    int keyGradientRows() {
        return keyGradientRows;
    }

    /** Memory for the similarities of a chunk. */
    Matrix similarities(Arena arena) {
        if (workspace != null) {
            return workspace.rows(0, chunkRows);
        }
        MemorySegment segment = arena.allocate(chunkRows * ownSimilarityBytes(), ALIGNMENT);
        return Matrix.of(keys.type(), segment, chunkRows, Math.toIntExact(keys.rows()), rowStride());
    }

    /** Memory for copies of the queries of a chunk. */
    MemorySegment queryRoom(Arena arena) {
        return arena.allocate(chunkRows * queryBytes, ALIGNMENT);
    }

    /** Memory for copies of keys. */
    MemorySegment keyRoom(Arena arena) {
        return arena.allocate(keyBytes, ALIGNMENT);
    }
}
