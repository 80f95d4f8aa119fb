/**
 * Backends timed beside each other and beside plain copies of the same memory, for a look at one's own machine. It
 * measures in the process that it runs in; differences of a few per cent are for benchmarks in processes of their own.
 */
package org.crossentropy.app.bench;
