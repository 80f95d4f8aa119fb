package org.crossentropy.bench.peers.djl;

import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.SubjectProvider;

/** Offers Deep Java Library on its PyTorch engine to be measured. */
public final class DjlProvider implements SubjectProvider {

    /** For the service loader. */
    public DjlProvider() {}

    @Override
    public String name() {
        return "djl";
    }

    @Override
    public Subject open(int threads) {
        return new Djl(threads);
    }
}
