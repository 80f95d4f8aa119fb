package org.crossentropy.api;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The sigmoid loss of SigLIP (Zhai et al. 2023): for every image and every text, is this a pair? An immutable value.
 *
 * <p><b>Formula.</b> With N images and N texts, image i and text i being a pair, cosine similarity s, logit scale c and bias
 * b,
 *
 * <pre>{@code
 * loss = -1/N sum over i, j of log sigmoid(y[i, j] (c s(image[i], text[j]) + b)),   y = 1 for i = j, else -1
 * }</pre>
 *
 * so the mean divides by the number of pairs, not by that of similarities, as in open_clip. SigLIP learns log c, from log 10
 * on, and b, from -10 on; the result has the derivatives by both.
 *
 * <p>Shapes, gradients, memory, special values and accuracy are those of {@link InfoNce}; the sigmoid's that of {@link
 * BinaryCrossEntropy}. The loss of image i is the sum over all texts.
 */
public final class SigLip {

    private final ContrastiveOptions options;

    private SigLip(ContrastiveOptions options) {
        this.options = options;
    }

    /**
     * Returns the loss for cosine similarities: the mean over pairs, on the best backend and all processors.
     *
     * @param logitScale factor of the similarities, finite and greater than 0; 10 at the start of SigLIP
     * @param bias added to the scaled similarities, finite; -10 at the start of SigLIP
     * @return the loss
     * @throws IllegalArgumentException if a number is out of range
     */
    public static SigLip of(double logitScale, double bias) {
        return of(Similarity.COSINE, logitScale, bias);
    }

    /**
     * Returns the loss for a given similarity.
     *
     * @param similarity what is compared; DOT for embeddings that have length 1 already
     * @param logitScale factor of the similarities, finite and greater than 0
     * @param bias added to the scaled similarities, finite
     * @return the loss
     * @throws IllegalArgumentException if a number is out of range
     */
    public static SigLip of(Similarity similarity, double logitScale, double bias) {
        Objects.requireNonNull(similarity, "similarity");
        return new SigLip(ContrastiveOptions.of(similarity, 1, 0)
                .withLogitScale(logitScale)
                .withBias(bias));
    }

    /**
     * Returns this loss with another reduction of the losses of the images. Default: {@link Reduction#MEAN}.
     *
     * @param reduction none, sum or a mean
     * @return new loss
     */
    public SigLip reduction(Reduction reduction) {
        Objects.requireNonNull(reduction, "reduction");
        return new SigLip(options.withReduction(reduction, options.emptyMean()));
    }

    /**
     * Returns this loss with another mean of an empty batch. Default: {@link EmptyMean#NAN}.
     *
     * @param emptyMean NaN or 0
     * @return new loss
     */
    public SigLip emptyMean(EmptyMean emptyMean) {
        Objects.requireNonNull(emptyMean, "emptyMean");
        return new SigLip(options.withReduction(options.reduction(), emptyMean));
    }

    /**
     * Returns this loss with another limit on the images whose similarities are held at a time. Default: as for {@link
     * InfoNce#rowsPerChunk}.
     *
     * @param rows at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public SigLip rowsPerChunk(long rows) {
        return new SigLip(options.withRowsPerChunk(rows));
    }

    /**
     * Returns this loss with another bound on working memory, as {@link InfoNce#workingMemory} has it.
     *
     * @param bytes at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public SigLip workingMemory(long bytes) {
        return new SigLip(options.withWorkingMemory(bytes));
    }

    /**
     * Returns this loss with another place to compute. Default: {@link Execution#automatic}.
     *
     * @param execution backend and threads
     * @return new loss
     */
    public SigLip execution(Execution execution) {
        Objects.requireNonNull(execution, "execution");
        return new SigLip(options.withExecution(execution));
    }

