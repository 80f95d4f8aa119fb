/**
 * Cross-entropy losses on the JVM: what applications use.
 */
@NullMarked
package org.crossentropy.api;

import org.jspecify.annotations.NullMarked;
