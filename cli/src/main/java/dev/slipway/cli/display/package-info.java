/**
 * What a person or a script sees of a command: the lines of long work on standard error, the answer
 * on standard output as text or as JSON, problems, and numbers as people read them.
 */
@NullMarked
package dev.slipway.cli.display;

import org.jspecify.annotations.NullMarked;
