/**
 * Examples of any task: named fields from a source, features that turn them into arrays, and
 * batches that are a pure function of (seed, epoch, index). Knows nothing of tensors and networks.
 */
@NullMarked
package dev.slipway.data.example;

import org.jspecify.annotations.NullMarked;
