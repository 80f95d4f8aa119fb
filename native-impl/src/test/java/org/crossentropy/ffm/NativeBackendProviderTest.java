package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.crossentropy.api.spi.Availability.Available;
import org.crossentropy.api.spi.Availability.Unavailable;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.ffm.bindings.Xent;
import org.junit.jupiter.api.Test;

/** The provider where the library is there; {@link NativeLibraryTest} has the cases where it is not. */
class NativeBackendProviderTest {
    private final NativeBackendProvider provider = new NativeBackendProvider();

    @Test
    void isProvidedByTheModule() {
        var services = NativeBackendProvider.class.getModule().getDescriptor().provides();
        assertEquals(1, services.size());
        var service = services.iterator().next();
        assertEquals(BackendProvider.class.getName(), service.service());
        assertEquals(List.of(NativeBackendProvider.class.getName()), service.providers());
    }

    @Test
    void isAvailableWithTheBestInstructionSet() {
        Available available = assertInstanceOf(Available.class, provider.availability());
        String best = Isa.of(Xent.xent_best_isa()).id();
        assertTrue(
                available.detail().matches(best + ", OpenBLAS [0-9.]+ \\([A-Za-z0-9_]+\\)"), () -> available.detail());
    }

    @Test
    void probesOnce() {
        assertSame(provider.availability(), provider.availability());
        assertSame(provider.open(), provider.open());
    }

    @Test
    void hasNameAndRank() {
        assertEquals("native", provider.name());
        assertEquals(200, provider.priority());
    }

    @Test
    void everySupportedInstructionSetCanBeOpenedBesideTheOthers() {
        assertEquals(List.of("scalar", "avx2", "avx512", "neon"), NativeBackendProvider.isas());
        for (Isa isa : Isa.values()) {
            NativeBackendProvider forced = NativeBackendProvider.forIsa(isa.id());
            assertEquals("native-" + isa.id(), forced.name());
            if (Xent.xent_isa_support(isa.number) == Xent.XENT_SUPPORTED()) {
                assertInstanceOf(Available.class, forced.availability());
                assertEquals("native " + isa.id(), forced.open().toString());
            } else {
                Unavailable unavailable = assertInstanceOf(Unavailable.class, forced.availability());
                assertTrue(unavailable.reason().startsWith("instruction set " + isa.id()), unavailable.reason());
                assertTrue(unavailable.reason().contains("; supported here: scalar"), unavailable.reason());
            }
        }
    }

    @Test
    void unknownInstructionSetIsUnavailableAndCannotBeOpened() {
        NativeBackendProvider forced = NativeBackendProvider.forIsa("AVX");
        Unavailable unavailable = assertInstanceOf(Unavailable.class, forced.availability());
        assertTrue(
                unavailable.reason().startsWith("unknown instruction set 'AVX'; supported here: scalar"),
                unavailable.reason());
        var thrown = assertThrows(IllegalStateException.class, forced::open);
        assertEquals("native-AVX is not available: " + unavailable.reason(), thrown.getMessage());
    }

    @Test
    void describesOpenBlasShortly() {
        assertEquals(
                "OpenBLAS 0.3.31 (Cooperlake)",
                NativeLibrary.blas("OpenBLAS 0.3.31 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64"));
        assertEquals("OpenBLAS 0.3.21 (ZEN)", NativeLibrary.blas("OpenBLAS 0.3.21 ZEN SINGLE_THREADED"));
        assertEquals("another library", NativeLibrary.blas(" another library "));
    }
}
