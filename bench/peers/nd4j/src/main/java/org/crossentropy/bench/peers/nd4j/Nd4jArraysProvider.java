package org.crossentropy.bench.peers.nd4j;

import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.SubjectProvider;

/** Offers ND4J to be measured. */
public final class Nd4jArraysProvider implements SubjectProvider {

    /** For the service loader. */
    public Nd4jArraysProvider() {}

    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public Subject open(int threads) {
        return new Nd4jArrays(threads);
    }
}
