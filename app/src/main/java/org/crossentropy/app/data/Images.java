package org.crossentropy.app.data;

import java.util.random.RandomGenerator;
import org.crossentropy.app.io.InputException;

/**
 * Grey-scale images of one size, with their classes. Pixels stay as compact as in the file; a batch at a time becomes
 * floating-point numbers. Each image is then brought to mean 0 and standard deviation 1, so that neither the pressure of
 * the pen nor the brightness of the scan matters.
 */
public final class Images implements Examples {

    private final int width;
    private final int height;
    private final byte[] pixels;
    private final int[] classes;

    /**
     * Takes images and their classes.
     *
     * @param width pixels of a row
     * @param height rows of an image
     * @param pixels the images one after another, row by row, 0 (background) to at most 255; not copied
     * @param classes the class of each image; not copied
     * @throws InputException if the lengths do not fit
     */
    public Images(int width, int height, byte[] pixels, int[] classes) {
        if ((long) classes.length * width * height != pixels.length) {
            throw new InputException("images and labels do not belong together: " + pixels.length + " pixels, "
                    + classes.length + " labels of images with " + width + " x " + height + " pixels");
        }
        this.width = width;
        this.height = height;
        this.pixels = pixels;
        this.classes = classes;
    }

    @Override
    public int count() {
        return classes.length;
    }

    /**
     * {@return pixels of a row}
     */
    public int width() {
        return width;
    }

    /**
     * {@return rows of an image}
     */
    public int height() {
        return height;
    }

    @Override
    public int features() {
        return width * height;
    }

    @Override
    public int classOf(int image) {
        return classes[image];
    }

    /**
     * Returns a pixel of an image, or of the background around it.
     *
     * @param image number of the image, from 0
     * @param x column, counted from the left; background outside the image
     * @param y row, counted from the top; background outside the image
     * @return brightness, in the unit of the file
     */
    int pixel(int image, int x, int y) {
        if (x < 0 || x >= width || y < 0 || y >= height) {
            return 0;
        }
        return Byte.toUnsignedInt(pixels[(image * height + y) * width + x]);
    }

    @Override
    public void read(int image, float[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = pixel(image, i % width, i / width);
        }
        standardise(row);
    }

    /** Brings the pixels of one image to mean 0 and standard deviation 1. */
    static void standardise(float[] row) {
        double sum = 0;
        double squares = 0;
        for (float value : row) {
            sum += value;
            squares += (double) value * value;
        }
        double mean = sum / row.length;
        double variance = squares / row.length - mean * mean;
        // An image of one colour says nothing, and becomes zeros.
        double scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) ((row[i] - mean) * scale);
        }
    }

    @Override
    public boolean areShiftable() {
        return true;
    }

    @Override
    public Examples shifted(double shift, RandomGenerator random) {
        return new ShiftedImages(this, shift, random);
    }

    @Override
    public String noun() {
        return "images";
    }

    @Override
    public String shape() {
        return width + " x " + height + " pixels";
    }
}
