/**
 * Why cross-entropy and not squared error, computed: what both losses pull with, and how long a classifier that is sure and
 * wrong takes to recover under each.
 */
package org.crossentropy.app.explain;
