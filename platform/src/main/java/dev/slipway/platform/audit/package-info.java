/**
 * What happened at a service, in a file that shows when it was changed, and without the personal
 * data of those who used it.
 */
@NullMarked
package dev.slipway.platform.audit;

import org.jspecify.annotations.NullMarked;
