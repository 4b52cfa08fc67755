/** Who may ask the service: API keys, what each may do, and how much. */
@NullMarked
package dev.slipway.platform.access;

import org.jspecify.annotations.NullMarked;
