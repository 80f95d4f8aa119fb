package org.crossentropy.app;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.app.model.Score;
import org.crossentropy.app.model.Trainer;
import org.jspecify.annotations.Nullable;

/** Shows how training goes: one line for each epoch, and on a terminal a bar within it. */
final class TrainProgress implements Trainer.Progress {

    private final TrainReport.Setup setup;
    private final @Nullable PrintWriter out;
    private final @Nullable ProgressBar bar;
    private final List<TrainReport.Epoch> epochs = new ArrayList<>();

    private TrainProgress(TrainReport.Setup setup, @Nullable PrintWriter out) {
        this.setup = setup;
        this.out = out;
        this.bar = out == null ? null : ProgressBar.onTerminal(out);
    }

    /** Shows what is going to be done; nothing at all where there is nowhere to show it. */
    static TrainProgress start(TrainReport.Setup setup, @Nullable PrintWriter out) {
        if (out != null) {
            setup.print(out);
        }
        return new TrainProgress(setup, out);
    }

    List<TrainReport.Epoch> epochs() {
        return epochs;
    }

    @Override
    public void batchDone(int epoch, int examples) {
        if (bar != null) {
            bar.show(title(epoch), examples, setup.dataset().training().count());
        }
    }

    @Override
    public void epochDone(int epoch, Score score, double seconds) {
        epochs.add(new TrainReport.Epoch(score, seconds));
        if (bar != null) {
            bar.clear();
        }
        if (out != null) {
            out.printf(
                    "%s  loss %.4f  accuracy %6.2f %%  %6.2f s%n",
                    title(epoch), score.total(), 100 * score.accuracy(), seconds);
            out.flush();
        }
    }

    private String title(int epoch) {
        int all = setup.options().epochs();
        return String.format("epoch %" + String.valueOf(all).length() + "d/%d", epoch, all);
    }
}
