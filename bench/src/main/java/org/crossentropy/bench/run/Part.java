package org.crossentropy.bench.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.run.Contest.Entry;
import org.crossentropy.bench.subject.MemoryMove;
import org.crossentropy.bench.subject.ProductPeak;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Memory;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** The parts of the report, and what is measured in each. */
public enum Part {
    /** Ours beside other libraries and the limits of the machine. */
    LOSSES {
        @Override
        List<Contest> contests(Effort effort) {
            List<Contest> contests = new ArrayList<>();
            for (int threads : THREADS) {
                for (Task task : TASKS) {
                    contests.add(effort.contest(title(task, threads), threads, losses(task)));
                }
                Task square = Task.plain(new Shape(2048, 2048), Pass.FORWARD);
                contests.add(effort.contest(
                        "arithmetic, threads " + threads,
                        threads,
                        Contest.probes(List.of(Subjects.FMA, Subjects.MATRIX_PRODUCT), square)));
            }
            return contests;
        }

        private List<Entry> losses(Task task) {
            List<Task> ours = Arrays.stream(Pass.values()).map(task::with).toList();
            List<Task> others = List.of(task.with(Pass.FORWARD), task.with(Pass.GRADIENT));
            List<Entry> entries = new ArrayList<>(Contest.entries(Host.backends(), ours));
            entries.addAll(Contest.entries(List.of(Host.hugePages("native"), Host.hugePages("vector")), others));
            entries.addAll(Contest.probes(MOVES, task));
            entries.addAll(Contest.entries(Host.peers(), others));
            return entries;
        }
    },

    /** Forms of the loss, element types and kinds of memory beside the plain one. */
    FORMS {
        @Override
        List<Contest> contests(Effort effort) {
            List<Contest> contests = new ArrayList<>();
            for (Shape shape : List.of(new Shape(8192, 1000), new Shape(1024, 32000))) {
                Task plain = Task.plain(shape, Pass.FORWARD);
                List<Entry> entries = new ArrayList<>();
                for (Pass pass : Pass.values()) {
                    entries.addAll(Contest.entries(Host.backends(), variants(plain.with(pass))));
                    entries.addAll(Contest.entries(INSTRUCTION_SETS, List.of(plain.with(pass))));
                }
                contests.add(effort.point(title(plain, 1), 1, entries));
            }
            return contests;
        }

        private List<Task> variants(Task plain) {
            List<Task> tasks = new ArrayList<>();
            for (Form form : Form.values()) {
                if (form != Form.BINARY && !form.isProduct()) {
                    tasks.add(new Task(form, plain.shape(), plain.type(), plain.memory(), plain.pass()));
                }
            }
            for (ElementType type : List.of(ElementType.FLOAT64, ElementType.BFLOAT16, ElementType.FLOAT16)) {
                tasks.add(new Task(plain.form(), plain.shape(), type, plain.memory(), plain.pass()));
            }
            tasks.add(new Task(plain.form(), plain.shape(), plain.type(), Memory.HEAP, plain.pass()));
            return tasks;
        }
    },

    /** Calls so small that the way to the kernel counts, and few rows that are long. */
    SMALL {
        @Override
        List<Contest> contests(Effort effort) {
            List<Contest> contests = new ArrayList<>();
            for (int threads : THREADS) {
                for (Shape shape : List.of(new Shape(1, 128256), new Shape(8, 128256))) {
                    Task task = Task.plain(shape, Pass.FORWARD);
                    List<Entry> entries =
                            new ArrayList<>(Contest.entries(Host.backends(), List.of(task, task.with(Pass.GRADIENT))));
                    entries.addAll(Contest.probes(MOVES, task));
                    contests.add(effort.patient(title(task, threads), threads, entries));
                }
            }
            for (Shape shape : List.of(new Shape(1, 10), new Shape(8, 10))) {
                for (Memory memory : Memory.values()) {
                    Task task = new Task(Form.SOFTMAX, shape, ElementType.FLOAT32, memory, Pass.FORWARD);
                    List<Task> tasks = List.of(task, task.with(Pass.GRADIENT));
                    List<Entry> entries = new ArrayList<>(Contest.entries(Host.backends(), tasks));
                    if (memory == Memory.OFFHEAP) {
                        entries.addAll(Contest.entries(KERNELS, tasks));
                        entries.addAll(Contest.probes(List.of(Subjects.NATIVE_CALL), task));
                    }
                    contests.add(effort.patient(title(task, 1), 1, entries));
                }
            }
            return contests;
        }
    },

