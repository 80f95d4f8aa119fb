package org.crossentropy.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.examples.PairedViews.Outcome;
import org.junit.jupiter.api.Test;

class PairedViewsTest {

    @Test
    void findsThePartnersOfHalves() {
        List<String> log = new ArrayList<>();
        Outcome outcome = new PairedViews().run(log::add);
        assertTrue(outcome.before() < 5 * outcome.chance(), log::toString);
        assertTrue(outcome.after() >= 0.45, log::toString);
        assertTrue(
                outcome.loss().value() < Math.log((double) outcome.loss().loss().count()) / 2, log::toString);
    }
}
