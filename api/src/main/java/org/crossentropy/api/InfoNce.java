package org.crossentropy.api;

import java.util.Objects;

/**
 * InfoNCE, the loss of contrastive learning with in-batch negatives: each query should be more like its own key than like
 * any other. Symmetric it is the loss of CLIP. An immutable value.
 *
 * <p><b>Formula.</b> With queries q, keys k, a {@link Similarity} s, logit scale c (one over the temperature) and positive
 * y(i) of query i,
 *
 * <pre>{@code
 * loss[i] = log sum over j of exp(c s(q[i], k[j])) - c s(q[i], k[y(i)])
 * }</pre>
 *
 * the cross-entropy of softmax with y(i) as class. The positive of query i is key i unless {@link InfoNceCall#positives}
 * says otherwise; further keys are negatives (the queue of MoCo, the keys of other devices). {@linkplain #symmetric
 * Symmetric}, it is half the sum of this loss and the one with queries and keys exchanged. Sources: van den Oord et al. 2018
 * (InfoNCE), Radford et al. 2021 (CLIP: cosine, symmetric, a learned logit scale that starts at 1 / 0.07), He et al. 2020
 * (MoCo: cosine, temperature 0.07).
 *
 * <p><b>Shapes.</b> Queries N x D, keys M x D; symmetric N = M. float32 or float64. The mean is over the N queries.
 *
 * <p><b>Gradients</b> of the reduced loss with respect to queries and keys, through the scaling to length 1 for {@link
 * Similarity#COSINE}, and with respect to the logit scale.
 *
 * <p><b>How.</b> Similarities are computed some rows at a time, in chunks of equal size: N x M numbers are never held at once
 * unless they fit. One direction takes a matrix product for the loss and one for each gradient. Both directions come from the
 * same similarities: a first sweep over the chunks takes the losses of rows, and of columns by merging their log-sum-exps
 * from chunk to chunk; with gradients a second sweep makes the similarities again, but for the last chunk, and replaces them
 * by the derivatives of both directions at once. So symmetric, too, the loss takes one product, and with both gradients four,
 * or three where there is one chunk.
 *
 * <p><b>Memory.</b> {@link #workingMemory} bounds similarities and copies of embeddings, which a call frees before it
 * returns; a caller may {@linkplain InfoNceCall#workspace lend} memory for the similarities. Embeddings are copied to be
 * scaled for COSINE, and off the heap: the queries of a chunk, and all keys if they fit into half of the memory, else some at
 * a time. Not in the bound: up to 100 bytes a query with its key, some 500 KB a thread of the kernels, more for more than
 * 16,384 keys or 1,000 queries a chunk, and the packing of the product (OpenBLAS: up to 32 MB a thread, kept).
 *
 * <p><b>Special values.</b> NaN and infinities in an embedding make its similarities NaN, hence the loss. Without keys there
 * must be no queries. An empty batch has the mean that {@link #emptyMean} says.
 *
 * <p><b>Accuracy.</b> That of {@link MatrixProduct} for the similarities and the gradients, which differs from backend to
 * backend; given the similarities, that of {@link SoftmaxCrossEntropy}, small losses included. Symmetric, the log-sum-exps
 * of columns are merged and used in double, rounded once a chunk; what is made of them, losses and probabilities of columns,
 * has a relative error of half a unit in the last place of the log-sum-exp more for each. That is nothing to float32, and in
 * float64 of the size of the rounding of similarities.
 *
 * <p><b>The same bits.</b> The same call gives the same bits every time on one machine, backend and number of threads. Given
 * the similarities, the number of threads does not show; on {@code scalar} and {@code vector} it does not show in them
 * either. The size of a chunk shows in the last digits only: of the losses of the symmetric form, and of gradients.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once, on different outputs.
 */
public final class InfoNce {

    private final ContrastiveOptions options;
    private final boolean symmetric;

    private InfoNce(ContrastiveOptions options, boolean symmetric) {
        this.options = options;
        this.symmetric = symmetric;
    }

    /**
     * Returns the loss of one direction, from queries to keys: the mean over queries, on the best backend and all
     * processors.
     *
     * @param similarity what is compared
     * @param temperature what similarities are divided by, finite and greater than 0
     * @return the loss
     * @throws IllegalArgumentException if the temperature is out of range
     */
    public static InfoNce of(Similarity similarity, double temperature) {
        Objects.requireNonNull(similarity, "similarity");
        double scale = 1 / Checks.positive("temperature", temperature);
        return new InfoNce(ContrastiveOptions.of(similarity, Checks.positive("1 / temperature", scale), 0), false);
    }

