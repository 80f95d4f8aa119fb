package org.crossentropy.bench.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import org.crossentropy.bench.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * What came of one subject with one task, over all rounds.
 *
 * @param task the task, as {@link Task#toString} writes it
 * @param subject who computed it
 * @param threads with how many threads
 * @param problem why there are no times, null if there are
 * @param detail what the subject says of itself
 * @param fastest nanoseconds of the fastest call of all rounds
 * @param median nanoseconds: the median of the rounds' medians
 * @param calls number of calls that were timed
 * @param allocated bytes that a call allocated on the Java heap, in the round where it was least
 * @param inputBytes resident memory before the first call, inputs loaded
 * @param peakBytes the most resident memory in the first two calls
 * @param operations floating-point operations of a call, 0 where they are not counted
 * @param date when it was measured
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record Figure(
        String task,
        String subject,
        int threads,
        @Nullable String problem,
        String detail,
        double fastest,
        double median,
        long calls,
        double allocated,
        long inputBytes,
        long peakBytes,
        double operations,
        String date) {

    /** Files leave out what is empty. */
    public Figure {
        detail = Objects.requireNonNullElse(detail, "");
    }

    /** What tells figures of a part from each other. */
    record Key(String task, String subject, int threads) {}

    static Figure failed(Task task, String subject, int threads, String problem, String date) {
        return new Figure(task.toString(), subject, threads, problem, "", 0, 0, 0, 0, 0, 0, 0, date);
    }

    Key key() {
        return new Key(task, subject, threads);
    }

    /**
     * {@return the task}
     */
    @JsonIgnore
    public Task parsedTask() {
        return Task.parse(task);
    }

    /**
     * {@return whether there are times}
     */
    @JsonIgnore
    public boolean isMeasured() {
        return problem == null;
    }
}
