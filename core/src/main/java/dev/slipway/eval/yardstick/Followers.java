package dev.slipway.eval.yardstick;

/**
 * A frequent context's part of the n-gram model.
 *
 * @param symbols bytes seen after it
 * @param shares (a(h w) - D) / A(h) of each
 * @param backoff γ(h)
 */
record Followers(byte[] symbols, float[] shares, double backoff) {
  double interpolated(int symbol, double below) {
    for (int i = 0; i < symbols.length; i++) {
      if ((symbols[i] & 0xFF) == symbol) {
        return shares[i] + backoff * below;
      }
    }
    return backoff * below;
  }
}
