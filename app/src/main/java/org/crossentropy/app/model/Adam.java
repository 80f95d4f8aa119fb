package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The optimiser AdamW: steps of a size that each parameter's past gradients determine (Kingma and Ba 2015), with weight
 * decay apart from the gradient (Loshchilov and Hutter 2019).
 */
final class Adam {

    private static final float MEAN_MEMORY = 0.9f;
    private static final float SQUARE_MEMORY = 0.999f;
    private static final float EPSILON = 1e-8f;

    /** A parameter with the running means of its gradient and of its gradient's square. */
    private record Moments(Parameter parameter, MemorySegment mean, MemorySegment square) {}

    private final List<Moments> moments;
    private final double weightDecay;
    private int steps;

    Adam(List<Parameter> parameters, double weightDecay, Arena arena) {
        this.moments = parameters.stream()
                .map(parameter -> new Moments(parameter, like(parameter, arena), like(parameter, arena)))
                .toList();
        this.weightDecay = weightDecay;
    }

    private static MemorySegment like(Parameter parameter, Arena arena) {
        return Floats.matrix(1, Math.toIntExact(parameter.size()), arena).segment();
    }

    /** Moves every parameter against its gradient. */
    void step(double learningRate) {
        steps++;
        double meanShare = 1 - Math.pow(MEAN_MEMORY, steps);
        double squareShare = 1 - Math.pow(SQUARE_MEMORY, steps);
        float rate = (float) (learningRate / meanShare);
        float squareScale = (float) (1 / squareShare);
        for (Moments each : moments) {
            float kept = (float) (1 - (each.parameter().isWeight() ? learningRate * weightDecay : 0));
            step(each, rate, squareScale, kept);
        }
    }

    private static void step(Moments moments, float rate, float squareScale, float kept) {
        MemorySegment values = moments.parameter().value().segment();
        MemorySegment gradients = moments.parameter().gradient().segment();
        long size = moments.parameter().size();
        for (long i = 0; i < size; i++) {
            float gradient = Floats.get(gradients, i);
            float mean = MEAN_MEMORY * Floats.get(moments.mean(), i) + (1 - MEAN_MEMORY) * gradient;
            float square = SQUARE_MEMORY * Floats.get(moments.square(), i) + (1 - SQUARE_MEMORY) * gradient * gradient;
            Floats.set(moments.mean(), i, mean);
            Floats.set(moments.square(), i, square);
            float step = rate * mean / ((float) Math.sqrt(square * squareScale) + EPSILON);
            Floats.set(values, i, kept * Floats.get(values, i) - step);
        }
    }
}
