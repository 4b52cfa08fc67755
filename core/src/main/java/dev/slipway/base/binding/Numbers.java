package dev.slipway.base.binding;

/** What a plain word must look like to be a number: JSON's forms, and a leading plus. */
final class Numbers {
  static final String WHOLE = "[-+]?\\d+";
  static final String DECIMAL = "[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?";

  private Numbers() {}
}
