package org.crossentropy.app.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyOutputTest {

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private Path target() {
        return folder.resolve("array.npy");
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @Test
    void whatIsCommittedReadsBack() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            try (NpyOutput output = NpyOutput.create(target(), ElementType.FLOAT32, List.of(2L, 3L), arena)) {
                assertFalse(Files.exists(target()));
                output.data().setAtIndex(ValueLayout.JAVA_FLOAT, 5, 0.5f);
                output.commit();
            }
            Matrix matrix = NpyArray.map(target(), arena).asMatrix();
            assertEquals(2, matrix.rows());
            assertEquals(3, matrix.columns());
            assertEquals(0.5, matrix.get(1, 2));
            assertEquals(1, files());
        }
    }

    @Test
    void whatIsNotCommittedNeverWas() throws IOException {
        Files.writeString(target(), "older");
        try (Arena arena = Arena.ofConfined();
                NpyOutput output = NpyOutput.create(target(), ElementType.FLOAT64, List.of(1000L), arena)) {
            assertEquals(8000, output.data().byteSize());
            assertEquals(2, files());
        }
        assertEquals("older", Files.readString(target()));
        assertEquals(1, files());
    }

    @Test
    void aFullDiskIsSeenBeforehand() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            List<Long> shape = List.of(1L << 57);
            InputException failure = assertThrows(
                    InputException.class, () -> NpyOutput.create(target(), ElementType.FLOAT64, shape, arena));
            assertTrue(String.valueOf(failure.getMessage()).contains("has room for"), failure.getMessage());
        }
        assertEquals(0, files());
    }
}
