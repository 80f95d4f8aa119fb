package org.crossentropy.app.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {

    /** Written by the reference implementation. */
    private static final Path BATCH = Path.of("src", "test", "resources", "safetensors", "batch.safetensors");

    private static final double[][] LOGITS = {
        {0, 0, 0, 0}, {1, 2, 3, 4}, {-2, 0.5, Double.NEGATIVE_INFINITY, 1}, {5, 5, 1, 0}
    };

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private Path file() {
        return folder.resolve("a.safetensors");
    }

    private Path write(String json, int dataBytes) throws IOException {
        return write(json, new byte[dataBytes]);
    }

    private Path write(String json, byte[] data) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer content = ByteBuffer.allocate(Long.BYTES + header.length + data.length);
        content.order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(data);
        return Files.write(file(), content.array());
    }

    private static void assertRejected(Path file, @Nullable String name, String message) {
        try (Arena arena = Arena.ofConfined()) {
            InputException failure = assertThrows(
                    InputException.class, () -> ArrayFile.map(file, arena).tensor(name));
            String text = String.valueOf(failure.getMessage());
            assertTrue(text.startsWith(file + ": ") && text.contains(message), text);
        }
    }

    @ParameterizedTest
    @CsvSource({"logits.f16, FLOAT16", "logits.bf16, BFLOAT16", "logits.f32, FLOAT32", "logits.f64, FLOAT64"})
    void readsMatricesOfTheReference(String name, ElementType type) {
        try (Arena arena = Arena.ofConfined()) {
            Matrix logits = ArrayFile.map(BATCH, arena).tensor(name).asMatrix();
            assertEquals(type, logits.type());
            assertEquals(LOGITS.length, logits.rows());
            for (int i = 0; i < LOGITS.length; i++) {
                int row = i;
                double[] found = IntStream.range(0, logits.columns())
                        .mapToDouble(column -> logits.get(row, column))
                        .toArray();
                assertArrayEquals(LOGITS[i], found);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"labels.i32, INT32", "labels.i64, INT64"})
    void readsClassIndicesOfTheReference(String name, IndexType type) {
        try (Arena arena = Arena.ofConfined()) {
            ClassIndices labels = ArrayFile.map(BATCH, arena).tensor(name).asClassIndices();
            assertEquals(type, labels.type());
            assertEquals(4, labels.count());
            assertEquals(3, labels.get(1));
            assertEquals(-100, labels.get(3));
        }
    }

    @Test
    void readsValuesOfTheReference() {
        try (Arena arena = Arena.ofConfined()) {
            RowValues weights = ArrayFile.map(BATCH, arena).tensor("weights").asValues();
            assertEquals(4, weights.count());
            assertEquals(0.25, weights.get(3));
        }
    }

    @Test
    void listsTheNamesThereAre() throws IOException {
        assertRejected(BATCH, "logits", "has no tensor \"logits\", must be one of ");
        assertRejected(BATCH, "logits", "\"labels.i32\"");
        assertRejected(BATCH, null, "which tensor is not said, must be one of ");
        assertRejected(BATCH, "__metadata__", "has no tensor");
        assertRejected(write("{}", 0), "a", "has no tensor \"a\", the file holds none");
        assertRejected(write("{}", 0), null, "the file holds none");
        assertRejected(BATCH, "line\nbreak", "has no tensor \"line?break\"");
        StringBuilder many = new StringBuilder("{\"t0\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
        for (int i = 1; i < 70; i++) {
            many.append(",\"t").append(i).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        assertRejected(write(many + "}", 0), "a", "\"t49\" and 20 more");
    }

    @Test
    void takesTheOnlyTensorWithoutItsName() throws IOException {
        write("{\"x\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}", new byte[] {5, 0, 0, 0});
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(
                    5,
                    ArrayFile.map(file(), arena).tensor(null).asClassIndices().get(0));
        }
    }

    /** The reference aligns tensors; the format does not ask for it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void readsTensorsAtAnyAddress(int blanks) throws IOException {
        String json = "{\"b\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[1,9]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}" + " ".repeat(blanks);
        byte[] data = ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) -1)
                .putDouble(0.1)
                .array();
        write(json, data);
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(
                    0.1, ArrayFile.map(file(), arena).tensor("b").asMatrix().get(0, 0));
        }
    }

    @Test
    void unknownTypesHarmOnlyThemselves() throws IOException {
        String json = "{\"a\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[0,2]},"
                + "\"b\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[2,4]}}";
        write(json, new byte[] {1, 1, 0, 1});
        assertRejected(
                file(),
                "a",
                "tensor \"a\": element type is I16, must be F16, BF16, F32, F64, I32, I64, U8 or BOOL (float16,");
        try (Arena arena = Arena.ofConfined()) {
            ClassMask mask = ArrayFile.map(file(), arena).tensor("b").asClassMask();
            assertEquals(2, mask.classes());
            assertFalse(mask.isKept(0, 0));
            assertTrue(mask.isKept(0, 1));
        }
    }

    @Test
    void typesAndShapesMustBeThoseWanted() {
        try (Arena arena = Arena.ofConfined()) {
            ArrayFile batch = ArrayFile.map(BATCH, arena);
            assertMessage("element type is I32, must be F16, BF16, F32 or F64", batch.tensor("labels.i32")::asMatrix);
            assertMessage("element type is F32, must be I32 or I64", batch.tensor("logits.f32")::asClassIndices);
            assertMessage("element type is BF16, must be F32 or F64", batch.tensor("logits.bf16")::asValues);
            assertMessage("shape is (4,), must be (rows, classes)", batch.tensor("weights")::asMatrix);
        }
    }

    private static void assertMessage(String message, Runnable view) {
        InputException failure = assertThrows(InputException.class, view::run);
        assertTrue(String.valueOf(failure.getMessage()).contains(message), failure.getMessage());
    }

    @Test
    void truncatedAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(BATCH);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertRejected(file(), "logits.f32", "truncated");
        }
        Files.write(file(), Arrays.copyOf(whole, whole.length + 1));
        assertRejected(file(), "logits.f32", "too long: its tensors have");
    }

    @Test
    void lengthOfTheHeader() throws IOException {
        assertLengthRejected(-1, "said to have 18446744073709551615 bytes, must be at most 100000000");
        assertLengthRejected(100_000_001, "said to have 100000001 bytes, must be at most 100000000");
        assertLengthRejected(100_000_000, "said to have 100000000 bytes, the file has 2 from there");
        assertLengthRejected(3, "said to have 3 bytes, the file has 2 from there");
        assertLengthRejected(0, "header is damaged: the header must be an object");
        // The limit holds also where the file is as long as it says.
        assertLengthRejected(100_000_001, "must be at most 100000000");
        try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
            sparse.setLength(100_000_100);
        }
        assertRejected(file(), null, "said to have 100000001 bytes, must be at most 100000000");
    }

    private void assertLengthRejected(long length, String message) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(Long.BYTES + 2).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(
                file(), content.putLong(length).put((byte) '{').put((byte) '}').array());
        assertRejected(file(), null, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]               | the header must be an object",
                "{\"a\":1}        | tensor \"a\" must be an object",
                "{\"a\":{}        | header is damaged: ",
                "{\"a\":{}}       | tensor \"a\" must have dtype, shape and data_offsets",
                "{} {}            | the header must end after its object",
                "{}x              | header is damaged: Unrecognized token",
                "{\"a\":NaN}      | header is damaged: ",
                "{a}              | at byte 1 of the header",
                "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F64\"}}  | Duplicate field 'dtype'",
                "{\"a\":{\"dtype\":4}}            | tensor \"a\": dtype must be a string",
                "{\"a\":{\"shape\":4}}            | tensor \"a\": shape must be an array",
                "{\"a\":{\"shape\":[1.5]}}        | tensor \"a\": shape must be whole numbers",
                "{\"a\":{\"shape\":[-1]}}         | tensor \"a\": shape has -1, must be at least 0",
                "{\"a\":{\"shape\":[9223372036854775808]}} | out of range of",
                "{\"a\":{\"data_offsets\":[[]]}}  | tensor \"a\": data_offsets must be whole numbers"
            })
    void damagedHeader(String json, String message) throws IOException {
        assertRejected(write(json, 0), "a", message);
    }

    /** Whatever a byte of the header becomes, the file is read or rejected in words. */
    @Test
    void anyDamageIsReportedOrHarmless() throws IOException {
        byte[] whole = Files.readAllBytes(BATCH);
        int rejected = 0;
        for (int position = 0; position < 0x248; position++) {
            for (byte value : new byte[] {0, -1, '"', '9'}) {
                byte[] damaged = whole.clone();
                damaged[position] = value;
                Files.write(file(), damaged);
                try (Arena arena = Arena.ofConfined()) {
                    ArrayFile.map(file(), arena).tensor("logits.f32").asMatrix();
                } catch (InputException expected) {
                    assertTrue(String.valueOf(expected.getMessage()).startsWith(file() + ": "), expected.getMessage());
                    rejected++;
                }
            }
        }
        assertTrue(rejected > 2000, "only " + rejected + " rejected");
    }

    @Test
    void namesTwice() throws IOException {
        String entry = "\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
        assertRejected(write("{" + entry + "," + entry + "}", 0), "a", "Duplicate field 'a'");
    }

    /** Eight bytes of data, and tensors that do not share them out exactly. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[2] | 0, 12 | [0] | 0, 0 | tensor \"a\": truncated or damaged: ends at byte 12, the file has 8",
                "[2] | 8, 0  | [0] | 0, 0 | tensor \"a\": begins at byte 8, after its end at 0",
                "[2] | 0, 4  | [1] | 4, 8 | tensor \"a\": shape (2,) of F32 needs 8 bytes, its offsets 0 and 4 enclose 4",
                "[1] | 0, 4  | [1] | 0, 4 | begins at byte 0, within another one that ends at 4",
                "[2] | 0, 8  | [1] | 4, 8 | tensor \"b\": begins at byte 4, within another one that ends at 8",
                "[1] | 4, 8  | [0] | 0, 0 | tensor \"a\": begins at byte 4, after a gap that begins at 0",
                "[1] | 0, 4  | [0] | 4, 4 | too long: its tensors have 4 bytes, the file has 8 after its header",
                "[2] | 0     | [0] | 0, 0 | tensor \"a\": data_offsets must be two numbers, are 1",
                "[9223372036854775807, 3] | 0, 8 | [0] | 0, 0 | has more than 2^63 bytes"
            })
    void offsetsThatDoNotFit(String shapeA, String offsetsA, String shapeB, String offsetsB, String message)
            throws IOException {
        String json = "{" + float32("a", shapeA, offsetsA) + "," + float32("b", shapeB, offsetsB) + "}";
        assertRejected(write(json, 8), "a", message);
    }

    private static String float32(String name, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[" + offsets + "]}";
    }
}
