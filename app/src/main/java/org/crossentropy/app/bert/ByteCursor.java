package org.crossentropy.app.bert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.crossentropy.app.io.InputException;

/** Reads little-endian numbers one after the other; what ends too early is reported as damaged. */
final class ByteCursor {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int VARINT_BITS = 7;

    private final String place;
    private final MemorySegment bytes;
    private long position;

    /**
     * Starts at the first of some bytes.
     *
     * @param place what they are, as messages begin
     * @param bytes the bytes
     */
    ByteCursor(String place, MemorySegment bytes) {
        this.place = place;
        this.bytes = bytes;
    }

    boolean atEnd() {
        return position == bytes.byteSize();
    }

    /** Unsigned 16 bits. */
    int fixed16() {
        return Short.toUnsignedInt(bytes.get(SHORT, advance(Short.BYTES)));
    }

    int fixed32() {
        return bytes.get(INT, advance(Integer.BYTES));
    }

    long fixed64() {
        return bytes.get(LONG, advance(Long.BYTES));
    }

    /** Seven bits a byte, the lowest first; the highest bit of a byte tells that another one follows. */
    long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += VARINT_BITS) {
            byte next = bytes.get(ValueLayout.JAVA_BYTE, advance(1));
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("a number has more than 64 bits");
    }

    MemorySegment slice(long length) {
        return bytes.asSlice(advance(length), length);
    }

    void skip(long length) {
        advance(length);
    }

    private long advance(long length) {
        if (length < 0 || length > bytes.byteSize() - position) {
            throw damaged("needs " + Long.toUnsignedString(length) + " bytes at " + position + ", has "
                    + (bytes.byteSize() - position));
        }
        long start = position;
        position += length;
        return start;
    }

    InputException damaged(String how) {
        return new InputException(place + ": damaged: " + how);
    }
}
