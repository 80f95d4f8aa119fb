package org.crossentropy.bench.peers.pytorch;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/** The OpenBLAS that PyTorch has loaded: which kernels it chose explains the time of products. */
final class LoadedOpenBlas {

    /** The name by which PyTorch asks for it; what is loaded already is not loaded twice. */
    private static final String NAME = "libopenblas.so.0";

    private static final long LONGEST = 256;

    private LoadedOpenBlas() {}

    /** {@return kernels and threads, in a few words} */
    static String describe() {
        try {
            SymbolLookup library = SymbolLookup.libraryLookup(NAME, Arena.global());
            MemorySegment core = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(
                            library.findOrThrow("openblas_get_corename"), FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
            int threads = (int) Linker.nativeLinker()
                    .downcallHandle(
                            library.findOrThrow("openblas_get_num_threads"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
            return "OpenBLAS (" + core.reinterpret(LONGEST).getString(0) + "), threads " + threads;
        } catch (Throwable unknown) {
            return "OpenBLAS of unknown kernels";
        }
    }
}
