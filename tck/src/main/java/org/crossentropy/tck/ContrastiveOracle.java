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
