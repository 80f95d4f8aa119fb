/**
 * Two backends in Java. {@code scalar} is plain Java and reads like the description of the canonical algorithm in
 * {@link org.crossentropy.api.spi}; {@code vector} computes the same bits with the Vector API. Nothing here is exported:
 * applications find the providers through {@link java.util.ServiceLoader}.
 */
@NullMarked
package org.crossentropy.jvm;

import org.jspecify.annotations.NullMarked;
