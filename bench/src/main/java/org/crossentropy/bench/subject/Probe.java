package org.crossentropy.bench.subject;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.Backends;

/** Moves memory and computes next to nothing: what no kernel that moves the same memory can beat. */
interface Probe {

    /**
     * {@return the probe of the native backend, or that of the JVM where the native backend cannot run}
     */
    static Probe best() {
        boolean nativeRuns = Backends.all().stream()
                .anyMatch(candidate -> candidate.name().equals("native") && candidate.available());
        return nativeRuns ? new NativeProbe() : new JavaProbe();
    }

    /** Reads everything; the result depends on it. */
    float read(MemorySegment source);

    /** Copies with ordinary stores, which read what they overwrite into the cache first. */
    void copy(MemorySegment source, MemorySegment target);

    /** Copies with stores that bypass the caches, where there are such. */
    void copyNonTemporal(MemorySegment source, MemorySegment target);

    /** Overwrites each float with a number made from it. */
    void update(MemorySegment values);
}
