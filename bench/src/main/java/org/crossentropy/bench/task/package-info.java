/** What is measured: losses of batches of certain shapes, and how a result is known to be right. */
@NullMarked
package org.crossentropy.bench.task;

import org.jspecify.annotations.NullMarked;
