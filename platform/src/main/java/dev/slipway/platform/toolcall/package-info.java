/** Calls of tools as models write them, read while they come. */
@NullMarked
package dev.slipway.platform.toolcall;

import org.jspecify.annotations.NullMarked;
