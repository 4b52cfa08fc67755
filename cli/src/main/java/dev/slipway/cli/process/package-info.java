/**
 * What the program arranges with the JVM and the system that run it: signals and the end, standard
 * error, its heap, its compiler's threads.
 */
@NullMarked
package dev.slipway.cli.process;

import org.jspecify.annotations.NullMarked;
