package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "train --help",
                "eval --help",
                "lm --help",
                "explain --help",
                "backends --help",
                "check --help",
                "bench --help",
                "--version"
            })
    void explainsItself(String line) {
        CommandRun run = CommandRun.of((Object[]) line.split(" ")).isFine();
        assertTrue(run.out().contains("xent"), run.out());
    }

    @Test
    void rejectsCommandLinesInOneLine() {
        CommandRun.of().isBadInput("Missing command", "see xent --help");
        CommandRun.of("evaluate").isBadInput("xent: ", "evaluate");
        CommandRun.of("eval").isBadInput("xent eval: ", "--logits", "see xent eval --help");
        CommandRun.of("train", "--epochs", "many").isBadInput("--epochs", "many");
        CommandRun.of("train", "--model", "forest").isBadInput("--model", "forest", "LOGISTIC", "MLP");
        CommandRun.of("backends", "surplus").isBadInput("surplus");
    }

    @Test
    void listsBackendsTheBestFirst() {
        Map<String, ?> json = CommandRun.of("backends", "--json").isFine().json();
        List<?> names = CommandRun.list(json, "backends").stream()
                .map(each -> ((Map<?, ?>) each).get("name"))
                .toList();
        assertEquals(List.of("native", "vector", "scalar"), names);
        assertEquals("native", json.get("default"));
        assertTrue(CommandRun.of("backends").isFine().out().contains("* native "));
    }

    @Test
    void namesTheBackendsThatAnUnknownOneCouldBe() {
        CommandRun.of("train", "--backend", "gpu").isBadInput("--backend is gpu", "native, vector, scalar");
    }

    @Test
    void showsTheStackOnlyWhenAsked() {
        CommandRun.of("train", "--threads", "0").isBadInput("--threads is 0, must be from 1 to");
        CommandRun run = CommandRun.of("train", "--threads", "0", "--stacktrace");
        assertEquals(ExitStatus.BAD_INPUT, run.status());
        assertTrue(run.err().contains("\tat org.crossentropy.app"), run.err());
    }

    @Test
    void checksTheBackends() {
        Map<String, ?> json = CommandRun.of("check", "--json").isFine().json();
        assertEquals(true, json.get("equal"));
        assertEquals(List.of("scalar", "vector", "native"), json.get("backends"));
        assertEquals(0L, json.get("differing"));
    }
}
