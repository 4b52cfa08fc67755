/**
 * Files of others: downloads that go on where they were cut off and are checked by their sums, and
 * the Hugging Face hub's protocol with the cache that it shares with Python's {@code
 * huggingface_hub}. Knows nothing of what the files hold.
 */
@NullMarked
package dev.slipway.hub;

import org.jspecify.annotations.NullMarked;
