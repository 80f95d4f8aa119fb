package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.ffm.bindings.Xent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the library comes from, and what is said when it cannot be had; each case in a virtual machine of its own. */
class NativeLibraryTest {
    private static final String LSE_OF_ZEROS = "lse: [" + Math.log(10) + "]";

    @TempDir
    private Path files;

    private Path temporary;

    @BeforeEach
    void makeTemporaryFolder() throws IOException {
        temporary = Files.createDirectory(files.resolve("tmp"));
    }

    @Test
    void propertyNamesTheLibrary() throws Exception {
        assertUsable(ForkedJvm.onClassPath(
                temporary,
                List.of(library(ForkedJvm.dist().resolve("libxent.so").toRealPath()))));
    }

    @Test
    void installedLibraryIsFound() throws Exception {
        assertUsable(ForkedJvm.onModulePath(
                temporary,
                List.of("--enable-native-access=org.crossentropy.ffm", "-Djava.library.path=" + ForkedJvm.dist())));
    }

    @Test
    void platformJarIsUnpackedAndLeavesNothingBehind() throws Exception {
        Path jar = BundledLibraryTest.resources(files, ForkedJvm.dist());
        assertUsable(ForkedJvm.onClassPath(temporary, List.of(), jar));
        assertEquals(List.of(), list(temporary));
    }

    @Test
    void damagedPlatformJarIsRefusedAndLeavesNothingBehind() throws Exception {
        Path jar = BundledLibraryTest.resources(files, ForkedJvm.dist());
        Path sums = jar.resolve(BundledLibraryTest.FOLDER, "SHA256SUMS");
        Files.writeString(
                sums, Files.readString(sums).replaceAll("[0-9a-f]{64}( [ *]libxent.so)", "0".repeat(64) + "$1"));
        String output = ForkedJvm.onClassPath(temporary, List.of(), jar);
        assertUnavailable(
                output, "(1) System.loadLibrary(\"xent\"): no xent in java.library.path", "libxent.so is damaged");
        assertTrue(output.contains("attempts: 2"), output);
        assertEquals(List.of(), list(temporary));
    }

    @Test
    void everythingTriedIsListed() throws Exception {
        String output = ForkedJvm.onClassPath(temporary, List.of());
        assertUnavailable(
                output,
                "no xent in java.library.path: " + temporary,
                "no resource " + BundledLibraryTest.FOLDER + "/SHA256SUMS",
                NativeLibrary.PROPERTY);
    }

    @Test
    void propertyNamesAMissingFile() throws Exception {
        Path missing = files.resolve("libxent.so");
        assertUnavailable(
                ForkedJvm.onClassPath(temporary, List.of(library(missing), "-Djava.library.path=" + ForkedJvm.dist())),
                "is '" + missing + "', where there is no file");
    }

    @Test
    void propertyNamesARelativePath() throws Exception {
        for (String path : List.of("libxent.so", "")) {
            assertUnavailable(
                    ForkedJvm.onClassPath(temporary, List.of("-D" + NativeLibrary.PROPERTY + "=" + path)),
                    "system property org.crossentropy.native.library is '" + path + "', which is not an absolute path");
        }
    }

    @Test
    void propertyNamesATextFile() throws Exception {
        Path text = Files.writeString(files.resolve("libxent.so"), "not a library, but long enough to look like one\n");
        assertUnavailable(
                ForkedJvm.onClassPath(temporary, List.of(library(text))),
                "which cannot be loaded",
                "UnsatisfiedLinkError");
    }

    @Test
    void anotherBinaryInterfaceIsRefused() throws Exception {
        Path wrong = compile("int xent_abi(void) { return 4711; }");
        assertUnavailable(
                ForkedJvm.onClassPath(temporary, List.of(library(wrong))),
                "has the binary interface 4711, and these bindings were made for " + Xent.XENT_ABI());
    }

    @Test
    void anotherLayoutIsRefused() throws Exception {
        Path wrong = compile("""
                int xent_abi(void) { return %d; }
                long long xent_sizeof_coefficients(void) { return 12; }
                long long xent_offsetof_coefficients_gamma(void) { return 8; }
                """.formatted(Xent.XENT_ABI()));
        assertUnavailable(
                ForkedJvm.onClassPath(temporary, List.of(library(wrong))),
                "size 12 and gamma at 8",
                "size 24 and gamma at 16");
    }

