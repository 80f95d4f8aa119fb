/** TensorFlow Java. */
@NullMarked
package org.crossentropy.bench.peers.tensorflow;

import org.jspecify.annotations.NullMarked;
