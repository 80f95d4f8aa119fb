package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the providers say about themselves, and the reasons for which vectors are refused. */
class ProvidersTest {

    @Test
    void bothAreFoundUnderTheirNames() {
        List<BackendProvider> providers = List.of(new ScalarBackendProvider(), new VectorBackendProvider());
        assertEquals(
                List.of("scalar", "vector"),
                providers.stream().map(BackendProvider::name).toList());
        assertEquals(
                List.of(0, 100),
                providers.stream().map(BackendProvider::priority).toList());
        assertEquals(
                Set.of(ScalarBackendProvider.class.getName(), VectorBackendProvider.class.getName()),
                new BufferedReader(new InputStreamReader(
                                Objects.requireNonNull(ProvidersTest.class.getResourceAsStream(
                                        "/META-INF/services/" + BackendProvider.class.getName())),
                                StandardCharsets.UTF_8))
                        .lines()
                        .collect(Collectors.toSet()));
    }

    @Test
    void scalarIsAvailable() {
        assertInstanceOf(Availability.Available.class, new ScalarBackendProvider().availability());
        assertInstanceOf(ScalarLossKernels.class, new ScalarBackendProvider().open());
    }

    /** The tests run on a server VM with the module resolved, so anything else is a fault of the checks. */
    @Test
    void vectorIsAvailableHere() {
        Availability availability = new VectorBackendProvider().availability();
        assertTrue(
                availability instanceof Availability.Available available
                        && available.detail().contains("-bit float vectors ("),
                availability::toString);
    }

    @ParameterizedTest
    @CsvSource({"512,,512-bit float vectors (16 lanes)", "256,,256-bit", "512,128,128-bit float vectors (4 lanes)"})
    void widthIsThePreferredOneOrTheOneAskedFor(int preferred, String asked, String detail) {
        Availability availability = VectorSupport.checkWidth(preferred, asked);
        assertTrue(
                availability instanceof Availability.Available available
                        && available.detail().startsWith(detail),
                availability::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "256,512,'[512], but the machine'",
        "512,64,'[64]; it must be 128, 256 or 512'",
        "512,wide,'[wide]; it must be'",
        "64,,'128 are needed'"
    })
    void widthIsRefusedWithAReason(int preferred, String asked, String reason) {
        Availability availability = VectorSupport.checkWidth(preferred, asked);
        assertTrue(
                availability instanceof Availability.Unavailable unavailable
                        && unavailable.reason().contains(reason),
                availability::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "OpenJDK 64-Bit Server VM,interpreted mode,-Xint",
        "OpenJDK 64-Bit Server VM,'mixed mode, emulated-client, sharing',TieredStopAtLevel",
        "OpenJDK 64-Bit Zero VM,mixed mode,no C2",
        "Eclipse OpenJ9 VM,mixed mode,no C2",
        "Substrate VM,static mode,no C2"
    })
    void machinesWithoutC2AreRefused(String machine, String info, String reason) {
        assertTrue(VectorSupport.missingCompiler(machine, info).contains(reason));
    }

    @Test
    void serverMachinesAreAccepted() {
        assertEquals("", VectorSupport.missingCompiler("OpenJDK 64-Bit Server VM", "mixed mode, sharing"));
    }
}
