/** Heads of language models and their loss, slice by slice, within the working memory that the user allows. */
package org.crossentropy.app.lm;
