package org.crossentropy.bench.subject;

import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.crossentropy.ffm.bindings.Xent;

/** A native function that does nothing: what the way there and back takes. */
final class NativeCall implements Subject {

    /** Opening the backend has loaded the library. */
    private final Backend backend = Backends.require("native");

    @Override
    public boolean isProbe() {
        return true;
    }

    @Override
    public String detail() {
        return "empty call, " + backend;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        return new Work() {
            private int result;

            @Override
            public void run() {
                result = Xent.xent_abi();
            }

            @Override
            public double loss() {
                return result;
            }

            @Override
            public double gradient(int row, int column) {
                return result;
            }
        };
    }
}
