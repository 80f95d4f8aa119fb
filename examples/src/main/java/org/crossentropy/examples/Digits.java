package org.crossentropy.examples;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Handwritten digits, those that the command {@code xent} trains on: images of 8 x 8 pixels and their classes.
 *
 * @param images of each digit 64 numbers from 0 to 1
 * @param classes of each digit 0 to 9
 */
record Digits(List<float[]> images, List<Integer> classes) {

    static final int SIDE = 8;
    static final int PIXELS = SIDE * SIDE;
    static final int CLASSES = 10;

    private static final int TRAINING = 1437;
    private static final float WHITE = 16;
    private static final double LARGEST_MOVE = 0.6;

    static Digits load() {
        String text = new String(Resources.unzip("digits/digits.csv.gz"), StandardCharsets.US_ASCII);
        List<int[]> lines = text.lines().map(Digits::numbers).toList();
        return new Digits(
                lines.stream().map(Digits::pixels).toList(),
                lines.stream().map(line -> line[PIXELS]).toList());
    }

    private static int[] numbers(String line) {
        return Arrays.stream(line.split(",", -1)).mapToInt(Integer::parseInt).toArray();
    }

    private static float[] pixels(int[] line) {
        float[] pixels = new float[PIXELS];
        for (int j = 0; j < PIXELS; j++) {
            pixels[j] = line[j] / WHITE;
        }
        return pixels;
    }

    /** Numbers of the digits to learn from. */
    int[] training() {
        return IntStream.range(0, TRAINING).toArray();
    }

    /** Numbers of the digits that are held out: the last 360. */
    int[] heldOut() {
        return IntStream.range(TRAINING, images.size()).toArray();
    }

    /** Moves an image at random, by less than a pixel, which makes a new one of the same digit. */
    static float[] moved(float[] image, RandomGenerator random) {
        return moved(
                image, random.nextDouble(-LARGEST_MOVE, LARGEST_MOVE), random.nextDouble(-LARGEST_MOVE, LARGEST_MOVE));
    }

    /** Moves an image to the right and down, by parts of a pixel too, and blank comes in. */
    static float[] moved(float[] image, double right, double down) {
        float[] moved = new float[PIXELS];
        for (int j = 0; j < PIXELS; j++) {
            int column = j % SIDE;
            int row = j / SIDE;
            double x = column - right;
            double y = row - down;
            int left = (int) Math.floor(x);
            int top = (int) Math.floor(y);
            double ofRight = x - left;
            double ofLower = y - top;
            double upper = (1 - ofRight) * pixel(image, left, top) + ofRight * pixel(image, left + 1, top);
            double lower = (1 - ofRight) * pixel(image, left, top + 1) + ofRight * pixel(image, left + 1, top + 1);
            moved[j] = (float) ((1 - ofLower) * upper + ofLower * lower);
        }
        return moved;
    }

    private static float pixel(float[] image, int x, int y) {
        return x < 0 || x >= SIDE || y < 0 || y >= SIDE ? 0 : image[y * SIDE + x];
    }

    /** Puts numbers into random order. */
    static void shuffle(int[] numbers, RandomGenerator random) {
        for (int i = numbers.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = numbers[i];
            numbers[i] = numbers[j];
            numbers[j] = swapped;
        }
    }
}
