package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.TileOperation;
import org.jspecify.annotations.Nullable;

/** The one look at soft targets before anything is computed: each from 0 to 1, and none above 0 where a class is masked. */
final class SoftTargetCheck implements RowWork.Body {

    private static final long NONE = Long.MAX_VALUE;

    private final LossKernels kernels;
    private final Matrix probabilities;
    private final @Nullable ClassMask mask;
    private final AtomicLong outside = new AtomicLong(NONE);
    private final AtomicLong masked = new AtomicLong(NONE);

    private SoftTargetCheck(LossKernels kernels, Matrix probabilities, @Nullable ClassMask mask) {
        this.kernels = kernels;
        this.probabilities = probabilities;
        this.mask = mask;
    }

    /**
     * Looks at every probability.
     *
     * @throws ElementOutOfRangeException naming the first that breaks a rule
     */
    static void check(
            Execution execution, boolean shareable, Matrix probabilities, @Nullable ClassMask mask, String name) {
        if (probabilities.columns() == 0) {
            return;
        }
        SoftTargetCheck check = new SoftTargetCheck(execution.backend().kernels(), probabilities, mask);
        RowWork.run(execution.parallelism(), shareable, probabilities.rows(), probabilities.columns(), check);
        if (check.outside.get() != NONE) {
            throw check.failure(name, check.outside.get(), "must be a probability from 0 to 1");
        }
        if (check.masked.get() != NONE) {
            throw check.failure(
                    name,
                    check.masked.get(),
                    "but classMask leaves the class out; a masked class must have probability 0");
        }
    }

    private ElementOutOfRangeException failure(String name, long at, String rule) {
        long row = at / probabilities.columns();
        int column = (int) (at % probabilities.columns());
        return new ElementOutOfRangeException(name, row, column, probabilities.get(row, column), rule);
    }

    @Override
    public void run(Scratch scratch, long from, long to) {
        int group = RowWork.groupRows(probabilities.columns());
        ElementType type = probabilities.type().arithmetic();
        Tiles tiles = new Tiles(kernels, scratch, type, probabilities.columns(), (int) Math.min(group, to - from));
        MemorySegment values = tiles.tile(Tiles.Buffer.TARGETS);
        for (long row = from; row < to; row += group) {
            int count = (int) Math.min(group, to - row);
            StoredRows.load(tiles, probabilities, row, count, values);
            find(tiles, values, row, count, 1, outside);
            if (mask != null) {
                // What masking removes is what must not be there.
                MemorySegment kept = tiles.tile(Tiles.Buffer.OTHER);
                tiles.copy(values, kept, count);
                LogitRows.runMask(tiles, mask, row, count, kept, 0);
                tiles.run(tiles.step(TileOperation.BLEND, count).a(kept).out(values), 1, 1, 0);
                find(tiles, values, row, count, 0, masked);
            }
        }
    }

    private void find(Tiles tiles, MemorySegment values, long from, int rows, double largest, AtomicLong first) {
        tiles.run(tiles.step(TileOperation.RANGE, rows).a(values), 0, largest, 0);
        for (int i = 0; i < rows; i++) {
            if (tiles.result(i) >= 0) {
                long at = (from + i) * probabilities.columns() + (long) tiles.result(i);
                first.accumulateAndGet(at, Math::min);
            }
        }
    }
}
