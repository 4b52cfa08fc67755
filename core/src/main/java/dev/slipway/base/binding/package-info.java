/**
 * Documents for people: YAML (or JSON) to records and back, with every mistake found in one go and
 * told with its place. One reflection of the records, {@link dev.slipway.base.binding.Shape},
 * serves the binder, the writer, the JSON Schema and the reference page alike. Knows nothing of any
 * one document.
 */
@NullMarked
package dev.slipway.base.binding;

import org.jspecify.annotations.NullMarked;
