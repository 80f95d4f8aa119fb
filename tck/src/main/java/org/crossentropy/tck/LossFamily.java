package org.crossentropy.tck;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.crossentropy.api.BernoulliCrossEntropy;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.BrierScore;
import org.crossentropy.api.CategoricalCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Distributions;
import org.crossentropy.api.Divergence;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Form;
import org.crossentropy.api.LossCall;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SigmoidSquaredError;
import org.crossentropy.api.SoftTargets;

/** The losses that are made in tiles, with options that meet in their formulas, for laws that hold for all of them. */
enum LossFamily {
    BINARY(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return BinaryCrossEntropy.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .labelSmoothing(0.1)
                    .positiveWeights(data.columnWeights())
                    .build()
                    .on(data.predictions, data.targets)
                    .elementWeights(data.elementWeights);
        }
    },
    BINARY_FOCAL(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return BinaryCrossEntropy.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .focal(2)
                    .alpha(0.25)
                    .build()
                    .on(data.predictions, data.targets);
        }
    },
    BINARY_POLY(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return BinaryCrossEntropy.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .poly1(0.7)
                    .build()
                    .on(data.predictions, data.targets);
        }
    },
    BERNOULLI(Form.PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return BernoulliCrossEntropy.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .positiveWeights(data.columnWeights())
                    .build()
                    .on(data.predictions, data.targets)
                    .elementWeights(data.elementWeights);
        }
    },
    SIGMOID_SQUARED(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return SigmoidSquaredError.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .build()
                    .on(data.predictions, data.targets)
                    .elementWeights(data.elementWeights);
        }
    },
    CLASSES_OF_PROBABILITIES(Form.PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return categorical(CategoricalCrossEntropy.ofProbabilities(), execution, reduction, data)
                    .on(data.predictions, data.classes);
        }
    },
    CLASSES_OF_LOG_PROBABILITIES(Form.LOG_PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return categorical(CategoricalCrossEntropy.ofLogProbabilities(), execution, reduction, data)
                    .on(data.predictions, data.classes);
        }
    },
    SOFT_OF_PROBABILITIES(Form.PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            CategoricalCrossEntropy.Builder cut =
                    CategoricalCrossEntropy.ofProbabilities().logClamp(2);
            return categorical(cut, execution, reduction, data).on(data.predictions, SoftTargets.of(data.targets));
        }
    },
    SOFT_OF_LOG_PROBABILITIES(Form.LOG_PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return categorical(CategoricalCrossEntropy.ofLogProbabilities(), execution, reduction, data)
                    .on(data.predictions, SoftTargets.of(data.targets));
        }
    },
    CROSS_ENTROPY_WITH_LOGITS(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.CROSS_ENTROPY, execution, reduction, data);
        }
    },
    KULLBACK_LEIBLER_WITH_LOGITS(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.KULLBACK_LEIBLER, execution, reduction, data);
        }
    },
    KULLBACK_LEIBLER_WITH_PROBABILITIES(Form.PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.KULLBACK_LEIBLER, execution, reduction, data);
        }
    },
    KULLBACK_LEIBLER_WITH_LOG_PROBABILITIES(Form.LOG_PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.KULLBACK_LEIBLER, execution, reduction, data);
        }
    },
    JENSEN_SHANNON_WITH_LOGITS(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.JENSEN_SHANNON, execution, reduction, data);
        }
    },
    JENSEN_SHANNON_WITH_PROBABILITIES(Form.PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.JENSEN_SHANNON, execution, reduction, data);
        }
    },
    JENSEN_SHANNON_WITH_LOG_PROBABILITIES(Form.LOG_PROBABILITIES) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return divergence(Divergence.Kind.JENSEN_SHANNON, execution, reduction, data);
        }
    },
    BRIER_OF_CLASSES(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return BrierScore.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .build()
                    .on(data.predictions, data.classes);
        }
    },
    BRIER_OF_SOFT_TARGETS(Form.LOGITS) {
        @Override
        LossCall<?> call(Execution execution, Reduction reduction, Data data) {
            return BrierScore.builder()
                    .reduction(reduction)
                    .execution(execution)
                    .build()
                    .on(data.predictions, SoftTargets.of(data.targets));
        }
    };

    /** Rows are given away from 0 and 1, so that a step of finite differences stays between. */
    private static final double MARGIN = 0.05;

    private final Form form;

    LossFamily(Form form) {
        this.form = form;
    }

    /** A call without sample weights and outputs. */
    abstract LossCall<?> call(Execution execution, Reduction reduction, Data data);

    /** Predictions in the form of this loss, targets, classes and weights, made from a seed. */
    final Data data(ElementType type, int rows, int columns, int padding) {
        return new Data(form, type, rows, columns, padding);
    }

    private static CategoricalCrossEntropy categorical(
            CategoricalCrossEntropy.Builder builder, Execution execution, Reduction reduction, Data data) {
        return builder.reduction(reduction)
                .execution(execution)
                .classWeights(data.columnWeights())
                .build();
    }

    private static LossCall<?> divergence(Divergence.Kind kind, Execution execution, Reduction reduction, Data data) {
        return Divergence.builder(kind)
                .reduction(reduction)
                .execution(execution)
                .build()
                .on(Distributions.ofProbabilities(data.targets), new Distributions(data.predictions, data.form));
    }

    /** The inputs of a call. */
    static final class Data {
        final Form form;
        final Matrix predictions;
        final Matrix targets;
        final Matrix elementWeights;
        final ClassIndices classes;
        final RowValues sampleWeights;

        private Data(Form form, ElementType type, int rows, int columns, int padding) {
            SplittableRandom random = new SplittableRandom(Grid.seed());
            this.form = form;
            this.predictions = Matrices.empty(type, rows, columns, padding);
            this.targets = Matrices.empty(type, rows, columns, padding);
            this.elementWeights = Matrices.empty(type, rows, columns, padding);
            long[] indices = new long[rows];
            double[] weights = new double[rows];
            for (int row = 0; row < rows; row++) {
                for (int j = 0; j < columns; j++) {
                    predictions.set(row, j, prediction(random));
                    targets.set(row, j, random.nextInt(4) == 0 ? 0 : random.nextDouble());
                    elementWeights.set(row, j, random.nextDouble(0.5, 2));
                }
                indices[row] = random.nextInt(columns);
                weights[row] = random.nextDouble(0.5, 2);
            }
            this.classes = ClassIndices.of(indices);
            this.sampleWeights = RowValues.of(weights);
        }

        private Data(Data whole, Matrix predictions, long from, long count) {
            this.form = whole.form;
            this.predictions = predictions.rows(from, count);
            this.targets = whole.targets.rows(from, count);
            this.elementWeights = whole.elementWeights.rows(from, count);
            long bytes = whole.classes.type().bytes();
            this.classes = ClassIndices.of(
                    whole.classes.type(), whole.classes.segment().asSlice(from * bytes, count * bytes), count);
            MemorySegment weights = whole.sampleWeights.segment().asSlice(from * Double.BYTES, count * Double.BYTES);
            this.sampleWeights = RowValues.of(ElementType.FLOAT64, weights, count);
        }

        private double prediction(SplittableRandom random) {
            return switch (form) {
                case LOGITS -> 3 * random.nextGaussian();
                case PROBABILITIES -> random.nextDouble(MARGIN, 1 - MARGIN);
                case LOG_PROBABILITIES -> -random.nextDouble(MARGIN, 3);
            };
        }

        /** The same with other predictions. */
        Data with(Matrix other) {
            return new Data(this, other, 0, other.rows());
        }

        /** Some of the rows. */
        Data rows(long from, long count) {
            return new Data(this, predictions, from, count);
        }

        double[] columnWeights() {
            double[] weights = new double[predictions.columns()];
            for (int j = 0; j < weights.length; j++) {
                weights[j] = 0.5 + j % 3;
            }
            return weights;
        }

        /** All numbers in another element type, rounded if they must be. */
        Data as(ElementType type) {
            Data copy = new Data(form, type, Math.toIntExact(predictions.rows()), predictions.columns(), 0);
            Matrices.copy(predictions, copy.predictions);
            Matrices.copy(targets, copy.targets);
            Matrices.copy(elementWeights, copy.elementWeights);
            return copy;
        }
    }
}
