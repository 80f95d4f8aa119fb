package org.crossentropy.app.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.crossentropy.app.io.IdxFile;
import org.crossentropy.app.io.InputException;

/** A folder with the four files of MNIST, Fashion-MNIST or another set in their format, each plain or gzipped. */
public final class IdxFolder {

    private IdxFolder() {}

    /**
     * Reads the images of a folder.
     *
     * @param folder has train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
     *     t10k-labels-idx1-ubyte, each perhaps with the ending .gz
     * @return the images; as many classes as the training labels name
     * @throws InputException if a file is missing or damaged, or the files do not belong together
     */
    public static Dataset load(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": no such folder");
        }
        Path labels = find(folder, "train-labels-idx1-ubyte");
        Images training = images(find(folder, "train-images-idx3-ubyte"), labels);
        Path heldOutLabels = find(folder, "t10k-labels-idx1-ubyte");
        Images heldOut = images(find(folder, "t10k-images-idx3-ubyte"), heldOutLabels);
        if (training.width() != heldOut.width() || training.height() != heldOut.height()) {
            throw new InputException(folder + ": images to train have " + training.width() + " x " + training.height()
                    + " pixels, those held out " + heldOut.width() + " x " + heldOut.height()
                    + ", must be the same");
        }
        int classes = classes(training);
        checkClasses(heldOutLabels, heldOut, classes);
        return new Dataset(
                String.valueOf(folder.toAbsolutePath().normalize().getFileName()), classes, training, heldOut);
    }

    private static Path find(Path folder, String name) {
        Path plain = folder.resolve(name);
        Path compressed = folder.resolve(name + ".gz");
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        if (Files.isRegularFile(compressed)) {
            return compressed;
        }
        throw new InputException(folder + ": has neither " + name + " nor " + name + ".gz");
    }

    private static Images images(Path imageFile, Path labelFile) {
        IdxFile images = IdxFile.read(imageFile, 3);
        IdxFile labels = IdxFile.read(labelFile, 1);
        int count = images.length(0);
        int height = images.length(1);
        int width = images.length(2);
        if (count == 0 || height == 0 || width == 0) {
            throw new InputException(imageFile + ": has " + count + " images of " + width + " x " + height
                    + " pixels, must have at least one of each");
        }
        if (labels.length(0) != count) {
            throw new InputException(labelFile + ": has " + labels.length(0) + " labels, must have one for each of the "
                    + count + " images of " + imageFile);
        }
        int[] classes = new int[count];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = Byte.toUnsignedInt(labels.elements()[i]);
        }
        return new Images(width, height, images.elements(), classes);
    }

    private static int classes(Images images) {
        int largest = 0;
        for (int image = 0; image < images.count(); image++) {
            largest = Math.max(largest, images.classOf(image));
        }
        return largest + 1;
    }

    private static void checkClasses(Path labelFile, Images images, int classes) {
        for (int image = 0; image < images.count(); image++) {
            if (images.classOf(image) >= classes) {
                throw new InputException(labelFile + ": row " + image + " has label " + images.classOf(image)
                        + ", must be from 0 to " + (classes - 1) + " as in training");
            }
        }
    }
}
