package org.crossentropy.app.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A file of safetensors: tensors with names, of any types; those of types that the command knows can be had. */
final class SafetensorsFile implements ArrayFile {

    /** Names that a message lists; a model may have thousands. */
    private static final int LISTED = 50;

    private final Path file;
    private final SafetensorsHeader header;
    private final MemorySegment content;

    private SafetensorsFile(Path file, SafetensorsHeader header, MemorySegment content) {
        this.file = file;
        this.header = header;
        this.content = content;
    }

    static SafetensorsFile map(Path file, FileChannel channel, Arena arena) throws IOException {
        MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        return new SafetensorsFile(file, SafetensorsHeader.read(file, content), content);
    }

    @Override
    public Tensor tensor(@Nullable String name) {
        String found = name == null ? onlyName() : name;
        SafetensorsHeader.Entry entry = header.entries().get(found);
        if (entry == null) {
            throw new InputException(file + ": has no tensor " + Quoted.of(found) + ", " + names());
        }
        String place = file + ": tensor " + Quoted.of(found);
        TensorType type = FileFormat.SAFETENSORS
                .typeOf(entry.dtype())
                .orElseThrow(() -> new InputException(place + ": element type is "
                        + PythonLiteral.printable(entry.dtype()) + ", must be "
                        + FileFormat.SAFETENSORS.list(FileFormat.SAFETENSORS.types())));
        MemorySegment data = content.asSlice(header.dataOffset() + entry.begin(), entry.bytes());
        return new Tensor(place, FileFormat.SAFETENSORS, type, entry.shape(), data);
    }

    private String onlyName() {
        Collection<String> names = header.entries().keySet();
        if (names.size() != 1) {
            throw new InputException(file + ": which tensor is not said, " + names());
        }
        return names.iterator().next();
    }

    private String names() {
        Collection<String> names = header.entries().keySet();
        if (names.isEmpty()) {
            return "the file holds none";
        }
        String listed = names.stream().limit(LISTED).map(Quoted::of).collect(Collectors.joining(", "));
        return "must be one of " + listed + (names.size() > LISTED ? " and " + (names.size() - LISTED) + " more" : "");
    }
}
