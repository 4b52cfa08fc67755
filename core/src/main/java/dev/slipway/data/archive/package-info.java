/**
 * Files below one root, whether that is a folder, a zip or a tar: listed in a stable order, read in
 * place and in any order, from several threads. Knows nothing of what is in them.
 */
@NullMarked
package dev.slipway.data.archive;

import org.jspecify.annotations.NullMarked;
