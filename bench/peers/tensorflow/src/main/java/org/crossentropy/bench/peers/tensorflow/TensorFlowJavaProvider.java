package org.crossentropy.bench.peers.tensorflow;

import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.SubjectProvider;

/** Offers TensorFlow Java to be measured. */
public final class TensorFlowJavaProvider implements SubjectProvider {

    /** For the service loader. */
    public TensorFlowJavaProvider() {}

    @Override
    public String name() {
        return "tensorflow";
    }

    @Override
    public Subject open(int threads) {
        return new TensorFlowJava(threads);
    }
}
