/**
 * Networks and their configurations, a sub-package each; and how a network's forward and backward
 * are carried out.
 */
@NullMarked
package dev.slipway.model;

import org.jspecify.annotations.NullMarked;
