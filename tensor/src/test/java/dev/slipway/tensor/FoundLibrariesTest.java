package dev.slipway.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoundLibrariesTest {
  @TempDir private Path folder;
  private Path library;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    library = Files.writeString(folder.resolve("libone.so.1"), "12345");
    file = folder.resolve("libraries.txt");
  }

  @Test
  void whatWasFoundIsReadAgain() throws IOException {
    Files.writeString(file, "one@.1\t5\t" + library + "\nnone\t\t\n");
    Map<String, URL[]> read = FoundLibraries.read(file);
    assertThat(read).containsOnlyKeys("one@.1", "none");
    assertThat(read.get("one@.1")).containsExactly(library.toUri().toURL());
    assertThat(read.get("none")).isEmpty();
  }

  /** So that a folder with all of it may be moved. */
  @Test
  void pathsBelowTheFileAreToldFromItsFolder() throws IOException {
    Files.writeString(file, "one@.1\t5\tlibone.so.1\n");
    assertThat(FoundLibraries.read(file).get("one@.1")).containsExactly(library.toUri().toURL());
  }

  @Test
  void whatDoesNotFitTheDiskIsFoundAnew() throws IOException {
    Files.writeString(file, "none\t\t\none@.1\t6\t" + library + "\n");
    assertThat(FoundLibraries.read(file)).isEmpty();
    Files.writeString(file, "one@.1\t5\t" + library.resolveSibling("gone.so") + "\n");
    assertThat(FoundLibraries.read(file)).isEmpty();
    Files.writeString(file, "half a li");
    assertThat(FoundLibraries.read(file)).isEmpty();
    assertThat(FoundLibraries.read(folder.resolve("missing"))).isEmpty();
  }
}
