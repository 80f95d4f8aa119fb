package org.crossentropy.app.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;

/**
 * Memory for some images as a model sees them, filled again and again. Each image is brought to mean 0 and standard
 * deviation 1, so that neither the pressure of the pen nor the brightness of the scan matters.
 */
public final class Batch {

    private static final long ALIGNMENT = 64;

    private final Images images;
    private final Matrix inputs;
    private final MemorySegment targets;
    private final float[] row;
    private int size;

    /**
     * Allocates a batch, empty.
     *
     * @param images what it takes images from
     * @param capacity how many images it holds at most
     * @param arena how long it lives
     */
    public Batch(Images images, int capacity, Arena arena) {
        this.images = images;
        int columns = images.pixelsPerImage();
        this.inputs = Matrix.of(
                ElementType.FLOAT32,
                arena.allocate((long) capacity * columns * Float.BYTES, ALIGNMENT),
                capacity,
                columns);
        this.targets = arena.allocate((long) capacity * Integer.BYTES, ALIGNMENT);
        this.row = new float[columns];
    }

    /**
     * {@return the images, one a row}
     */
    public Matrix inputs() {
        return inputs.rows(0, size);
    }

    /**
     * {@return their classes}
     */
    public ClassIndices targets() {
        return ClassIndices.of(IndexType.INT32, targets, size);
    }

    /** Removes all images. */
    public void clear() {
        size = 0;
    }

    /**
     * Adds an image as it is.
     *
     * @param image number of the image
     */
    public void add(int image) {
        int width = images.width();
        for (int i = 0; i < row.length; i++) {
            row[i] = images.pixel(image, i % width, i / width);
        }
        append(image);
    }

    /**
     * Adds an image, moved by a random part of a pixel in both directions, so that a model does not learn where exactly
     * the writer happened to begin.
     *
     * @param image number of the image
     * @param shift how far at most, in pixels
     * @param random decides how far
     */
    public void addShifted(int image, double shift, RandomGenerator random) {
        double right = shift * (2 * random.nextDouble() - 1);
        double down = shift * (2 * random.nextDouble() - 1);
        int left = (int) Math.floor(-right);
        int top = (int) Math.floor(-down);
        float partX = (float) (-right - left);
        float partY = (float) (-down - top);
        int width = images.width();
        for (int i = 0; i < row.length; i++) {
            int x = i % width + left;
            int y = i / width + top;
            float upper = mix(images.pixel(image, x, y), images.pixel(image, x + 1, y), partX);
            float lower = mix(images.pixel(image, x, y + 1), images.pixel(image, x + 1, y + 1), partX);
            row[i] = mix(upper, lower, partY);
        }
        append(image);
    }

    private static float mix(float first, float second, float part) {
        return first + part * (second - first);
    }

    private void append(int image) {
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
        long start = (long) size * row.length;
        for (int i = 0; i < row.length; i++) {
            inputs.segment().setAtIndex(ValueLayout.JAVA_FLOAT, start + i, (float) ((row[i] - mean) * scale));
        }
        targets.setAtIndex(ValueLayout.JAVA_INT, size, images.classOf(image));
        size++;
    }
}
