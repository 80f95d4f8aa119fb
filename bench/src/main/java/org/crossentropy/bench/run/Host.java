package org.crossentropy.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.crossentropy.bench.subject.Subjects;

/**
 * A kind of process in which subjects are measured.
 *
 * @param name what figures call it: the subject, and how its process differs from others of the same subject
 * @param subject name of the subject, empty where the host has several and each is called by its own name
 * @param flags flags of the JVM besides those that all have
 * @param environment variables of the environment
 * @param peer folder of the module that brings the library, empty for our own
 */
public record Host(String name, String subject, List<String> flags, Map<String, String> environment, String peer) {

    /** Makes glibc ask for huge pages; the JVM's own heap does not come from there. */
    private static final Map<String, String> HUGE_PAGES = Map.of("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

    /** Copies the collections. */
    public Host {
        flags = List.copyOf(flags);
        environment = Map.copyOf(environment);
    }

    static Host plain(String name) {
        return new Host(name, name, List.of(), Map.of(), "");
    }

    /** A backend of ours with a system property. */
    static Host with(String name, String subject, String property) {
        return new Host(name, subject, List.of("-D" + property), Map.of(), "");
    }

    static Host hugePages(String subject) {
        return new Host(subject + ", huge pages", subject, List.of(), HUGE_PAGES, "");
    }

    /** A backend of ours whose heads have a chunk of so many rows. */
    static Host chunked(String backend, int rows) {
        return new Host(chunkedName(backend, rows), backend + Subjects.CHUNK + rows, List.of(), Map.of(), "");
    }

    /**
     * Returns what figures call a backend that has chunks of some rows.
     *
     * @param backend the backend
     * @param rows rows of a chunk of a head
     * @return the name
     */
    public static String chunkedName(String backend, int rows) {
        return backend + ", " + rows + " rows";
    }

    /** A backend of ours in a process of its own, for another task. */
    static Host apart(String name, String backend) {
        return new Host(name, backend, List.of(), Map.of(), "");
    }

    static Host peer(String name, String subject, Map<String, String> environment, String... flags) {
        return new Host(name, subject, List.of(flags), environment, subject);
    }

    /** How many times as long as others it has to warm up: loops of the Vector API crawl until they are compiled. */
    int warmUpFactor() {
        return subject.contains("vector") ? 5 : 1;
    }

    /** Limits of the machine. */
    static Host probes() {
        return new Host("probes", "", List.of(), Map.of(), "");
    }

    /** {@return our backends, fastest first} */
    static List<Host> backends() {
        return List.of(plain("native"), plain("vector"), plain("scalar"));
    }

    /** {@return PyTorch as it comes, and in huge pages} */
    static List<Host> pyTorch() {
        return List.of(
                peer("PyTorch", "pytorch", Map.of()),
                peer("PyTorch, huge pages", "pytorch", Map.of("THP_MEM_ALLOC_ENABLE", "1")));
    }

    /** {@return other libraries, and the loop written by hand} */
    public static List<Host> peers() {
        List<Host> peers = new ArrayList<>();
        peers.add(plain("hand-written"));
        peers.addAll(pyTorch());
        peers.add(peer("DJL", "djl", Map.of()));
        peers.add(peer("TensorFlow", "tensorflow", Map.of()));
        peers.add(peer("ND4J", "nd4j", Map.of()));
        peers.add(peer("ONNX Runtime", "onnxruntime", Map.of()));
        return peers;
    }
}
