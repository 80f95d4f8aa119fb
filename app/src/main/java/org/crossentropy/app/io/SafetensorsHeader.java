package org.crossentropy.app.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What a file of safetensors says about its tensors. The format is that of Hugging Face: 8 bytes with the length of the
 * header, little-endian; the header, a JSON object that may be padded with blanks; and the tensors one after another, in
 * any order but without gaps.
 *
 * @param entries the tensors by their names, in the order of the header
 * @param dataOffset where in the file the tensors begin
 */
record SafetensorsHeader(Map<String, Entry> entries, long dataOffset) {

    /**
     * One tensor.
     *
     * @param dtype its element type, perhaps one that is not read here
     * @param shape its shape
     * @param begin its first byte, counted from the end of the header
     * @param end the byte after its last
     */
    record Entry(String dtype, Shape shape, long begin, long end) {

        long bytes() {
            return end - begin;
        }
    }

    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The limit of the format's reference implementation. */
    private static final long LONGEST = 100_000_000;

    /** What is written here begins at a multiple of this, which makes it cache-line aligned when mapped. */
    private static final int ALIGNMENT = 64;

    /** Reads the header and checks that the file holds exactly the tensors it promises. */
    static SafetensorsHeader read(Path file, MemorySegment content) {
        if (content.byteSize() < Long.BYTES) {
            throw new InputException(file + ": truncated: has " + content.byteSize()
                    + " bytes, a .safetensors file begins with " + Long.BYTES + " that are the length of its header");
        }
        long length = content.get(LENGTH, 0);
        long held = content.byteSize() - Long.BYTES;
        if (length < 0 || length > LONGEST) {
            throw new InputException(file + ": not a .safetensors file, or damaged: the header is said to have "
                    + Long.toUnsignedString(length) + " bytes, must be at most " + LONGEST);
        }
        if (length > held) {
            throw new InputException(file + ": truncated or damaged: the header is said to have " + length
                    + " bytes, the file has " + held + " from there");
        }
        byte[] json = content.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        SafetensorsHeader header = new SafetensorsHeader(SafetensorsJson.parse(file, json), Long.BYTES + length);
        header.checkSizes(file, held - length);
        header.checkOrder(file, held - length);
        return header;
    }

    private void checkSizes(Path file, long available) {
        entries.forEach((name, entry) -> {
            String place = file + ": tensor " + Quoted.of(name);
            if (entry.begin() > entry.end()) {
                throw new InputException(
                        place + ": begins at byte " + entry.begin() + ", after its end at " + entry.end());
            }
            if (entry.end() > available) {
                throw new InputException(place + ": truncated or damaged: ends at byte " + entry.end()
                        + ", the file has " + available + " after its header");
            }
            FileFormat.SAFETENSORS.typeOf(entry.dtype()).ifPresent(type -> checkSize(place, type, entry));
        });
    }

    private static void checkSize(String place, TensorType type, Entry entry) {
        long needed;
        try {
            needed = entry.shape().bytes(type);
        } catch (ArithmeticException overflow) {
            throw new InputException(place + ": shape " + entry.shape() + " has more than 2^63 bytes", overflow);
        }
        if (needed != entry.bytes()) {
            throw new InputException(place + ": shape " + entry.shape() + " of " + entry.dtype() + " needs " + needed
                    + " bytes, its offsets " + entry.begin() + " and " + entry.end() + " enclose " + entry.bytes());
        }
    }

    private void checkOrder(Path file, long available) {
        List<Map.Entry<String, Entry>> inFile = entries.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(
                        Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end)))
                .toList();
        long position = 0;
        for (Map.Entry<String, Entry> each : inFile) {
            long begin = each.getValue().begin();
            if (begin != position) {
                throw new InputException(file + ": tensor " + Quoted.of(each.getKey()) + ": begins at byte " + begin
                        + (begin < position ? ", within another one that ends at " : ", after a gap that begins at ")
                        + position);
            }
            position = each.getValue().end();
        }
        if (position < available) {
            throw new InputException(file + ": too long: its tensors have " + position + " bytes, the file has "
                    + available + " after its header");
        }
    }

    /** The first bytes of a file with one tensor, up to its elements. */
    static byte[] encode(String name, TensorType type, Shape shape) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator generator = new JsonFactory().createGenerator(json)) {
            generator.writeStartObject();
            generator.writeObjectFieldStart(name);
            generator.writeStringField("dtype", FileFormat.SAFETENSORS.nameOf(type));
            generator.writeArrayFieldStart("shape");
            for (long length : shape.lengths()) {
                generator.writeNumber(length);
            }
            generator.writeEndArray();
            generator.writeArrayFieldStart("data_offsets");
            generator.writeNumber(0);
            generator.writeNumber(shape.bytes(type));
            generator.writeEndArray();
            generator.writeEndObject();
            generator.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory does not fail", impossible);
        }
        int size = Math.ceilDiv(Long.BYTES + json.size(), ALIGNMENT) * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(size - Long.BYTES).put(json.toByteArray());
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }
}
