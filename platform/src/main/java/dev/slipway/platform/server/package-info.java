/**
 * One model as an HTTP service that speaks OpenAI's completions protocol: requests checked, queued,
 * carried out, streamed, counted and drained. Knows nothing of how a model computes, and of pages
 * only that it is handed some.
 */
@NullMarked
package dev.slipway.platform.server;

import org.jspecify.annotations.NullMarked;
