/** What networks are made of: parameters in one flat buffer, layers, losses, initialisation. */
@NullMarked
package dev.slipway.nn;

import org.jspecify.annotations.NullMarked;
