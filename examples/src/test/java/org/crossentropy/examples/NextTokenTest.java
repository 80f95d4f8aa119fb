package org.crossentropy.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.examples.NextToken.Outcome;
import org.junit.jupiter.api.Test;

class NextTokenTest {

    @Test
    void needsLessThanHalfTheBitsOfSingleBytes() {
        List<String> log = new ArrayList<>();
        Outcome outcome = new NextToken().run(log::add);
        assertEquals(4.356, outcome.entropy(), 0.001);
        assertTrue(outcome.heldOut() < outcome.entropy() / 2, log::toString);
        assertTrue(log.getLast().startsWith("a sample: And God said"), log::toString);
    }

    @Test
    void tokensStandForTheirBytes() {
        Text text = Text.genesis();
        assertEquals(196_867, text.tokens().length);
        assertEquals(60, text.vocabulary());
        assertEquals("Let there be light: and", text.decode(text.encode("Let there be light: and")));
    }
}
