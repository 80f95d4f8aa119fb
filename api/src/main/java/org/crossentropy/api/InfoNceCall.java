package org.crossentropy.api;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One computation of {@link InfoNce}. Made by {@link InfoNce#on}, completed by its methods and run by {@link #compute}. Not
 * for use by several threads at once.
 */
public final class InfoNceCall {

    private final InfoNce loss;
    private final ContrastiveOptions options;
    private final Matrix queries;
    private final Matrix keys;
    private @Nullable ClassIndices positives;
    private @Nullable Matrix queryGradient;
    private @Nullable Matrix keyGradient;
    private @Nullable RowValues rowLosses;
    private @Nullable Matrix workspace;

    InfoNceCall(InfoNce loss, Matrix queries, Matrix keys) {
        this.loss = loss;
        this.options = loss.options();
        this.queries = Objects.requireNonNull(queries, "queries");
        this.keys = Objects.requireNonNull(keys, "keys");
    }

    /**
     * Says which key is the positive of each query, where that is not the key at the same place: of keys gathered from
     * several devices, for one. Not for the symmetric loss.
     *
     * @param indices N numbers of keys
     * @return this
     */
    public InfoNceCall positives(ClassIndices indices) {
        this.positives = Objects.requireNonNull(indices, "positives");
        return this;
    }

    /**
     * Asks for the gradient with respect to the queries.
     *
     * @param gradient receives N x D of the queries' element type, apart from all others
     * @return this
     */
    public InfoNceCall queryGradient(Matrix gradient) {
        this.queryGradient = Objects.requireNonNull(gradient, "queryGradient");
        return this;
    }

    /**
     * Asks for the gradient with respect to the keys.
     *
     * @param gradient receives M x D of the keys' element type, apart from all others
     * @return this
     */
    public InfoNceCall keyGradient(Matrix gradient) {
        this.keyGradient = Objects.requireNonNull(gradient, "keyGradient");
        return this;
    }

    /**
     * Asks for the loss of each query, not divided by anything; symmetric, half the sum of those of query i and key i.
     *
     * @param losses receives N losses
     * @return this
     */
    public InfoNceCall rowLosses(RowValues losses) {
        this.rowLosses = Objects.requireNonNull(losses, "rowLosses");
        return this;
    }

    /**
     * Lends memory for similarities, so that the call allocates none; its rows limit those of a chunk, and {@link
     * InfoNce#workingMemory} is then about copies of embeddings alone. Off-heap memory saves the backend {@code native} a copy. What it holds afterwards means nothing.
     *
     * @param matrix at least 1 row, M columns, of the queries' element type, apart from all others
     * @return this
     */
    public InfoNceCall workspace(Matrix matrix) {
        this.workspace = Objects.requireNonNull(matrix, "workspace");
        return this;
    }

    /**
     * Computes loss and whatever was asked for.
     *
     * @return sums and counts
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, or the working memory is too small for
     *     one query
     * @throws IndexOutOfBoundsException if a positive is no key
     * @throws BackendUnavailableException if no execution was set and no backend can run
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public ContrastiveResult compute() {
        boolean shareable = check();
        int[] places = places();
        Execution execution = options.execution();
        Embeddings q = new Embeddings(options.similarity(), execution, shareable, queries, queryGradient);
        Embeddings k = new Embeddings(options.similarity(), execution, shareable, keys, keyGradient);
        CompensatedSum sum = SimilarityChunks.sum(
                options,
                execution,
                q,
                k,
                workspace,
                chunks -> loss.isSymmetric()
                        ? bothWays(chunks, execution, shareable)
                        : oneWay(chunks, execution, shareable, places));
        return result(sum, q.finish(), k.finish());
    }

    private CompensatedSum oneWay(SimilarityChunks chunks, Execution execution, boolean shareable, int[] places) {
        double[] losses = rowLosses == null ? null : new double[places.length];
        CompensatedSum sum = chunks.run(new PositivePairs(options, execution, shareable, places, false, losses));
        setRowLosses(losses);
        return sum;
    }

    private CompensatedSum bothWays(SimilarityChunks chunks, Execution execution, boolean shareable) {
        int count = Math.toIntExact(queries.rows());
        double[] losses = new SymmetricPairs(options, execution, shareable, chunks, count).run();
        setRowLosses(losses);
        CompensatedSum sum = new CompensatedSum();
        for (double loss : losses) {
            sum.add(loss);
        }
        return sum;
    }

    private void setRowLosses(double @Nullable [] losses) {
        for (int i = 0; rowLosses != null && losses != null && i < losses.length; i++) {
            rowLosses.set(i, losses[i]);
        }
    }

    private ContrastiveResult result(CompensatedSum sum, double ofQueries, double ofKeys) {
        CompensatedSum count = new CompensatedSum();
        count.add((double) queries.rows());
        LossResult result = options.rule().result(sum, count, queries.rows(), queries.rows());
        OptionalDouble byScale = queryGradient != null
                ? OptionalDouble.of(ofQueries / options.logitScale())
                : keyGradient != null ? OptionalDouble.of(ofKeys / options.logitScale()) : OptionalDouble.empty();
        return new ContrastiveResult(result, options.logitScale(), byScale, OptionalDouble.empty());
    }

    /** The positive of each query, looked at once. */
    private int[] places() {
        int[] places = new int[Math.toIntExact(queries.rows())];
        if (positives == null) {
            Arrays.setAll(places, i -> i);
            return places;
        }
        for (int i = 0; i < places.length; i++) {
            long place = positives.get(i);
            if (place < 0 || place >= keys.rows()) {
                throw new IndexOutOfBoundsException("positives[" + i + "] is " + place + ", must be from 0 to "
                        + (keys.rows() - 1) + " (" + keys.rows() + " keys)");
            }
            places[i] = (int) place;
        }
        return places;
    }

    private boolean check() {
        ContrastiveChecks.comparable("queries", queries, "keys", keys);
        if (loss.isSymmetric()) {
            ContrastiveChecks.paired("queries", queries, "keys", keys, "the symmetric loss is of pairs");
            if (positives != null) {
                throw new IllegalArgumentException(
                        "positives and the symmetric loss cannot be combined: there query i and"
                                + " key i are a pair; bring them into that order");
            }
        }
        if (positives != null) {
            Checks.perRow("positives", positives.count(), queries);
        } else if (keys.rows() < queries.rows()) {
            throw new IllegalArgumentException("keys have " + keys.rows() + " rows, must have one for each of the "
                    + queries.rows() + " queries, or say with positives which key belongs to which query");
        }
        CallBuffers buffers = new CallBuffers()
                .input("queries", queries.segment())
                .input("keys", keys.segment())
                .input("positives", positives == null ? null : positives.segment());
        ContrastiveChecks.gradient(buffers, "queryGradient", queryGradient, "queries", queries);
        ContrastiveChecks.gradient(buffers, "keyGradient", keyGradient, "keys", keys);
        ContrastiveChecks.rowLosses(buffers, rowLosses, queries);
        ContrastiveChecks.workspace(buffers, workspace, queries, keys.rows());
        return buffers.shareable();
    }
}
