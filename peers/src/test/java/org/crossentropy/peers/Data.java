package org.crossentropy.peers;

import java.util.Random;

/** Random inputs of one comparison. */
final class Data {

    final int rows;
    final int classes;
    private final Random random;

    Data(int rows, int classes, long seed) {
        this.rows = rows;
        this.classes = classes;
        this.random = new Random(seed);
    }

    double[] logits(double deviation) {
        return random.doubles((long) rows * classes)
                .map(_ -> deviation * random.nextGaussian())
                .toArray();
    }

    /** Numbers between two bounds, one for each row and class. */
    double[] between(double low, double high) {
        return random.doubles((long) rows * classes, low, high).toArray();
    }

    double[] perRow(double low, double high) {
        return random.doubles(rows, low, high).toArray();
    }

    double[] perClass(double low, double high) {
        return random.doubles(classes, low, high).toArray();
    }

    /** Probabilities that sum to 1 in each row. */
    double[] distributions() {
        double[] values = between(0.01, 1);
        for (int i = 0; i < rows; i++) {
            double sum = 0;
            for (int j = 0; j < classes; j++) {
                sum += values[i * classes + j];
            }
            for (int j = 0; j < classes; j++) {
                values[i * classes + j] /= sum;
            }
        }
        return values;
    }

    /** One class of each row with probability 1, the others 0. */
    double[] oneHot(long[] targets) {
        double[] dense = new double[rows * classes];
        for (int i = 0; i < rows; i++) {
            dense[i * classes + Math.toIntExact(targets[i])] = 1;
        }
        return dense;
    }

    /** Labels that do not exclude each other, each 0 or 1. */
    double[] labels() {
        return random.ints((long) rows * classes, 0, 2).asDoubleStream().toArray();
    }

    /** A class for each row; every seventh is the ignore index, if there is one. */
    long[] targets(boolean someIgnored) {
        long[] targets = new long[rows];
        for (int i = 0; i < rows; i++) {
            targets[i] = someIgnored && i % 7 == 3 ? -100 : random.nextInt(classes);
        }
        return targets;
    }

    /** A mask that keeps the targets' classes and two thirds of the others. */
    boolean[] mask(long[] targets) {
        boolean[] kept = new boolean[rows * classes];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = targets[i / classes] == i % classes || random.nextInt(3) > 0;
        }
        return kept;
    }
}
