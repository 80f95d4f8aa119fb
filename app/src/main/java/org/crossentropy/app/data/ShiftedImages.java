package org.crossentropy.app.data;

import java.util.random.RandomGenerator;

/**
 * Images, each moved by a random part of a pixel in both directions whenever it is read, so that a model does not learn
 * where exactly the writer happened to begin.
 *
 * @param images what is moved
 * @param shift how far at most, in pixels
 * @param random decides how far
 */
record ShiftedImages(Images images, double shift, RandomGenerator random) implements Examples {

    @Override
    public int count() {
        return images.count();
    }

    @Override
    public int features() {
        return images.features();
    }

    @Override
    public int classOf(int example) {
        return images.classOf(example);
    }

    @Override
    public void read(int example, float[] row) {
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
            float upper = mix(images.pixel(example, x, y), images.pixel(example, x + 1, y), partX);
            float lower = mix(images.pixel(example, x, y + 1), images.pixel(example, x + 1, y + 1), partX);
            row[i] = mix(upper, lower, partY);
        }
        Images.standardise(row);
    }

    private static float mix(float first, float second, float part) {
        return first + part * (second - first);
    }

    @Override
    public String noun() {
        return images.noun();
    }

    @Override
    public String shape() {
        return images.shape();
    }
}
