package org.crossentropy.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.crossentropy.examples.PolicyGradient.Outcome;
import org.junit.jupiter.api.Test;

class PolicyGradientTest {

    @Test
    void learnsToKeepThePoleUp() {
        List<String> log = new ArrayList<>();
        Outcome outcome = new PolicyGradient().run(log::add);
        assertTrue(outcome.before() < 60, log::toString);
        assertTrue(outcome.after() >= 450, log::toString);
    }

    @Test
    void aCartPushedOneWayFails() {
        CartPole cart = new CartPole(new SplittableRandom(1));
        while (!cart.over()) {
            cart.step(1);
        }
        assertTrue(cart.failed());
        assertTrue(cart.steps() < 15, () -> cart.steps() + " steps");
    }

    /** Two agents for two steps; one fails at the first, and starts again. */
    @Test
    void advantagesEndWithTheEpisode() {
        CartPole falling = new CartPole(new SplittableRandom(1));
        while (!falling.failed()) {
            falling.step(1);
        }
        CartPole upright = new CartPole(new SplittableRandom(2));
        Rollout rollout = new Rollout(2, 2);
        for (int step = 0; step < 2; step++) {
            rollout.act(2 * step, upright, 1, -0.5);
            rollout.act(2 * step + 1, falling, 0, -1.5);
        }
        rollout.estimate(new double[] {10, 20, 30, 40}, new double[] {30, 50, 60, 70});
        double third = 1 + 0.99 * 60 - 30;
        double fourth = 1 + 0.99 * 70 - 40;
        double first = 1 + 0.99 * 30 - 10 + 0.99 * 0.95 * third;
        int[] all = {0, 1, 2, 3};
        assertArrayEquals(new double[] {first, 1 - 20, third, fourth}, rollout.advantages(all), 1e-12);
        assertEquals(1, rollout.returns(all).get(1), 1e-12);
        assertEquals(0, rollout.actions(all).get(3));
        assertEquals(-1.5, rollout.logProbabilities(all).get(3));
    }
}
