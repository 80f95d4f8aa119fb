/** The command line. */
package org.crossentropy.app;
