package org.crossentropy.api;

/** How alike two embeddings are: what the losses of contrastive learning take as logits, times a scale. */
public enum Similarity {
    /** {@code u . v}, the inner product of the embeddings as they are. */
    DOT,

    /**
     * {@code u . v / (|u| |v|)}, from -1 to 1: the inner product of the embeddings scaled to length 1. Gradients are those
     * with respect to the embeddings as given, {@code (d - (d . n) n) / |u|} where n is u scaled to length 1 and d the
     * derivative by n. An embedding of zeros has similarity 0 with all others and gradient 0, since it has no direction. Lengths
     * are computed in double: for float64 embeddings squares of elements must neither overflow nor vanish. A call allocates a
     * copy of the embeddings, scaled.
     */
    COSINE
}
