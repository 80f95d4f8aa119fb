package org.crossentropy.tck.test;

import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.tck.BackendTck;

class NativeNeonTest extends BackendTck {
    @Override
    protected BackendProvider provider() {
        return TestBackends.provider("native-neon");
    }
}
