package org.crossentropy.bench.report;

import java.util.List;
import org.crossentropy.bench.run.Host;
import org.crossentropy.bench.subject.MemoryMove;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Task;

/** Which subjects are whose. */
final class Names {

    static final String PYTORCH = "PyTorch";
    static final String PYTORCH_HUGE = "PyTorch, huge pages";

    private static final List<String> OTHERS =
            Host.peers().stream().map(Host::name).toList();

    private Names() {}

    /** Another library, or the loop written by hand. */
    static boolean isOther(String subject) {
        return OTHERS.contains(subject);
    }

    static boolean isPyTorch(String subject) {
        return subject.equals(PYTORCH) || subject.equals(PYTORCH_HUGE);
    }

    static boolean isProbe(String subject) {
        return MemoryMove.isOne(subject)
                || subject.equals(Subjects.FMA)
                || subject.equals(Subjects.MATRIX_PRODUCT)
                || subject.startsWith(Subjects.PRODUCTS)
                || subject.equals(Subjects.NATIVE_CALL);
    }

    /** What a table calls a task without its pass. */
    static String title(Task task) {
        if (task.form().isProduct()) {
            return task.shape().rows() + " x " + task.shape().width() + " to "
                    + task.shape().classes();
        }
        return task.form() == Form.BINARY
                ? "binary cross-entropy with logits, " + (task.shape().elements() >> 20) + "M"
                : task.shape().rows() + " x " + task.shape().classes();
    }

    static String threads(int threads) {
        return threads == 1 ? "1 thread" : threads + " threads";
    }
}
