/**
 * What an answer may look like: JSON Schemas and regular expressions become a grammar over bytes,
 * and a grammar with a vocabulary becomes the mask of tokens that may come next.
 *
 * <p>{@link dev.slipway.infer.grammar.Constraints} compiles and caches, {@link
 * dev.slipway.infer.grammar.Constraint} is the result, {@link
 * dev.slipway.infer.grammar.Constraint.Cursor} walks along one answer.
 */
@NullMarked
package dev.slipway.infer.grammar;

import org.jspecify.annotations.NullMarked;
