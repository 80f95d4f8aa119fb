package org.crossentropy.bench.run;

import java.util.List;

/** What every JVM that measures is started with. */
public final class JvmFlags {

    /** Without it the vector backend is unavailable. */
    public static final String VECTOR_API = "--add-modules=jdk.incubator.vector";

    /** On the class path the native backend belongs to the unnamed module. */
    public static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    /** A heap that neither grows nor shrinks during a measurement and has room for the largest on-heap batch. */
    public static final String HEAP_MIN = "-Xms2g";

    /** See {@link #HEAP_MIN}. */
    public static final String HEAP_MAX = "-Xmx2g";

    /** JMH 1.37 calls methods of Unsafe that are on their way out; the warning would bury what a fork prints. */
    public static final String UNSAFE = "--sun-misc-unsafe-memory-access=allow";

    /** All of the above. */
    public static final List<String> ALL = List.of(VECTOR_API, NATIVE_ACCESS, HEAP_MIN, HEAP_MAX, UNSAFE);

    private JvmFlags() {}
}
