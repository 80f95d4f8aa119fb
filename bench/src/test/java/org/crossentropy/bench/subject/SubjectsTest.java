package org.crossentropy.bench.subject;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.api.BackendUnavailableException;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Memory;
import org.crossentropy.bench.task.Oracle;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every body that is timed runs, with the backend asked for, and agrees with the oracle. */
class SubjectsTest {

    static Stream<Arguments> cases() {
        List<Task> tasks = Stream.of("37x10", "9x1000", "2x4099")
                .map(Shape::parse)
                .flatMap(shape -> Arrays.stream(Form.values())
                        .filter(form -> !form.isProduct())
                        .flatMap(form -> Arrays.stream(ElementType.values())
                                .flatMap(type -> Arrays.stream(Memory.values())
                                        .map(memory -> new Task(form, shape, type, memory, Pass.FORWARD)))))
                .toList();
        return Subjects.BACKENDS.stream().flatMap(backend -> tasks.stream().map(task -> Arguments.of(backend, task)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void backendsComputeEveryForm(String backend, Task task) {
        Subject subject = Subjects.open(backend, 2);
        assertTrue(subject.detail().startsWith(backend), subject.detail());
        for (Pass pass : Pass.values()) {
            check(subject, task.with(pass));
        }
    }

    /** More rows than are distinct; the last shape with a chunk that is not full. */
    static Stream<Arguments> heads() {
        List<Shape> shapes =
                Stream.of("3x5x7", "40x33x100", "100x16x257").map(Shape::parse).toList();
        return Subjects.BACKENDS.stream()
                .flatMap(backend -> Stream.of(backend, backend + Subjects.CHUNK + 48))
                .flatMap(subject -> shapes.stream()
                        .flatMap(shape -> Arrays.stream(ElementType.values())
                                .map(type -> Arguments.of(
                                        subject, new Task(Form.LINEAR, shape, type, Memory.OFFHEAP, Pass.FORWARD)))));
    }

    @ParameterizedTest
    @MethodSource("heads")
    void headsAreRight(String name, Task task) {
        Subject subject = Subjects.open(name, 2);
        check(subject, task);
        check(subject, task.with(Pass.GRADIENT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "vector", "scalar", "native@48", "vector@48", "scalar@48"})
    void pairsAreRight(String name) {
        Subject subject = Subjects.open(name, 2);
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64)) {
            Task task = new Task(Form.CONTRASTIVE, new Shape(40, 33, 40), type, Memory.OFFHEAP, Pass.FORWARD);
            check(subject, task);
            check(subject, task.with(Pass.GRADIENT));
        }
    }

    /** The products of all chunks are those of all rows. */
    @ParameterizedTest
    @EnumSource
    void productsAreRight(ProductPeak.Part part) {
        Task task = Task.parse("linear/40x33x100/float32/offheap/gradient");
        Subject subject = Subjects.open(part.id() + Subjects.CHUNK + 16, 2);
        assertTrue(subject.isProbe());
        double products = part == ProductPeak.Part.ALL ? 3 : 1;
        assertEquals(products * 2 * 40 * 33 * 100, subject.operations(task));
        try (Batch batch = new Batch(task);
                Work chunked = closing(subject.prepare(task, batch));
                Work whole = closing(Subjects.open(Subjects.PRODUCTS, 1).prepare(task, batch))) {
            chunked.run();
            whole.run();
            assertTrue(Double.isFinite(chunked.loss()) && chunked.loss() != 0);
            if (part == ProductPeak.Part.ALL) {
                for (int column = 0; column < 33; column++) {
                    assertEquals(whole.gradient(39, column), chunked.gradient(39, column), 1e-3);
                    assertEquals(whole.weightGradient(99, column), chunked.weightGradient(99, column), 1e-3);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theLoopWrittenByHandIsRight(int threads) {
        Subject subject = Subjects.open(Subjects.HAND_WRITTEN, threads);
        for (Form form : List.of(Form.SOFTMAX, Form.BINARY)) {
            Task task = new Task(form, new Shape(37, 10), ElementType.FLOAT32, Memory.OFFHEAP, Pass.FORWARD);
            check(subject, task);
            check(subject, task.with(Pass.GRADIENT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "vector", "scalar"})
    void kernelsAreRight(String backend) {
        Subject subject = Subjects.open(Subjects.KERNEL + backend, 1);
        check(subject, Task.plain(new Shape(1100, 10), Pass.FORWARD));
        check(subject, Task.plain(new Shape(1100, 10), Pass.GRADIENT));
    }

    /** Twice, since works run again and again, and in place not on what the last run left. */
    private static void check(Subject subject, Task task) {
        try (Batch batch = new Batch(task);
                Work work = closing(subject.prepare(task, batch))) {
            Oracle oracle = Oracle.of(batch);
            for (int run = 0; run < 2; run++) {
                work.restore();
                work.run();
                oracle.check(work, task.pass(), subject.accuracy());
            }
            work.restore();
        }
    }

    /** Whose close throws nothing checked, as the compiler cannot see. */
    private static Work closing(Work work) {
        return work;
    }

    @ParameterizedTest
    @ValueSource(strings = {Subjects.FMA, Subjects.MATRIX_PRODUCT, Subjects.NATIVE_CALL})
    void probesRun(String name) {
        Task task = Task.plain(new Shape(16, 16), Pass.FORWARD);
        Subject subject = Subjects.open(name, 2);
        assertTrue(subject.isProbe());
        try (Batch batch = new Batch(task);
                Work work = subject.prepare(task, batch)) {
            work.run();
            assertTrue(Double.isFinite(work.loss()) && work.loss() != 0);
        }
        assertEquals(name.equals(Subjects.NATIVE_CALL), subject.operations(task) == 0);
    }

    @Test
    void neverFallsBackToAnother() {
        assertThrows(IllegalArgumentException.class, () -> Subjects.open("nonesuch", 1));
        assertThrows(IllegalArgumentException.class, () -> Subjects.open("nonesuch@16", 1));
        assertThrows(BackendUnavailableException.class, () -> new BackendSubject("nonesuch", 1));
    }

    @Test
    void saysWhatItDoesNotCompute() {
        Task task = Task.parse("softmax/2x3/float32/offheap/in-place");
        try (Batch batch = new Batch(task)) {
            assertThrows(UnsupportedOperationException.class, () -> new HandWritten(1).prepare(task, batch));
        }
        Task head = Task.parse("linear/2x4x3/float32/offheap/in-place");
        try (Batch batch = new Batch(head)) {
            Subject scalar = Subjects.open("scalar", 1);
            assertThrows(UnsupportedOperationException.class, () -> scalar.prepare(head, batch));
        }
    }
}
