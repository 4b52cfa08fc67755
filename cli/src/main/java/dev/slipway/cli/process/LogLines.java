package dev.slipway.cli.process;

/**
 * How what is logged looks: one line that begins with the time in ISO 8601, its zone included, then
 * level, who says it, and what. The JDK's own form takes two lines and a clock of twelve hours.
 */
public final class LogLines {
  private static final String PROPERTY = "java.util.logging.SimpleFormatter.format";

  private LogLines() {}

  /** From now on, unless the one who started the program chose a form. */
  public static void areDated() {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n");
    }
  }
}
