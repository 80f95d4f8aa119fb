package org.crossentropy.jvm;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileStep;

/** The kernels in plain Java, for both element types. */
final class ScalarLossKernels implements LossKernels {

    /** Creates kernels; they have no state. */
    ScalarLossKernels() {}

    @Override
    public long workspaceBytes(ElementType type, int classes) {
        return RowWorkspace.bytes(type, classes);
    }

    @Override
    public void softmaxForward(SoftmaxRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> new ScalarFloatRows(rows).forward();
            case FLOAT64 -> new ScalarDoubleRows(rows).forward();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void softmaxGradient(SoftmaxRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> new ScalarFloatRows(rows).gradient();
            case FLOAT64 -> new ScalarDoubleRows(rows).gradient();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void logSoftmax(SoftmaxRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> new ScalarFloatRows(rows).logSoftmax();
            case FLOAT64 -> new ScalarDoubleRows(rows).logSoftmax();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void logistic(LogisticRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> new ScalarFloatLogistic(rows).run();
            case FLOAT64 -> new ScalarDoubleLogistic(rows).run();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void tile(TileStep step) {
        switch (step.type()) {
            case FLOAT32 -> new ScalarFloatTile(step).run();
            case FLOAT64 -> new ScalarDoubleTile(step).run();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(step.type());
        }
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
        MatrixView left = new MatrixView(a, offsetA, strideA, transposeA);
        MatrixView right = new MatrixView(b, offsetB, strideB, transposeB);
        MatrixView result = new MatrixView(c, offsetC, strideC, false);
        switch (type) {
            case FLOAT32 ->
                ScalarFloatProduct.multiply(m, n, k, (float) scale, left, right, (float) accumulate, result);
            case FLOAT64 -> ScalarDoubleProduct.multiply(m, n, k, scale, left, right, accumulate, result);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        }
    }
}
