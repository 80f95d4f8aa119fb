package org.crossentropy.bench.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Starts JVMs that measure, with the environment of this one but for what would tell OpenBLAS how to compute: it chooses its
 * kernels by the processor, for other libraries as for ours.
 */
final class Launch {

    /** Kernels and sizes of blocks; set for some other program they may be those of an older processor. */
    private static final List<String> FORCING = List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_VERBOSE");

    /** How many threads OpenBLAS has where a library leaves that to it; ours always tells it to use the calling one. */
    private static final String BLAS_THREADS = "OPENBLAS_NUM_THREADS";

    private Launch() {}

    /** A JVM of the kind that runs this. */
    static ProcessBuilder java(List<String> flags, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Home.java());
        command.addAll(flags);
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        clear(builder.environment());
        return builder;
    }

    /** As {@link #java}, and every library has so many threads. */
    static ProcessBuilder java(int threads, List<String> flags, String... arguments) {
        ProcessBuilder builder = java(flags, arguments);
        builder.environment().put(BLAS_THREADS, Integer.toString(threads));
        return builder;
    }

    /** Takes out what forces OpenBLAS. */
    static void clear(Map<String, String> environment) {
        environment.keySet().removeAll(FORCING);
    }

    /** What an environment has that is not handed on, as lines for the results. */
    static List<String> cleared(Map<String, String> environment) {
        return FORCING.stream()
                .filter(environment::containsKey)
                .map(name -> "not taken   " + name + "=" + environment.get(name)
                        + " of the environment: OpenBLAS chooses by the processor")
                .toList();
    }
}
