package dev.slipway.model.sequential;

/** A layer cannot take what it is given; the network that holds it tells where. */
final class Mismatch extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String expected;
  private final String remedy;

  /**
   * @param expected a shape for people: {@code (B, features)}
   * @param remedy a verb clause
   */
  Mismatch(String expected, String remedy) {
    super(expected, null, false, false);
    this.expected = expected;
    this.remedy = remedy;
  }

  String expected() {
    return expected;
  }

  String remedy() {
    return remedy;
  }
}
