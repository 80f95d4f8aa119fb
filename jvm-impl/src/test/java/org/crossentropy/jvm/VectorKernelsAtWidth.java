package org.crossentropy.jvm;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.VectorShape;
import org.crossentropy.api.spi.LossKernels;
import org.jspecify.annotations.Nullable;

/**
 * The vector kernels at every width of the machine, side by side in one virtual machine. The width is a constant of a
 * class, so each one gets the module's classes defined anew by a loader of its own.
 */
final class VectorKernelsAtWidth {

    private static final List<LossKernels> ALL =
            widths().map(VectorKernelsAtWidth::load).toList();

    private VectorKernelsAtWidth() {}

    /** {@return the widths in bits that this machine has} */
    static Stream<Integer> widths() {
        int preferred = VectorShape.preferredShape().vectorBitSize();
        return Stream.of(128, 256, 512).filter(bits -> bits <= preferred);
    }

    /** {@return kernels of all widths, ascending} */
    static List<LossKernels> all() {
        return ALL;
    }

    private static LossKernels load(int bits) {
        String before = System.setProperty(VectorSupport.BITS_PROPERTY, Integer.toString(bits));
        try {
            IsolatedLoader loader = new IsolatedLoader();
            Class.forName("org.crossentropy.jvm.VectorWidth", true, loader);
            var constructor =
                    loader.loadClass("org.crossentropy.jvm.VectorLossKernels").getDeclaredConstructor();
            constructor.setAccessible(true);
            return (LossKernels) constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("vector kernels of " + bits + " bits", e);
        } finally {
            restore(before);
        }
    }

    private static void restore(@Nullable String before) {
        if (before == null) {
            System.clearProperty(VectorSupport.BITS_PROPERTY);
        } else {
            System.setProperty(VectorSupport.BITS_PROPERTY, before);
        }
    }

    /** Defines the classes of this package itself and leaves all others to its parent. */
    private static final class IsolatedLoader extends ClassLoader {

        IsolatedLoader() {
            super(VectorKernelsAtWidth.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("org.crossentropy.jvm.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
            try (InputStream bytes = VectorKernelsAtWidth.class.getResourceAsStream(file)) {
                if (bytes == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] code = bytes.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
