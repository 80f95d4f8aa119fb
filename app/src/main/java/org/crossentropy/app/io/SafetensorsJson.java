package org.crossentropy.app.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON text in a file of safetensors: an object with an entry for each tensor, and perhaps one of other
 * metadata, which is passed over.
 */
final class SafetensorsJson {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // The format is UTF-8; guessing would find other encodings in damaged headers.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .build();

    private static final String METADATA = "__metadata__";

    private final Path file;
    private final JsonParser parser;

    private SafetensorsJson(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /** Reads the whole text; the tensors in its order. */
    static Map<String, SafetensorsHeader.Entry> parse(Path file, byte[] json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            return new SafetensorsJson(file, parser).entries();
        } catch (JsonProcessingException damaged) {
            throw new InputException(
                    file + ": header is damaged: " + PythonLiteral.printable(damaged.getOriginalMessage())
                            + ", at byte " + damaged.getLocation().getByteOffset() + " of the header",
                    damaged);
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory does not fail", impossible);
        }
    }

    private Map<String, SafetensorsHeader.Entry> entries() throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "the header", "an object");
        Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals(METADATA)) {
                parser.skipChildren();
            } else {
                entries.put(name, entry("tensor " + Quoted.of(name)));
            }
        }
        if (parser.nextToken() != null) {
            throw damaged("the header", "must end after its object");
        }
        return entries;
    }

    private SafetensorsHeader.Entry entry(String tensor) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT, tensor, "an object");
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "dtype" -> dtype = string(tensor + ": dtype");
                case "shape" -> shape = numbers(tensor + ": shape");
                case "data_offsets" -> offsets = numbers(tensor + ": data_offsets");
                default -> parser.skipChildren();
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            throw damaged(tensor, "must have dtype, shape and data_offsets");
        }
        if (offsets.size() != 2) {
            throw damaged(tensor + ": data_offsets", "must be two numbers, are " + offsets.size());
        }
        return new SafetensorsHeader.Entry(dtype, new Shape(shape), offsets.getFirst(), offsets.getLast());
    }

    private String string(String what) throws IOException {
        expect(parser.currentToken(), JsonToken.VALUE_STRING, what, "a string");
        return parser.getText();
    }

    private List<Long> numbers(String what) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, what, "an array");
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what, "whole numbers");
            long number = parser.getLongValue();
            if (number < 0) {
                throw damaged(what, "has " + number + ", must be at least 0");
            }
            numbers.add(number);
        }
        return List.copyOf(numbers);
    }

    private void expect(@Nullable JsonToken found, JsonToken wanted, String what, String rule) {
        if (found != wanted) {
            throw damaged(what, "must be " + rule);
        }
    }

    private InputException damaged(String what, String rule) {
        return new InputException(file + ": header is damaged: " + what + " " + rule);
    }
}
