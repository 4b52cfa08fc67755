package dev.slipway.platform.server;

/** How far the service is. */
enum ServiceState {
  LOADING("loading", "the model is still being loaded; try again in a moment"),
  READY("ok", ""),
  DRAINING("draining", "the service is stopping and takes no more requests"),
  FAILED("failed", "the model could not be loaded");

  private final String word;
  private final String sentence;

  ServiceState(String word, String sentence) {
    this.word = word;
    this.sentence = sentence;
  }

  String word() {
    return word;
  }

  /**
   * @throws ApiProblem 503 unless the model is ready
   */
  void requireReady() {
    if (this != READY) {
      throw refusal();
    }
  }

  ApiProblem refusal() {
    return ApiProblem.unavailable("service_" + word, sentence);
  }
}
