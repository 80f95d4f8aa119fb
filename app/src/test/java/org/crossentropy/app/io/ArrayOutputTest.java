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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArrayOutputTest {

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
            try (ArrayOutput output = ArrayOutput.create(target(), "x", ElementType.FLOAT32, List.of(2L, 3L), arena)) {
                assertFalse(Files.exists(target()));
                output.data().setAtIndex(ValueLayout.JAVA_FLOAT, 5, 0.5f);
                output.commit();
            }
            Matrix matrix = ArrayFile.map(target(), arena).tensor(null).asMatrix();
            assertEquals(2, matrix.rows());
            assertEquals(3, matrix.columns());
            assertEquals(0.5, matrix.get(1, 2));
            assertEquals(1, files());
        }
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void safetensorsReadBackInEveryType(ElementType type) throws IOException {
        Path file = folder.resolve("array.safetensors");
        try (Arena arena = Arena.ofConfined()) {
            try (ArrayOutput output = ArrayOutput.create(file, "a \"name\"", type, List.of(2L, 3L), arena)) {
                Matrix.of(type, output.data(), 2, 3).set(1, 2, -0.75);
                output.commit();
            }
            Matrix matrix = ArrayFile.map(file, arena).tensor("a \"name\"").asMatrix();
            assertEquals(type, matrix.type());
            assertEquals(-0.75, matrix.get(1, 2));
            assertEquals(0, matrix.get(1, 1));
            assertEquals(0, (Files.size(file) - 6L * type.bytes()) % 64);
        }
    }

    @ParameterizedTest
    @EnumSource(value = ElementType.class, names = "BFLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void npyReadsBackInEveryTypeThatNumpyHas(ElementType type) {
        try (Arena arena = Arena.ofConfined()) {
            try (ArrayOutput output = ArrayOutput.create(target(), "x", type, List.of(2L, 3L), arena)) {
                Matrix.of(type, output.data(), 2, 3).set(1, 2, -0.75);
                output.commit();
            }
            Matrix matrix = ArrayFile.map(target(), arena).tensor(null).asMatrix();
            assertEquals(type, matrix.type());
            assertEquals(-0.75, matrix.get(1, 2));
        }
    }

    @Test
    void npyHasNoBfloat16() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            InputException failure = assertThrows(
                    InputException.class,
                    () -> ArrayOutput.create(target(), "x", ElementType.BFLOAT16, List.of(2L, 3L), arena));
            assertEquals(
                    target() + ": cannot hold bfloat16, which NumPy does not have; its name must end in .safetensors",
                    failure.getMessage());
        }
        assertEquals(0, files());
    }

    @Test
    void whatIsNotCommittedNeverWas() throws IOException {
        Files.writeString(target(), "older");
        try (Arena arena = Arena.ofConfined();
                ArrayOutput output = ArrayOutput.create(target(), "x", ElementType.FLOAT64, List.of(1000L), arena)) {
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
                    InputException.class, () -> ArrayOutput.create(target(), "x", ElementType.FLOAT64, shape, arena));
            assertTrue(String.valueOf(failure.getMessage()).contains("has room for"), failure.getMessage());
        }
        assertEquals(0, files());
    }
}
