package dev.slipway.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  @Test
  void aLineBeginsWithItsTimeAndZone() {
    LogLines.areDated();
    LogRecord said = new LogRecord(Level.WARNING, "the disk is full");
    said.setLoggerName("dev.slipway.Audit");
    assertThat(new SimpleFormatter().format(said))
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d{4} WARNING"
                + " dev\\.slipway\\.Audit: the disk is full\\R");
  }
}
