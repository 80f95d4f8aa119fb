package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/**
 * The squared distance of a softmax from its targets. With {@code r = p - t} the loss of a row is {@code sum of r^2}, and the
 * gradient {@code 2 p (r - sum of p r)}.
 *
 * @param logits N x K
 * @param soft soft targets, null where rows have a class
 * @param gradient receives the gradient
 */
record BrierPass(
        Matrix logits, @Nullable Matrix soft, @Nullable Matrix gradient) implements GroupPass.GroupLoss {

    @Override
    public void compute(RowGroup group) {
        Tiles tiles = group.tiles();
        MemorySegment values = tiles.tile(Tiles.Buffer.LOGITS);
        MemorySegment residuals = tiles.tile(Tiles.Buffer.OTHER);
        group.load(logits, values);
        if (soft == null) {
            residualsOfClasses(group, values, residuals);
        } else {
            residualsOfSoft(group, values, residuals, soft);
        }
        // Every row's sum of r (0 - r).
        tiles.run(tiles.step(TileOperation.CROSS, group.count()).a(residuals).b(residuals), 0, 0, 0);
        for (int i = 0; i < group.count(); i++) {
            group.setLoss(i, 0.0 - tiles.result(2L * i));
        }
        if (gradient != null) {
            gradient(group, values, residuals, gradient);
        }
    }

    /** The plain gradient of cross-entropy is {@code p - t}, without cancellation at the target. */
    private static void residualsOfClasses(RowGroup group, MemorySegment values, MemorySegment residuals) {
        Tiles tiles = group.tiles();
        Scratch scratch = tiles.scratch();
        scratch.setCoefficients(0, 1, 0, 1);
        tiles.kernels()
                .softmaxGradient(tiles.softmax(values, group.count())
                        .targets(scratch.targets, 0)
                        .coefficients(scratch.coefficients, 0)
                        .gradient(residuals, tiles.columns()));
    }

    private static void residualsOfSoft(RowGroup group, MemorySegment values, MemorySegment residuals, Matrix targets) {
        Tiles tiles = group.tiles();
        MemorySegment wanted = tiles.tile(Tiles.Buffer.TARGETS);
        tiles.softmax(values, group.count(), residuals, false);
        group.load(targets, wanted);
        tiles.run(tiles.step(TileOperation.BLEND, group.count()).a(wanted).out(residuals), 1, 1, 0);
    }

    private static void gradient(RowGroup group, MemorySegment values, MemorySegment residuals, Matrix output) {
        Tiles tiles = group.tiles();
        MemorySegment result = tiles.tile(Tiles.Buffer.GRADIENT);
        tiles.softmax(values, group.count(), values, false);
        tiles.run(tiles.step(TileOperation.CROSS, group.count()).a(values).b(residuals), 0, 0, 0);
        for (int i = 0; i < group.count(); i++) {
            tiles.setScalars(i, 2 * group.factor(i), 0.0 - tiles.result(2L * i), 0);
            tiles.zeroRow(result, i);
        }
        TileStep tilt = tiles.step(TileOperation.TILT, group.count());
        tiles.runByRow(tilt.a(residuals).b(values).out(result));
        group.store(result, output);
    }
}
