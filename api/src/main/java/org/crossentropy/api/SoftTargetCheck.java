package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;
import org.jspecify.annotations.Nullable;

/** The one look at soft targets before anything is computed: each from 0 to 1, and none above 0 where a class is masked. */
final class SoftTargetCheck {

    private final Matrix probabilities;
    private final @Nullable ClassMask mask;
    private final FirstElement outside;
    private final FirstElement masked;

    private SoftTargetCheck(Matrix probabilities, @Nullable ClassMask mask) {
        this.probabilities = probabilities;
        this.mask = mask;
        this.outside = new FirstElement(probabilities);
        this.masked = new FirstElement(probabilities);
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
        SoftTargetCheck check = new SoftTargetCheck(probabilities, mask);
        TileWork.run(execution, shareable, probabilities, tiles -> (from, rows) -> check.look(tiles, from, rows));
        check.outside.reject(name, "must be a probability from 0 to 1");
        check.masked.reject(name, "but classMask leaves the class out; a masked class must have probability 0");
    }

    private void look(Tiles tiles, long from, int rows) {
        MemorySegment values = rowsOf(tiles, from, rows);
        find(tiles, values, from, rows, 1, outside);
        if (mask != null) {
            // What masking removes is what must not be there.
            MemorySegment kept = tiles.tile(Tiles.Buffer.OTHER);
            tiles.copy(values, kept, rows);
            LogitRows.runMask(tiles, mask, from, rows, kept, 0);
            tiles.run(tiles.step(TileOperation.BLEND, rows).a(kept).out(values), 1, 1, 0);
            find(tiles, values, from, rows, 0, masked);
        }
    }

    /** The caller's rows themselves where the step can read them and nothing is to be changed, else a copy. */
    private MemorySegment rowsOf(Tiles tiles, long from, int rows) {
        if (mask == null && StoredRows.areTile(tiles, probabilities)) {
            long rowBytes =
                    (long) probabilities.columns() * probabilities.type().bytes();
            return probabilities.segment().asSlice(from * rowBytes, rows * rowBytes);
        }
        MemorySegment values = tiles.tile(Tiles.Buffer.TARGETS);
        StoredRows.load(tiles, probabilities, from, rows, values);
        return values;
    }

    /** Looks at all rows as one, which they are without gaps. */
    private void find(Tiles tiles, MemorySegment values, long from, int rows, double largest, FirstElement first) {
        int columns = probabilities.columns();
        tiles.run(tiles.stepOnRun(TileOperation.RANGE, rows * columns).a(values), 0, largest, 0);
        if (tiles.result(0) >= 0) {
            int at = (int) tiles.result(0);
            first.found(from + at / columns, at % columns);
        }
    }
}
