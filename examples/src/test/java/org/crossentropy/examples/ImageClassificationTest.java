package org.crossentropy.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.examples.ImageClassification.Outcome;
import org.junit.jupiter.api.Test;

class ImageClassificationTest {

    @Test
    void getsNineteenOfTwentyDigitsRight() {
        List<String> log = new ArrayList<>();
        Outcome outcome = new ImageClassification().run(log::add);
        assertTrue(outcome.accuracy() >= 0.95, log::toString);
        assertTrue(outcome.loss() < 0.3, log::toString);
    }

    @Test
    void anImageMovesByWholePixelsAndByHalves() {
        float[] image = new float[Digits.PIXELS];
        image[3 * Digits.SIDE + 3] = 1;
        float[] whole = Digits.moved(image, 2, -1);
        assertEquals(1, whole[2 * Digits.SIDE + 5]);
        float[] half = Digits.moved(image, 0.5, 0);
        assertEquals(0.5f, half[3 * Digits.SIDE + 3]);
        assertEquals(0.5f, half[3 * Digits.SIDE + 4]);
        assertEquals(0, Digits.moved(image, Digits.SIDE, 0)[3 * Digits.SIDE + 3]);
    }
}
