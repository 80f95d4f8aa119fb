package org.crossentropy.app.data;

import java.util.List;

/**
 * Brings each feature to mean 0 and standard deviation 1 over the examples it was made of: those to train, so that
 * nothing is learnt of those held out. The deviation divides by the number of examples, not by one less.
 */
final class Standardisation {

    private final double[] means;
    private final double[] factors;

    private Standardisation(double[] means, double[] factors) {
        this.means = means;
        this.factors = factors;
    }

    /** Measures the features of some examples, at least one. */
    static Standardisation of(List<Table.Line> lines) {
        int features = lines.getFirst().values().size();
        double[] means = new double[features];
        double[] factors = new double[features];
        for (int j = 0; j < features; j++) {
            int feature = j;
            double mean = lines.stream()
                    .mapToDouble(line -> line.values().get(feature))
                    .average()
                    .orElseThrow();
            double variance = lines.stream()
                    .mapToDouble(line -> line.values().get(feature) - mean)
                    .map(difference -> difference * difference)
                    .average()
                    .orElseThrow();
            means[j] = mean;
            // A feature that never changes says nothing, and becomes zeros.
            factors[j] = variance > 0 ? 1 / Math.sqrt(variance) : 0;
        }
        return new Standardisation(means, factors);
    }

    int features() {
        return means.length;
    }

    double apply(int feature, double value) {
        return (value - means[feature]) * factors[feature];
    }
}
