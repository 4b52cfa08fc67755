/**
 * The page on which one types and sees the model go on: static files from the jar, which speak to
 * the service as any other client does. Knows nothing of models or of how they are served.
 */
@NullMarked
package dev.slipway.platform.console;

import org.jspecify.annotations.NullMarked;
