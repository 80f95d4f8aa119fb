package org.crossentropy.app.explain;

import java.util.OptionalInt;

/**
 * One setting of the search for a learning rate, and what came of it.
 *
 * @param start where training began
 * @param loss what was made small
 * @param learningRate size of a step, times the gradient
 * @param steps until enough training examples were right; empty if that took more steps than allowed
 */
public record Trial(Start start, BinaryLoss loss, double learningRate, OptionalInt steps) {}
