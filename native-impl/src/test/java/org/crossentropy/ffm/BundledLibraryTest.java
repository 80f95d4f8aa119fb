package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacking alone, with files that are no libraries; {@link NativeLibraryTest} loads what is unpacked. */
class BundledLibraryTest {
    private static final String PLATFORM =
            String.valueOf(BundledLibrary.platform(System.getProperty("os.name"), System.getProperty("os.arch")));

    /** Where the resources are on the machine of the test. */
    static final String FOLDER = "native-dist/" + PLATFORM;

    @TempDir
    private Path files;

    /** Lays out the files of a folder as the platform jar does. */
    static Path resources(Path where, Path dist) throws Exception {
        Path root = where.resolve("jar");
        Path folder = Files.createDirectories(root.resolve(FOLDER));
        var sums = new StringBuilder();
        try (Stream<Path> libraries = Files.list(dist)) {
            for (Path library : libraries.filter(BundledLibraryTest::isLibrary).toList()) {
                Path name = library.getFileName();
                Files.copy(library, folder.resolve(name));
                sums.append(sha256(library)).append("  ").append(name).append('\n');
            }
        }
        Files.writeString(folder.resolve("SHA256SUMS"), sums);
        return root;
    }

    @Test
    void unpacksIntoAPrivateFolderAndDeletesIt() throws Exception {
        Path root = resources(files, dist());
        Path folder;
        try (URLClassLoader jar = loader(root);
                var extracted = new BundledLibrary(jar, PLATFORM).extract()) {
            Path library = extracted.library();
            folder = library.resolveSibling("");
            assertTrue(library.isAbsolute());
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
            assertEquals("the library", Files.readString(library));
            assertEquals("its neighbour", Files.readString(folder.resolve("libneighbour.so.0")));
        }
        assertFalse(Files.exists(folder));
    }

    @Test
    void refusesADamagedFile() throws Exception {
        Path root = resources(files, dist());
        Path library = root.resolve(FOLDER, "libneighbour.so.0");
        Files.writeString(library, "its neighbouR");
        assertRefused(root, FOLDER + "/libneighbour.so.0 is damaged: its SHA-256 is ");
    }

    @Test
    void refusesAMissingFile() throws Exception {
        Path root = resources(files, dist());
        Files.delete(root.resolve(FOLDER, "libneighbour.so.0"));
        assertRefused(root, "no resource " + FOLDER + "/libneighbour.so.0");
    }

    @Test
    void refusesNamesThatLeaveTheFolder() throws Exception {
        Path root = resources(files, dist());
        Path sums = root.resolve(FOLDER, "SHA256SUMS");
        Files.writeString(sums, Files.readString(sums).replace("libneighbour", "../libneighbour"));
        assertRefused(root, "has a line of another format: ");
    }

    @Test
    void refusesAListWithoutTheLibrary() throws Exception {
        Path root = resources(files, dist());
        Path sums = root.resolve(FOLDER, "SHA256SUMS");
        Files.writeString(sums, Files.readString(sums).replace(System.mapLibraryName("xent"), "other"));
        assertRefused(root, FOLDER + "/SHA256SUMS does not name " + System.mapLibraryName("xent"));
    }

    @Test
    void saysWhenThereIsNothingForThePlatform() throws Exception {
        assertRefused(files, "no resource " + FOLDER + "/SHA256SUMS");
        try (URLClassLoader jar = loader(files)) {
            var thrown = assertThrows(
                    NativeUnavailableException.class,
                    () -> new BundledLibrary(jar, null).extract().close());
            assertTrue(String.valueOf(thrown.getMessage()).startsWith("there is none for "));
        }
    }

    @Test
    void translatesPlatforms() {
        assertEquals("linux-x86_64", BundledLibrary.platform("Linux", "amd64"));
        assertEquals("linux-arm64", BundledLibrary.platform("Linux", "aarch64"));
        assertEquals("macosx-arm64", BundledLibrary.platform("Mac OS X", "aarch64"));
        assertEquals("windows-x86_64", BundledLibrary.platform("Windows 11", "amd64"));
        assertNull(BundledLibrary.platform("Linux", "s390x"));
        assertNull(BundledLibrary.platform("AIX", "amd64"));
    }

    private Path dist() throws IOException {
        Path dist = Files.createDirectory(files.resolve("dist"));
        Files.writeString(dist.resolve(System.mapLibraryName("xent")), "the library");
        Files.writeString(dist.resolve("libneighbour.so.0"), "its neighbour");
        return dist;
    }

    private void assertRefused(Path root, String reason) throws IOException {
        try (URLClassLoader jar = loader(root)) {
            var thrown = assertThrows(
                    NativeUnavailableException.class,
                    () -> new BundledLibrary(jar, PLATFORM).extract().close());
            assertTrue(String.valueOf(thrown.getMessage()).contains(reason), thrown::getMessage);
        }
    }

    private static URLClassLoader loader(Path root) throws IOException {
        return new URLClassLoader(new URL[] {root.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    private static boolean isLibrary(Path file) {
        return !file.getFileName().toString().equals("SHA256SUMS");
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
