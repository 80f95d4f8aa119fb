package org.crossentropy.tck.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The table of losses in the documentation names tests that exist, and every test that it names stands in it. */
final class LossTableTest {

    private static final Path TABLE = Path.of("../docs/losses.md");
    private static final Pattern NAMED = Pattern.compile("^(\\d+)\\. `(\\w+)\\.(\\w+)`.*");
    private static final Pattern CELL = Pattern.compile("-|no|\\d+(, \\d+)*");
    private static final String HEADER = "| loss | forward | gradient |";

    @Test
    void everyCellHasATest() throws IOException, ClassNotFoundException {
        List<String> lines = Files.readAllLines(TABLE);
        Map<Integer, String> tests = new TreeMap<>();
        for (String line : lines) {
            Matcher matcher = NAMED.matcher(line);
            if (matcher.matches()) {
                tests.put(Integer.valueOf(matcher.group(1)), matcher.group(2) + "." + matcher.group(3));
                assertTrue(isTest(matcher.group(2), matcher.group(3)), line);
            }
        }
        TreeSet<Integer> used = new TreeSet<>();
        int header = firstStartingWith(lines, HEADER);
        for (int i = header + 2; lines.get(i).startsWith("|"); i++) {
            String[] cells = lines.get(i).split("\\|", -1);
            assertEquals(lines.get(header).split("\\|", -1).length, cells.length, lines.get(i));
            for (int j = 2; j < cells.length - 1; j++) {
                String cell = cells[j].strip();
                assertTrue(CELL.matcher(cell).matches(), lines.get(i));
                if (Character.isDigit(cell.charAt(0))) {
                    Arrays.stream(cell.split(", ", -1)).map(Integer::valueOf).forEach(used::add);
                }
            }
        }
        assertEquals(new TreeSet<>(tests.keySet()), used);
    }

    private static int firstStartingWith(List<String> lines, String start) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i;
            }
        }
        throw new AssertionError("no line starts with " + start);
    }

    private static boolean isTest(String className, String methodName) throws ClassNotFoundException {
        for (Method method : Class.forName("org.crossentropy.tck." + className).getDeclaredMethods()) {
            if (method.getName().equals(methodName)
                    && (method.isAnnotationPresent(Test.class)
                            || method.isAnnotationPresent(ParameterizedTest.class))) {
                return true;
            }
        }
        return false;
    }
}
