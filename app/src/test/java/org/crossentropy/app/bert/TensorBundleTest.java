package org.crossentropy.app.bert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.crossentropy.api.Matrix;
import org.crossentropy.app.io.InputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorBundleTest {

    private static final float[] NUMBERS = {1, 2, 3, -4, 5.5f, Float.NaN};

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void unmap() {
        arena.close();
    }

    /** More tensors than a block has entries, with names that share much and little. */
    private TensorBundle bundle(boolean checksums) throws IOException {
        BundleWriter writer = new BundleWriter(checksums);
        writer.add("a/b/matrix", NUMBERS, 2, 3);
        writer.add("a/b/vector", NUMBERS, 6);
        for (int i = 0; i < 40; i++) {
            writer.add("layer_" + i + "/bias", new float[] {i, -i}, 2);
        }
        writer.add("whole", 3, NUMBERS, 6);
        writer.write(folder);
        return open();
    }

    private TensorBundle open() {
        return TensorBundle.open(ModelFiles.open(folder, null, arena));
    }

    private Path index() {
        return folder.resolve("variables/variables.index");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsWhatWasWritten(boolean checksums) throws IOException {
        TensorBundle bundle = bundle(checksums);
        assertEquals(43, bundle.names().size());
        Matrix matrix = bundle.matrix("a/b/matrix", 2, 3);
        assertEquals(-4, matrix.get(1, 0));
        assertEquals(Double.NaN, matrix.get(1, 2));
        assertArrayEquals(NUMBERS, bundle.vector("a/b/vector", 6));
        assertEquals(6, bundle.row("a/b/vector", 6).columns());
        for (int i = 0; i < 40; i++) {
            assertArrayEquals(new float[] {i, -i}, bundle.vector("layer_" + i + "/bias", 2));
        }
        assertEquals(List.of(2L, 3L), bundle.lengths("a/b/matrix", 2));
        assertEquals(Optional.of("a/"), bundle.prefixOf("b/matrix"));
        assertEquals(Optional.empty(), bundle.prefixOf("c/matrix"));
    }

    @Test
    void saysWhatIsWrongWithATensor() throws IOException {
        TensorBundle bundle = bundle(true);
        String place = index().toString();
        assertMessage(() -> bundle.vector("missing", 2), place + ": has no tensor \"missing\"");
        assertMessage(
                () -> bundle.matrix("a/b/matrix", 3, 2),
                place + ": tensor \"a/b/matrix\" has shape [2, 3], must have [3, 2]");
        assertMessage(
                () -> bundle.lengths("a/b/matrix", 1),
                place + ": tensor \"a/b/matrix\" has shape [2, 3], must have 1 dimensions");
        assertMessage(
                () -> bundle.vector("whole", 6),
                place + ": tensor \"whole\" is of type 3, must be of type 1 (float32)");
    }

    @Test
    void saysThatAFileIsNoBundle() throws IOException {
        assertMessage(this::open, folder + ": no BERT model: has no file variables/variables.index");
        bundle(true);
        byte[] index = Files.readAllBytes(index());
        index[index.length - 1] ^= 1;
        Files.write(index(), index);
        assertMessage(this::open, index() + ": not the index of a TensorFlow bundle");
        Files.write(index(), new byte[3]);
        assertMessage(this::open, index() + ": not the index of a TensorFlow bundle");
    }

    @Test
    void findsDamageByTheChecksum() throws IOException {
        bundle(true);
        byte[] index = Files.readAllBytes(index());
        index[20] ^= 1;
        Files.write(index(), index);
        assertMessage(this::open, index() + ": damaged: a block has checksum");
    }

    /** Without checksums damage shows only where it makes no sense, and must never show as anything but an input error. */
    @Test
    void survivesDamageOfAnyByte() throws IOException {
        bundle(false);
        byte[] index = Files.readAllBytes(index());
        for (int i = 0; i < index.length; i++) {
            byte[] damaged = index.clone();
            damaged[i] ^= (byte) 0xff;
            Files.write(index(), damaged);
            try {
                TensorBundle bundle = open();
                for (String name : bundle.names()) {
                    bundle.vector(name, 2);
                }
            } catch (InputException refused) {
                assertTrue(String.valueOf(refused.getMessage()).startsWith(folder.toString()), refused.getMessage());
            }
        }
    }

    @Test
    void saysThatNumbersAreMissing() throws IOException {
        bundle(true);
        Path data = folder.resolve("variables/variables.data-00000-of-00001");
        Files.write(data, new byte[30]);
        TensorBundle bundle = open();
        assertEquals(0, bundle.matrix("a/b/matrix", 2, 3).get(1, 0));
        assertMessage(
                () -> bundle.vector("a/b/vector", 6),
                index() + ": tensor \"a/b/vector\" is said to have 24 bytes at 25 of file 0, must have 24 within");
        Files.delete(data);
        assertMessage(this::open, folder + ": no BERT model: has no file variables/variables.data-00000-of-00001");
    }

    private static void assertMessage(Runnable action, String start) {
        InputException refused = assertThrows(InputException.class, action::run);
        assertTrue(String.valueOf(refused.getMessage()).startsWith(start), refused.getMessage());
    }
}
