package org.crossentropy.bench.task;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The forms of loss that are measured; all of them means. */
public enum Form {
    /** Softmax cross-entropy with class indices. */
    SOFTMAX("softmax", "plain"),

    /** Softmax cross-entropy with a probability for every class. */
    SOFT_TARGETS("soft-targets", "soft targets"),

    /** Softmax cross-entropy with class indices, every row with a mask of its own. */
    ROW_MASK("row-mask", "mask for each row"),

    /** Softmax cross-entropy with class indices and one mask for all rows. */
    SHARED_MASK("shared-mask", "mask for all rows"),

    /** Softmax cross-entropy with class indices and class weights. */
    WEIGHTED("weighted", "class weights"),

    /** Softmax cross-entropy with class indices and uniform label smoothing. */
    SMOOTHED("smoothed", "label smoothing"),

    /** Binary cross-entropy of logits, with a target from 0 to 1 for each. */
    BINARY("binary", "binary"),

    /** Softmax cross-entropy with class indices, of logits that are the product of hidden states and a weight. */
    LINEAR("linear", "head of a language model"),

    /** InfoNCE of pairs, both ways, of cosine similarities: hidden states are the queries, rows of the weight the keys. */
    CONTRASTIVE("contrastive", "symmetric InfoNCE");

    private final String id;
    private final String title;

    Form(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /**
     * Finds a form by its id.
     *
     * @param id as {@link #toString} writes it
     * @return the form
     * @throws IllegalArgumentException if there is none
     */
    public static Form of(String id) {
        return Arrays.stream(values())
                .filter(form -> form.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("form is '" + id + "', must be one of "
                        + Arrays.stream(values()).map(Form::toString).collect(Collectors.joining(", "))));
    }

    /**
     * {@return what documents call it}
     */
    public String title() {
        return title;
    }

    /**
     * {@return whether logits are not given but products, which nobody has to hold at once}
     */
    public boolean isProduct() {
        return this == LINEAR || this == CONTRASTIVE;
    }

    /** Whether every logit has a target of its own, of the logits' type. */
    boolean hasTargetMatrix() {
        return this == SOFT_TARGETS || this == BINARY;
    }

    /** Whether a row has one class as its target and nothing is spread over the others. */
    boolean hasClassIndices() {
        return !hasTargetMatrix() && this != SMOOTHED;
    }

    @Override
    public String toString() {
        return id;
    }
}
