package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Properties;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.ffm.bindings.Xent;
import org.crossentropy.ffm.bindings.xent_coefficients;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That the committed bindings belong to the header and to the library of this build. */
class GeneratedBindingsTest {
    private static final Path MODULE = ForkedJvm.MODULE;

    @BeforeAll
    static void loadLibrary() {
        assertEquals(null, NativeLibrary.load());
    }

    @Test
    void headerIsTheOneTheBindingsWereMadeFrom() throws Exception {
        byte[] header = Files.readAllBytes(MODULE.resolve("../native/include/xent/xent.h"));
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(header));
        assertEquals(
                recorded().getProperty("header.sha256"),
                hash,
                "native/include/xent/xent.h has changed since native-impl/src/generated was made from it:"
                        + " run native-impl/regenerate-bindings.sh and commit what it makes");
    }

    @Test
    void structHasTheLayoutOfTheLibrary() {
        assertEquals(Xent.xent_sizeof_coefficients(), xent_coefficients.sizeof());
        assertEquals(Xent.xent_offsetof_coefficients_gamma(), xent_coefficients.gamma$offset());
        assertEquals(0, xent_coefficients.alpha$offset());
        assertEquals(Double.BYTES, xent_coefficients.beta$offset());
    }

    @Test
    void instructionSetsHaveTheNamesOfTheLibrary() {
        assertEquals(Xent.XENT_ISA_COUNT(), Isa.values().length);
        for (Isa isa : Isa.values()) {
            assertEquals(NativeLibrary.text(Xent.xent_isa_name(isa.number)), isa.id());
        }
    }

    @Test
    void operationsOnTilesHaveTheNamesAndTheOrderOfTheHeader() throws Exception {
        TileOperation[] operations = TileOperation.values();
        assertEquals(Xent.XENT_TILE_COUNT(), operations.length);
        for (int number = 0; number < operations.length; number++) {
            String name = "XENT_TILE_" + operations[number].name();
            assertEquals(number, Xent.class.getMethod(name).invoke(null), name);
            assertEquals(number, TileArguments.operation(operations[number]), name);
        }
    }

    private static Properties recorded() throws IOException {
        var properties = new Properties();
        properties.load(new StringReader(Files.readString(MODULE.resolve("src/generated/GENERATED.properties"))));
        return properties;
    }
}
