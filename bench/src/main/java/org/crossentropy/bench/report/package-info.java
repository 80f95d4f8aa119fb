/** The document of results: tables, targets and charts, made from the files of figures and from nothing else. */
@NullMarked
package org.crossentropy.bench.report;

import org.jspecify.annotations.NullMarked;
