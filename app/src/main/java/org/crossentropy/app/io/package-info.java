/** Files as the command reads and writes them: checked before use, mapped where large, moved into place when complete. */
package org.crossentropy.app.io;
