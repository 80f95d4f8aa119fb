package org.crossentropy.app.bert;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.OutputFile;
import org.jspecify.annotations.Nullable;

/** A jar with the zip file of a model in it, compressed once more, as models are published for Maven. */
final class ModelJar {

    /** The first bytes of a zip file. */
    private static final byte[] START = {'P', 'K', 3, 4};

    private static final int BLOCK = 1 << 16;

    private ModelJar() {}

    /**
     * Unpacks the zip file in a jar, unless that was done before.
     *
     * @param jar the jar
     * @param unpacked where the zip file is put, and looked for; null for a temporary file, deleted when the process ends
     * @param arena how long it stays mapped
     */
    static StoredZip unpack(Path jar, @Nullable Path unpacked, Arena arena) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry model = model(jar, zip);
            if (unpacked == null) {
                Path temporary = Files.createTempFile("xent-bert", ".zip");
                temporary.toFile().deleteOnExit();
                copy(zip, model, temporary);
                return StoredZip.map(temporary, arena);
            }
            if (!Files.exists(unpacked)) {
                copy(zip, model, unpacked);
            } else if (!isUnpacked(model, unpacked)) {
                throw new InputException(unpacked + ": is not what " + jar
                        + " unpacks to, must be a file of its own; delete it or name another");
            }
            return StoredZip.map(unpacked, arena);
        } catch (IOException failure) {
            throw new InputException(jar + ": cannot be unpacked: " + failure, failure);
        }
    }

    private static ZipEntry model(Path jar, ZipFile zip) throws IOException {
        for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
            try (InputStream in = zip.getInputStream(entry)) {
                if (Arrays.equals(in.readNBytes(START.length), START)) {
                    return entry;
                }
            }
        }
        throw new InputException(
                jar + ": no BERT model: has neither the entry " + ModelFiles.INDEX + " nor a zip file");
    }

    private static void copy(ZipFile zip, ZipEntry entry, Path file) throws IOException {
        try (InputStream in = zip.getInputStream(entry);
                OutputFile out = OutputFile.create(file, entry.getSize())) {
            byte[] block = new byte[BLOCK];
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                out.write(length == BLOCK ? block : Arrays.copyOf(block, length));
            }
            out.commit();
        }
    }

    private static boolean isUnpacked(ZipEntry entry, Path file) throws IOException {
        if (Files.size(file) != entry.getSize()) {
            return false;
        }
        CRC32 checksum = new CRC32();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK];
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                checksum.update(block, 0, length);
            }
        }
        return checksum.getValue() == entry.getCrc();
    }
}
