/**
 * The report of a run as one HTML page, its curves as pictures, and the model card. Everything they
 * show is handed in; knows nothing of runs, models or how a figure came to be.
 */
@NullMarked
package dev.slipway.eval.report;

import org.jspecify.annotations.NullMarked;
