/**
 * Sounds as samples and as log-mel spectrograms: decoding, resampling, Fourier transforms. Knows
 * nothing of where files lie, of augmentation and of networks.
 */
@NullMarked
package dev.slipway.data.sound;

import org.jspecify.annotations.NullMarked;
