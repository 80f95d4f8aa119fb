package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.crossentropy.app.explain.Picture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run-time image as a user has it: no environment, so no Java of anybody else. */
class ImageIT {

    private static final Path IMAGE = Path.of(System.getProperty("org.crossentropy.test.image", "target/image"));

    /** What the virtual machine itself says about a module that is not final yet. */
    private static final String INCUBATOR = "WARNING: Using incubator modules: jdk.incubator.vector";

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private CommandRun xent(Object... arguments) throws IOException, InterruptedException {
        return run(IMAGE.resolve("bin/xent"), arguments);
    }

    private CommandRun run(Path program, Object... arguments) throws IOException, InterruptedException {
        return run(Map.of(), program, arguments);
    }

    private CommandRun run(Map<String, String> environment, Path program, Object... arguments)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(program.toAbsolutePath().toString()));
        for (Object argument : arguments) {
            line.add(argument.toString());
        }
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        int status = builder.start().waitFor();
        String errors = Files.readString(err).replaceFirst(INCUBATOR + "\\R", "");
        return new CommandRun(status, Files.readString(out), errors);
    }

    @Test
    void listsAllBackends() throws Exception {
        Map<String, ?> json = xent("backends", "--json").isFine().json();
        assertEquals("native", json.get("default"));
        for (Object each : CommandRun.list(json, "backends")) {
            assertEquals(true, ((Map<?, ?>) each).get("available"), each.toString());
        }
        assertEquals(3, CommandRun.list(json, "backends").size());
    }

    @Test
    void backendsAgree() throws Exception {
        Map<String, ?> json = xent("check", "--json").isFine().json();
        assertEquals(true, json.get("equal"));
        assertEquals(List.of("scalar", "vector", "native"), json.get("backends"));
    }

    @Test
    void trains() throws Exception {
        String out = xent("train").isFine().out();
        assertTrue(out.contains("held out: loss "), out);
    }

    @Test
    void timesAllBackends() throws Exception {
        String out = xent("bench", "--seconds", 2, "--shape", "64x100").isFine().out();
        assertTrue(out.contains("same bits on all backends: yes (native, vector, scalar)"), out);
    }

    @Test
    void explainsWithAPicture() throws Exception {
        Path picture = folder.resolve("explain.png");
        CommandRun run = xent("explain", "--picture", picture).isFine();
        assertTrue(run.out().contains("cross-entropy pulls 1,491 times as hard"), run.out());
        BufferedImage image = Objects.requireNonNull(ImageIO.read(picture.toFile()), "a PNG file");
        assertEquals(Picture.WIDTH, image.getWidth());
        assertEquals(Picture.HEIGHT, image.getHeight());
    }

    /** As in a bare container; in a home of its own, because Java remembers there which fonts it once found. */
    @Test
    void explainsWithoutAPictureWhereThereAreNoFonts() throws Exception {
        Path noFonts = Files.writeString(folder.resolve("fonts.conf"), "<fontconfig></fontconfig>");
        Path picture = folder.resolve("explain.png");
        CommandRun run = run(
                Map.of("FONTCONFIG_FILE", noFonts.toString()),
                IMAGE.resolve("bin/java"),
                "-Duser.home=" + folder,
                "-m",
                "org.crossentropy.app/org.crossentropy.app.Main",
                "explain",
                "--picture",
                picture);
        assertEquals(ExitStatus.BAD_INPUT, run.status(), run.err());
        assertTrue(run.out().contains("cross-entropy pulls 1,491 times as hard"), run.out());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("install fontconfig and a font"), run.err());
        assertFalse(Files.exists(picture));
    }

    @Test
    void isFoundThroughLinksAndBlanks() throws Exception {
        Path link = Files.createDirectory(folder.resolve("my tools")).resolve("xent");
        Files.createSymbolicLink(link, IMAGE.resolve("bin/xent").toAbsolutePath());
        assertTrue(run(link, "--version").isFine().out().startsWith("xent "));
    }

    /** 80 MB of logits, and as much gradient, in a heap of 32 MB. */
    @Test
    void evaluatesFilesLargerThanTheHeap() throws Exception {
        int rows = 20_000;
        int classes = 1000;
        Path logits = folder.resolve("logits.npy");
        Path labels = folder.resolve("labels.npy");
        zeros(logits, "<f4", "(" + rows + ", " + classes + ")", (long) rows * classes * Float.BYTES);
        zeros(labels, "<i8", "(" + rows + ",)", (long) rows * Long.BYTES);
        Path gradient = folder.resolve("gradient.npy");
        Map<String, ?> json = run(
                        IMAGE.resolve("bin/java"),
                        "-Xmx32m",
                        "-m",
                        "org.crossentropy.app/org.crossentropy.app.Main",
                        "eval",
                        "--logits",
                        logits,
                        "--labels",
                        labels,
                        "--gradient",
                        gradient,
                        "--json")
                .isFine()
                .json();
        assertEquals(Math.log(classes), (double) Objects.requireNonNull(json.get("loss")), 1e-6);
        assertEquals(1.0, json.get("accuracy"));
        assertEquals(Files.size(logits), Files.size(gradient));
    }

    /** A .npy file of zeros, sparse on disk. */
    private static void zeros(Path file, String type, String shape, long bytes) throws IOException {
        String text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
        byte[] header = (text + " ".repeat(117 - text.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer start = ByteBuffer.allocate(10 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        start.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length)
                .put(header);
        Files.write(file, start.array());
        try (RandomAccessFile random = new RandomAccessFile(file.toFile(), "rw")) {
            random.setLength(start.capacity() + bytes);
        }
    }
}
