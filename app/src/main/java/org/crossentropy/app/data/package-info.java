/** The examples that models are trained on, and how they become the rows of a batch. */
package org.crossentropy.app.data;
