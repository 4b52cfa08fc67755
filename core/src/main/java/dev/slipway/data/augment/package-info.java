/**
 * Random changes of pictures, sounds and texts, each a pure function of (seed, epoch, example,
 * step), and the inputs of networks that are made of pictures and sounds. Knows nothing of
 * networks.
 */
@NullMarked
package dev.slipway.data.augment;

import org.jspecify.annotations.NullMarked;