    /** Heads of language models, and pairs compared with all others: losses of logits that are products. */
    HEADS {
        @Override
        List<Contest> contests(Effort effort) {
            List<Contest> contests = new ArrayList<>();
            for (int threads : THREADS) {
                for (Pass pass : List.of(Pass.GRADIENT, Pass.FORWARD)) {
                    Task task = HEAD.with(pass);
                    contests.add(effort.fresh(title(task, threads), threads, head(task)));
                    Task small = SMALL_HEAD.with(pass);
                    contests.add(effort.fresh(title(small, threads), threads, smallHead(small)));
                }
            }
            int threads = THREADS.getLast();
            List<Host> pairs = new ArrayList<>(List.of(Host.plain("native")));
            PAIR_ROWS.forEach(rows -> pairs.add(Host.chunked("native", rows)));
            contests.add(effort.fresh(title(PAIRS, threads), threads, Contest.entries(pairs, List.of(PAIRS))));
            List<Entry> large = new ArrayList<>();
            large.addAll(Contest.entries(List.of(Host.plain("native")), List.of(LARGE_HEAD)));
            large.addAll(Contest.probes(List.of(Subjects.PRODUCTS + Subjects.CHUNK + LARGE_CHUNK), LARGE_HEAD));
            contests.add(effort.once(title(LARGE_HEAD, threads), threads, large));
            return contests;
        }

        private List<Entry> head(Task task) {
            List<Host> hosts = new ArrayList<>();
            hosts.add(Host.plain("native"));
            hosts.add(Host.hugePages("native"));
            CHUNK_ROWS.forEach(rows -> hosts.add(Host.chunked("native", rows)));
            hosts.add(Host.plain("vector"));
            hosts.addAll(Host.pyTorch());
            List<Entry> entries = new ArrayList<>(Contest.entries(hosts, List.of(task)));
            entries.addAll(Contest.entries(List.of(Host.apart("native, bfloat16", "native")), List.of(narrow(task))));
            entries.addAll(Contest.entries(List.of(Host.apart(LOSS_ALONE, "native")), List.of(lossAlone(task))));
            entries.addAll(Contest.probes(List.of(Subjects.PRODUCTS), task));
            if (task.pass() == Pass.GRADIENT) {
                entries.addAll(Contest.probes(products(), task));
            }
            return entries;
        }

        // Each product by itself, with all rows and with some of the numbers of rows of a chunk.
        private List<String> products() {
            List<String> names = new ArrayList<>();
            for (ProductPeak.Part part : PRODUCT_PARTS) {
                names.add(part.id());
                PROFILED_ROWS.forEach(rows -> names.add(part.id() + Subjects.CHUNK + rows));
            }
            return names;
        }

        private List<Entry> smallHead(Task task) {
            List<Host> hosts = new ArrayList<>(Host.backends());
            hosts.addAll(Host.pyTorch());
            List<Entry> entries = new ArrayList<>(Contest.entries(hosts, List.of(task)));
            entries.addAll(Contest.probes(List.of(Subjects.PRODUCTS), task));
            return entries;
        }
    },

    /** How the time of an element depends on the number of classes and of rows. */
    GROWTH {
        private static final int ELEMENTS = 1 << 22;

        @Override
        List<Contest> contests(Effort effort) {
            List<Contest> contests = new ArrayList<>();
            for (int threads : THREADS) {
                for (int classes : effort.sizes(CLASSES)) {
                    contests.add(point(effort, new Shape(Math.max(1, ELEMENTS / classes), classes), threads));
                }
                for (int classes : List.of(10, 1000)) {
                    for (int rows : effort.sizes(ROWS)) {
                        contests.add(point(effort, new Shape(rows, classes), threads));
                    }
                }
            }
            return contests;
        }

        private Contest point(Effort effort, Shape shape, int threads) {
            Task task = Task.plain(shape, Pass.FORWARD);
            List<Entry> entries = Contest.entries(Host.backends(), List.of(task, task.with(Pass.GRADIENT)));
            return effort.point(title(task, threads), threads, entries);
        }
    },

    /** How long a JVM takes to its first loss. */
    START {
        @Override
        List<Contest> contests(Effort effort) {
            return List.of();
        }

        @Override
        void measure(Results results, Effort effort, String only) throws IOException {
            StartUp.measure(results, effort.starts());
        }
    };

    /** Numbers of threads that are compared. */
    public static final List<Integer> THREADS = List.of(1, 2);

    /** Softmax cross-entropy of the four shapes, and binary cross-entropy of 16 million logits. */
    public static final List<Task> TASKS = List.of(
            Task.plain(new Shape(65536, 10), Pass.FORWARD),
            Task.plain(new Shape(8192, 1000), Pass.FORWARD),
            Task.plain(new Shape(1024, 32000), Pass.FORWARD),
            Task.plain(new Shape(256, 128256), Pass.FORWARD),
            new Task(Form.BINARY, new Shape(4096, 4096), ElementType.FLOAT32, Memory.OFFHEAP, Pass.FORWARD));

