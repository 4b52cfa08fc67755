package dev.slipway.platform.engine;

/** Why a continuation ended. */
public enum FinishReason {
  /** The model's end token or a stop string came. */
  STOP("stop"),
  /** {@code max_tokens} or the context's end was reached. */
  LENGTH("length"),
  /** Nobody wanted more of it. */
  ABORT("abort");

  private final String word;

  FinishReason(String word) {
    this.word = word;
  }

  /** As OpenAI's protocol and vLLM's metrics spell it. */
  public String word() {
    return word;
  }
}
