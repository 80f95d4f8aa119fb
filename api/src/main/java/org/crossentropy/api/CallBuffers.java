package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory that one call reads and writes, checked as a whole before anything is written: every arena open, every
 * output writable, no output sharing memory with an input or with another output.
 */
final class CallBuffers {

    private record Buffer(String name, MemorySegment segment) {}

    private final List<Buffer> inputs = new ArrayList<>();
    private final List<Buffer> outputs = new ArrayList<>();
    private boolean shareable = true;

    CallBuffers input(String name, @Nullable MemorySegment segment) {
        if (segment != null) {
            add(inputs, name, segment);
        }
        return this;
    }

    CallBuffers output(String name, @Nullable MemorySegment segment) {
        if (segment != null) {
            Checks.alive(name, segment);
            Checks.writable(name, segment);
            checkApart(name, segment);
            add(outputs, name, segment);
        }
        return this;
    }

    CallBuffers output(String name, @Nullable RowValues values) {
        return values == null ? this : output(name, values.segment());
    }

    /** An output that may be exactly an input, in place of it; that input must have been added already. */
    CallBuffers output(String name, @Nullable Matrix output, String inputName, Matrix input) {
        if (output == null) {
            return this;
        }
        Checks.apartOrSame(inputName, input, name, output);
        Checks.alive(name, output.segment());
        Checks.writable(name, output.segment());
        for (Buffer other : inputs) {
            if (!other.name.equals(inputName)) {
                Checks.apart(other.name, other.segment, name, output.segment());
            }
        }
        for (Buffer other : outputs) {
            Checks.apart(other.name, other.segment, name, output.segment());
        }
        outputs.add(new Buffer(name, output.segment()));
        shareable &= RowWork.shareable(output.segment());
        return this;
    }

    private void add(List<Buffer> buffers, String name, MemorySegment segment) {
        Checks.alive(name, segment);
        shareable &= RowWork.shareable(segment);
        buffers.add(new Buffer(name, segment));
    }

    private void checkApart(String name, MemorySegment segment) {
        for (Buffer input : inputs) {
            Checks.apart(input.name, input.segment, name, segment);
        }
        for (Buffer output : outputs) {
            Checks.apart(output.name, output.segment, name, segment);
        }
    }

    /** Whether threads other than the caller may work on all of them. */
    boolean shareable() {
        return shareable;
    }
}
