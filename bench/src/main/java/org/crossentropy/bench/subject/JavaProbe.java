package org.crossentropy.bench.subject;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Probes in plain Java: loops that the JVM vectorises, and its own copy. */
final class JavaProbe implements Probe {

    /** Sums the bits: integers may be added in any order, and so by vectors. */
    @Override
    public float read(MemorySegment source) {
        int sum = 0;
        for (long offset = 0; offset < source.byteSize(); offset += Integer.BYTES) {
            sum += source.get(ValueLayout.JAVA_INT, offset);
        }
        return sum;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target) {
        for (long offset = 0; offset < source.byteSize(); offset += Float.BYTES) {
            target.set(ValueLayout.JAVA_FLOAT, offset, source.get(ValueLayout.JAVA_FLOAT, offset));
        }
    }

    /** Java cannot ask for such stores, but the JVM's own copy of large blocks may use them. */
    @Override
    public void copyNonTemporal(MemorySegment source, MemorySegment target) {
        target.copyFrom(source);
    }

    @Override
    public void update(MemorySegment values) {
        for (long offset = 0; offset < values.byteSize(); offset += Float.BYTES) {
            values.set(ValueLayout.JAVA_FLOAT, offset, -values.get(ValueLayout.JAVA_FLOAT, offset));
        }
    }

    @Override
    public String toString() {
        return "plain Java";
    }
}
