package org.crossentropy.app.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a .npy file says about the array it holds. NumPy's format, versions 1 to 3: six magic bytes, two of version, the
 * length of the header (2 bytes in version 1, 4 later), and a Python dictionary padded with blanks.
 *
 * @param type format of the elements
 * @param shape length of each dimension
 * @param dataOffset where in the file the elements begin
 */
record NpyHeader(TensorType type, Shape shape, long dataOffset) {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");

    /** Elements start at a multiple of this, as NumPy writes them, which makes them cache-line aligned when mapped. */
    private static final int ALIGNMENT = 64;

    /** No header of an array of plain numbers comes near this; more is not a header. */
    private static final long LONGEST = 1 << 16;

    /** Reads the header and checks that the file holds exactly the elements it promises. */
    static NpyHeader read(Path file, FileChannel channel) throws IOException {
        byte[] start = bytes(channel, 0, MAGIC.length + 2);
        if (start.length < MAGIC.length + 2 || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new InputException(file + ": not a .npy file: starts with the bytes \""
                    + HexFormat.ofDelimiter(" ").formatHex(start) + "\", must start with \""
                    + HexFormat.ofDelimiter(" ").formatHex(MAGIC) + "\" and a version");
        }
        int version = start[MAGIC.length];
        if (version < 1 || version > 3) {
            throw new InputException(file + ": .npy version is " + version + "." + start[MAGIC.length + 1]
                    + ", must be 1.0, 2.0 or 3.0");
        }
        int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
        long textOffset = (long) start.length + lengthBytes;
        long length = length(bytes(channel, start.length, lengthBytes));
        if (length > LONGEST) {
            throw new InputException(
                    file + ": damaged: the header is said to have " + length + " bytes, must be at most " + LONGEST);
        }
        if (textOffset + length > channel.size()) {
            throw new InputException(file + ": truncated or damaged: the header is said to have " + length
                    + " bytes, the file has " + Math.max(0, channel.size() - textOffset) + " from there");
        }
        Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String text = new String(bytes(channel, textOffset, (int) length), charset);
        NpyHeader header = parse(file, text, textOffset + length);
        header.checkSize(file, channel.size());
        return header;
    }

    private static byte[] bytes(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
            // A read may return fewer bytes than asked for.
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** The little-endian length of the header; a file that ends within it is reported as too short for any header. */
    private static long length(byte[] field) {
        byte[] padded = Arrays.copyOf(field, Long.BYTES);
        return ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static NpyHeader parse(Path file, String text, long dataOffset) {
        Map<?, ?> entries = entries(file, text);
        Object descr = Objects.requireNonNull(entries.get("descr"), "descr");
        TensorType type = FileFormat.NPY
                .typeOf(descr)
                .orElseThrow(
                        () -> new InputException(file + ": element type is " + PythonLiteral.printable(descr.toString())
                                + ", must be " + FileFormat.NPY.list(FileFormat.NPY.types())));
        Object fortranOrder = entries.get("fortran_order");
        Shape shape = shape(file, entries.get("shape"));
        if (Boolean.TRUE.equals(fortranOrder)) {
            throw new InputException(
                    file + ": is in Fortran order, must be in C order (save numpy.ascontiguousarray(array))");
        }
        if (!Boolean.FALSE.equals(fortranOrder)) {
            throw new InputException(file + ": fortran_order is " + fortranOrder + ", must be True or False");
        }
        return new NpyHeader(type, shape, dataOffset);
    }

    private static Map<?, ?> entries(Path file, String text) {
        Object literal;
        try {
            literal = PythonLiteral.parse(text);
        } catch (ParseException damaged) {
            throw new InputException(
                    file + ": header is damaged: has " + damaged.getMessage() + ", at byte " + damaged.getErrorOffset()
                            + " of the header",
                    damaged);
        }
        if (literal instanceof Map<?, ?> entries && entries.keySet().equals(KEYS)) {
            return entries;
        }
        throw new InputException(
                file + ": header is damaged: must be a dictionary with the keys descr, fortran_order and shape");
    }

    private static Shape shape(Path file, @Nullable Object value) {
        if (value instanceof List<?> list
                && list.stream().allMatch(length -> length instanceof Long number && number >= 0)) {
            return new Shape(list.stream().map(Long.class::cast).toList());
        }
        throw new InputException(file + ": shape is " + value + ", must be a tuple of numbers that are at least 0");
    }

    private void checkSize(Path file, long fileSize) {
        long held = fileSize - dataOffset;
        long needed;
        try {
            needed = dataBytes();
        } catch (ArithmeticException overflow) {
            throw new InputException(file + ": shape " + shape + " has more than 2^63 bytes", overflow);
        }
        if (held < needed) {
            throw new InputException(file + ": truncated: shape " + shape + " of " + FileFormat.NPY.nameOf(type)
                    + " needs " + needed + " bytes, the file has " + held + " after its header");
        }
        if (held > needed) {
            throw new InputException(
                    file + ": too long: shape " + shape + " of " + FileFormat.NPY.nameOf(type) + " needs " + needed
                            + " bytes, the file has " + held + " after its header; must hold one array and no more");
        }
    }

    /** The size of the elements. */
    long dataBytes() {
        return shape.bytes(type);
    }

    /** The first bytes of a file of this type and shape, up to its elements, in version 1. */
    static byte[] encode(TensorType type, Shape shape) {
        String dictionary =
                "{'descr': '" + FileFormat.NPY.nameOf(type) + "', 'fortran_order': False, 'shape': " + shape + ", }";
        int prefix = MAGIC.length + 2 + Short.BYTES;
        int size = Math.ceilDiv(prefix + dictionary.length() + 1, ALIGNMENT) * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (size - prefix));
        bytes.put(dictionary.getBytes(StandardCharsets.US_ASCII));
        while (bytes.remaining() > 1) {
            bytes.put((byte) ' ');
        }
        return bytes.put((byte) '\n').array();
    }
}
