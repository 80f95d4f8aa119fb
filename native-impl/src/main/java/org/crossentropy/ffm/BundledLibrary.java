package org.crossentropy.ffm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The copy of libxent, with the libraries it needs, that the platform jar carries as resources: a folder
 * {@code native-dist/<platform>} whose file {@code SHA256SUMS}, in the format of the tool {@code sha256sum}, names every
 * library and what it must hash to. The folder's name is not a legal package name, so no module encapsulates it.
 *
 * <p>libxent finds its neighbours by its run path, {@code $ORIGIN}; so all of them are put into one new folder that only
 * this user may enter, and compared with their hashes on the way. A loaded library needs its file no longer: closing
 * what {@link #extract} returns removes everything again.
 */
final class BundledLibrary {
    private static final String SUMS = "SHA256SUMS";
    private static final Pattern SUM = Pattern.compile("([0-9a-f]{64}) [ *]([A-Za-z0-9_][A-Za-z0-9._+-]*)");

    private final ClassLoader resources;
    private final @Nullable String platform;

    /**
     * Names a copy; nothing is read yet.
     *
     * @param resources where the jar is found
     * @param platform such as {@code "linux-x86_64"}, or null where there is no such name
     */
    BundledLibrary(ClassLoader resources, @Nullable String platform) {
        this.resources = resources;
        this.platform = platform;
    }

    /** {@return the copy for the machine this runs on, found where this class was found} */
    static BundledLibrary ofThisPlatform() {
        ClassLoader loader = BundledLibrary.class.getClassLoader();
        return new BundledLibrary(
                loader != null ? loader : ClassLoader.getSystemClassLoader(),
                platform(System.getProperty("os.name", ""), System.getProperty("os.arch", "")));
    }

    /**
     * Translates Java's names of a platform into those of the jar, which are OpenBLAS's.
     *
     * @return null for a platform that has no name there
     */
    static @Nullable String platform(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String system = os.startsWith("linux")
                ? "linux"
                : os.startsWith("mac") ? "macosx" : os.startsWith("windows") ? "windows" : null;
        String processor = switch (osArch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm64";
            default -> null;
        };
        return system == null || processor == null ? null : system + "-" + processor;
    }

    /** {@return the resource folder} */
    String folder() {
        return "native-dist/" + platform;
    }

    /**
     * Writes the libraries to a new private folder.
     *
     * @return the folder; closing it deletes it
     * @throws NativeUnavailableException if there is no copy for this platform, or it is not what its list says
     * @throws IOException if the resources cannot be read or the folder cannot be written
     */
    Extracted extract() throws NativeUnavailableException, IOException {
        Map<String, String> sums = readSums();
        String library = System.mapLibraryName("xent");
        if (!sums.containsKey(library)) {
            throw new NativeUnavailableException(folder() + "/" + SUMS + " does not name " + library);
        }
        var extracted = new Extracted(Files.createTempDirectory("crossentropy-", onlyThisUser()), library);
        try {
            for (Map.Entry<String, String> entry : sums.entrySet()) {
                copy(entry.getKey(), entry.getValue(), extracted.folder);
            }
            return extracted;
        } catch (NativeUnavailableException | IOException | RuntimeException e) {
            extracted.close();
            throw e;
        }
    }

    private static FileAttribute<?>[] onlyThisUser() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private Map<String, String> readSums() throws NativeUnavailableException, IOException {
        if (platform == null) {
            throw new NativeUnavailableException(
                    "there is none for " + System.getProperty("os.name") + " on " + System.getProperty("os.arch"));
        }
        try (InputStream stream = resources.getResourceAsStream(folder() + "/" + SUMS)) {
            if (stream == null) {
                throw new NativeUnavailableException("no resource " + folder() + "/" + SUMS
                        + " (the jar crossentropy-libxent for this platform is missing, or is on the module path"
                        + " without --add-modules org.crossentropy.libxent)");
            }
            var sums = new LinkedHashMap<String, String>();
            for (String line : new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                var matcher = SUM.matcher(line);
                if (!matcher.matches()) {
                    throw new NativeUnavailableException(
                            folder() + "/" + SUMS + " has a line of another format: " + line);
                }
                sums.put(matcher.group(2), matcher.group(1));
            }
            return sums;
        }
    }

    private void copy(String name, String expected, Path to) throws NativeUnavailableException, IOException {
        MessageDigest digest = sha256();
        try (InputStream from = resources.getResourceAsStream(folder() + "/" + name)) {
            if (from == null) {
                throw new NativeUnavailableException(
                        "no resource " + folder() + "/" + name + ", which " + SUMS + " names");
            }
            try (OutputStream file = new DigestOutputStream(Files.newOutputStream(to.resolve(name)), digest)) {
                from.transferTo(file);
            }
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(expected)) {
            throw new NativeUnavailableException(
                    folder() + "/" + name + " is damaged: its SHA-256 is " + found + ", and should be " + expected);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** A private folder with the libraries, as long as it is not closed. */
    static final class Extracted implements AutoCloseable {
        private final Path folder;
        private final String library;

        private Extracted(Path folder, String library) {
            this.folder = folder;
            this.library = library;
        }

        /** {@return the file of libxent} */
        Path library() {
            return folder.resolve(library).toAbsolutePath();
        }

        /**
         * Deletes the files, then the folder. Where an operating system refuses to delete a library in use, they stay:
         * that is no reason to do without the backend.
         */
        @Override
        public void close() {
            try (var files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
                Files.delete(folder);
            } catch (IOException e) {
                System.getLogger(BundledLibrary.class.getName())
                        .log(System.Logger.Level.DEBUG, () -> "left behind: " + folder, e);
            }
        }
    }
}
