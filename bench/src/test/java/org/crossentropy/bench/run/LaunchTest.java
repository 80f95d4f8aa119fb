package org.crossentropy.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaunchTest {

    @Test
    void takesOutWhatForcesOpenBlasAndSaysSo() {
        Map<String, String> environment = new HashMap<>(Map.of("OPENBLAS_CORETYPE", "Haswell", "HOME", "/"));

        List<String> cleared = Launch.cleared(environment);
        Launch.clear(environment);

        assertEquals(1, cleared.size());
        assertTrue(cleared.getFirst().contains("OPENBLAS_CORETYPE=Haswell"), cleared.getFirst());
        assertEquals(Map.of("HOME", "/"), environment);
        assertTrue(Launch.cleared(environment).isEmpty());
    }

    @Test
    void librariesHaveAsManyThreadsAsAreMeasured() {
        Map<String, String> environment = Launch.java(2, List.of()).environment();
        assertEquals("2", environment.get("OPENBLAS_NUM_THREADS"));
        assertFalse(environment.containsKey("OPENBLAS_CORETYPE"));
    }
}
