/**
 * How it is measured: every subject in a process of its own, all of them in turn, in several rounds.
 *
 * <p>Other libraries bring native libraries that exclude each other and settings that belong to a process. So each {@link
 * org.crossentropy.bench.run.Host} is a JVM with a class path and an environment of its own, which makes its tasks ready
 * and then waits for the {@linkplain org.crossentropy.bench.run.Contests leader} to say whose turn it is: only one of them
 * computes at a time, and what is compared with each other is measured within the same minute.
 */
@NullMarked
package org.crossentropy.bench.run;

import org.jspecify.annotations.NullMarked;