    @Test
    void anotherLibraryIsRefused() throws Exception {
        Path other = compile("int answer(void) { return 42; }");
        assertUnavailable(ForkedJvm.onClassPath(temporary, List.of(library(other))), "has no function xent_abi");
    }

    @Test
    void missingNeighbourIsAReasonAndNoCrash() throws Exception {
        Path neighbour = compile("libneighbour.so.0", "int answer(void) { return 42; }");
        Path library = compile(
                "libxent.so", "int answer(void); int xent_abi(void) { return answer(); }", neighbour.toString());
        Files.delete(neighbour);
        assertUnavailable(ForkedJvm.onClassPath(temporary, List.of(library(library))), "libneighbour.so.0");
        assertUnavailable(
                ForkedJvm.onClassPath(temporary, List.of("-Djava.library.path=" + files)),
                "libneighbour.so.0",
                "no resource native-dist");
    }

    @Test
    void deniedNativeAccessIsNamedWithItsRemedy() throws Exception {
        List<String> denied = List.of("--illegal-native-access=deny", "-Djava.library.path=" + ForkedJvm.dist());
        assertUnavailable(
                ForkedJvm.onModulePath(temporary, denied),
                "native access is not enabled for module org.crossentropy.ffm",
                "--enable-native-access=org.crossentropy.ffm",
                "IllegalCallerException");
        assertUnavailable(ForkedJvm.withoutAccessOnClassPath(temporary, denied), "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void unknownInstructionSetInThePropertyIsRefused() throws Exception {
        assertUnavailable(
                ForkedJvm.onClassPath(
                        temporary,
                        List.of(
                                "-D" + NativeBackendProvider.ISA_PROPERTY + "=sse9",
                                "-Djava.library.path=" + ForkedJvm.dist())),
                "unknown instruction set 'sse9' (system property org.crossentropy.native.isa); supported here: scalar");
    }

    @Test
    void instructionSetInThePropertyIsUsed() throws Exception {
        String output = ForkedJvm.onClassPath(
                temporary,
                List.of(
                        "-D" + NativeBackendProvider.ISA_PROPERTY + "=scalar",
                        "-Djava.library.path=" + ForkedJvm.dist()));
        assertTrue(output.contains("available: scalar, OpenBLAS "), output);
    }

    @Test
    void callsAllocateNothing() throws Exception {
        String output = ForkedJvm.onClassPath(
                temporary, List.of("-Dallocation=true", "-Djava.library.path=" + ForkedJvm.dist()));
        assertTrue(output.contains("\nheap: 0\noff-heap: 0\n"), output);
    }

    private static String library(Path file) {
        return "-D" + NativeLibrary.PROPERTY + "=" + file;
    }

    private static void assertUsable(String output) {
        assertTrue(output.contains("available: ") && !output.contains("unavailable: "), output);
        assertTrue(output.contains(LSE_OF_ZEROS), output);
    }

    private static void assertUnavailable(String output, String... parts) {
        assertTrue(output.contains("unavailable: "), output);
        for (String part : parts) {
            assertTrue(output.contains(part), () -> "'" + part + "' is not in: " + output);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            // The virtual machine's own.
            return found.filter(file -> !file.getFileName().toString().startsWith("hsperfdata_"))
                    .toList();
        }
    }

    private Path compile(String source) throws Exception {
        return compile("libxent.so", source);
    }

    private Path compile(String name, String source, String... options) throws Exception {
        Path input = Files.writeString(files.resolve(name + ".c"), source);
        Path output = files.resolve(name);
        var command = Stream.concat(
                Stream.of("cc", "-shared", "-fPIC", "-o", output.toString(), input.toString()), Stream.of(options));
        Process process =
                new ProcessBuilder(command.toList()).redirectErrorStream(true).start();
        String messages = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        assertEquals(0, process.waitFor(), messages);
        return output;
    }
}
