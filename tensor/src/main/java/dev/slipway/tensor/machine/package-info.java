/**
 * Machine code that the program writes for itself: an assembler of the instructions that kernels
 * need, memory that the system lets execute them, and a handler that guards mapped files. Knows
 * nothing of what is computed.
 */
@NullMarked
package dev.slipway.tensor.machine;

import org.jspecify.annotations.NullMarked;
