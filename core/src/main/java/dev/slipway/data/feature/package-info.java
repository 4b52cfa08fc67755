/**
 * Features: what turns the fields of examples into a network's inputs. A configuration is fitted on
 * the training split; what comes of it is a record that travels in the model folder and does the
 * same to a single request. Knows nothing of tensors, networks and tasks.
 */
@NullMarked
package dev.slipway.data.feature;

import org.jspecify.annotations.NullMarked;
