package org.crossentropy.bench.subject;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.ffm.bindings.Xent;

/** The probes of libxent: the loads and stores of its best kernels. */
final class NativeProbe implements Probe {

    /** Opening the backend has loaded the library, whose functions are called below. */
    private final Backend backend = Backends.require("native");

    private final MemorySegment kernels = Xent.xent_kernels_for(Xent.xent_best_isa());

    @Override
    public float read(MemorySegment source) {
        return Xent.xent_probe_read(kernels, source, floats(source));
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target) {
        Xent.xent_probe_copy(kernels, source, target, floats(source), 0);
    }

    @Override
    public void copyNonTemporal(MemorySegment source, MemorySegment target) {
        Xent.xent_probe_copy(kernels, source, target, floats(source), 1);
    }

    @Override
    public void update(MemorySegment values) {
        Xent.xent_probe_update(kernels, values, floats(values));
    }

    private static long floats(MemorySegment segment) {
        return segment.byteSize() / Float.BYTES;
    }

    @Override
    public String toString() {
        return backend.toString();
    }
}
