package org.crossentropy.app.bert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {

    private static final String COMMENT = "follows the directory";

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void writeModel() throws IOException {
        new TinyBert().write(folder.resolve("model"));
    }

    @AfterEach
    void unmap() {
        arena.close();
    }

    private Path model() {
        return folder.resolve("model");
    }

    private Path zip(Path folder, int method, String name) throws IOException {
        Path file = this.folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> paths = Files.walk(folder)) {
            zip.setComment(COMMENT);
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                add(zip, folder.relativize(path).toString(), Files.readAllBytes(path), method);
            }
        }
        return file;
    }

    private static void add(ZipOutputStream zip, String name, byte[] content, int method) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
            CRC32 checksum = new CRC32();
            checksum.update(content);
            entry.setCrc(checksum.getValue());
            entry.setSize(content.length);
        }
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** As it is published: the stored zip file, compressed, beside other entries. */
    private Path jar() throws IOException {
        Path inner = Files.createDirectories(folder.resolve("jar/com/example"));
        Files.move(zip(model(), ZipEntry.STORED, "model.zip"), inner.resolve("some-model"));
        Files.writeString(folder.resolve("jar/README"), "A model.");
        return zip(folder.resolve("jar"), ZipEntry.DEFLATED, "model.jar");
    }

    private void assertOpens(Path model, @Nullable Path unpacked) {
        ModelFiles files = ModelFiles.open(model, unpacked, arena);
        for (String name : List.of("assets/vocab.txt", "variables/variables.index")) {
            assertEquals(
                    -1, files.map(name).asByteBuffer().mismatch(ByteBuffer.wrap(read(model().resolve(name)))), name);
        }
        assertEquals(
                TinyBert.LAYERS, BertModel.open(model, unpacked, arena).layers().size());
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void opensAFolderAZipFileAndAJar() throws IOException {
        assertOpens(model(), null);
        assertOpens(zip(model(), ZipEntry.STORED, "stored.zip"), null);
        assertOpens(jar(), null);
    }

    @Test
    void unpacksAJarOnce() throws IOException {
        Path jar = jar();
        Path unpacked = folder.resolve("unpacked.zip");
        assertOpens(jar, unpacked);
        var written = Files.getLastModifiedTime(unpacked);
        assertOpens(jar, unpacked);
        assertEquals(written, Files.getLastModifiedTime(unpacked));
        assertOpens(unpacked, null);
    }

    @Test
    void overwritesNoFileOfAnotherContent() throws IOException {
        Path jar = jar();
        Path other = Files.writeString(folder.resolve("other"), "kept");
        assertMessage(jar, other, other + ": is not what " + jar + " unpacks to");
        assertEquals("kept", Files.readString(other));
    }

    @Test
    void saysWhyAFileIsNoModel() throws IOException {
        Path missing = folder.resolve("missing");
        assertMessage(missing, null, missing + ": no such file or folder");
        Path text = Files.writeString(folder.resolve("text"), "x".repeat(100));
        assertMessage(text, null, text + ": no BERT model: must be a folder, a zip file or a jar");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        assertMessage(empty, null, empty + ": no BERT model");
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Files.writeString(classes.resolve("README"), "Nothing.");
        Path jar = zip(classes, ZipEntry.DEFLATED, "classes.jar");
        assertMessage(jar, null, jar + ": no BERT model: has neither the entry variables/variables.index nor a zip");
    }

    @Test
    void asksToUnpackWhatIsCompressed() throws IOException {
        Path zip = zip(model(), ZipEntry.DEFLATED, "deflated.zip");
        assertMessage(zip, null, zip + ": variables/variables.index: is compressed, must be stored; unpack " + zip);
    }

    @Test
    void survivesTruncationAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(zip(model(), ZipEntry.STORED, "stored.zip"));
        Path cut = folder.resolve("cut.zip");
        for (int length = whole.length - COMMENT.length() - 1; length > 0; length = length * 7 / 8) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThrows(InputException.class, () -> BertModel.open(cut, null, arena));
        }
    }

    private void assertMessage(Path model, @Nullable Path unpacked, String start) {
        InputException refused = assertThrows(InputException.class, () -> BertModel.open(model, unpacked, arena));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(start), refused.getMessage());
        assertFalse(String.valueOf(refused.getMessage()).contains("\n"));
    }
}
