package org.crossentropy.tck.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.crossentropy.api.Backend;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.tck.CrossCheck;
import org.crossentropy.tck.Grid;
import org.junit.jupiter.api.Test;

/** All backends return the same bits, and the cross-check would notice if they did not. */
class CrossCheckTest {

    @Test
    void allBackendsReturnTheSameBits() {
        CrossCheck.Report report = CrossCheck.run(TestBackends.available(), Grid.Extent.FULL, Grid.seed());
        System.out.println(report);
        assertTrue(report.agrees(), report::toString);
    }

    @Test
    void quickCheckTriesEveryBackend() {
        CrossCheck.Report report = CrossCheck.run(TestBackends.available(), Grid.Extent.QUICK, Grid.seed());
        System.out.println(report);
        assertTrue(report.agrees(), report::toString);
        assertEquals(TestBackends.available().size(), report.backends().size());
        assertTrue(report.comparisons() > 0);
    }

    @Test
    void aWrongBitIsFound() {
        LossKernels good = TestBackends.provider("scalar").open();
        Backend reference = Backend.of("scalar", "reference", good);
        Backend wrong = Backend.of("wrong", "last bit of one gradient flipped", flipping(good));
        CrossCheck.Report report = CrossCheck.run(List.of(reference, wrong), Grid.Extent.QUICK, Grid.seed());
        assertFalse(report.agrees());
        CrossCheck.Difference difference = report.differences().getFirst();
        assertEquals("wrong", difference.backend().name());
        assertEquals(1, difference.expected() ^ difference.actual(), difference.toString());
        assertTrue(report.toString().contains("seed="), report.toString());
    }

    /** Kernels that flip the last bit of the first gradient of every call. */
    private static LossKernels flipping(LossKernels good) {
        return (LossKernels) Proxy.newProxyInstance(
                LossKernels.class.getClassLoader(), new Class<?>[] {LossKernels.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(good, arguments);
                        if (method.getName().equals("softmaxGradient")) {
                            flip((SoftmaxRows) arguments[0]);
                        }
                        return result;
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    private static void flip(SoftmaxRows rows) {
        MemorySegment gradient = rows.gradient();
        long offset = rows.fromRow() * rows.gradientStride() * rows.type().bytes();
        if (rows.rowCount() > 0 && rows.type() == ElementType.FLOAT32) {
            int bits = gradient.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
            gradient.set(ValueLayout.JAVA_INT_UNALIGNED, offset, bits ^ 1);
        }
    }

    @Test
    void nothingToCheckIsAnError() {
        assertThrows(IllegalArgumentException.class, () -> CrossCheck.run(List.of(), Grid.Extent.QUICK, 1));
    }
}
