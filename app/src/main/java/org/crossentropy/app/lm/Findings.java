package org.crossentropy.app.lm;

import org.crossentropy.api.LossResult;

/**
 * What was found about a head.
 *
 * @param result sums and counts
 * @param right rows whose target is the most probable class, the first of equals
 * @param inTop rows whose target is among the most probable few
 * @param head what the head took
 * @param memory bytes that it worked in
 */
public record Findings(LossResult result, long right, long inTop, Effort head, long memory) {}
