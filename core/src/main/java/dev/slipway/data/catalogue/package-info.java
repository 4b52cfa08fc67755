/**
 * Official datasets by name: where their files are, which sums they have, how they are read; found
 * in the user's folder, in the cache, or downloaded. Knows nothing of what is learnt from them.
 */
@NullMarked
package dev.slipway.data.catalogue;

import org.jspecify.annotations.NullMarked;
