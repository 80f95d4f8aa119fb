package org.crossentropy.app.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;

/** An array in a mapped file, not copied. It need not be aligned. */
public final class Tensor {

    private final String place;
    private final FileFormat format;
    private final TensorType type;
    private final Shape shape;
    private final MemorySegment data;

    Tensor(String place, FileFormat format, TensorType type, Shape shape, MemorySegment data) {
        this.place = place;
        this.format = format;
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    /**
     * {@return where it is, as messages begin: the file, and its name there if it has one}
     */
    public String place() {
        return place;
    }

    /**
     * {@return the element type, by the name that NumPy and PyTorch give it}
     */
    public String typeName() {
        return type.toString();
    }

    /**
     * {@return the length of each dimension}
     */
    public List<Long> lengths() {
        return shape.lengths();
    }

    /**
     * {@return element type and shape, as Python writes it, for people}
     */
    @Override
    public String toString() {
        return type + " " + shape;
    }

    /**
     * Views the array as a matrix.
     *
     * @return the matrix, in the element type of the file
     * @throws InputException if the array is not a matrix of floating-point numbers
     */
    public Matrix asMatrix() {
        return asMatrix("(rows, classes)");
    }

    /**
     * Views the array as a matrix.
     *
     * @param rule what the two dimensions are, as messages say it: {@code (rows, classes)}
     * @return the matrix, in the element type of the file
     * @throws InputException if the array is not a matrix of floating-point numbers
     */
    public Matrix asMatrix(String rule) {
        checkType(TensorType.FLOATS);
        checkDimensions(2, rule);
        return Matrix.of(elementType(), data, shape.lengths().getFirst(), columns());
    }

    /**
     * Views the array as the only row of a matrix.
     *
     * @return the matrix, in the element type of the file
     * @throws InputException if the array has more than one dimension (or a first one that is not 1), or its numbers are no
     *     floating-point numbers
     */
    public Matrix asRow() {
        checkType(TensorType.FLOATS);
        if (shape.dimensions() != 2 || shape.lengths().getFirst() != 1) {
            checkDimensions(1, "(length,) or (1, length)");
        }
        return Matrix.of(elementType(), data, 1, columns());
    }

    /**
     * Views the array as floating-point numbers in a row.
     *
     * @return the numbers, in the element type of the file
     * @throws InputException if the array has other than one dimension, or its numbers are no floating-point numbers of
     *     32 or 64 bits
     */
    public RowValues asValues() {
        checkType(TensorType.WIDE_FLOATS);
        checkDimensions(1, "(length,)");
        return RowValues.of(elementType(), data, shape.lengths().getFirst());
    }

    /**
     * Views the array as class indices.
     *
     * @return the indices, in the element type of the file
     * @throws InputException if the array has other than one dimension or holds no whole numbers
     */
    public ClassIndices asClassIndices() {
        checkType(TensorType.INTEGERS);
        checkDimensions(1, "(rows,)");
        IndexType indexType = type == TensorType.INT32 ? IndexType.INT32 : IndexType.INT64;
        return ClassIndices.of(indexType, data, shape.lengths().getFirst());
    }

    /**
     * Views the array as flags of classes, not 0 where a class takes part: one for each class, or a row of them for each
     * row of logits.
     *
     * @return the mask; not copied if it has a row for each row
     * @throws InputException if the array has other dimensions, or does not hold booleans or whole numbers (for each row,
     *     bytes)
     */
    public ClassMask asClassMask() {
        if (shape.dimensions() == 2) {
            checkType(TensorType.BYTES);
            return ClassMask.perRow(data, shape.lengths().getFirst(), columns());
        }
        checkType(TensorType.FLAGS);
        checkDimensions(1, "(classes,) or (rows, classes)");
        boolean[] kept = new boolean[columns()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = isSet(i);
        }
        return ClassMask.keep(kept);
    }

    private boolean isSet(int i) {
        long start = (long) i * type.bytes();
        for (int k = 0; k < type.bytes(); k++) {
            if (data.get(ValueLayout.JAVA_BYTE, start + k) != 0) {
                return true;
            }
        }
        return false;
    }

    private int columns() {
        long columns = shape.lengths().getLast();
        if (columns > Integer.MAX_VALUE) {
            throw new InputException(place + ": has " + columns + " columns, must have at most " + Integer.MAX_VALUE);
        }
        return (int) columns;
    }

    private ElementType elementType() {
        return switch (type) {
            case FLOAT16 -> ElementType.FLOAT16;
            case BFLOAT16 -> ElementType.BFLOAT16;
            case FLOAT32 -> ElementType.FLOAT32;
            case FLOAT64 -> ElementType.FLOAT64;
            case INT32, INT64, UINT8, BOOL -> throw new AssertionError(type);
        };
    }

    private void checkType(List<TensorType> wanted) {
        if (!wanted.contains(type)) {
            throw new InputException(
                    place + ": element type is " + format.nameOf(type) + ", must be " + format.list(wanted));
        }
    }

    private void checkDimensions(int wanted, String rule) {
        if (shape.dimensions() != wanted) {
            throw new InputException(place + ": shape is " + shape + ", must be " + rule);
        }
    }
}
