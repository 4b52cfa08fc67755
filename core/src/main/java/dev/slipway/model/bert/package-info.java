/** BERT (Devlin et al. 2019): the encoder with columns as positions, and its heads. */
@NullMarked
package dev.slipway.model.bert;

import org.jspecify.annotations.NullMarked;
