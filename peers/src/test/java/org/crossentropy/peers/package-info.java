/** Every loss beside PyTorch, in float64: values and gradients. */
@NullMarked
package org.crossentropy.peers;

import org.jspecify.annotations.NullMarked;
