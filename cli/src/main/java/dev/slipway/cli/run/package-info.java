/**
 * Runs of recipes, planned, carried out, resumed and shown. {@link dev.slipway.cli.run.Runs}
 * chooses by the recipe among the three kinds of session.
 */
@NullMarked
package dev.slipway.cli.run;

import org.jspecify.annotations.NullMarked;
