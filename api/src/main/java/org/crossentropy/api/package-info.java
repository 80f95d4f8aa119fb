/**
 * Cross-entropy losses on the JVM: what applications use.
 *
 * <ul>
 *   <li><b>Data</b>, views of the caller's memory: {@link org.crossentropy.api.Matrix}, {@link org.crossentropy.api.RowValues},
 *       {@link org.crossentropy.api.Targets}, {@link org.crossentropy.api.ClassMask}, {@link
 *       org.crossentropy.api.Distributions}.
 *   <li><b>Losses</b> of logits: {@link org.crossentropy.api.SoftmaxCrossEntropy}, {@link
 *       org.crossentropy.api.BinaryCrossEntropy}, {@link org.crossentropy.api.BrierScore}, {@link
 *       org.crossentropy.api.SigmoidSquaredError}; of probabilities: {@link org.crossentropy.api.CategoricalCrossEntropy},
 *       {@link org.crossentropy.api.BernoulliCrossEntropy}; between distributions: {@link org.crossentropy.api.Divergence}.
 *   <li><b>Their applications</b>: {@link org.crossentropy.api.NextTokenLoss}, {@link
 *       org.crossentropy.api.LinearCrossEntropy}, {@link org.crossentropy.api.ShardedCrossEntropy}; {@link org.crossentropy.api.InfoNce}, {@link
 *       org.crossentropy.api.NtXent}, {@link org.crossentropy.api.SigLip}; {@link org.crossentropy.api.PolicyLoss}, {@link
 *       org.crossentropy.api.ValueLoss}.
 *   <li><b>Options</b>: {@link org.crossentropy.api.Reduction}, {@link org.crossentropy.api.Denominator}, {@link
 *       org.crossentropy.api.LabelSmoothing}, {@link org.crossentropy.api.EmptyMean}, {@link org.crossentropy.api.EmptyRows}.
 *   <li><b>Results</b>: {@link org.crossentropy.api.LossResult}, which merges over batches.
 *   <li><b>Where to compute</b>: {@link org.crossentropy.api.Backends}, {@link org.crossentropy.api.Execution}, {@link
 *       org.crossentropy.api.Parallelism}.
 *   <li><b>Around a loss</b>: {@link org.crossentropy.api.Softmax}, {@link org.crossentropy.api.MatrixProduct}.
 * </ul>
 *
 * <p>A loss is an immutable value made by a builder. Its short methods compute loss and gradient; its method {@code on} begins a
 * {@linkplain org.crossentropy.api.LossCall call} that can have more inputs and outputs.
 */
@NullMarked
package org.crossentropy.api;

import org.jspecify.annotations.NullMarked;
