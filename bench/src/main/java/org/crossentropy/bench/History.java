package org.crossentropy.bench;

import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * What the process did before the measurement. A fresh process that has seen one kind of memory and one element type is
 * the best case of the just-in-time compiler; an application has seen several.
 */
final class History {

    private static final List<Shape> SHAPES = List.of(new Shape(128, 10), new Shape(8, 1000), new Shape(2, 5000));

    /** Enough for every path to be compiled for good before the measurement begins. */
    private static final int REPETITIONS = 400;

    private History() {}

    /**
     * Lives through a history.
     *
     * @param name {@code none}, or {@code mixed}: loss and gradient of small batches in every memory, element type and
     *     a few options
     */
    static void of(String name, Execution execution) {
        switch (name) {
            case "none" -> {}
            case "mixed" -> mixed(execution);
            default -> throw new IllegalArgumentException("history is '" + name + "', must be none or mixed");
        }
    }

    private static void mixed(Execution execution) {
        SoftmaxCrossEntropy plain =
                SoftmaxCrossEntropy.builder().execution(execution).build();
        SoftmaxCrossEntropy smoothed =
                plain.toBuilder().labelSmoothing(LabelSmoothing.uniform(0.1)).build();
        for (Shape shape : SHAPES) {
            for (ElementType type : ElementType.ARITHMETIC) {
                for (String memory : List.of("heap", "offheap")) {
                    try (Batch batch = new Batch(shape, type, memory)) {
                        repeat(batch, plain);
                        repeat(batch, smoothed);
                    }
                }
            }
        }
    }

    private static void repeat(Batch batch, SoftmaxCrossEntropy loss) {
        for (int i = 0; i < REPETITIONS; i++) {
            loss.loss(batch.logits(), batch.targets());
            loss.lossAndGradient(batch.logits(), batch.targets(), batch.gradient());
            loss.lossAndGradient(batch.logits(), batch.targets(), batch.logits());
            batch.restore();
        }
    }
}
