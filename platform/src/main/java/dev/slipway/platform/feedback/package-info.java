/** What people think of a model's answers, kept for its next training. */
@NullMarked
package dev.slipway.platform.feedback;

import org.jspecify.annotations.NullMarked;
