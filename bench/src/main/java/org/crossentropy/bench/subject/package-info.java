/** Who is measured: the backends, the loop that one writes by hand, and the limits of the machine. */
@NullMarked
package org.crossentropy.bench.subject;

import org.jspecify.annotations.NullMarked;
