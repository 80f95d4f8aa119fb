package org.crossentropy.app.bert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Writes bundles of tensors as TensorFlow does, by the format's description: an index of several blocks, keys without the
 * prefix they share with the one before, and one file of numbers.
 */
final class BundleWriter {

    private static final long MAGIC = 0xdb4775248b80fb57L;
    private static final int ENTRIES_OF_A_BLOCK = 7;
    private static final int ENTRIES_TO_A_RESTART = 3;
    private static final int FLOAT32 = 1;

    private final SortedMap<String, byte[]> entries = new TreeMap<>();
    private final ByteArrayOutputStream numbers = new ByteArrayOutputStream();
    private final boolean checksums;

    BundleWriter(boolean checksums) {
        this.checksums = checksums;
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        varint(header, 1 << 3, 1);
        entries.put("", header.toByteArray());
        // So that no tensor is aligned.
        numbers.write(0);
    }

    void add(String name, int type, float[] values, int... shape) {
        ByteArrayOutputStream lengths = new ByteArrayOutputStream();
        for (int length : shape) {
            ByteArrayOutputStream dimension = new ByteArrayOutputStream();
            varint(dimension, 1 << 3, length);
            bytes(lengths, 2, dimension.toByteArray());
        }
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        varint(entry, 1 << 3, type);
        bytes(entry, 2, lengths.toByteArray());
        varint(entry, 4 << 3, numbers.size());
        varint(entry, 5 << 3, (long) values.length * Float.BYTES);
        entry.writeBytes(new byte[] {(6 << 3) | 5, 1, 2, 3, 4});
        entries.put(name, entry.toByteArray());
        ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        numbers.writeBytes(data.array());
    }

    void add(String name, float[] values, int... shape) {
        add(name, FLOAT32, values, shape);
    }

    /** Writes the files into a model's folder. */
    void write(Path folder) throws IOException {
        Path variables = Files.createDirectories(folder.resolve("variables"));
        Files.write(variables.resolve("variables.index"), index());
        Files.write(variables.resolve("variables.data-00000-of-00001"), numbers.toByteArray());
    }

    private byte[] index() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Map<String, byte[]> places = new TreeMap<>();
        List<String> names = new ArrayList<>(entries.keySet());
        for (int from = 0; from < names.size(); from += ENTRIES_OF_A_BLOCK) {
            int to = Math.min(from + ENTRIES_OF_A_BLOCK, names.size());
            String last = names.get(to - 1);
            places.put(last, block(file, entries.subMap(names.get(from), last + "\0")));
        }
        byte[] meta = block(file, Map.of());
        byte[] index = block(file, places);
        ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        footer.put(meta).put(index).putLong(40, MAGIC);
        file.writeBytes(footer.array());
        return file.toByteArray();
    }

    /** Returns where the block is, as an index tells it. */
    private byte[] block(ByteArrayOutputStream file, Map<String, byte[]> content) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        List<Integer> restarts = new ArrayList<>();
        byte[] previous = {};
        int count = 0;
        for (var entry : content.entrySet()) {
            byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_8);
            boolean restart = count++ % ENTRIES_TO_A_RESTART == 0;
            int shared = restart ? 0 : shared(previous, key);
            if (restart) {
                restarts.add(block.size());
            }
            varint(block, shared);
            varint(block, key.length - shared);
            varint(block, entry.getValue().length);
            block.write(key, shared, key.length - shared);
            block.writeBytes(entry.getValue());
            previous = key;
        }
        restarts.forEach(restart -> block.writeBytes(littleEndian(restart)));
        block.writeBytes(littleEndian(restarts.size()));
        ByteArrayOutputStream place = new ByteArrayOutputStream();
        varint(place, file.size());
        varint(place, block.size());
        file.writeBytes(block.toByteArray());
        file.write(0);
        file.writeBytes(littleEndian(checksums ? checksum(block.toByteArray()) : 0));
        return place.toByteArray();
    }

    private static int shared(byte[] first, byte[] second) {
        int length = 0;
        while (length < Math.min(first.length, second.length) && first[length] == second[length]) {
            length++;
        }
        return length;
    }

    private static int checksum(byte[] block) {
        CRC32C checksum = new CRC32C();
        checksum.update(block);
        checksum.update(0);
        int value = (int) checksum.getValue();
        return ((value >>> 15) | (value << 17)) + 0xa282ead8;
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static void varint(ByteArrayOutputStream out, long tag, long value) {
        varint(out, tag);
        varint(out, value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] bytes) {
        varint(out, (field << 3) | 2, bytes.length);
        out.writeBytes(bytes);
    }
}
