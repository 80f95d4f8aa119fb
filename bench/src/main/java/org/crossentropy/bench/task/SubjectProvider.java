package org.crossentropy.bench.task;

/** Makes a subject that is found by the service loader: how other libraries come in, each on a class path of its own. */
public interface SubjectProvider {

    /**
     * {@return the subject's name}
     */
    String name();

    /**
     * Makes the subject.
     *
     * @param threads threads to compute with
     * @return the subject
     */
    Subject open(int threads);
}
