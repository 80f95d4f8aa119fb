/**
 * BERT (Devlin et al. 2019), read from where it was published and run: model files, tokens, encoder, and the transform
 * before the matrix product of its masked-language-model head, which is left to the loss.
 */
package org.crossentropy.app.bert;
