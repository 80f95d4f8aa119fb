package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;

/** Copies rows of a caller's matrix into tiles and back, widening and narrowing the formats of 16 bits. */
final class StoredRows {

    private StoredRows() {}

    /** Whether rows of a matrix are already what a tile is: off-heap, aligned, of its type, without gaps. Not of a mapped file. */
    static boolean areTile(Tiles tiles, Matrix matrix) {
        return matrix.type() == tiles.type() && areTight(matrix);
    }

    /** Whether steps can read and write the elements where they are, but for their format. */
    private static boolean areTight(Matrix matrix) {
        return matrix.rowStride() == matrix.columns()
                && areForSteps(matrix.segment())
                && matrix.segment().address() % matrix.type().bytes() == 0;
    }

    /** Whether steps can be given bytes of the caller's: off-heap, and not of a mapped file. */
    static boolean areForSteps(MemorySegment bytes) {
        return bytes.isNative() && !bytes.isMapped();
    }

    /** Rows of a matrix without gaps, where they are. */
    static MemorySegment slice(Matrix matrix, long from, int rows) {
        long rowBytes = (long) matrix.columns() * matrix.type().bytes();
        return matrix.segment().asSlice(from * rowBytes, rows * rowBytes);
    }

    /** Returns rows to read as a tile: the caller's own where they are one, else a copy in the tile given. */
    static MemorySegment read(Tiles tiles, Matrix matrix, long from, int rows, MemorySegment tile) {
        if (areTile(tiles, matrix)) {
            return slice(matrix, from, rows);
        }
        load(tiles, matrix, from, rows, tile);
        return tile;
    }

    /** Reads rows into a tile. The matrix has the type of the tile, or one whose arithmetic that is. */
    static void load(Tiles tiles, Matrix matrix, long from, int rows, MemorySegment tile) {
        if (matrix.type() == tiles.type()) {
            copyIn(matrix, from, rows, tile);
            return;
        }
        MemorySegment stored;
        if (areTight(matrix)) {
            stored = slice(matrix, from, rows);
        } else {
            stored = stored(tiles, matrix);
            copyIn(matrix, from, rows, stored);
        }
        TileOperation widen =
                matrix.type() == ElementType.BFLOAT16 ? TileOperation.WIDEN_BFLOAT16 : TileOperation.WIDEN_FLOAT16;
        tiles.run(tiles.step(widen, rows).a(stored).out(tile));
    }

    /** Writes a tile to rows of a matrix. */
    static void store(Tiles tiles, MemorySegment tile, Matrix matrix, long from, int rows) {
        if (matrix.type() == tiles.type()) {
            copyOut(tile, matrix, from, rows);
            return;
        }
        boolean tight = areTight(matrix);
        MemorySegment stored = tight ? slice(matrix, from, rows) : stored(tiles, matrix);
        TileOperation narrow =
                matrix.type() == ElementType.BFLOAT16 ? TileOperation.NARROW_BFLOAT16 : TileOperation.NARROW_FLOAT16;
        tiles.run(tiles.step(narrow, rows).a(tile).out(stored));
        if (!tight) {
            copyOut(stored, matrix, from, rows);
        }
    }

    private static MemorySegment stored(Tiles tiles, Matrix matrix) {
        return tiles.bytes(
                Tiles.Buffer.STORED,
                (long) tiles.capacity() * tiles.columns() * matrix.type().bytes());
    }

    private static void copyIn(Matrix matrix, long from, int rows, MemorySegment tile) {
        long rowBytes = (long) matrix.columns() * matrix.type().bytes();
        long strideBytes = matrix.rowStride() * matrix.type().bytes();
        if (strideBytes == rowBytes) {
            MemorySegment.copy(matrix.segment(), from * rowBytes, tile, 0, rows * rowBytes);
            return;
        }
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(matrix.segment(), (from + i) * strideBytes, tile, i * rowBytes, rowBytes);
        }
    }

    private static void copyOut(MemorySegment tile, Matrix matrix, long from, int rows) {
        long rowBytes = (long) matrix.columns() * matrix.type().bytes();
        long strideBytes = matrix.rowStride() * matrix.type().bytes();
        if (strideBytes == rowBytes) {
            MemorySegment.copy(tile, 0, matrix.segment(), from * rowBytes, rows * rowBytes);
            return;
        }
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(tile, i * rowBytes, matrix.segment(), (from + i) * strideBytes, rowBytes);
        }
    }
}
