package dev.slipway.data.prediction;

/** What was predicted. */
public enum PredictionTask {
  BINARY,
  MULTI_CLASS,
  MULTI_LABEL,
  REGRESSION,
  TEXT,
  TRANSCRIPTION,
  RANKING,
  TAGGING
}
