/**
 * Networks that a recipe writes as a list of layers. A layer is one record: its settings, the shape
 * that it gives, its parameters, its cost and its forward pass. Knows nothing of tasks and data.
 */
@NullMarked
package dev.slipway.model.sequential;

import org.jspecify.annotations.NullMarked;
