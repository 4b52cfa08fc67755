package dev.slipway.tokenizer.jinja;

/** What stops a template: a mistake in it, a value that it can't work with, or its own refusal. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kind of a template that used up its time, output or depth. */
  public static final String LIMIT = "LimitExceeded";

  private final String kind;
  private final int line;

  /**
   * @param kind the name of the exception that Jinja2 or Python raise here, such as {@code
   *     UndefinedError}
   * @param message their message
   */
  public TemplateException(String kind, String message) {
    this(kind, message, 0);
  }

  /**
   * @param line of the template, counted from 1; 0 where it isn't known
   */
  public TemplateException(String kind, String message, int line) {
    super(message, null, false, false);
    this.kind = kind;
    this.line = line;
  }

  public String kind() {
    return kind;
  }

  public int line() {
    return line;
  }

  static TemplateException type(String message) {
    return new TemplateException("TypeError", message);
  }

  static TemplateException value(String message) {
    return new TemplateException("ValueError", message);
  }

  static TemplateException overflow(String message) {
    return new TemplateException("OverflowError", message);
  }

  static TemplateException filterArgument(String message) {
    return new TemplateException("FilterArgumentError", message);
  }

  static TemplateException runtime(String message) {
    return new TemplateException("TemplateRuntimeError", message);
  }
}
