package org.crossentropy.peers;

import java.lang.foreign.MemorySegment;

/** Masks as the library takes them. */
final class Masks {

    private Masks() {}

    static MemorySegment bytes(boolean[] kept) {
        byte[] bytes = new byte[kept.length];
        for (int i = 0; i < kept.length; i++) {
            bytes[i] = (byte) (kept[i] ? 1 : 0);
        }
        return MemorySegment.ofArray(bytes);
    }
}