    /**
     * Computes the loss of a batch.
     *
     * @param images N x D
     * @param texts N x D
     * @return sums and counts
     * @throws IllegalArgumentException if shapes or types do not fit
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult loss(Matrix images, Matrix texts) {
        return compute(images, texts, null, null, null, null);
    }

    /**
     * Computes the loss of a batch and its gradients.
     *
     * @param images N x D
     * @param texts N x D
     * @param imageGradient receives N x D, apart from all others
     * @param textGradient receives N x D, apart from all others
     * @return sums and counts, and the derivatives by logit scale and bias
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult lossAndGradients(Matrix images, Matrix texts, Matrix imageGradient, Matrix textGradient) {
        Objects.requireNonNull(imageGradient, "imageGradient");
        Objects.requireNonNull(textGradient, "textGradient");
        return compute(images, texts, imageGradient, textGradient, null, null);
    }

    /**
     * Computes the loss of a batch and whatever is wanted, in the caller's memory.
     *
     * @param images N x D
     * @param texts N x D
     * @param imageGradient receives N x D, apart from all others; null if not wanted
     * @param textGradient receives N x D, apart from all others; null if not wanted
     * @param rowLosses receives the N losses of the images, not divided by anything; null if not wanted
     * @param workspace memory for similarities, at least 1 row of N columns; null to allocate it
     * @return sums and counts, and the derivatives by logit scale and bias if a gradient is wanted
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult compute(
            Matrix images,
            Matrix texts,
            @Nullable Matrix imageGradient,
            @Nullable Matrix textGradient,
            @Nullable RowValues rowLosses,
            @Nullable Matrix workspace) {
        boolean shareable = check(images, texts, imageGradient, textGradient, rowLosses, workspace);
        Execution execution = options.execution();
        int count = Math.toIntExact(images.rows());
        int[] partners = new int[count];
        Arrays.setAll(partners, i -> i);
        double[] losses = rowLosses == null ? null : new double[count];
        Embeddings x = new Embeddings(options.similarity(), execution, shareable, images, imageGradient);
        Embeddings y = new Embeddings(options.similarity(), execution, shareable, texts, textGradient);
        SigmoidPairs pairs = new SigmoidPairs(options, execution, shareable, partners, losses);
        CompensatedSum sum = SimilarityChunks.sum(options, execution, x, y, workspace, chunks -> chunks.run(pairs));
        for (int i = 0; rowLosses != null && losses != null && i < count; i++) {
            rowLosses.set(i, losses[i]);
        }
        double ofImages = x.finish();
        double ofTexts = y.finish();
        boolean known = imageGradient != null || textGradient != null;
        double byScale = (imageGradient != null ? ofImages : ofTexts) / options.logitScale();
        CompensatedSum weight = new CompensatedSum();
        weight.add(count);
        return new ContrastiveResult(
                options.rule().result(sum, weight, count, count),
                options.logitScale(),
                known ? OptionalDouble.of(byScale) : OptionalDouble.empty(),
                known ? OptionalDouble.of(pairs.derivativeByBias()) : OptionalDouble.empty());
    }

    private static boolean check(
            Matrix images,
            Matrix texts,
            @Nullable Matrix imageGradient,
            @Nullable Matrix textGradient,
            @Nullable RowValues rowLosses,
            @Nullable Matrix workspace) {
        ContrastiveChecks.comparable("images", images, "texts", texts);
        ContrastiveChecks.paired("images", images, "texts", texts, "image i and text i are a pair");
        CallBuffers buffers =
                new CallBuffers().input("images", images.segment()).input("texts", texts.segment());
        ContrastiveChecks.gradient(buffers, "imageGradient", imageGradient, "images", images);
        ContrastiveChecks.gradient(buffers, "textGradient", textGradient, "texts", texts);
        ContrastiveChecks.rowLosses(buffers, rowLosses, images);
        ContrastiveChecks.workspace(buffers, workspace, images, texts.rows());
        return buffers.shareable();
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "SigLIP, " + options;
    }
}
