package dev.slipway.eval.metric.classification;

/** How the figures of several classes become one, as scikit-learn names them. */
public enum Average {
  /** From the counts of all classes together. */
  MICRO,
  /** The mean over classes, each as heavy. */
  MACRO,
  /** The mean over classes, each as heavy as it is frequent in the truth. */
  WEIGHTED
}
