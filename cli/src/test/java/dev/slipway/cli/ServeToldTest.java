package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code serve} says of how to ask it. */
class ServeToldTest {
  @TempDir Path folder;

  @Test
  void whereKeysAreNeededTheLineToCopySendsOne() throws IOException {
    Path keys = folder.resolve("keys.json");
    Cli.run("keys", "create", "ann", "--keys", keys);
    try (ServedProcess served = new ServedProcess(TinyRun.finished(), "--keys", keys)) {
      assertThat(Files.readString(served.child().err()))
          .contains("curl    curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:");
    }
  }
}
