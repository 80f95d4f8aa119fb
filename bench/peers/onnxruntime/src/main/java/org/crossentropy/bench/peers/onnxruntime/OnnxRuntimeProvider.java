package org.crossentropy.bench.peers.onnxruntime;

import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.SubjectProvider;

/** Offers ONNX Runtime to be measured. */
public final class OnnxRuntimeProvider implements SubjectProvider {

    /** For the service loader. */
    public OnnxRuntimeProvider() {}

    @Override
    public String name() {
        return "onnxruntime";
    }

    @Override
    public Subject open(int threads) {
        return new OnnxRuntime(threads);
    }
}
