package org.crossentropy.tck;

import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LabelSmoothing;
import org.junit.jupiter.api.Test;

/** Every result against the oracle, within {@link Tolerances}; prints the worst errors. */
public abstract class AccuracyTck extends KernelTck {

    /** Called by subclasses. */
    protected AccuracyTck() {}

    @Test
    void float32IsWithinTheBounds() {
        compare(ElementType.FLOAT32);
    }

    @Test
    void float64IsWithinTheBounds() {
        compare(ElementType.FLOAT64);
    }

    private void compare(ElementType type) {
        OracleComparison comparison = new OracleComparison(backend(), type);
        List<Batch.Shape> shapes = Grid.oracleShapes(type, Grid.seed());
        for (int number = 0; number < shapes.size(); number++) {
            List<LossOptions> options =
                    LossOptions.combinations(shapes.get(number).classes(), Grid.seed());
            int first = number % options.size();
            int second = (number * 5 + 2) % options.size();
            comparison.compare(shapes.get(number), List.of(options.get(first), options.get(second), LossOptions.SUM));
        }
        System.out.println(backend() + ": " + comparison.meter().table());
    }

    @Test
    void vocabulariesAreWithinTheBounds() {
        types().forEach(type -> {
            OracleComparison comparison = new OracleComparison(backend(), type);
            Batch.Shape shape = Batch.Shape.of(Grid.seed(), type, 1, 128_256);
            comparison.compare(shape, List.of(LossOptions.SUM));
            LossOptions smoothed = LossOptions.SUM.with(LabelSmoothing.uniform(0.1));
            for (DataFamily family : List.of(DataFamily.RISING, DataFamily.ABSORBED)) {
                comparison.compare(
                        Batch.Shape.of(Grid.seed(), type, 1, 10_000).with(family), List.of(LossOptions.SUM, smoothed));
            }
            System.out.println(
                    backend() + ", vocabularies: " + comparison.meter().table());
        });
    }
}