    /**
     * Returns the loss of CLIP: cosine similarity, symmetric.
     *
     * @param logitScale factor of the similarities, {@code exp} of the parameter that CLIP learns; finite and greater than 0
     * @return the loss
     * @throws IllegalArgumentException if the logit scale is out of range
     */
    public static InfoNce clip(double logitScale) {
        ContrastiveOptions plain = ContrastiveOptions.of(Similarity.COSINE, 1, 0);
        return new InfoNce(plain.withLogitScale(logitScale), true);
    }

    /**
     * Returns this loss with another logit scale, as a learned one needs at every step.
     *
     * @param scale factor of the similarities, finite and greater than 0
     * @return new loss
     * @throws IllegalArgumentException if it is out of range
     */
    public InfoNce logitScale(double scale) {
        return new InfoNce(options.withLogitScale(scale), symmetric);
    }

    /**
     * Returns this loss as half the sum of both directions.
     *
     * @return new loss
     */
    public InfoNce symmetric() {
        return new InfoNce(options, true);
    }

    /**
     * Returns this loss with another reduction of the losses of the queries. Default: {@link Reduction#MEAN}. A given
     * denominator divides by the batch of all devices.
     *
     * @param reduction none, sum or a mean
     * @return new loss
     */
    public InfoNce reduction(Reduction reduction) {
        Objects.requireNonNull(reduction, "reduction");
        return new InfoNce(options.withReduction(reduction, options.emptyMean()), symmetric);
    }

    /**
     * Returns this loss with another mean of an empty batch. Default: {@link EmptyMean#NAN}.
     *
     * @param emptyMean NaN or 0
     * @return new loss
     */
    public InfoNce emptyMean(EmptyMean emptyMean) {
        Objects.requireNonNull(emptyMean, "emptyMean");
        return new InfoNce(options.withReduction(options.reduction(), emptyMean), symmetric);
    }

    /**
     * Returns this loss with another limit on the queries whose similarities are held at a time. Default: as many as {@link
     * #workingMemory} has room for, which no limit exceeds.
     *
     * @param rows at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public InfoNce rowsPerChunk(long rows) {
        return new InfoNce(options.withRowsPerChunk(rows), symmetric);
    }

    /**
     * Returns this loss with another bound on working memory. Default: {@link LinearCrossEntropy#DEFAULT_WORKING_MEMORY}, 64
     * MB. It must hold one query and its similarities at least; room for some 256 queries or more makes good use of the
     * processor, and room for all of them saves the symmetric loss with gradients a product.
     *
     * @param bytes at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public InfoNce workingMemory(long bytes) {
        return new InfoNce(options.withWorkingMemory(bytes), symmetric);
    }

    /**
     * Returns this loss with another place to compute. Default: {@link Execution#automatic}.
     *
     * @param execution backend and threads
     * @return new loss
     */
    public InfoNce execution(Execution execution) {
        Objects.requireNonNull(execution, "execution");
        return new InfoNce(options.withExecution(execution), symmetric);
    }

    /**
     * Computes the loss of a batch.
     *
     * @param queries N x D
     * @param keys M x D
     * @return sums and counts
     * @throws IllegalArgumentException if shapes or types do not fit
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult loss(Matrix queries, Matrix keys) {
        return on(queries, keys).compute();
    }

    /**
     * Computes the loss of a batch and its gradients.
     *
     * @param queries N x D
     * @param keys M x D
     * @param queryGradient receives N x D, apart from all others
     * @param keyGradient receives M x D, apart from all others
     * @return sums and counts, and the derivative by the logit scale
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult lossAndGradients(Matrix queries, Matrix keys, Matrix queryGradient, Matrix keyGradient) {
        return on(queries, keys)
                .queryGradient(queryGradient)
                .keyGradient(keyGradient)
                .compute();
    }

    /**
     * Begins a call with further inputs and outputs.
     *
     * @param queries N x D
     * @param keys M x D
     * @return the call, to be completed and computed
     */
    public InfoNceCall on(Matrix queries, Matrix keys) {
        return new InfoNceCall(this, queries, keys);
    }

    ContrastiveOptions options() {
        return options;
    }

    boolean isSymmetric() {
        return symmetric;
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return (symmetric ? "symmetric " : "") + "InfoNCE, " + options;
    }
}
