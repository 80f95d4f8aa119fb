/** ONNX Runtime. */
@NullMarked
package org.crossentropy.bench.peers.onnxruntime;

import org.jspecify.annotations.NullMarked;
