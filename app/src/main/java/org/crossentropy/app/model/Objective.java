package org.crossentropy.app.model;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;

/**
 * What training makes small, and what a model is judged by: a loss of logits, and which class they stand for. It settles
 * how many logits an example needs.
 */
public interface Objective {

    /**
     * Returns the softmax cross-entropy: one logit for each class, the largest of which is the prediction. With one layer
     * of weights this is multinomial logistic regression.
     *
     * @param classes number of classes
     * @param labelSmoothing part of a target that is spread over all classes in training; the score is of plain targets
     * @param execution where it is computed
     * @return the objective
     */
    static Objective softmax(int classes, double labelSmoothing, Execution execution) {
        return new SoftmaxObjective(classes, labelSmoothing, execution);
    }

    /**
     * Returns the binary cross-entropy: one logit, above 0 for class 1 of two. With one layer of weights this is logistic
     * regression.
     *
     * @param labelSmoothing by what part targets are moved toward 1/2 in training; the score is of plain targets
     * @param execution where it is computed
     * @return the objective
     */
    static Objective binary(double labelSmoothing, Execution execution) {
        return new BinaryObjective(labelSmoothing, execution);
    }

    /**
     * {@return the loss, by its name in {@code xent eval}}
     */
    String name();

    /**
     * {@return how many logits an example has}
     */
    int logits();

    /**
     * {@return the smoothing of the targets in training}
     */
    double labelSmoothing();

    /**
     * Scores a batch by the loss of training, and overwrites its logits with the gradient of the mean loss.
     *
     * @param logits one row for each example; receives the gradient
     * @param targets their classes
     * @return smoothed loss and accuracy
     */
    Score learn(Matrix logits, ClassIndices targets);

    /**
     * Scores a batch.
     *
     * @param logits one row for each example
     * @param targets their classes
     * @return plain loss and accuracy
     */
    Score score(Matrix logits, ClassIndices targets);
}
