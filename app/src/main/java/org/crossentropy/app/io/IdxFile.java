package org.crossentropy.app.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A file in the IDX format of MNIST and its kin, plain or compressed by gzip: two bytes 0, the element type (8 for
 * unsigned bytes, the only one read here), the number of dimensions, their lengths as big-endian 32-bit numbers, and the
 * elements.
 */
public final class IdxFile {

    private static final int UNSIGNED_BYTE = 0x08;

    private final int[] shape;
    private final byte[] elements;

    private IdxFile(int[] shape, byte[] elements) {
        this.shape = shape;
        this.elements = elements;
    }

    /**
     * Reads a file.
     *
     * @param file the file; compressed if its name ends in {@code .gz}
     * @param dimensions how many dimensions it must have: 3 for images, 1 for labels
     * @return shape and elements
     * @throws InputException if the file cannot be read, or is not a complete IDX file of unsigned bytes with that many
     *     dimensions
     */
    public static IdxFile read(Path file, int dimensions) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            int magic = readInt(in);
            int wanted = UNSIGNED_BYTE << Byte.SIZE | dimensions;
            if (magic != wanted) {
                throw new InputException(String.format(
                        "%s: not an IDX file of unsigned bytes with %d %s: starts with 0x%08x, must start with 0x%08x",
                        file, dimensions, dimensions == 1 ? "dimension" : "dimensions", magic, wanted));
            }
            int[] shape = new int[dimensions];
            for (int i = 0; i < dimensions; i++) {
                shape[i] = readInt(in);
            }
            return new IdxFile(shape, elements(file, in, elementCount(file, shape)));
        } catch (EOFException end) {
            throw new InputException(file + ": truncated within its header or its compressed data", end);
        } catch (IOException failure) {
            throw new InputException(file + ": cannot be read: " + failure, failure);
        }
    }

    /**
     * Returns the length of a dimension.
     *
     * @param dimension which, from 0
     * @return how many there are
     */
    public int length(int dimension) {
        return shape[dimension];
    }

    /**
     * {@return the elements as they are in the file, not copied}
     */
    public byte[] elements() {
        return elements;
    }

    private static int readInt(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(Integer.BYTES);
        if (bytes.length < Integer.BYTES) {
            throw new EOFException();
        }
        return ByteBuffer.wrap(bytes).getInt();
    }

    private static int elementCount(Path file, int[] shape) {
        long count = 1;
        for (int length : shape) {
            if (length < 0 || count * length > Integer.MAX_VALUE - Long.BYTES) {
                throw new InputException(file + ": has more than 2^31 elements, which is more than an array can hold");
            }
            count *= length;
        }
        return (int) count;
    }

    /** Grows as the data comes, so that a header that promises too much costs no memory. */
    private static byte[] elements(Path file, InputStream in, int count) throws IOException {
        byte[] elements = in.readNBytes(count);
        if (elements.length < count) {
            throw new InputException(
                    file + ": truncated: its header promises " + count + " elements, it has " + elements.length);
        }
        if (in.read() >= 0) {
            throw new InputException(file + ": too long: its header promises " + count + " elements, it has more");
        }
        return elements;
    }
}
