package org.crossentropy.app;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.crossentropy.app.bert.BertModel;
import org.crossentropy.app.bert.MaskedSequence;
import org.crossentropy.app.bert.Sequences;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A masked language model and what to do with it, as the user says it. */
final class BertOptions {

    /** A start, an end, and a token between them. */
    private static final int SHORTEST_WINDOW = 3;

    @Option(
            names = "--bert",
            required = true,
            paramLabel = "MODEL",
            description = "a BERT without case, with its head for masked words, as TensorFlow saves it: a folder"
                    + " with variables and assets, or the jar that holds it")
    private @Nullable Path model;

    @Option(
            names = "--unpacked",
            paramLabel = "FILE",
            description = "unpack the jar to this file, and use that the next time (default: a temporary file)")
    private @Nullable Path unpacked;

    @Option(names = "--text", paramLabel = "FILE", description = "evaluate it on this text, in UTF-8")
    private @Nullable Path text;

    @Option(names = "--fill", paramLabel = "TEXT", description = "or say what it puts for each [MASK] in this text")
    private @Nullable String blanks;

    @Option(
            names = "--mask",
            paramLabel = "HOW",
            converter = MaskingChoice.Converter.class,
            description = "which tokens to mask: random:P, a share of them at once; each, one by one; turns:K, every"
                    + " K-th at once, in K turns; every:K, the first of these turns (default: random:0.15)")
    private MaskingChoice masking = MaskingChoice.DEFAULT;

    @Option(names = "--seed", paramLabel = "S", description = "seed of random:P (default: 1)")
    private long seed = 1;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "tokens that the model sees at once, two special ones included (default: all it can, 512)")
    private @Nullable Integer window;

    @Option(names = "--tokens", paramLabel = "N", description = "use the first N tokens of the text (default: all)")
    private @Nullable Long tokens;

    /** Rejects numbers that no model could do with, and more or less than one thing to do. */
    void check() {
        if ((text == null) == (blanks == null)) {
            throw new InputException("--bert needs something to do: give --text or --fill, one of them");
        }
        if (window != null) {
            Range.check("--window", window, SHORTEST_WINDOW, Integer.MAX_VALUE);
        }
        if (tokens != null && tokens < 1) {
            throw new InputException("--tokens is " + tokens + ", must be at least 1");
        }
    }

    BertModel open(Arena arena) {
        return BertModel.open(Objects.requireNonNull(model, "model"), unpacked, arena);
    }

    boolean fills() {
        return blanks != null;
    }

    /** The text with blanks. */
    MaskedSequence blanks(BertModel bert) {
        return Sequences.withBlanks(Objects.requireNonNull(blanks, "blanks"), bert.vocabulary(), longest(bert));
    }

    /** The text in windows. */
    Sequences sequences(BertModel bert) {
        Path file = Objects.requireNonNull(text, "text");
        long most = tokens == null ? Long.MAX_VALUE : tokens;
        Sequences sequences = Sequences.of(content(file), bert.vocabulary(), longest(bert), most);
        if (sequences.tokens() == sequences.unknown()) {
            throw new InputException(file + ": has no token that the model knows, nothing to mask");
        }
        return sequences;
    }

    private int longest(BertModel bert) {
        int positions = bert.shape().positions();
        if (window != null) {
            Range.check("--window", window, SHORTEST_WINDOW, positions);
        }
        return window == null ? positions : window;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException invalid) {
            throw new InputException(file + ": is not text in UTF-8", invalid);
        } catch (IOException failure) {
            throw new InputException(file + ": cannot be read: " + failure, failure);
        }
    }

    MaskingChoice masking() {
        return masking;
    }

    long seed() {
        return seed;
    }
}
