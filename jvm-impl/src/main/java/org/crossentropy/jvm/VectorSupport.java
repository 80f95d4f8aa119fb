package org.crossentropy.jvm;

import java.util.List;
import jdk.incubator.vector.VectorShape;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.Availability.Available;
import org.crossentropy.api.spi.Availability.Unavailable;
import org.jspecify.annotations.Nullable;

/**
 * Whether the Vector API can be used here, and with which width.
 *
 * <p>Everything that could make it crawl is refused: without the compiler C2 every vector operation is a method call and
 * an allocation, hundreds of times slower than scalar code. No class of the Vector API is loaded before its module was
 * found, since on the class path it may be absent.
 */
final class VectorSupport {

    /** The property that narrows the vectors. */
    static final String BITS_PROPERTY = "org.crossentropy.vector.bits";

    private static final String MODULE = "jdk.incubator.vector";
    private static final List<String> WIDTHS = List.of("128", "256", "512");

    private VectorSupport() {}

    /**
     * {@return whether this virtual machine, with its system properties, can run the vector backend}
     */
    static Availability check() {
        try {
            if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
                return unavailable("the module " + MODULE + " is not there; start Java with --add-modules " + MODULE
                        + ", or add it to the runtime image");
            }
            String compiler =
                    missingCompiler(System.getProperty("java.vm.name", ""), System.getProperty("java.vm.info", ""));
            if (!compiler.isEmpty()) {
                return unavailable(compiler);
            }
            return checkWidth(preferredBits(), System.getProperty(BITS_PROPERTY));
        } catch (LinkageError | RuntimeException e) {
            return new Unavailable("the Vector API failed to start: " + e, e);
        }
    }

    /**
     * Why vector code would not be compiled.
     *
     * @param machine the name of the virtual machine
     * @param info its mode
     * @return the reason and its remedy, or nothing if it would be
     */
    static String missingCompiler(String machine, String info) {
        if (!machine.endsWith("Server VM")) {
            return "the virtual machine [" + machine + "] has no C2 compiler; use a HotSpot server VM";
        }
        if (info.startsWith("interpreted mode")) {
            return "the virtual machine only interprets; start Java without -Xint";
        }
        if (info.contains("emulated-client")) {
            return "the C2 compiler is switched off; start Java without -XX:TieredStopAtLevel and"
                    + " -XX:CompilationMode=quick-only";
        }
        return "";
    }

    /**
     * Whether vectors can have the width asked for.
     *
     * @param preferred the widest vectors of the machine in bits
     * @param asked the property's value, or null if it is not set
     * @return available with the width in use, or unavailable
     */
    static Availability checkWidth(int preferred, @Nullable String asked) {
        if (preferred < 128) {
            return unavailable(
                    "the machine's vectors have " + preferred + " bits, 128 are needed; use another backend");
        }
        if (asked != null && !WIDTHS.contains(asked)) {
            return unavailable(BITS_PROPERTY + " is [" + asked + "]; it must be 128, 256 or 512");
        }
        int bits = asked == null ? Math.min(preferred, 512) : Integer.parseInt(asked);
        if (bits > preferred) {
            return unavailable(BITS_PROPERTY + " is [" + asked + "], but the machine's vectors have " + preferred
                    + " bits; set it to that or less, or remove it");
        }
        return new Available(bits + "-bit float vectors (" + bits / Float.SIZE + " lanes), Java "
                + System.getProperty("java.version"));
    }

    /** {@return the width in bits that {@link #check} found usable} */
    static int widthInUse() {
        return Integer.getInteger(BITS_PROPERTY, Math.min(preferredBits(), 512));
    }

    private static int preferredBits() {
        return VectorShape.preferredShape().vectorBitSize();
    }

    private static Unavailable unavailable(String reason) {
        return new Unavailable(reason, null);
    }
}
