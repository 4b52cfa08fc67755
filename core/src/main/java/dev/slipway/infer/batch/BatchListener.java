package dev.slipway.infer.batch;

import dev.slipway.infer.Generation;
import dev.slipway.infer.TokenListener;

/** Hears a generation in a batch, in the thread that steps: hand on, do not wait. */
public interface BatchListener extends TokenListener {
  /** The last word, unless {@link #onFailure} is. */
  void onEnd(Generation generation);

  void onFailure(Throwable failure);
}
