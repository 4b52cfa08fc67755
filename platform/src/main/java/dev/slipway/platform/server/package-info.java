/**
 * Models as an HTTP service: language models and their adapters by OpenAI's protocol, encoders, and
 * models of tasks. Requests are checked, queued, carried out, streamed, counted and drained. Knows
 * nothing of how a model computes, and of pages only that it is handed some.
 */
@NullMarked
package dev.slipway.platform.server;

import org.jspecify.annotations.NullMarked;
