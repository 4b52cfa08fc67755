/**
 * Files of pictures and sounds as sets of examples: folders and archives of them, labelled by their
 * folders or their names, and IDX. Knows nothing of sizes, features and networks.
 */
@NullMarked
package dev.slipway.data.media;

import org.jspecify.annotations.NullMarked;
