package org.crossentropy.api;

/**
 * What the losses of a batch can be divided by. The unit is what the loss is taken of: rows, or elements for losses that are
 * sums over elements.
 *
 * @param rows all there are
 * @param count those that count
 * @param weightSum the sum of the weights of those
 */
record BatchCounts(long rows, long count, CompensatedSum weightSum) {

    static BatchCounts ofRows(Matrix matrix, RowSelection selection) {
        return new BatchCounts(matrix.rows(), selection.count(), selection.weightSum());
    }

    /** Every element counts with the weight of its row. */
    static BatchCounts ofElements(Matrix matrix, RowSelection selection) {
        int columns = matrix.columns();
        CompensatedSum ofRows = selection.weightSum();
        double high = ofRows.high() * columns;
        CompensatedSum sum = new CompensatedSum();
        sum.add(high, Math.fma(ofRows.high(), columns, -high) + ofRows.low() * columns);
        return new BatchCounts(elements(matrix), Math.multiplyExact(selection.count(), (long) columns), sum);
    }

    static long elements(Matrix matrix) {
        return Math.multiplyExact(matrix.rows(), (long) matrix.columns());
    }
}
