/** The same measurements as benchmarks of JMH, whose profilers then explain them. */
@NullMarked
package org.crossentropy.bench.jmh;

import org.jspecify.annotations.NullMarked;
