package org.crossentropy.app;

import java.nio.file.Path;
import org.crossentropy.app.data.BreastCancer;
import org.crossentropy.app.data.Dataset;
import org.crossentropy.app.data.Digits;
import org.crossentropy.app.data.IdxFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What to train on, as the user says it: data that come with the command, or a folder. */
final class DataOptions {

    /** The data that come with the command. */
    enum Included {
        /** Handwritten digits. */
        DIGITS,
        /** Wisconsin diagnostic breast cancer. */
        WDBC;

        Dataset load() {
            return switch (this) {
                case DIGITS -> Digits.load();
                case WDBC -> BreastCancer.load();
            };
        }
    }

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description = "data that come with xent: digits (handwritten, the default) or wdbc (tumours of the breast,"
                    + " malignant or benign, by 30 measurements)")
    private Included included = Included.DIGITS;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "folder with images in the format of MNIST (IDX, plain or gzipped)")
    private @Nullable Path folder;

    Dataset load() {
        return folder == null ? included.load() : IdxFolder.load(folder);
    }
}
