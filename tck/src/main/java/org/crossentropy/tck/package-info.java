/**
 * What a backend must do, as abstract tests, and what they are made of.
 *
 * <p>The author of a backend extends {@link org.crossentropy.tck.BackendTck} with one method that supplies the provider,
 * and gets the laws of the losses, the table of special values, the errors, threads and memory, and the accuracy of every
 * result against an oracle ({@link org.crossentropy.tck.RowOracle}, {@link org.crossentropy.tck.LossOracle}: the
 * definitions in double-double arithmetic), within {@link org.crossentropy.tck.Tolerances}.
 *
 * <p>{@link org.crossentropy.tck.CrossCheck} compares backends with each other, bit for bit, and needs no test framework.
 *
 * <p>The system property {@value org.crossentropy.tck.Grid#SEED_PROPERTY} sets the seed of everything random; messages
 * of failures carry it.
 */
package org.crossentropy.tck;
