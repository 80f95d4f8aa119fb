package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a run of the command ended with. */
record CommandRun(int status, String out, String err) {

    /** The files that NumPy wrote. */
    static final Path NPY = Path.of("src", "test", "resources", "npy");

    static CommandRun of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        int status = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
        return new CommandRun(status, out.toString(), err.toString());
    }

    static String npy(String name) {
        return NPY.resolve(name + ".npy").toString();
    }

    CommandRun isFine() {
        assertEquals(ExitStatus.FINE, status, err);
        assertEquals("", err);
        return this;
    }

    /** One line on standard error that holds all the given texts, nothing on standard output, exit status 2. */
    void isBadInput(String... texts) {
        assertEquals(ExitStatus.BAD_INPUT, status, err);
        assertEquals(1, err.lines().count(), err);
        assertEquals("", out);
        for (String text : texts) {
            assertTrue(err.contains(text), () -> "\"" + text + "\" is missing in: " + err);
        }
    }

    /** The members of the object printed. */
    Map<String, @Nullable Object> json() {
        return json(out);
    }

    static List<?> list(Map<String, ?> json, String name) {
        return (List<?>) Objects.requireNonNull(json.get(name), name);
    }

    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> json(String text) {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            parser.nextToken();
            Object value = value(parser);
            assertEquals(null, parser.nextToken(), "one object and no more");
            return (Map<String, @Nullable Object>) Objects.requireNonNull(value);
        } catch (IOException invalid) {
            throw new AssertionError(text, invalid);
        }
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    members.put(name, value(parser));
                }
                yield members;
            }
            case START_ARRAY -> {
                List<@Nullable Object> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(parser));
                }
                yield elements;
            }
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> parser.getText();
        };
    }
}
