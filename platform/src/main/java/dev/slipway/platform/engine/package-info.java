/**
 * What a service asks of a model: a contract for each kind, and the engines that keep it with the
 * models of {@code infer}. Knows nothing of HTTP, queues and names.
 */
@NullMarked
package dev.slipway.platform.engine;

import org.jspecify.annotations.NullMarked;
