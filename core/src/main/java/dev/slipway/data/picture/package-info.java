/**
 * Pictures as bytes and as arrays: decoding, orientation, fitting to a size, and writing PNG. Knows
 * nothing of where files lie, of augmentation and of networks.
 */
@NullMarked
package dev.slipway.data.picture;

import org.jspecify.annotations.NullMarked;