    /** The head of a small language model with a small batch. */
    public static final Task HEAD = product(Form.LINEAR, new Shape(1024, 2048, 32000));

    /** One that a backend without vectors can finish. */
    public static final Task SMALL_HEAD = product(Form.LINEAR, new Shape(256, 512, 4000));

    /** A head whose logits would be 4.2 GB, with gradients. */
    public static final Task LARGE_HEAD =
            product(Form.LINEAR, new Shape(8192, 1024, 128256)).with(Pass.GRADIENT);

    /** Rows of a chunk in the products that {@link #LARGE_HEAD} is compared with. */
    public static final int LARGE_CHUNK = 1024;

    /** A batch of pairs, each the negatives of all others, with gradients. */
    public static final Task PAIRS =
            product(Form.CONTRASTIVE, new Shape(16384, 512, 16384)).with(Pass.GRADIENT);

    /** Rows of logits that working memory is for. */
    public static final List<Integer> CHUNK_ROWS = List.of(64, 128, 256, 512, 1024);

    /** Rows of similarities that bound the working memory of {@link #PAIRS}. */
    public static final List<Integer> PAIR_ROWS = List.of(128, 256, 512);

    /** Those of {@link #CHUNK_ROWS} whose products are timed one by one. */
    public static final List<Integer> PROFILED_ROWS = List.of(64, 256);

    /** The products of a head in their order. */
    public static final List<ProductPeak.Part> PRODUCT_PARTS =
            List.of(ProductPeak.Part.LOGITS, ProductPeak.Part.WEIGHT, ProductPeak.Part.HIDDEN);

    /** What figures call the loss of the logits of a head, given. */
    public static final String LOSS_ALONE = "loss alone";

    private static Task product(Form form, Shape shape) {
        return new Task(form, shape, ElementType.FLOAT32, Memory.OFFHEAP, Pass.FORWARD);
    }

    /**
     * Returns a head with inputs in bfloat16.
     *
     * @param head a head
     * @return the same with inputs of 16 bits
     */
    public static Task narrow(Task head) {
        return new Task(head.form(), head.shape(), ElementType.BFLOAT16, head.memory(), head.pass());
    }

    /**
     * Returns the loss of all logits of a head, whose gradient overwrites them.
     *
     * @param head a head
     * @return a task of given logits
     */
    public static Task lossAlone(Task head) {
        Shape logits = new Shape(head.shape().rows(), head.shape().classes());
        return Task.plain(logits, head.pass() == Pass.FORWARD ? Pass.FORWARD : Pass.IN_PLACE);
    }

    /** Names of the memory probes. */
    static final List<String> MOVES =
            Arrays.stream(MemoryMove.values()).map(MemoryMove::id).toList();

    /** Backends made to do with less than the machine has. */
    static final List<Host> INSTRUCTION_SETS = List.of(
            Host.with("native avx2", "native", "org.crossentropy.native.isa=avx2"),
            Host.with("native scalar", "native", "org.crossentropy.native.isa=scalar"),
            Host.with("vector 256", "vector", "org.crossentropy.vector.bits=256"),
            Host.with("vector 128", "vector", "org.crossentropy.vector.bits=128"));

    /** The backends' kernels by themselves. */
    static final List<Host> KERNELS = Subjects.BACKENDS.stream()
            .map(backend -> Host.plain(Subjects.KERNEL + backend))
            .toList();

    /** Powers of two, and sizes beside them and beside the multiples of a vector that the kernels like. */
    static final int[] CLASSES = {
        2, 3, 4, 8, 10, 16, 17, 32, 33, 64, 100, 128, 256, 512, 1000, 1024, 1025, 2048, 4096, 8192, 16384, 32000, 32768,
        50257, 65536, 128256, 131072, 262144
    };

    static final int[] ROWS =
            IntStream.rangeClosed(0, 16).map(power -> 1 << power).toArray();

    /** What is measured in turn, in this order. */
    abstract List<Contest> contests(Effort effort);

    /** Measures what the results lack. */
    void measure(Results results, Effort effort, String only) throws IOException {
        try (Contests contests = new Contests(results)) {
            for (Contest contest : contests(effort)) {
                if (contest.title().contains(only)) {
                    contests.run(contest);
                }
            }
        }
    }

    static String title(Task task, int threads) {
        return task + ", threads " + threads;
    }

    /**
     * {@return the name of its file}
     */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
