/** The document that is a run, and the pipeline that carries it out. */
@NullMarked
package dev.slipway.recipe;

import org.jspecify.annotations.NullMarked;
