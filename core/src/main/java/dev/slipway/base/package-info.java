/**
 * The ground floor: problems as designed sentences, JSON and YAML mapping, hashes, atomic files,
 * durations and sizes as people write them. Knows nothing of models, data or servers.
 */
@NullMarked
package dev.slipway.base;

import org.jspecify.annotations.NullMarked;
