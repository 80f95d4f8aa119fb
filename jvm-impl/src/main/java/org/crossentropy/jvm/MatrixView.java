package org.crossentropy.jvm;

import java.lang.foreign.MemorySegment;

/**
 * Where a factor or the result of a matrix product lies.
 *
 * @param segment the elements
 * @param offset index of the first element
 * @param stride elements from one stored row to the next
 * @param transposed whether stored rows are the columns of the matrix meant
 */
record MatrixView(MemorySegment segment, long offset, long stride, boolean transposed) {

    /**
     * {@return the index in the segment of the element in a row and column of the matrix meant}
     *
     * @param row the row
     * @param column the column
     */
    long index(int row, int column) {
        return transposed ? offset + column * stride + row : offset + row * stride + column;
    }

    /** {@return the same elements, rows and columns exchanged} */
    MatrixView transpose() {
        return new MatrixView(segment, offset, stride, !transposed);
    }
}
