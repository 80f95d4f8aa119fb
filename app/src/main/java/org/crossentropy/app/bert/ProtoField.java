package org.crossentropy.app.bert;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A field of a message in the wire format of protocol buffers.
 *
 * @param number which field
 * @param value its number; 0 if it is bytes
 * @param bytes its bytes, a string or a message within; empty if it is a number
 */
record ProtoField(int number, long value, MemorySegment bytes) {

    private static final int TYPE_BITS = 3;
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    /** The fields of a message, in its order. */
    static List<ProtoField> of(String place, MemorySegment message) {
        ByteCursor cursor = new ByteCursor(place, message);
        List<ProtoField> fields = new ArrayList<>();
        while (!cursor.atEnd()) {
            long tag = cursor.varint();
            int number = (int) (tag >>> TYPE_BITS);
            int type = (int) (tag & ((1 << TYPE_BITS) - 1));
            fields.add(
                    switch (type) {
                        case VARINT -> new ProtoField(number, cursor.varint(), MemorySegment.NULL);
                        case FIXED_64 -> new ProtoField(number, cursor.fixed64(), MemorySegment.NULL);
                        case BYTES -> new ProtoField(number, 0, cursor.slice(cursor.varint()));
                        case FIXED_32 -> new ProtoField(number, cursor.fixed32(), MemorySegment.NULL);
                        default -> throw cursor.damaged("a field of a message has wire type " + type);
                    });
        }
        return fields;
    }
}
