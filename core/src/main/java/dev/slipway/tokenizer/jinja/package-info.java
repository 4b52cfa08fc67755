/**
 * Jinja templates as Jinja2 renders them in its immutable sandbox: lexer, parser, interpreter,
 * filters and tests, over Python's data types. A template reaches nothing but the values that it is
 * given, and its time, its output and its depth are bounded. Knows nothing of conversations, tokens
 * or models.
 */
@NullMarked
package dev.slipway.tokenizer.jinja;

import org.jspecify.annotations.NullMarked;
