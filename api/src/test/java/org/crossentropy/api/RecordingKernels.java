package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileStep;

/** Kernels that note which rows they were called for and give each row its index as loss. */
final class RecordingKernels implements LossKernels {

    record Call(long fromRow, int rowCount, Thread thread) {}

    final List<Call> calls = Collections.synchronizedList(new ArrayList<>());

    @Override
    public long workspaceBytes(ElementType type, int classes) {
        return 8;
    }

    @Override
    public void softmaxForward(SoftmaxRows rows) {
        calls.add(new Call(rows.fromRow(), rows.rowCount(), Thread.currentThread()));
        for (int i = 0; i < rows.rowCount(); i++) {
            write(rows.negativeLogLikelihood(), i, (double) (rows.fromRow() + i));
            write(rows.logSumExp(), i, 0);
            write(rows.spread(), i, 0);
        }
    }

    private static void write(MemorySegment output, int row, double value) {
        if (!output.equals(MemorySegment.NULL)) {
            output.setAtIndex(ValueLayout.JAVA_DOUBLE, row, value);
        }
    }

    @Override
    public void softmaxGradient(SoftmaxRows rows) {
        softmaxForward(rows);
    }

    @Override
    public void logSoftmax(SoftmaxRows rows) {
        softmaxForward(rows);
    }

    @Override
    public void logistic(LogisticRows rows) {
        throw new AssertionError("no binary losses in these tests");
    }

    @Override
    public void tile(TileStep step) {
        throw new AssertionError("no tiles in these tests");
    }

    @Override
    public void matrixProduct(
            ElementType type,
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            double scale,
            MemorySegment a,
            long offsetA,
            long strideA,
            MemorySegment b,
            long offsetB,
            long strideB,
            double accumulate,
            MemorySegment c,
            long offsetC,
            long strideC) {
        calls.add(new Call(offsetC / strideC, m, Thread.currentThread()));
    }
}
