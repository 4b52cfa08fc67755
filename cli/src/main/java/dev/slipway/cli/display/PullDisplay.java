package dev.slipway.cli.display;

import dev.slipway.hub.FetchListener;
import java.nio.file.Path;
import java.time.Duration;

/** Shows the files of a download on standard error, a line each. */
public record PullDisplay(Display display) implements FetchListener {
  @Override
  public void started(String file, long resumed, long total) {
    display.phase("pull");
    if (resumed > 0) {
      display.detail(file + ": goes on behind " + Units.bytes(resumed));
    }
  }

  @Override
  public void progress(String file, long bytes, long total) {
    display.progress(file + "  " + Units.bytes(bytes) + " of " + Units.bytes(total));
  }

  @Override
  public void retrying(String file, String why, Duration wait) {
    display.detail(file + ": " + why + "; tried again");
  }

  @Override
  public void finished(String file, Path path) {
    display.done(file);
  }
}
