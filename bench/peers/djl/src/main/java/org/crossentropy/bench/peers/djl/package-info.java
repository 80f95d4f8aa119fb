/** Deep Java Library on its PyTorch engine. */
@NullMarked
package org.crossentropy.bench.peers.djl;

import org.jspecify.annotations.NullMarked;
