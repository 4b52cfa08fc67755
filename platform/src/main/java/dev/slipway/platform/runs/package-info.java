/**
 * Runs as folders: their state, their figures, the lock of the process that works on one, and an
 * index of all of them that can be rebuilt from the folders at any time. Knows nothing of how a run
 * is carried out.
 */
@NullMarked
package dev.slipway.platform.runs;

import org.jspecify.annotations.NullMarked;
