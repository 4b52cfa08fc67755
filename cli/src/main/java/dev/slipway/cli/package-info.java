/**
 * The commands, and the composition root: the one place where the parts of Slipway meet. A command
 * reads its arguments, calls the packages below, and tells a person what happened; it holds no
 * logic of its own. What several commands share lies in the packages below.
 */
@NullMarked
package dev.slipway.cli;

import org.jspecify.annotations.NullMarked;
