package org.crossentropy.jvm;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileStep;

/** The kernels of the Vector API, for both element types. */
final class VectorLossKernels implements LossKernels {

    /** C2 has no masks of two lanes on x86: there the tile operations in double are faster in plain Java, by far. */
    private static final boolean TWO_DOUBLES = VectorWidth.DOUBLES.length() == 2;

    /** Creates kernels; they have no state. */
    VectorLossKernels() {}

    @Override
    public long workspaceBytes(ElementType type, int classes) {
        return RowWorkspace.bytes(type, classes);
    }

    @Override
    public void softmaxForward(SoftmaxRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> {
                if (FewClassesFloatRows.accepts(rows)) {
                    new FewClassesFloatRows(rows).forward();
                } else {
                    new VectorFloatRows(rows, false).forward();
                }
            }
            case FLOAT64 -> {
                if (FewClassesDoubleRows.accepts(rows)) {
                    new FewClassesDoubleRows(rows).forward();
                } else {
                    new VectorDoubleRows(rows, false).forward();
                }
            }
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void softmaxGradient(SoftmaxRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> {
                if (FewClassesFloatRows.accepts(rows)) {
                    new FewClassesFloatRows(rows).gradient();
                } else {
                    new VectorFloatRows(rows, true).gradient();
                }
            }
            case FLOAT64 -> {
                if (FewClassesDoubleRows.accepts(rows)) {
                    new FewClassesDoubleRows(rows).gradient();
                } else {
                    new VectorDoubleRows(rows, true).gradient();
                }
            }
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void logSoftmax(SoftmaxRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> new VectorFloatRows(rows, true).logSoftmax();
            case FLOAT64 -> new VectorDoubleRows(rows, true).logSoftmax();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void logistic(LogisticRows rows) {
        switch (rows.type()) {
            case FLOAT32 -> new VectorFloatLogistic(rows).run();
            case FLOAT64 -> {
                if (TWO_DOUBLES) {
                    new ScalarDoubleLogistic(rows).run();
                } else {
                    new VectorDoubleLogistic(rows).run();
                }
            }
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        }
    }

    @Override
    public void tile(TileStep step) {
        switch (step.type()) {
            case FLOAT32 -> floatTile(step).run();
            case FLOAT64 -> doubleTile(step).run();
            case BFLOAT16, FLOAT16 -> throw new AssertionError(step.type());
        }
    }

    private static TileLoop floatTile(TileStep step) {
        boolean scalar = TWO_DOUBLES && VectorFloatTile.computesInDouble(step.operation());
        return scalar ? new ScalarFloatTile(step) : new VectorFloatTile(step);
    }

    private static TileLoop doubleTile(TileStep step) {
        return TWO_DOUBLES ? new ScalarDoubleTile(step) : new VectorDoubleTile(step);
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
                VectorFloatProduct.multiply(m, n, k, (float) scale, left, right, (float) accumulate, result);
            case FLOAT64 -> VectorDoubleProduct.multiply(m, n, k, scale, left, right, accumulate, result);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        }
    }
}
