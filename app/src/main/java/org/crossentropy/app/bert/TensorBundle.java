package org.crossentropy.app.bert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.Quoted;

/**
 * The variables of a TensorFlow model: an index, and files of raw numbers that it points into. Big ones are used where
 * they lie in the mapped files; they need not be aligned.
 */
final class TensorBundle {

    private static final String PREFIX = "variables/variables";

    /** TensorFlow's number of the type float32. */
    private static final long FLOAT32 = 1;

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * What the index tells of a variable.
     *
     * @param type TensorFlow's number of the element type
     * @param shape length of each dimension
     * @param shard which of the files
     * @param offset where in it
     * @param size bytes
     * @param isSliced whether it is in pieces, which are entries of their own
     */
    private record Entry(long type, List<Long> shape, long shard, long offset, long size, boolean isSliced) {}

    private final String place;
    private final Map<String, Entry> entries = new HashMap<>();
    private final List<MemorySegment> shards = new ArrayList<>();

    private TensorBundle(String place) {
        this.place = place;
    }

    /**
     * Reads the index and maps the rest.
     *
     * @throws InputException if a file is missing or damaged
     */
    static TensorBundle open(ModelFiles files) {
        String index = PREFIX + ".index";
        TensorBundle bundle = new TensorBundle(files.place(index));
        long shards = 0;
        for (var entry :
                new SortedTable(bundle.place, files.map(index)).entries().entrySet()) {
            if (entry.getKey().isEmpty()) {
                shards = bundle.readHeader(entry.getValue());
            } else {
                bundle.entries.put(entry.getKey(), bundle.readEntry(entry.getValue()));
            }
        }
        for (long shard = 0; shard < shards; shard++) {
            bundle.shards.add(files.map(String.format("%s.data-%05d-of-%05d", PREFIX, shard, shards)));
        }
        return bundle;
    }

    /** Returns the number of files of numbers. */
    private long readHeader(MemorySegment message) {
        long shards = 0;
        for (ProtoField field : ProtoField.of(place, message)) {
            switch (field.number()) {
                case 1 -> shards = field.value();
                case 2 -> {
                    if (field.value() != 0) {
                        throw new InputException(place + ": says that numbers are big-endian, must be little-endian");
                    }
                }
                default -> {
                    // The version of the format, which there is one of.
                }
            }
        }
        return shards;
    }

    private Entry readEntry(MemorySegment message) {
        long[] numbers = new long[6];
        List<Long> shape = List.of();
        boolean isSliced = false;
        for (ProtoField field : ProtoField.of(place, message)) {
            switch (field.number()) {
                case 2 -> shape = readShape(field.bytes());
                case 1, 3, 4, 5 -> numbers[field.number()] = field.value();
                case 7 -> isSliced = true;
                default -> {
                    // A checksum, which would mean to read all of it now.
                }
            }
        }
        return new Entry(numbers[1], shape, numbers[3], numbers[4], numbers[5], isSliced);
    }

    private List<Long> readShape(MemorySegment message) {
        List<Long> shape = new ArrayList<>();
        for (ProtoField dimension : ProtoField.of(place, message)) {
            if (dimension.number() == 2) {
                shape.add(ProtoField.of(place, dimension.bytes()).stream()
                        .filter(field -> field.number() == 1)
                        .mapToLong(ProtoField::value)
                        .findFirst()
                        .orElse(0));
            }
        }
        return shape;
    }

    /** Where the index is, as messages begin. */
    String place() {
        return place;
    }

    Set<String> names() {
        return entries.keySet();
    }

    /** What comes before a suffix in the first name that has it; empty if none has. */
    Optional<String> prefixOf(String suffix) {
        return names().stream()
                .filter(name -> name.endsWith(suffix))
                .map(name -> name.substring(0, name.length() - suffix.length()))
                .sorted()
                .findFirst();
    }

    /** The lengths of a variable of so many dimensions. */
    List<Long> lengths(String name, int dimensions) {
        List<Long> shape = entry(name).shape();
        if (shape.size() != dimensions) {
            throw new InputException(
                    tensor(name) + " has shape " + shape + ", must have " + dimensions + " dimensions");
        }
        return shape;
    }

    /** A variable of two dimensions, in place. */
    Matrix matrix(String name, long rows, int columns) {
        return Matrix.of(ElementType.FLOAT32, numbers(name, List.of(rows, (long) columns)), rows, columns);
    }

    /** A variable of one dimension, in place, as a row. */
    Matrix row(String name, int length) {
        return Matrix.of(ElementType.FLOAT32, numbers(name, List.of((long) length)), 1, length);
    }

    /** A variable of one dimension, copied. */
    float[] vector(String name, int length) {
        return numbers(name, List.of((long) length)).toArray(FLOAT);
    }

    private MemorySegment numbers(String name, List<Long> shape) {
        Entry entry = entry(name);
        if (!entry.shape().equals(shape)) {
            throw new InputException(tensor(name) + " has shape " + entry.shape() + ", must have " + shape);
        }
        long count = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
        boolean fits = entry.shard() >= 0
                && entry.shard() < shards.size()
                && entry.size() == count * Float.BYTES
                && entry.offset() >= 0
                && entry.offset() <= shards.get((int) entry.shard()).byteSize() - entry.size();
        if (!fits) {
            throw new InputException(tensor(name) + " is said to have " + entry.size() + " bytes at " + entry.offset()
                    + " of file " + entry.shard() + ", must have " + count * Float.BYTES + " within one of the "
                    + shards.size() + " files");
        }
        return shards.get((int) entry.shard()).asSlice(entry.offset(), entry.size());
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new InputException(place + ": has no tensor " + Quoted.of(name));
        }
        if (entry.type() != FLOAT32 || entry.isSliced()) {
            throw new InputException(tensor(name) + " is "
                    + (entry.isSliced() ? "in slices, must be in one piece" : "of type " + entry.type())
                    + (entry.isSliced() ? "" : ", must be of type 1 (float32)"));
        }
        return entry;
    }

    private String tensor(String name) {
        return place + ": tensor " + Quoted.of(name);
    }
}
