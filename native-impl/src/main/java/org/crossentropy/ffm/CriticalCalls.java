package org.crossentropy.ffm;

import static org.crossentropy.ffm.RowArguments.coefficientStep;
import static org.crossentropy.ffm.RowArguments.coefficients;
import static org.crossentropy.ffm.RowArguments.emptyRowsZero;
import static org.crossentropy.ffm.RowArguments.gradient;
import static org.crossentropy.ffm.RowArguments.logits;
import static org.crossentropy.ffm.RowArguments.mask;
import static org.crossentropy.ffm.RowArguments.rowOutput;
import static org.crossentropy.ffm.RowArguments.targets;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.ffm.bindings.Xent;

/**
 * The row kernels as critical calls, which the generator does not make: the same addresses and descriptors as in
 * {@link PlainCalls}, linked so that segments may be on the heap, off it, or a mixture. The garbage collector waits for
 * such a call.
 *
 * <p>The handles are constants because only constants are inlined into their callers; that is why each has a method of
 * its own here. Each is in a class of its own, as the generator has it, because linking takes milliseconds and few programs
 * call all of them.
 */
final class CriticalCalls {
    private CriticalCalls() {}

    private static final class SoftmaxForwardF32 {
        static final MethodHandle HANDLE = NativeLibrary.linkCritical(
                Xent.xent_softmax_forward_f32$address(), Xent.xent_softmax_forward_f32$descriptor());
    }

    private static final class SoftmaxForwardF64 {
        static final MethodHandle HANDLE = NativeLibrary.linkCritical(
                Xent.xent_softmax_forward_f64$address(), Xent.xent_softmax_forward_f64$descriptor());
    }

    private static final class SoftmaxGradientF32 {
        static final MethodHandle HANDLE = NativeLibrary.linkCritical(
                Xent.xent_softmax_gradient_f32$address(), Xent.xent_softmax_gradient_f32$descriptor());
    }

    private static final class SoftmaxGradientF64 {
        static final MethodHandle HANDLE = NativeLibrary.linkCritical(
                Xent.xent_softmax_gradient_f64$address(), Xent.xent_softmax_gradient_f64$descriptor());
    }

    private static final class MappedForward {
        static final MethodHandle HANDLE =
                NativeLibrary.linkCritical(Xent.xent_mapped_forward$address(), Xent.xent_mapped_forward$descriptor());
    }

    private static final class MappedGradient {
        static final MethodHandle HANDLE =
                NativeLibrary.linkCritical(Xent.xent_mapped_gradient$address(), Xent.xent_mapped_gradient$descriptor());
    }

    private static final class LogSoftmaxF32 {
        static final MethodHandle HANDLE =
                NativeLibrary.linkCritical(Xent.xent_log_softmax_f32$address(), Xent.xent_log_softmax_f32$descriptor());
    }

    private static final class LogSoftmaxF64 {
        static final MethodHandle HANDLE =
                NativeLibrary.linkCritical(Xent.xent_log_softmax_f64$address(), Xent.xent_log_softmax_f64$descriptor());
    }

    private static final class LogisticF32 {
        static final MethodHandle HANDLE =
                NativeLibrary.linkCritical(Xent.xent_logistic_f32$address(), Xent.xent_logistic_f32$descriptor());
    }

    private static final class LogisticF64 {
        static final MethodHandle HANDLE =
                NativeLibrary.linkCritical(Xent.xent_logistic_f64$address(), Xent.xent_logistic_f64$descriptor());
    }

