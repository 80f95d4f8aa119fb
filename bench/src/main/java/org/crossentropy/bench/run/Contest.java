package org.crossentropy.bench.run;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.task.Task;

/**
 * What is measured in turn: figures to be compared with each other.
 *
 * @param title what the log calls it
 * @param threads threads of every entry
 * @param entries in the order of a round
 * @param rounds number of rounds
 * @param millis time that an entry has in a round
 * @param warmMillis time that an entry has to warm up
 * @param fresh whether processes are new, because what they keep from before would hide how much memory a task takes
 */
record Contest(String title, int threads, List<Entry> entries, int rounds, int millis, int warmMillis, boolean fresh) {

    /**
     * One subject with one task.
     *
     * @param host its process
     * @param subject its name
     * @param task the task
     */
    record Entry(Host host, String subject, Task task) {

        /** What figures call the subject. */
        String name() {
            return host.subject().isEmpty() ? subject : host.name();
        }
    }

    Contest {
        entries = List.copyOf(entries);
    }

    /** In whatever processes there are. */
    Contest(String title, int threads, List<Entry> entries, int rounds, int millis, int warmMillis) {
        this(title, threads, entries, rounds, millis, warmMillis, false);
    }

    /** Every host with every task. */
    static List<Entry> entries(List<Host> hosts, List<Task> tasks) {
        List<Entry> entries = new ArrayList<>();
        for (Host host : hosts) {
            for (Task task : tasks) {
                entries.add(new Entry(host, host.subject(), task));
            }
        }
        return entries;
    }

    /** Every probe, with the memory of the task. */
    static List<Entry> probes(List<String> subjects, Task task) {
        return subjects.stream()
                .map(subject -> new Entry(Host.probes(), subject, task))
                .toList();
    }
}
