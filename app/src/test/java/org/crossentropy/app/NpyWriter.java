package org.crossentropy.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small .npy files for tests, by the format's description; the files of NumPy itself are in the resources. */
final class NpyWriter {

    private NpyWriter() {}

    static Path matrix(Path file, double[][] rows) {
        ByteBuffer data = buffer(rows.length * rows[0].length * Double.BYTES);
        for (double[] row : rows) {
            for (double value : row) {
                data.putDouble(value);
            }
        }
        return write(file, "<f8", "(" + rows.length + ", " + rows[0].length + ")", data);
    }

    static Path values(Path file, double... values) {
        ByteBuffer data = buffer(values.length * Double.BYTES);
        for (double value : values) {
            data.putDouble(value);
        }
        return write(file, "<f8", "(" + values.length + ",)", data);
    }

    static Path indices(Path file, long... indices) {
        ByteBuffer data = buffer(indices.length * Long.BYTES);
        for (long index : indices) {
            data.putLong(index);
        }
        return write(file, "<i8", "(" + indices.length + ",)", data);
    }

    /** Flags in a type that Python names: bool, uint8, int32 or int64. */
    static Path flags(Path file, String type, boolean... flags) {
        ByteBuffer data = buffer(flags.length * Long.BYTES);
        put(data, type, flags);
        return write(file, descr(type), "(" + flags.length + ",)", data);
    }

    static Path flagRows(Path file, String type, boolean[][] rows) {
        ByteBuffer data = buffer(rows.length * rows[0].length * Long.BYTES);
        for (boolean[] row : rows) {
            put(data, type, row);
        }
        return write(file, descr(type), "(" + rows.length + ", " + rows[0].length + ")", data);
    }

    private static void put(ByteBuffer data, String type, boolean... flags) {
        for (boolean flag : flags) {
            // An integer that is not 0 only in its upper bytes is still not 0.
            switch (type) {
                case "bool" -> data.put((byte) (flag ? 1 : 0));
                case "uint8" -> data.put((byte) (flag ? 0x80 : 0));
                case "int32" -> data.putInt(flag ? 1 << 30 : 0);
                case "int64" -> data.putLong(flag ? 1L << 40 : 0);
                default -> throw new AssertionError(type);
            }
        }
    }

    private static String descr(String type) {
        return switch (type) {
            case "bool" -> "|b1";
            case "uint8" -> "|u1";
            case "int32" -> "<i4";
            case "int64" -> "<i8";
            default -> throw new AssertionError(type);
        };
    }

    private static ByteBuffer buffer(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Path write(Path file, String descr, String shape, ByteBuffer data) {
        String header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
        byte[] content = new byte[10 + header.length() + data.position()];
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length());
        bytes.put(header.getBytes(StandardCharsets.US_ASCII)).put(data.flip());
        try {
            return Files.write(file, content);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
