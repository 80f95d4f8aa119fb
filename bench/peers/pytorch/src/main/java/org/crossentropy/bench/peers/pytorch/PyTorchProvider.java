package org.crossentropy.bench.peers.pytorch;

import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.SubjectProvider;

/** Offers PyTorch to be measured. */
public final class PyTorchProvider implements SubjectProvider {

    /** For the service loader. */
    public PyTorchProvider() {}

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public Subject open(int threads) {
        return new PyTorch(threads);
    }
}
