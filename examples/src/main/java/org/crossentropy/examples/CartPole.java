package org.crossentropy.examples;

import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;

/**
 * A pole on a cart that must be kept upright by pushing the cart left or right (Barto, Sutton and Anderson 1983, with
 * their constants, without friction). Every step until the pole falls or the cart leaves the track earns 1.
 */
final class CartPole {

    static final int OBSERVATIONS = 4;
    static final int ACTIONS = 2;
    static final int MOST_STEPS = 500;

    private static final double GRAVITY = 9.8;
    private static final double POLE_MASS = 0.1;
    private static final double TOTAL_MASS = 1.1;
    private static final double HALF_LENGTH = 0.5;
    private static final double PUSH = 10;
    private static final double SECONDS = 0.02;
    private static final double TRACK = 2.4;
    private static final double MOST_TILT = Math.PI / 15;
    private static final double START = 0.05;

    private final RandomGenerator random;
    private double place;
    private double speed;
    private double tilt;
    private double turn;
    private int steps;

    CartPole(RandomGenerator random) {
        this.random = random;
        restart();
    }

    /** Starts again, nearly upright in the middle. */
    void restart() {
        place = random.nextDouble(-START, START);
        speed = random.nextDouble(-START, START);
        tilt = random.nextDouble(-START, START);
        turn = random.nextDouble(-START, START);
        steps = 0;
    }

    /** Pushes the cart, to the right by action 1, and lets time pass (Euler's method). */
    void step(int action) {
        double force = action == 1 ? PUSH : -PUSH;
        double sine = Math.sin(tilt);
        double cosine = Math.cos(tilt);
        double pushed = (force + POLE_MASS * HALF_LENGTH * turn * turn * sine) / TOTAL_MASS;
        double turning = (GRAVITY * sine - cosine * pushed)
                / (HALF_LENGTH * (4.0 / 3 - POLE_MASS * cosine * cosine / TOTAL_MASS));
        double acceleration = pushed - POLE_MASS * HALF_LENGTH * turning * cosine / TOTAL_MASS;
        place += SECONDS * speed;
        speed += SECONDS * acceleration;
        tilt += SECONDS * turn;
        turn += SECONDS * turning;
        steps++;
    }

    /** Writes what can be seen, places and tilts as shares of what is allowed. */
    void observe(Matrix observations, long row) {
        observations.set(row, 0, place / TRACK);
        observations.set(row, 1, speed);
        observations.set(row, 2, tilt / MOST_TILT);
        observations.set(row, 3, turn);
    }

    /** Whether the pole has fallen or the cart left the track. */
    boolean failed() {
        return Math.abs(place) > TRACK || Math.abs(tilt) > MOST_TILT;
    }

    /** Whether the episode is over, by failure or because it is long enough. */
    boolean over() {
        return failed() || steps == MOST_STEPS;
    }

    /** The steps of the episode so far, which are its return. */
    int steps() {
        return steps;
    }
}
