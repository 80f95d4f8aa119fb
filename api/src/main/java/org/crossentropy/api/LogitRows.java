package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/**
 * Logits on their way into a tile, and gradients on their way out: format, soft-cap, temperature and class mask. What a loss
 * sees is {@code cap tanh(x / cap) / temperature}, -inf where the class is masked.
 *
 * @param matrix the caller's logits
 * @param cap soft-cap, 0 for none
 * @param temperature temperature, 1 for none
 * @param mask classes that take part, null for all
 */
record LogitRows(
        Matrix matrix,
        double cap,
        double temperature,
        @Nullable ClassMask mask) {

    static LogitRows plain(Matrix matrix) {
        return new LogitRows(matrix, 0, 1, null);
    }

    /** Whether a loss sees the logits as they are. */
    boolean arePlain() {
        return !shaped() && mask == null;
    }

    private boolean shaped() {
        return cap != 0 || temperature != 1;
    }

    /** Reads rows into a tile. */
    void load(Tiles tiles, long from, int rows, MemorySegment tile) {
        if (arePlain()) {
            StoredRows.load(tiles, matrix, from, rows, tile);
            return;
        }
        MemorySegment source = StoredRows.read(tiles, matrix, from, rows, tile);
        if (shaped()) {
            tiles.run(tiles.step(TileOperation.SHAPE, rows).a(source).out(tile), cap, temperature, 0);
            source = tile;
        }
        if (mask != null) {
            runMask(tiles, mask, from, rows, source, tile, Double.NEGATIVE_INFINITY);
        }
    }

    /**
     * Writes a gradient with respect to what {@link #load} returned as one with respect to the caller's logits.
     *
     * @param gradient overwritten
     * @param logits what load returned
     */
    void store(Tiles tiles, MemorySegment gradient, MemorySegment logits, Matrix output, long from, int rows) {
        if (cap != 0) {
            TileStep step =
                    tiles.step(TileOperation.SHAPE_GRADIENT, rows).a(logits).out(gradient);
            tiles.run(step, 1 / temperature, temperature / cap, 0);
        } else if (temperature != 1) {
            // Without a look at the logits, of which one of -inf would make a NaN of 0 times it.
            TileStep step = tiles.step(TileOperation.TARGETS, rows).a(gradient).out(gradient);
            tiles.run(step, 1 / temperature, -0.0, 0);
        }
        if (mask != null && StoredRows.areTile(tiles, output)) {
            runMask(tiles, mask, from, rows, gradient, StoredRows.slice(output, from, rows), 0);
            return;
        }
        if (mask != null) {
            runMask(tiles, mask, from, rows, gradient, 0);
        }
        StoredRows.store(tiles, gradient, output, from, rows);
    }

    /** Overwrites the masked classes of a tile. */
    static void runMask(Tiles tiles, ClassMask mask, long from, int rows, MemorySegment tile, double value) {
        runMask(tiles, mask, from, rows, tile, tile, value);
    }

    private static void runMask(
            Tiles tiles, ClassMask mask, long from, int rows, MemorySegment tile, MemorySegment out, double value) {
        MemorySegment bytes = mask.isShared() ? mask.segment() : rowsOf(tiles, mask, from, rows);
        TileStep step = tiles.step(TileOperation.MASK, rows)
                .a(tile)
                .c(bytes, mask.isShared())
                .out(out);
        tiles.run(step, value, 0, 0);
    }

    /** A caller's mask may lie on the heap; one for all rows is the library's own copy. */
    private static MemorySegment rowsOf(Tiles tiles, ClassMask mask, long from, int rows) {
        int columns = tiles.columns();
        if (StoredRows.areForSteps(mask.segment())) {
            return mask.segment().asSlice(from * columns, (long) rows * columns);
        }
        MemorySegment bytes = tiles.bytes(Tiles.Buffer.MASK, (long) tiles.capacity() * columns);
        MemorySegment.copy(mask.segment(), from * columns, bytes, 0, (long) rows * columns);
        return bytes;
    }
}
