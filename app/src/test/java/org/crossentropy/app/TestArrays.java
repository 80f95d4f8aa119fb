package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.ArrayFile;
import org.crossentropy.app.io.ArrayOutput;

/** Small files of arrays of every floating-point type, written and read through matrices. */
final class TestArrays {

    private TestArrays() {}

    static Path write(Path file, ElementType type, double[][] rows) {
        try (Arena arena = Arena.ofConfined()) {
            List<Long> shape = List.of((long) rows.length, (long) rows[0].length);
            try (ArrayOutput output = ArrayOutput.create(file, "array", type, shape, arena)) {
                Matrix matrix = Matrix.of(type, output.data(), rows.length, rows[0].length);
                for (int i = 0; i < rows.length; i++) {
                    for (int j = 0; j < rows[i].length; j++) {
                        matrix.set(i, j, rows[i][j]);
                    }
                }
                output.commit();
            }
        }
        return file;
    }

    static double[][] matrix(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            Matrix matrix = ArrayFile.map(file, arena).tensor(null).asMatrix();
            double[][] rows = new double[(int) matrix.rows()][matrix.columns()];
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < rows[i].length; j++) {
                    rows[i][j] = matrix.get(i, j);
                }
            }
            return rows;
        }
    }

    static double[] values(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            RowValues values = ArrayFile.map(file, arena).tensor(null).asValues();
            double[] numbers = new double[(int) values.count()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = values.get(i);
            }
            return numbers;
        }
    }

    static String typeName(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            return ArrayFile.map(file, arena).tensor(null).typeName();
        }
    }
}
