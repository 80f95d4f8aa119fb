/**
 * Programs that teach how the losses are used. Each is one class: {@link org.crossentropy.examples.ImageClassification},
 * {@link org.crossentropy.examples.NextToken}, {@link org.crossentropy.examples.PairedViews} and {@link
 * org.crossentropy.examples.PolicyGradient}. What they share is small: a network and the digits.
 */
package org.crossentropy.examples;
