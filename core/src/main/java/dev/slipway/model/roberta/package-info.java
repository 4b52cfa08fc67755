/**
 * RoBERTa (Liu et al. 2019): the encoder with positions that are counted after the padding token's
 * id, and its heads.
 */
@NullMarked
package dev.slipway.model.roberta;

import org.jspecify.annotations.NullMarked;
