package org.crossentropy.api;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * NT-Xent, the normalised temperature-scaled cross-entropy of SimCLR (Chen et al. 2020): two views of each of N samples,
 * each view to be more like the other view of its sample than like any other of the 2N - 2. An immutable value.
 *
 * <p><b>Formula.</b> With embeddings z of 2N views, view i and view i + N being of the same sample, cosine similarity s and
 * temperature tau,
 *
 * <pre>{@code
 * loss[i] = log sum over j != i of exp(s(z[i], z[j]) / tau) - s(z[i], z[i']) / tau,   i' = i + N or i - N
 * }</pre>
 *
 * and the mean is over the 2N views. The similarity of a view with itself is left out, as if it were -inf.
 *
 * <p>Shapes, gradients, memory, special values and accuracy are those of {@link InfoNce} with the views as queries and as
 * keys; the gradient has both parts. With one sample alone each view has one candidate, and the loss is 0.
 */
public final class NtXent {

    private final ContrastiveOptions options;

    private NtXent(ContrastiveOptions options) {
        this.options = options;
    }

    /**
     * Returns the loss with cosine similarity: the mean over views, on the best backend and all processors.
     *
     * @param temperature what similarities are divided by, finite and greater than 0; 0.5 in SimCLR for small images, 0.1 for
     *     ImageNet
     * @return the loss
     * @throws IllegalArgumentException if the temperature is out of range
     */
    public static NtXent of(double temperature) {
        return of(Similarity.COSINE, temperature);
    }

    /**
     * Returns the loss with a given similarity.
     *
     * @param similarity what is compared; DOT for embeddings that have length 1 already
     * @param temperature what similarities are divided by, finite and greater than 0
     * @return the loss
     * @throws IllegalArgumentException if the temperature is out of range
     */
    public static NtXent of(Similarity similarity, double temperature) {
        return new NtXent(InfoNce.of(similarity, temperature).options());
    }

    /**
     * Returns this loss with another reduction of the losses of the views. Default: {@link Reduction#MEAN}.
     *
     * @param reduction none, sum or a mean
     * @return new loss
     */
    public NtXent reduction(Reduction reduction) {
        Objects.requireNonNull(reduction, "reduction");
        return new NtXent(options.withReduction(reduction, options.emptyMean()));
    }

    /**
     * Returns this loss with another mean of an empty batch. Default: {@link EmptyMean#NAN}.
     *
     * @param emptyMean NaN or 0
     * @return new loss
     */
    public NtXent emptyMean(EmptyMean emptyMean) {
        Objects.requireNonNull(emptyMean, "emptyMean");
        return new NtXent(options.withReduction(options.reduction(), emptyMean));
    }

    /**
     * Returns this loss with another limit on the views whose similarities are held at a time. Default: as for {@link
     * InfoNce#rowsPerChunk}.
     *
     * @param rows at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public NtXent rowsPerChunk(long rows) {
        return new NtXent(options.withRowsPerChunk(rows));
    }

    /**
     * Returns this loss with another bound on working memory, as {@link InfoNce#workingMemory} has it.
     *
     * @param bytes at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public NtXent workingMemory(long bytes) {
        return new NtXent(options.withWorkingMemory(bytes));
    }

    /**
     * Returns this loss with another place to compute. Default: {@link Execution#automatic}.
     *
     * @param execution backend and threads
     * @return new loss
     */
    public NtXent execution(Execution execution) {
        Objects.requireNonNull(execution, "execution");
        return new NtXent(options.withExecution(execution));
    }

    /**
     * Computes the loss of a batch.
     *
     * @param views 2N x D: N first views, then the N second views of the same samples
     * @return sums and counts
     * @throws IllegalArgumentException if the shape or type does not fit
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult loss(Matrix views) {
        return compute(views, null, null, null);
    }

    /**
     * Computes the loss of a batch and its gradient.
     *
     * @param views 2N x D: N first views, then the N second views of the same samples
     * @param gradient receives 2N x D, apart from the views
     * @return sums and counts, and the derivative by the logit scale
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult lossAndGradient(Matrix views, Matrix gradient) {
        return compute(views, Objects.requireNonNull(gradient, "gradient"), null, null);
    }

    /**
     * Computes the loss of a batch and of each view, and its gradient, in the caller's memory.
     *
     * @param views 2N x D: N first views, then the N second views of the same samples
     * @param gradient receives 2N x D, apart from the views; null if not wanted
     * @param rowLosses receives 2N losses, not divided by anything; null if not wanted
     * @param workspace memory for similarities, at least 1 row of 2N columns; null to allocate it
     * @return sums and counts, and the derivative by the logit scale if the gradient is wanted
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws BackendUnavailableException if no execution was set and no backend can run
     */
    public ContrastiveResult compute(
            Matrix views, @Nullable Matrix gradient, @Nullable RowValues rowLosses, @Nullable Matrix workspace) {
        boolean shareable = check(views, gradient, rowLosses, workspace);
        Execution execution = options.execution();
        int count = Math.toIntExact(views.rows());
        int[] partners = new int[count];
        Arrays.setAll(partners, i -> i < count / 2 ? i + count / 2 : i - count / 2);
        double[] losses = rowLosses == null ? null : new double[count];
        Embeddings z = new Embeddings(options.similarity(), execution, shareable, views, gradient);
        PositivePairs pairs = new PositivePairs(options, execution, shareable, partners, true, losses);
        CompensatedSum sum = SimilarityChunks.sum(options, execution, z, z, workspace, chunks -> chunks.run(pairs));
        for (int i = 0; rowLosses != null && losses != null && i < count; i++) {
            rowLosses.set(i, losses[i]);
        }
        CompensatedSum weight = new CompensatedSum();
        weight.add(count);
        // Every similarity is that of a query and of a key here, and so counted twice.
        double byScale = z.finish() / (2 * options.logitScale());
        return new ContrastiveResult(
                options.rule().result(sum, weight, count, count),
                options.logitScale(),
                gradient == null ? OptionalDouble.empty() : OptionalDouble.of(byScale),
                OptionalDouble.empty());
    }

    private static boolean check(
            Matrix views, @Nullable Matrix gradient, @Nullable RowValues rowLosses, @Nullable Matrix workspace) {
        ContrastiveChecks.embeddings("views", views);
        if (views.rows() % 2 != 0) {
            throw new IllegalArgumentException("views have " + views.rows()
                    + " rows, must have an even number: first views, then second views of the same samples");
        }
        CallBuffers buffers = new CallBuffers().input("views", views.segment());
        ContrastiveChecks.gradient(buffers, "gradient", gradient, "views", views);
        ContrastiveChecks.rowLosses(buffers, rowLosses, views);
        ContrastiveChecks.workspace(buffers, workspace, views, views.rows());
        return buffers.shareable();
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "NT-Xent, " + options;
    }
}
