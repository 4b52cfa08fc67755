/**
 * Models as commands name them, with the options that say how they are opened and drawn from: a
 * folder, a run or a pulled name, whole or with an adapter around it.
 */
@NullMarked
package dev.slipway.cli.model;

import org.jspecify.annotations.NullMarked;