    static int softmaxForwardF32(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        try {
            return (int) SoftmaxForwardF32.HANDLE.invokeExact(
                    kernels,
                    logits(rows, row),
                    rows.rowStride(),
                    count,
                    (long) rows.classes(),
                    targets(rows, row),
                    rows.classWeights(),
                    rows.weightTotal(),
                    rows.workspace(),
                    rowOutput(rows.negativeLogLikelihood(), row),
                    rowOutput(rows.logSumExp(), row),
                    rowOutput(rows.spread(), row));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int softmaxForwardF64(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        try {
            return (int) SoftmaxForwardF64.HANDLE.invokeExact(
                    kernels,
                    logits(rows, row),
                    rows.rowStride(),
                    count,
                    (long) rows.classes(),
                    targets(rows, row),
                    rows.classWeights(),
                    rows.weightTotal(),
                    rows.workspace(),
                    rowOutput(rows.negativeLogLikelihood(), row),
                    rowOutput(rows.logSumExp(), row),
                    rowOutput(rows.spread(), row));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int softmaxGradientF32(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        try {
            return (int) SoftmaxGradientF32.HANDLE.invokeExact(
                    kernels,
                    logits(rows, row),
                    rows.rowStride(),
                    count,
                    (long) rows.classes(),
                    targets(rows, row),
                    rows.classWeights(),
                    rows.weightTotal(),
                    rows.workspace(),
                    rowOutput(rows.negativeLogLikelihood(), row),
                    rowOutput(rows.logSumExp(), row),
                    rowOutput(rows.spread(), row),
                    coefficients(rows, row),
                    coefficientStep(rows),
                    emptyRowsZero(rows),
                    gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int softmaxGradientF64(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        try {
            return (int) SoftmaxGradientF64.HANDLE.invokeExact(
                    kernels,
                    logits(rows, row),
                    rows.rowStride(),
                    count,
                    (long) rows.classes(),
                    targets(rows, row),
                    rows.classWeights(),
                    rows.weightTotal(),
                    rows.workspace(),
                    rowOutput(rows.negativeLogLikelihood(), row),
                    rowOutput(rows.logSumExp(), row),
                    rowOutput(rows.spread(), row),
                    coefficients(rows, row),
                    coefficientStep(rows),
                    emptyRowsZero(rows),
                    gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int mappedForward(MemorySegment kernels, int type, SoftmaxRows rows, long row, long count) {
        try {
            return (int) MappedForward.HANDLE.invokeExact(
                    kernels,
                    type,
                    logits(rows, row),
                    rows.rowStride(),
                    mask(rows, row),
                    rows.maskStride(),
                    count,
                    (long) rows.classes(),
                    targets(rows, row),
                    rows.classWeights(),
                    rows.weightTotal(),
                    rows.workspace(),
                    rowOutput(rows.negativeLogLikelihood(), row),
                    rowOutput(rows.logSumExp(), row),
                    rowOutput(rows.spread(), row));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int mappedGradient(MemorySegment kernels, int type, SoftmaxRows rows, long row, long count) {
        try {
            return (int) MappedGradient.HANDLE.invokeExact(
                    kernels,
                    type,
                    logits(rows, row),
                    rows.rowStride(),
                    mask(rows, row),
                    rows.maskStride(),
                    count,
                    (long) rows.classes(),
                    targets(rows, row),
                    rows.classWeights(),
                    rows.weightTotal(),
                    rows.workspace(),
                    rowOutput(rows.negativeLogLikelihood(), row),
                    rowOutput(rows.logSumExp(), row),
                    rowOutput(rows.spread(), row),
                    coefficients(rows, row),
                    coefficientStep(rows),
                    emptyRowsZero(rows),
                    gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int logSoftmaxF32(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        try {
            return (int) LogSoftmaxF32.HANDLE.invokeExact(
                    kernels,
                    logits(rows, row),
                    rows.rowStride(),
                    count,
                    (long) rows.classes(),
                    rows.workspace(),
                    rowOutput(rows.logSumExp(), row),
                    gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int logSoftmaxF64(MemorySegment kernels, SoftmaxRows rows, long row, long count) {
        try {
            return (int) LogSoftmaxF64.HANDLE.invokeExact(
                    kernels,
                    logits(rows, row),
                    rows.rowStride(),
                    count,
                    (long) rows.classes(),
                    rows.workspace(),
                    rowOutput(rows.logSumExp(), row),
                    gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int logisticF32(MemorySegment kernels, LogisticRows rows, long row, long count) {
        try {
            return (int) LogisticF32.HANDLE.invokeExact(
                    kernels,
                    count,
                    (long) rows.columns(),
                    LogisticArguments.logits(rows, row),
                    rows.logitsStride(),
                    LogisticArguments.targets(rows, row),
                    rows.targetsStride(),
                    LogisticArguments.weights(rows, row),
                    rows.weightsStride(),
                    rows.positiveWeights(),
                    LogisticArguments.factors(rows, row),
                    (long) rows.factorStep(),
                    LogisticArguments.sums(rows, row),
                    LogisticArguments.losses(rows, row),
                    LogisticArguments.gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static int logisticF64(MemorySegment kernels, LogisticRows rows, long row, long count) {
        try {
            return (int) LogisticF64.HANDLE.invokeExact(
                    kernels,
                    count,
                    (long) rows.columns(),
                    LogisticArguments.logits(rows, row),
                    rows.logitsStride(),
                    LogisticArguments.targets(rows, row),
                    rows.targetsStride(),
                    LogisticArguments.weights(rows, row),
                    rows.weightsStride(),
                    rows.positiveWeights(),
                    LogisticArguments.factors(rows, row),
                    (long) rows.factorStep(),
                    LogisticArguments.sums(rows, row),
                    LogisticArguments.losses(rows, row),
                    LogisticArguments.gradient(rows, row),
                    rows.gradientStride());
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** What the linker throws, such as for a closed arena, goes on as it is; a C function throws nothing. */
    private static RuntimeException unchecked(Throwable e) {
        return switch (e) {
            case Error error -> throw error;
            case RuntimeException exception -> exception;
            default -> throw new AssertionError("a call of libxent threw a checked exception", e);
        };
    }
}
