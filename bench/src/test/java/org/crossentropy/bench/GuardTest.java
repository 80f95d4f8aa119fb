package org.crossentropy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.crossentropy.bench.report.Shares;
import org.crossentropy.bench.run.Home;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardTest {

    @Test
    void namesWhatBecameSlowerOrDisappeared() {
        Map<String, Double> before = Map.of("a", 0.9, "b", 0.9, "c", 0.5, "d", 0.1);
        Map<String, Double> now = Map.of("a", 0.71, "b", 0.6, "c", 0.9, "e", 0.1);

        List<String> slower = Guard.slower(before, now);

        assertEquals(2, slower.size(), slower.toString());
        assertTrue(slower.get(0).startsWith("b: 60.0 %") && slower.get(0).contains("1.50 times"), slower.get(0));
        assertEquals("d: not measured", slower.get(1));
    }

    @Test
    void sharesAreKeptByProcessor(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("shares.json");
        Shares shares = Shares.read(file);
        shares.put("one", Map.of("kernel", 0.123456));
        shares.write();
        assertEquals(Map.of("kernel", 0.1235), Shares.read(file).of("one"));
        assertTrue(Shares.read(file).of("another").isEmpty());
    }

    @Test
    void recordedSharesCanBeRead() throws IOException {
        Shares.read(Home.bench().resolve("shares.json"));
        assertTrue(Environment.processor().contains(" family "));
    }
}
