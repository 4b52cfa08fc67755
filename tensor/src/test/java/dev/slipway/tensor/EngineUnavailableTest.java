package dev.slipway.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.tensor.EngineUnavailable.Reason;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class EngineUnavailableTest {
  private static EngineUnavailable of(String message, Throwable cause) {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
    error.initCause(cause);
    return EngineUnavailable.of(error);
  }

  @Test
  void theInnermostCauseSaysWhatStandsInTheWay() {
    EngineUnavailable missing =
        of(
            "no jnitorch in java.library.path: /usr/lib",
            new UnsatisfiedLinkError("Could not find jnitorch in class paths."));
    assertThat(missing.reason()).isEqualTo(Reason.MISSING);
    assertThat(missing).hasMessage("Could not find jnitorch in class paths");
    assertThat(of("x", new IOException("Could not create the cache: Set it.")).reason())
        .isEqualTo(Reason.NO_FOLDER);
    assertThat(of("x", new IOException("No space left on device")).reason())
        .isEqualTo(Reason.REFUSED);
    assertThat(of("x", new ClassNotFoundException("org.bytedeco.pytorch.global.torch")).reason())
        .isEqualTo(Reason.MISSING);
  }

  @Test
  void aLibraryThatTheSystemDoesNotLoadIsRefused() {
    UnsatisfiedLinkError refused =
        new UnsatisfiedLinkError("/a/libjnitorch.so: failed to map segment\nand more");
    assertThat(EngineUnavailable.of(refused).reason()).isEqualTo(Reason.REFUSED);
    assertThat(EngineUnavailable.of(refused))
        .hasMessage("/a/libjnitorch.so: failed to map segment");
  }
}
