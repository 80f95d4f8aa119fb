package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.crossentropy.app.io.InputException;

/**
 * A zip file, mapped as a whole, whose entries are read where they lie: so they must be stored and not compressed. {@link
 * java.util.zip.ZipFile} does not tell where that is. Files of 4 GB and more, which the format has an extension for, are
 * not read.
 */
final class StoredZip implements ModelFiles {

    private static final int END = 0x06054b50;
    private static final int END_SIZE = 22;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final int DIRECTORY_ENTRY = 0x02014b50;
    private static final int LOCAL_ENTRY = 0x04034b50;
    private static final int STORED = 0;

    /**
     * What the directory tells of an entry.
     *
     * @param method how it is compressed
     * @param size bytes as stored
     * @param offset of its local header
     */
    private record Entry(int method, long size, long offset) {}

    private final Path file;
    private final MemorySegment content;
    private final Map<String, Entry> entries = new HashMap<>();

    private StoredZip(Path file, MemorySegment content) {
        this.file = file;
        this.content = content;
    }

    /** Maps a zip file and reads its directory. */
    static StoredZip map(Path file, Arena arena) {
        StoredZip zip = new StoredZip(file, ModelFiles.map(file, arena));
        zip.readDirectory();
        return zip;
    }

    private void readDirectory() {
        ByteCursor end = at(endOfDirectory() + 10);
        int count = end.fixed16();
        end.skip(Integer.BYTES);
        ByteCursor directory = at(Integer.toUnsignedLong(end.fixed32()));
        for (int i = 0; i < count; i++) {
            readEntry(directory);
        }
    }

    /** The last record, found from the end, since a comment of any length follows it. */
    private long endOfDirectory() {
        long last = content.byteSize() - END_SIZE;
        for (long offset = last; offset >= Math.max(0, last - LONGEST_COMMENT); offset--) {
            if (at(offset).fixed32() == END) {
                return offset;
            }
        }
        throw new InputException(file + ": no BERT model: must be a folder, a zip file or a jar");
    }

    private void readEntry(ByteCursor cursor) {
        if (cursor.fixed32() != DIRECTORY_ENTRY) {
            throw cursor.damaged("its directory has fewer entries than it is said to have");
        }
        cursor.skip(6);
        int method = cursor.fixed16();
        cursor.skip(8);
        long size = Integer.toUnsignedLong(cursor.fixed32());
        cursor.skip(Integer.BYTES);
        int nameLength = cursor.fixed16();
        int extraLength = cursor.fixed16();
        int commentLength = cursor.fixed16();
        cursor.skip(8);
        long offset = Integer.toUnsignedLong(cursor.fixed32());
        byte[] name = cursor.slice(nameLength).toArray(ValueLayout.JAVA_BYTE);
        cursor.skip(extraLength + commentLength);
        entries.put(new String(name, StandardCharsets.UTF_8), new Entry(method, size, offset));
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    @Override
    public MemorySegment map(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new InputException(file + ": no BERT model: has no entry " + name);
        }
        if (entry.method() != STORED) {
            throw new InputException(
                    place(name) + ": is compressed, must be stored; unpack " + file + " and give the folder");
        }
        ByteCursor cursor = at(entry.offset());
        if (cursor.fixed32() != LOCAL_ENTRY) {
            throw cursor.damaged("entry " + name + " is not where its directory says");
        }
        cursor.skip(22);
        int nameLength = cursor.fixed16();
        cursor.skip(cursor.fixed16() + nameLength);
        return cursor.slice(entry.size());
    }

    private ByteCursor at(long offset) {
        ByteCursor cursor = new ByteCursor(file.toString(), content);
        cursor.skip(offset);
        return cursor;
    }

    @Override
    public String place(String name) {
        return file + ": " + name;
    }
}
