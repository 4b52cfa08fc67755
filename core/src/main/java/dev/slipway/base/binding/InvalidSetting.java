package dev.slipway.base.binding;

/**
 * Thrown by a record's compact constructor when a value, alone or beside another, can't be: the
 * binder adds the place.
 */
public final class InvalidSetting extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String key;
  private final String came;
  private final String expected;

  /**
   * @param key the record's key in the document's spelling
   * @param came what came, such as {@code 7 heads}
   * @param expected what could stand there
   */
  public InvalidSetting(String key, String came, String expected) {
    super(key + ": " + came + ", expected " + expected);
    this.key = key;
    this.came = came;
    this.expected = expected;
  }

  public String key() {
    return key;
  }

  public String came() {
    return came;
  }

  public String expected() {
    return expected;
  }
}
