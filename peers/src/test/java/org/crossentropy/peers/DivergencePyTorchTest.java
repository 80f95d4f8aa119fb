package org.crossentropy.peers;

import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.Distributions;
import org.crossentropy.api.Divergence;
import org.crossentropy.api.Form;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Divergences beside {@code kl_div}, with gradients with respect to both sides in every form; by autograd where PyTorch has
 * no such loss.
 */
@ExtendWith(Comparison.class)
final class DivergencePyTorchTest {

    private static final long SEED = 20261126;
    private static final int ROWS = 17;
    private static final int CLASSES = 37;

    /** A side as the tensor that was given and what follows from it. */
    private record Side(Form form, Tensor given) {

        Tensor logProbabilities() {
            return switch (form) {
                case PROBABILITIES -> given.log();
                case LOG_PROBABILITIES -> given;
                case LOGITS -> torch.log_softmax(given, 1);
            };
        }

        Tensor probabilities() {
            return switch (form) {
                case PROBABILITIES -> given;
                case LOG_PROBABILITIES -> given.exp();
                case LOGITS -> torch.softmax(given, 1);
            };
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void kullbackLeibler(Form ofP) {
        compareAll("Kullback-Leibler", Divergence.Kind.KULLBACK_LEIBLER, ofP, (p, q) -> {
            boolean logTarget = p.form() != Form.PROBABILITIES;
            Tensor target = logTarget ? p.logProbabilities() : p.given();
            return torch.kl_div(q.logProbabilities(), target, Torch.SUM, logTarget);
        });
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void crossEntropy(Form ofP) {
        compareAll(
                "cross-entropy of distributions",
                Divergence.Kind.CROSS_ENTROPY,
                ofP,
                (p, q) -> p.probabilities().mul(q.logProbabilities()).sum().neg());
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void jensenShannon(Form ofP) {
        compareAll("Jensen-Shannon", Divergence.Kind.JENSEN_SHANNON, ofP, (p, q) -> {
            Tensor middle = p.probabilities()
                    .add(q.probabilities())
                    .div(Torch.scalar(2))
                    .log();
            Tensor fromP = p.probabilities().mul(p.logProbabilities().sub(middle));
            Tensor fromQ = q.probabilities().mul(q.logProbabilities().sub(middle));
            return fromP.add(fromQ).sum().div(Torch.scalar(2));
        });
    }

    /** Compares sum and batchmean, p given in one form and q in each. */
    private static void compareAll(
            String name, Divergence.Kind kind, Form ofP, BiFunction<Side, Side, Tensor> theirSum) {
        Data data = new Data(ROWS, CLASSES, SEED);
        double[] p = given(data, ofP);
        for (Form ofQ : Form.values()) {
            double[] q = given(data, ofQ);
            for (boolean mean : new boolean[] {true, false}) {
                double[] byP = new double[p.length];
                double[] byQ = new double[q.length];
                double loss = Divergence.builder(kind)
                        .reduction(mean ? Reduction.MEAN : Reduction.SUM)
                        .build()
                        .on(distributions(ofP, p), distributions(ofQ, q))
                        .gradientOfP(matrix(byP))
                        .gradient(matrix(byQ))
                        .compute()
                        .value();
                Torch.Gradients theirs = Torch.differentiate(
                        x -> {
                            Tensor sum = theirSum.apply(new Side(ofP, x[0]), new Side(ofQ, x[1]));
                            return mean ? sum.div(Torch.scalar(ROWS)) : sum;
                        },
                        new Torch.Argument(p, ROWS, CLASSES),
                        new Torch.Argument(q, ROWS, CLASSES));
                String row = name + ", p as " + words(ofP);
                Comparison.loss(row, loss, theirs.loss());
                Comparison.gradient(row, byP, theirs.of()[0]);
                Comparison.gradient(row, byQ, theirs.of()[1]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void entropy(Form form) {
        Data data = new Data(ROWS, CLASSES, SEED + 9);
        double[] given = given(data, form);
        double[] entropies = new double[ROWS];
        Divergence.of(Divergence.Kind.CROSS_ENTROPY).entropy(distributions(form, given), RowValues.of(entropies));
        double[] theirs = Torch.evaluate(given, ROWS, CLASSES, x -> {
            Side side = new Side(form, x);
            return side.probabilities().mul(side.logProbabilities()).sum(1).neg();
        });
        Comparison.losses("entropy of " + words(form), entropies, theirs);
    }

    private static String words(Form form) {
        return switch (form) {
            case PROBABILITIES -> "probabilities";
            case LOG_PROBABILITIES -> "log-probabilities";
            case LOGITS -> "logits";
        };
    }

    private static double[] given(Data data, Form form) {
        double[] values = form == Form.LOGITS ? data.logits(2) : data.distributions();
        if (form == Form.LOG_PROBABILITIES) {
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.log(values[i]);
            }
        }
        return values;
    }

    private static Distributions distributions(Form form, double[] values) {
        return new Distributions(matrix(values), form);
    }

    private static Matrix matrix(double[] values) {
        return Matrix.of(values, ROWS, CLASSES);
    }
}
