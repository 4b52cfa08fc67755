/**
 * Side-by-side measurements against peers: a main class a measure, each run by a script in {@code
 * bench/}.
 */
@NullMarked
package dev.slipway.bench;

import org.jspecify.annotations.NullMarked;
