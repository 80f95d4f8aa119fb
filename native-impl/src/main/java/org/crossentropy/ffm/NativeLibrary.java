package org.crossentropy.ffm;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.crossentropy.api.spi.Availability.Unavailable;
import org.crossentropy.ffm.bindings.Xent;
import org.crossentropy.ffm.bindings.xent_coefficients;
import org.jspecify.annotations.Nullable;

/**
 * Finds libxent, loads it and proves that it fits the bindings. Together with the generated package this class is the
 * only place of restricted calls: loading and linking.
 *
 * <p>The library is looked for in this order:
 *
 * <ol>
 *   <li>the file that the system property {@value #PROPERTY} names by an absolute path; if the property is set, nothing
 *       else is tried, so that nobody runs another library than the one asked for;
 *   <li>{@code System.loadLibrary("xent")}: the {@code lib} folder of a run-time image, {@code java.library.path};
 *   <li>the copy in the platform jar, see {@link BundledLibrary}.
 * </ol>
 *
 * <p>A library that loads but does not fit ends the search: its symbols belong to the class loader from then on, and a
 * second library could not be told from it.
 */
final class NativeLibrary {
    /** The system property with the absolute path of the library. */
    static final String PROPERTY = "org.crossentropy.native.library";

    private static final String NAME = "xent";

    /** Version and core type in what OpenBLAS says of itself: first, then any number of build options, core, limit. */
    private static final Pattern BLAS_DESCRIPTION =
            Pattern.compile("OpenBLAS (\\S+)(?: \\S+)*? (\\S+)(?: (?:MAX_THREADS=\\S+|SINGLE_THREADED))?");

    private static boolean loaded;
    private static @Nullable Unavailable failure;

    private NativeLibrary() {}

    /**
     * Loads the library on the first call; later calls return the same.
     *
     * @return null if the library may be called, else why not, with everything that was tried
     */
    static synchronized @Nullable Unavailable load() {
        if (!loaded && failure == null) {
            try {
                load(System.getProperty(PROPERTY), BundledLibrary.ofThisPlatform());
                loaded = true;
            } catch (NativeUnavailableException e) {
                failure = e.toAvailability();
            }
        }
        return failure;
    }

    /**
     * Loads and checks the library.
     *
     * @param path value of the property, if set
     * @param bundled the platform jar's copy
     */
    private static void load(@Nullable String path, BundledLibrary bundled) throws NativeUnavailableException {
        String origin;
        try {
            origin = path != null ? loadNamed(path) : search(bundled);
        } catch (IllegalCallerException e) {
            throw new NativeUnavailableException(accessDenied(), e);
        }
        requireAbi(origin);
        requireLayout(origin);
    }

    private static String loadNamed(String path) throws NativeUnavailableException {
        String setting = "system property " + PROPERTY + " is '" + path + "', ";
        Path file;
        try {
            file = Path.of(path);
        } catch (InvalidPathException e) {
            throw new NativeUnavailableException(setting + "which is not a path", e);
        }
        if (!file.isAbsolute()) {
            throw new NativeUnavailableException(setting + "which is not an absolute path");
        }
        if (!Files.isRegularFile(file)) {
            throw new NativeUnavailableException(setting + "where there is no file");
        }
        try {
            System.load(path);
        } catch (UnsatisfiedLinkError e) {
            throw new NativeUnavailableException(setting + "which cannot be loaded: " + e.getMessage(), e);
        }
        return path;
    }

    private static String search(BundledLibrary bundled) throws NativeUnavailableException {
        UnsatisfiedLinkError notInstalled;
        try {
            System.loadLibrary(NAME);
            return "System.loadLibrary(\"" + NAME + "\")";
        } catch (UnsatisfiedLinkError e) {
            notInstalled = e;
        }
        try {
            return loadBundled(bundled);
        } catch (NativeUnavailableException e) {
            var all = new NativeUnavailableException(
                    "libxent was not found or could not be loaded: (1) System.loadLibrary(\""
                            + NAME + "\"): " + notInstalled.getMessage() + "; (2) platform jar: " + e.getMessage()
                            + "; the system property " + PROPERTY + " can name the file");
            all.addSuppressed(notInstalled);
            all.addSuppressed(e);
            throw all;
        }
    }

    private static String loadBundled(BundledLibrary bundled) throws NativeUnavailableException {
        try (BundledLibrary.Extracted files = bundled.extract()) {
            System.load(files.library().toString());
            return "platform jar, " + bundled.folder();
        } catch (UnsatisfiedLinkError e) {
            throw new NativeUnavailableException(cannotLoad(e), e);
        } catch (IOException e) {
            throw new NativeUnavailableException("cannot be unpacked: " + e, e);
        }
    }

    /** The dynamic linker's own words, and for a folder that forbids execution what to do about it. */
    private static String cannotLoad(UnsatisfiedLinkError e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("failed to map segment")
                ? message
                        + " (the folder of temporary files seems to forbid execution; -Djava.io.tmpdir=... names another)"
                : message;
    }

    private static String accessDenied() {
        Module module = NativeLibrary.class.getModule();
        return module.isNamed()
                ? "native access is not enabled for module %1$s: start Java with --enable-native-access=%1$s"
                        .formatted(module.getName())
                : "native access is not enabled for the class path: start Java with --enable-native-access=ALL-UNNAMED";
    }

    private static void requireAbi(String origin) throws NativeUnavailableException {
        int abi;
        try {
            abi = Xent.xent_abi();
        } catch (LinkageError e) {
            throw new NativeUnavailableException("the library of " + origin + " has no function xent_abi", e);
        }
        if (abi != Xent.XENT_ABI()) {
            throw new NativeUnavailableException("the library of " + origin + " has the binary interface " + abi
                    + ", and these bindings were made for " + Xent.XENT_ABI());
        }
    }

    /** Compares the only struct whose fields both sides touch. */
    private static void requireLayout(String origin) throws NativeUnavailableException {
        long size = Xent.xent_sizeof_coefficients();
        long gamma = Xent.xent_offsetof_coefficients_gamma();
        if (size != xent_coefficients.sizeof() || gamma != xent_coefficients.gamma$offset()) {
            throw new NativeUnavailableException("the library of " + origin + " lays out xent_coefficients as size "
                    + size + " and gamma at " + gamma + ", and these bindings as size " + xent_coefficients.sizeof()
                    + " and gamma at " + xent_coefficients.gamma$offset());
        }
    }

    /**
     * Links a function so that it accepts arrays of the Java heap. Such a call does without a change of thread state: the
     * garbage collector waits for it, so callers keep it short.
     */
    static MethodHandle linkCritical(MemorySegment function, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(function, descriptor, Linker.Option.critical(true));
    }

    /** {@return version and core type of OpenBLAS, or its own words where they are not understood} */
    static String blas(String description) {
        var matcher = BLAS_DESCRIPTION.matcher(description.strip());
        return matcher.matches()
                ? "OpenBLAS %s (%s)".formatted(matcher.group(1), matcher.group(2))
                : description.strip();
    }

    /** {@return the text at an address that libxent returned, or null for a null pointer} */
    static @Nullable String text(MemorySegment address) {
        return address.address() == 0 ? null : address.getString(0);
    }
}
