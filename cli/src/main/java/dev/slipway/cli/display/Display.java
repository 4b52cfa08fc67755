package dev.slipway.cli.display;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What a person sees of long work: a column of phases, each ending in one line that stays. On a
 * terminal the current line moves; elsewhere it is printed anew every few seconds, so that a log
 * stays readable.
 */
public final class Display {
  private static final int LABEL = 12;
  private static final long LOG_EVERY = TimeUnit.SECONDS.toNanos(10);
  private static final long REDRAW_EVERY = TimeUnit.MILLISECONDS.toNanos(100);

  private final PrintStream out;
  private final boolean terminal;
  private final int columns;
  private String label = "";
  private long phaseStarted;
  private long lastShown;
  private boolean lineOpen;

  Display(PrintStream out, boolean terminal, int columns) {
    this.out = out;
    this.terminal = terminal;
    this.columns = columns;
  }

  /** Standard error, as the launcher found it. */
  public static Display standard() {
    Integer columns = Integer.getInteger("slipway.terminal");
    return new Display(System.err, columns != null, columns == null ? 100 : Math.max(40, columns));
  }

  /** What all of it is about, between blank lines. */
  public synchronized void title(String text) {
    out.println();
    out.println("  " + bold(text));
    out.println();
  }

  /** Begins a phase, whose line is open until {@link #done}. */
  public synchronized void phase(String name) {
    label = name;
    phaseStarted = System.nanoTime();
    // A terminal shows it at once; a log only what takes long.
    lastShown = terminal ? phaseStarted - REDRAW_EVERY : phaseStarted;
  }

  /** The state of the current phase; shown when it is time. */
  public synchronized void progress(String text) {
    long now = System.nanoTime();
    if (now - lastShown < (terminal ? REDRAW_EVERY : LOG_EVERY)) {
      return;
    }
    lastShown = now;
    if (terminal) {
      String line = "  " + pad(label) + text;
      out.print(
          "\r\u001b[2K" + (line.length() > columns ? line.substring(0, columns - 1) + "…" : line));
      out.flush();
      lineOpen = true;
    } else {
      out.println("  " + pad(label) + text);
    }
  }

  /** Ends the current phase with the line that stays, its seconds at the end. */
  public synchronized void done(String text) {
    double seconds = (System.nanoTime() - phaseStarted) / 1e9;
    closeLine();
    out.println("  " + accent(pad(label)) + text + dim("  " + Units.seconds(seconds)));
  }

  /** A line below the last one, in the column of its text. */
  public synchronized void detail(String text) {
    closeLine();
    out.println("  " + " ".repeat(LABEL) + text);
  }

  /** A line that asks for attention. */
  public synchronized void warn(String text) {
    closeLine();
    out.println("  " + (terminal ? "\u001b[33m" + pad("note") + "\u001b[0m" : pad("note")) + text);
  }

  /** An empty line. */
  public synchronized void blank() {
    closeLine();
    out.println();
  }

  private void closeLine() {
    if (lineOpen) {
      out.print("\r\u001b[2K");
      lineOpen = false;
    }
  }

  /** Takes away the line that moves, where one may stand, before something else is told. */
  public static void endLine(PrintStream out) {
    if (Integer.getInteger("slipway.terminal") != null) {
      out.print("\r\u001b[2K");
    }
  }

  /** A bar of ten cells. */
  public static String bar(double fraction) {
    int full = (int) Math.round(Math.clamp(fraction, 0, 1) * 10);
    return "▰".repeat(full)
        + "▱".repeat(10 - full)
        + String.format(Locale.ROOT, " %3d %%", (int) Math.floor(100 * Math.clamp(fraction, 0, 1)));
  }

  private static String pad(String text) {
    return text + " ".repeat(Math.max(1, LABEL - text.length()));
  }

  private String bold(String text) {
    return terminal ? "\u001b[1m" + text + "\u001b[0m" : text;
  }

  private String accent(String text) {
    return terminal ? "\u001b[36m" + text + "\u001b[0m" : text;
  }

  private String dim(String text) {
    return terminal ? "\u001b[2m" + text + "\u001b[0m" : text;
  }
}
