/** What commands read beside a model: files of texts, of lines and of records. */
@NullMarked
package dev.slipway.cli.input;

import org.jspecify.annotations.NullMarked;
