/** ND4J. */
@NullMarked
package org.crossentropy.bench.peers.nd4j;

import org.jspecify.annotations.NullMarked;
