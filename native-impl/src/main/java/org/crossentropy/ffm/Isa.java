package org.crossentropy.ffm;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.crossentropy.ffm.bindings.Xent;

/** The instruction sets for which libxent may hold kernels: what users call them and what the C header calls them. */
enum Isa {
    SCALAR(Xent.XENT_ISA_SCALAR()),
    AVX2(Xent.XENT_ISA_AVX2()),
    AVX512(Xent.XENT_ISA_AVX512()),
    NEON(Xent.XENT_ISA_NEON());

    /** The value of {@code xent_isa}. */
    final int number;

    Isa(int number) {
        this.number = number;
    }

    /** {@return the name users write, such as {@code "avx2"}} */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the instruction set of that name, written exactly so} */
    static Optional<Isa> of(String id) {
        return Arrays.stream(values()).filter(isa -> isa.id().equals(id)).findFirst();
    }

    /** {@return the instruction set of that number in the C header} */
    static Isa of(int number) {
        return Arrays.stream(values())
                .filter(isa -> isa.number == number)
                .findFirst()
                .orElseThrow(() -> new AssertionError("libxent names an unknown instruction set: " + number));
    }

    /** {@return those that the loaded library and this machine support, for people} */
    static String supportedIds() {
        return Arrays.stream(values())
                .filter(isa -> Xent.xent_isa_support(isa.number) == Xent.XENT_SUPPORTED())
                .map(Isa::id)
                .collect(Collectors.joining(", "));
    }
}
