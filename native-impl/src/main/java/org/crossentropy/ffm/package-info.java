/**
 * The backend {@code native}: the provider, the loader of libxent and the calls into it.
 *
 * <p>{@link org.crossentropy.ffm.NativeBackendProvider} decides whether the backend can run,
 * {@link org.crossentropy.ffm.NativeLibrary} finds, loads and checks the library, and
 * {@link org.crossentropy.ffm.NativeLossKernels} calls it through the generated package
 * {@code org.crossentropy.ffm.bindings}, which is never edited by hand.
 */
@NullMarked
package org.crossentropy.ffm;

import org.jspecify.annotations.NullMarked;
