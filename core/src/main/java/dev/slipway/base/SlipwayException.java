package dev.slipway.base;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A problem that a person can mend, told as one line: what came, what was expected, and how to mend
 * it. Anything else that is thrown is a bug in Slipway and is shown with its stack trace.
 */
public final class SlipwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Exit exit;
  private final String code;
  private final String sentence;
  private final String fix;
  private final ArrayList<String> details;

  /**
   * @param exit what kind of problem, which is the process's exit code
   * @param code for scripts, stable, such as {@code data.source-missing}
   * @param sentence what came and what was expected, without a full stop
   * @param fix what to do about it, as a clause that begins with a verb
   */
  public SlipwayException(Exit exit, String code, String sentence, String fix) {
    this(exit, code, sentence, fix, List.of(), null);
  }

  public SlipwayException(
      Exit exit, String code, String sentence, String fix, @Nullable Throwable cause) {
    this(exit, code, sentence, fix, List.of(), cause);
  }

  /**
   * Several problems found in one go.
   *
   * @param details a line each, to be shown below {@link #line()}
   */
  public SlipwayException(
      Exit exit, String code, String sentence, String fix, List<String> details) {
    this(exit, code, sentence, fix, details, null);
  }

  private SlipwayException(
      Exit exit,
      String code,
      String sentence,
      String fix,
      List<String> details,
      @Nullable Throwable cause) {
    super(sentence + "; " + fix, cause);
    this.exit = exit;
    this.code = code;
    this.sentence = sentence;
    this.fix = fix;
    this.details = new ArrayList<>(details);
  }

  public Exit exit() {
    return exit;
  }

  public String code() {
    return code;
  }

  /** What came and what was expected, without what to do about it. */
  public String sentence() {
    return sentence;
  }

  public String fix() {
    return fix;
  }

  /** One line for each of several problems; empty where {@link #line()} says all. */
  public List<String> details() {
    return List.copyOf(details);
  }

  /** The line for a terminal: {@code error[data.source-missing]: …; fix}. */
  public String line() {
    return "error[" + code + "]: " + String.valueOf(getMessage()).replace('\n', ' ');
  }
}
