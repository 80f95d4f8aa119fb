package org.crossentropy.tck.test;

import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.tck.BackendTck;

class NativeAvx512Test extends BackendTck {
    @Override
    protected BackendProvider provider() {
        return TestBackends.provider("native-avx512");
    }
}
