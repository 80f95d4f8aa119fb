/** PyTorch, called by the JavaCPP presets. */
@NullMarked
package org.crossentropy.bench.peers.pytorch;

import org.jspecify.annotations.NullMarked;
