package org.crossentropy.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Shares of the limits that kernels have reached, by kind of processor, in a file. */
public final class Shares {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path file;
    private final Map<String, Map<String, Double>> byProcessor;

    private Shares(Path file, Map<String, Map<String, Double>> byProcessor) {
        this.file = file;
        this.byProcessor = byProcessor;
    }

    /**
     * Reads the file; one that does not exist has nothing.
     *
     * @param file the file
     * @return its shares
     * @throws IOException if it cannot be read
     */
    public static Shares read(Path file) throws IOException {
        Map<String, Map<String, Double>> content = Files.exists(file)
                ? JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Map<String, Double>>>() {})
                : new TreeMap<>();
        return new Shares(file, content);
    }

    /**
     * Returns what a processor reached.
     *
     * @param processor its kind
     * @return share of each kernel, empty if nothing is known
     */
    public Map<String, Double> of(String processor) {
        return byProcessor.getOrDefault(processor, Map.of());
    }

    /**
     * Replaces what a processor reached.
     *
     * @param processor its kind
     * @param shares share of each kernel
     */
    public void put(String processor, Map<String, Double> shares) {
        Map<String, Double> rounded = new TreeMap<>();
        shares.forEach((what, share) -> rounded.put(what, Math.round(share * 1e4) / 1e4));
        byProcessor.put(processor, rounded);
    }

    /**
     * Writes the file.
     *
     * @throws IOException if it cannot be written
     */
    public void write() throws IOException {
        Files.writeString(file, JSON.writeValueAsString(byProcessor) + "\n");
    }
}
