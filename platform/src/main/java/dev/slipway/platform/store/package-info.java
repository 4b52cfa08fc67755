/**
 * SQLite files as indexes: opened, checked, thrown away and made anew when they can't be used.
 * Knows nothing of what is indexed.
 */
@NullMarked
package dev.slipway.platform.store;

import org.jspecify.annotations.NullMarked;
