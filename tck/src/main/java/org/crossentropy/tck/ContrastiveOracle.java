package org.crossentropy.tck;

import java.util.function.IntPredicate;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Similarity;

/** The losses of contrastive learning as their formulas say, in double, one similarity at a time. */
final class ContrastiveOracle {

    private final Similarity similarity;
    private final double scale;

    ContrastiveOracle(Similarity similarity, double scale) {
        this.similarity = similarity;
        this.scale = scale;
    }

    /** Scaled similarity of two rows. */
    double logit(Matrix a, int row, Matrix b, int other) {
        double dot = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int j = 0; j < a.columns(); j++) {
            dot += a.get(row, j) * b.get(other, j);
            lengthA += a.get(row, j) * a.get(row, j);
            lengthB += b.get(other, j) * b.get(other, j);
        }
        if (similarity == Similarity.DOT) {
            return scale * dot;
        }
        double lengths = Math.sqrt(lengthA) * Math.sqrt(lengthB);
        return lengths == 0 ? 0 : scale * (dot / lengths);
    }

    /** Loss of one query among candidates. */
    double infoNce(Matrix queries, int query, Matrix keys, int positive, IntPredicate isCandidate) {
        double sum = 0;
        double own = logit(queries, query, keys, positive);
        for (int j = 0; j < keys.rows(); j++) {
            sum += isCandidate.test(j) ? Math.exp(logit(queries, query, keys, j) - own) : 0;
        }
        return Math.log(sum);
    }

    double infoNce(Matrix queries, Matrix keys) {
        double sum = 0;
        for (int i = 0; i < queries.rows(); i++) {
            sum += infoNce(queries, i, keys, i, j -> true);
        }
        return sum / (double) queries.rows();
    }

    /** Loss of both directions. */
    double symmetric(Matrix queries, Matrix keys) {
        return (infoNce(queries, keys) + infoNce(keys, queries)) / 2;
    }

    /** Gradient of the loss of both directions by the queries; with the two exchanged, by the keys. */
    double[][] symmetricGradient(Matrix queries, Matrix keys) {
        int count = Math.toIntExact(queries.rows());
        double[] rowMass = masses(queries, keys);
        double[] columnMass = masses(keys, queries);
        double[][] gradient = new double[count][queries.columns()];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                double e = Math.exp(logit(queries, i, keys, j));
                double byLogit = e / rowMass[i] + e / columnMass[j] - (i == j ? 2 : 0);
                addDerivativeOfLogit(queries, i, keys, j, byLogit / (2 * count), gradient[i]);
            }
        }
        return gradient;
    }

    /** Sum of the exponentials of each row's logits. */
    private double[] masses(Matrix a, Matrix b) {
        double[] masses = new double[Math.toIntExact(a.rows())];
        for (int i = 0; i < masses.length; i++) {
            for (int j = 0; j < b.rows(); j++) {
                masses[i] += Math.exp(logit(a, i, b, j));
            }
        }
        return masses;
    }

    private void addDerivativeOfLogit(Matrix a, int row, Matrix b, int other, double factor, double[] sum) {
        double lengthA = similarity == Similarity.DOT ? 1 : length(a, row);
        double lengthB = similarity == Similarity.DOT ? 1 : length(b, other);
        double along = similarity == Similarity.DOT ? 0 : logit(a, row, b, other) / (lengthA * lengthA);
        for (int d = 0; d < sum.length; d++) {
            double derivative = scale * b.get(other, d) / (lengthA * lengthB) - along * a.get(row, d);
            sum[d] += factor * derivative;
        }
    }

    private static double length(Matrix matrix, int row) {
        double square = 0;
        for (int d = 0; d < matrix.columns(); d++) {
            square += matrix.get(row, d) * matrix.get(row, d);
        }
        return Math.sqrt(square);
    }

    double ntXent(Matrix views) {
        int half = Math.toIntExact(views.rows()) / 2;
        double sum = 0;
        for (int i = 0; i < 2 * half; i++) {
            int self = i;
            sum += infoNce(views, i, views, (i + half) % (2 * half), j -> j != self);
        }
        return sum / (2 * half);
    }

    double sigLip(Matrix images, Matrix texts, double bias) {
        double sum = 0;
        for (int i = 0; i < images.rows(); i++) {
            for (int j = 0; j < texts.rows(); j++) {
                double logit = logit(images, i, texts, j) + bias;
                sum += Math.log1p(Math.exp(i == j ? -logit : logit));
            }
        }
        return sum / (double) images.rows();
    }
}
