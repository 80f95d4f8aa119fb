package org.crossentropy.tck.test;

import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.crossentropy.api.Backend;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.ffm.NativeBackendProvider;

/** The backends of this build: each vector width and each instruction set is one of its own. */
final class TestBackends {

    private static final String JVM_MODULE = "org.crossentropy.jvm";
    private static final String VECTOR = "vector";
    private static final String VECTOR_BITS = "org.crossentropy.vector.bits";

    private static final Map<String, BackendProvider> PROVIDERS = providers();

    private TestBackends() {}

    /** {@return a backend's provider, available or not} */
    static BackendProvider provider(String name) {
        BackendProvider provider = PROVIDERS.get(name);
        if (provider == null) {
            throw new IllegalArgumentException("no test backend " + name + " among " + PROVIDERS.keySet());
        }
        return provider;
    }

    /** {@return all names, the reference first} */
    static Set<String> names() {
        return PROVIDERS.keySet();
    }

    /** {@return the backends that this machine can run, the reference first} */
    static List<Backend> available() {
        return PROVIDERS.values().stream()
                .filter(provider -> provider.availability() instanceof Availability.Available)
                .map(TestBackends::open)
                .toList();
    }

    private static Backend open(BackendProvider provider) {
        return Backend.of(provider.name(), describe(provider.availability()), provider.open());
    }

    static String describe(Availability availability) {
        return switch (availability) {
            case Availability.Available(String detail) -> detail;
            case Availability.Unavailable(String reason, var _) -> reason;
        };
    }

    private static Map<String, BackendProvider> providers() {
        Map<String, BackendProvider> providers = new LinkedHashMap<>();
        providers.put("scalar", find(ModuleLayer.boot(), "scalar"));
        for (int bits : new int[] {128, 256, 512}) {
            providers.put(VECTOR + "-" + bits, vector(bits));
        }
        for (String isa : NativeBackendProvider.isas()) {
            providers.put("native-" + isa, NativeBackendProvider.forIsa(isa));
        }
        return providers;
    }

    private static BackendProvider find(ModuleLayer layer, String name) {
        return ServiceLoader.load(layer, BackendProvider.class).stream()
                .filter(provider -> provider.type().getModule().getLayer() == layer)
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no provider of " + name + " in " + layer));
    }

    /** The width is fixed when the classes are loaded, so each width has a copy of the module in a layer of its own. */
    private static BackendProvider vector(int bits) {
        ModuleReference reference = ModuleLayer.boot()
                .configuration()
                .findModule(JVM_MODULE)
                .orElseThrow()
                .reference();
        ModuleFinder finder = ModuleFinder.of(Path.of(reference.location().orElseThrow()));
        Configuration configuration =
                ModuleLayer.boot().configuration().resolve(finder, ModuleFinder.of(), Set.of(JVM_MODULE));
        ModuleLayer layer =
                ModuleLayer.boot().defineModulesWithOneLoader(configuration, ClassLoader.getSystemClassLoader());
        String before = System.setProperty(VECTOR_BITS, Integer.toString(bits));
        try {
            return load(find(layer, VECTOR), VECTOR + "-" + bits);
        } finally {
            if (before == null) {
                System.clearProperty(VECTOR_BITS);
            } else {
                System.setProperty(VECTOR_BITS, before);
            }
        }
    }

    private static BackendProvider load(BackendProvider provider, String name) {
        Availability availability = provider.availability();
        if (availability instanceof Availability.Available(String detail)) {
            // One computation loads the classes that read the property.
            Execution execution = new Execution(Backend.of(name, detail, provider.open()), Parallelism.sequential());
            for (ElementType type : ElementType.ARITHMETIC) {
                Matrix row = type == ElementType.FLOAT32
                        ? Matrix.of(new float[64], 1, 64)
                        : Matrix.of(new double[64], 1, 64);
                Softmax.on(execution).softmax(row, row);
            }
        }
        return new Named(name, provider, availability);
    }

    /** A provider under another name, asked for its availability while its property was set. */
    private record Named(String name, BackendProvider provider, Availability availability) implements BackendProvider {
        @Override
        public int priority() {
            return provider.priority();
        }

        @Override
        public LossKernels open() {
            return provider.open();
        }
    }
}
