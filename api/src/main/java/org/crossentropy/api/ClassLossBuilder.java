package org.crossentropy.api;

/**
 * Options of losses whose rows may have a class: which target marks a row to leave out. Not for use by several threads at
 * once.
 *
 * @param <B> the builder of a loss
 */
public abstract class ClassLossBuilder<B extends ClassLossBuilder<B>> extends LossBuilder<B> {

    TargetScan.IgnoreIndex ignore = new TargetScan.IgnoreIndex(true, SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX);

    /** For the losses of this package. */
    ClassLossBuilder() {}

    /**
     * Sets the target that marks rows to leave out. Default: {@value SoftmaxCrossEntropy#DEFAULT_IGNORE_INDEX}. An index of a
     * class is allowed: rows with that target are left out, and the class stays in the softmax of the other rows, as in
     * PyTorch.
     *
     * @param index any number
     * @return this
     */
    public final B ignoreIndex(long index) {
        this.ignore = new TargetScan.IgnoreIndex(true, index);
        return self();
    }

    /**
     * Makes every target that is not a class an error.
     *
     * @return this
     */
    public final B noIgnoreIndex() {
        this.ignore = TargetScan.IgnoreIndex.NONE;
        return self();
    }
}
