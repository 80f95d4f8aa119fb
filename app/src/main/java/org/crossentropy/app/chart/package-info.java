/** Charts in the style of this command, put together to a picture. */
package org.crossentropy.app.chart;
