package org.crossentropy.app.bert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.crossentropy.app.io.InputException;

/**
 * A sorted table as LevelDB stores it and TensorFlow's bundles use it for their index: blocks of entries, each key without
 * the prefix that it shares with the one before; a block that tells where the blocks are; and a footer that tells where
 * that one is.
 *
 * @param place which file it is, as messages begin
 * @param file all of it
 */
record SortedTable(String place, MemorySegment file) {

    private static final long MAGIC = 0xdb4775248b80fb57L;

    /** Two places of at most 20 bytes each, padded, and the magic number. */
    private static final int FOOTER = 48;

    /** After each block: how it is compressed, and its checksum. */
    private static final int TRAILER = 1 + Integer.BYTES;

    private static final int UNCOMPRESSED = 0;

    /** Added to checksums that are stored, so that a checksum over checksums is none of a simple kind. */
    private static final int CHECKSUM_MASK = 0xa282ead8;

    /** All entries, in their order. */
    Map<String, MemorySegment> entries() {
        if (file.byteSize() < FOOTER || magic() != MAGIC) {
            throw new InputException(place + ": not the index of a TensorFlow bundle: ends with other bytes than one");
        }
        ByteCursor footer = new ByteCursor(place, file.asSlice(file.byteSize() - FOOTER));
        // The first place is that of a block for filters, which bundles have none of.
        footer.varint();
        footer.varint();
        Map<String, MemorySegment> entries = new LinkedHashMap<>();
        for (MemorySegment where : block(footer).values()) {
            entries.putAll(block(new ByteCursor(place, where)));
        }
        return entries;
    }

    private long magic() {
        ByteCursor end = new ByteCursor(place, file.asSlice(file.byteSize() - Long.BYTES));
        return end.fixed64();
    }

    /** The entries of the block whose offset and size come next. */
    private Map<String, MemorySegment> block(ByteCursor where) {
        long offset = where.varint();
        long size = where.varint();
        ByteCursor cursor = new ByteCursor(place, file);
        cursor.skip(offset);
        MemorySegment block = cursor.slice(size);
        checkTrailer(block, cursor.slice(TRAILER));
        ByteCursor restarts = new ByteCursor(place, block);
        restarts.skip(size - Integer.BYTES);
        // Where keys start anew, for binary search, which reading all of them does not need.
        long end = size - Integer.BYTES - Integer.toUnsignedLong(restarts.fixed32()) * Integer.BYTES;
        return entries(new ByteCursor(place, new ByteCursor(place, block).slice(end)));
    }

    private static Map<String, MemorySegment> entries(ByteCursor cursor) {
        Map<String, MemorySegment> entries = new LinkedHashMap<>();
        byte[] key = {};
        while (!cursor.atEnd()) {
            long shared = cursor.varint();
            long unshared = cursor.varint();
            long valueLength = cursor.varint();
            if (shared < 0 || shared > key.length) {
                throw cursor.damaged(
                        "a key shares " + Long.toUnsignedString(shared) + " bytes with one of " + key.length);
            }
            byte[] rest = cursor.slice(unshared).toArray(ValueLayout.JAVA_BYTE);
            key = Arrays.copyOf(key, (int) shared + rest.length);
            System.arraycopy(rest, 0, key, (int) shared, rest.length);
            entries.put(new String(key, StandardCharsets.UTF_8), cursor.slice(valueLength));
        }
        return entries;
    }

    /** Checks a block as far as its writer made that possible: a checksum of 0 is of writers that compute none. */
    private void checkTrailer(MemorySegment block, MemorySegment trailer) {
        int compression = trailer.get(ValueLayout.JAVA_BYTE, 0);
        if (compression != UNCOMPRESSED) {
            throw new InputException(
                    place + ": has a block compressed by method " + compression + ", must not be compressed");
        }
        int stored = new ByteCursor(place, trailer.asSlice(1)).fixed32();
        CRC32C checksum = new CRC32C();
        checksum.update(block.asByteBuffer());
        checksum.update(UNCOMPRESSED);
        int computed = Integer.rotateRight((int) checksum.getValue(), 15) + CHECKSUM_MASK;
        if (stored != 0 && stored != computed) {
            throw new InputException(place + ": damaged: a block has checksum " + Integer.toHexString(computed)
                    + ", should have " + Integer.toHexString(stored));
        }
    }
}
