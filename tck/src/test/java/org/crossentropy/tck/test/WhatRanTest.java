package org.crossentropy.tck.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.crossentropy.api.Backends;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.junit.jupiter.api.Test;

/** Says which backends were tested, and fails if one was skipped that this machine should run. */
class WhatRanTest {

    /** The system property with the names of the backends that must run, separated by commas. */
    private static final String EXPECT_PROPERTY = "org.crossentropy.test.expect";

    @Test
    void everyExpectedBackendRan() throws IOException {
        List<String> missing = new ArrayList<>();
        Set<String> expected = expected();
        for (String name : TestBackends.names()) {
            BackendProvider provider = TestBackends.provider(name);
            boolean ran = provider.availability() instanceof Availability.Available;
            String detail = TestBackends.describe(provider.availability());
            System.out.println((ran ? "ran: " : "skipped: ") + name + " (" + detail + ")");
            if (!ran && expected.contains(name)) {
                missing.add(name + ": " + detail);
            }
        }
        assertEquals(List.of(), missing, "backends that should run here and do not; see " + EXPECT_PROPERTY);
        assertTrue(
                TestBackends.names().containsAll(expected),
                () -> "expected " + expected + ", known are " + TestBackends.names());
    }

    private static Set<String> expected() throws IOException {
        String asked = System.getProperty(EXPECT_PROPERTY);
        if (asked != null) {
            return asked.isBlank()
                    ? Set.of()
                    : new TreeSet<>(List.of(asked.trim().split("\\s*,\\s*", -1)));
        }
        Set<String> names = new TreeSet<>(Set.of("scalar", "vector-128", "native-scalar"));
        Path cpuinfo = Path.of("/proc/cpuinfo");
        String processor = Files.isReadable(cpuinfo) ? Files.readString(cpuinfo) : "";
        if (processor.contains(" avx2") && processor.contains(" fma")) {
            names.addAll(Set.of("vector-256", "native-avx2"));
        }
        if (processor.contains(" avx512f")
                && processor.contains(" avx512dq")
                && processor.contains(" avx512vl")
                && processor.contains(" avx512bw")) {
            names.addAll(Set.of("vector-512", "native-avx512"));
        }
        return names;
    }

    @Test
    void applicationsFindTheSameBackends() {
        List<String> names =
                Backends.all().stream().map(Backends.Candidate::name).toList();
        assertEquals(List.of("native", "vector", "scalar"), names, "candidates by priority: " + Backends.all());
        for (Backends.Candidate candidate : Backends.all()) {
            System.out.println("found: " + candidate);
            assertTrue(candidate.available(), candidate::toString);
        }
    }
}
