package org.crossentropy.app.lm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.jspecify.annotations.Nullable;

/** The head of a language model with its loss, and the memory that all slices of rows share. */
final class Head {

    private static final long ALIGNMENT = 64;

    private final Matrix weight;
    private final @Nullable Matrix bias;
    private final LinearCrossEntropy loss;
    private final MemorySegment workspace;
    private final long slice;

    /**
     * Allocates its memory.
     *
     * @param weight V x D
     * @param bias 1 x V, or null for none
     * @param loss the loss of the logits
     * @param rows how many rows there will be, at least 1
     * @param memory bytes that may be used
     * @param arena what they are allocated from
     */
    Head(Matrix weight, @Nullable Matrix bias, SoftmaxCrossEntropy loss, long rows, long memory, Arena arena) {
        HeadMemory plan = HeadMemory.plan(weight, rows, memory);
        this.weight = weight;
        this.bias = bias;
        this.loss = LinearCrossEntropy.of(loss);
        this.workspace = arena.allocate(plan.bytes(), ALIGNMENT);
        this.slice = plan.rows();
    }

    /** How many rows to take at once. */
    long slice() {
        return slice;
    }

    /** Bytes of working memory. */
    long memory() {
        return workspace.byteSize();
    }

    /** Multiplications and additions for the logits of a row. */
    double operations() {
        return 2.0 * weight.rows() * weight.columns();
    }

    /** Begins a call. */
    LinearCrossEntropyCall on(Matrix hidden, ClassIndices targets) {
        LinearCrossEntropyCall call = loss.on(hidden, weight, targets).workspace(workspace);
        return bias == null ? call : call.bias(bias);
    }
}
