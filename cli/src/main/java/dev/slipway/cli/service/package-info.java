/**
 * A service as {@code serve} and the end of a run begin it: what it is to have, and its engines.
 */
@NullMarked
package dev.slipway.cli.service;

import org.jspecify.annotations.NullMarked;
