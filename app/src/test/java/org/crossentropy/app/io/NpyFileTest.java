package org.crossentropy.app.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.Test;

class NpyFileTest {

    private static final Path NPY = Path.of("src", "test", "resources", "npy");

    private static Matrix matrix(String name, Arena arena) {
        return ArrayFile.map(NPY.resolve(name + ".npy"), arena).tensor(null).asMatrix();
    }

    @Test
    void readsFloat16() {
        try (Arena arena = Arena.ofConfined()) {
            Matrix half = matrix("logits-f2", arena);
            Matrix single = matrix("logits-f4", arena);
            assertEquals(ElementType.FLOAT16, half.type());
            assertEquals(single.rows(), half.rows());
            for (int row = 0; row < half.rows(); row++) {
                for (int column = 0; column < half.columns(); column++) {
                    assertEquals(single.get(row, column), half.get(row, column));
                }
            }
        }
    }
}
