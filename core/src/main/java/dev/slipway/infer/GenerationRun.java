package dev.slipway.infer;

/** One generation from prompt to end, on the model's thread. */
final class GenerationRun {
  private final Decoder decoder;
  private final OngoingGeneration continuation;

  GenerationRun(Decoder decoder, OngoingGeneration continuation) {
    this.decoder = decoder;
    this.continuation = continuation;
  }

  Generation run() {
    int[] prompt = continuation.prompt();
    try (Decoder.Session session = decoder.open(prompt.length + continuation.room())) {
      float[] logits = prefill(session, prompt);
      continuation.begin();
      while (continuation.next(logits)) {
        logits = session.extend(continuation.last());
      }
      return continuation.end();
    }
  }

  private float[] prefill(Decoder.Session session, int[] prompt) {
    if (!continuation.wantsPromptLogits()) {
      return session.extend(prompt);
    }
    float[][] all = session.extendAll(prompt);
    for (int i = 0; i < prompt.length; i++) {
      continuation.promptLogits(i, all[i]);
    }
    return all[prompt.length - 1];
  }
}
