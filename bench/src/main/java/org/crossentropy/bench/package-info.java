/**
 * Benchmarks: backends against each other and against the machine's own limits, measured in the same run. For the
 * project's developers, and for users who want to know what their machine gives; see the README of the module.
 */
@NullMarked
package org.crossentropy.bench;

import org.jspecify.annotations.NullMarked;
