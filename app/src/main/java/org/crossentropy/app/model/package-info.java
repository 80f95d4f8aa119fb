/** Models, their training and their score. Data flows one way: batch, layers, loss, and back through them to the weights. */
package org.crossentropy.app.model;
