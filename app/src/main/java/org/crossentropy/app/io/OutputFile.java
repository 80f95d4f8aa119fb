package org.crossentropy.app.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Collection;

/**
 * A file that appears complete or not at all: written beside its target under another name, moved into place by {@link
 * #commit}, deleted by {@link #close} if it never came to that, also when the process is interrupted. An older file of
 * that name stays until then.
 */
public final class OutputFile implements AutoCloseable {

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final Thread atExit;
    private boolean committed;

    private OutputFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.atExit = new Thread(this::deleteTemporary, "delete " + temporary);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Begins a file.
     *
     * @param file where it is to appear
     * @param size how many bytes it will have; checked against the free space of its folder, so that a full disk is met
     *     here and not as a fault within mapped memory
     * @return the file, empty, under its temporary name
     * @throws InputException if the folder is missing, not writable or full, or the target is no regular file
     */
    public static OutputFile create(Path file, long size) {
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            Path folder = folder(file, target);
            checkReplaceable(file, target);
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < size) {
                throw new InputException(
                        file + ": needs " + size + " bytes, the folder " + folder + " has room for " + free);
            }
            Path temporary = folder.resolve(
                    "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
            Files.deleteIfExists(temporary);
            FileChannel channel = FileChannel.open(
                    temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            keepPermissions(target, temporary);
            return new OutputFile(target, temporary, channel);
        } catch (IOException failure) {
            throw new InputException(file + ": cannot be written: " + failure, failure);
        }
    }

    private static Path folder(Path file, Path target) {
        Path folder = target.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new InputException(file + ": its folder does not exist");
        }
        if (!Files.isWritable(folder)) {
            throw new InputException(file + ": its folder is not writable");
        }
        return folder;
    }

    /** A file that replaces another lets in nobody whom the other kept out. */
    private static void keepPermissions(Path target, Path temporary) throws IOException {
        if (Files.exists(target) && Files.getFileAttributeView(target, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
        }
    }

    private static void checkReplaceable(Path file, Path target) {
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new InputException(file + ": exists and is not a regular file");
        }
        if (Files.exists(target) && !Files.isWritable(target)) {
            throw new InputException(file + ": exists and is not writable");
        }
    }

    /**
     * Rejects an output that is one of the inputs or another output, under whatever name.
     *
     * @param output the output
     * @param others the inputs and the other outputs
     * @throws InputException if it is one of them
     */
    public static void checkApart(Path output, Collection<Path> others) {
        for (Path other : others) {
            if (isSame(output, other)) {
                throw new InputException(output + ": would overwrite " + other + ", must be another file");
            }
        }
    }

    private static boolean isSame(Path first, Path second) {
        try {
            return first.toAbsolutePath()
                            .normalize()
                            .equals(second.toAbsolutePath().normalize())
                    || (Files.exists(first) && Files.exists(second) && Files.isSameFile(first, second));
        } catch (IOException failure) {
            throw new InputException(first + ": cannot be compared with " + second + ": " + failure, failure);
        }
    }

    /** The channel to write to. */
    FileChannel channel() {
        return channel;
    }

    /**
     * Appends bytes.
     *
     * @param bytes what to append
     * @throws InputException if that fails
     */
    public void write(byte[] bytes) {
        try {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } catch (IOException failure) {
            throw new InputException(target + ": cannot be written: " + failure, failure);
        }
    }

    /**
     * Moves the file into place.
     *
     * @throws InputException if that fails
     */
    public void commit() {
        try {
            channel.force(true);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            committed = true;
        } catch (IOException failure) {
            throw new InputException(target + ": cannot be written: " + failure, failure);
        }
    }

    /** Ends writing; deletes the file unless it was committed. */
    @Override
    public void close() {
        try {
            channel.close();
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IOException failure) {
            throw new InputException(target + ": cannot be written: " + failure, failure);
        } catch (IllegalStateException exiting) {
            // The process is ending, and the hook is deleting the file already.
        }
        deleteTemporary();
    }

    private void deleteTemporary() {
        try {
            if (!committed) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException failure) {
            throw new InputException(temporary + ": cannot be deleted: " + failure, failure);
        }
    }
}
