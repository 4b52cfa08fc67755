package dev.slipway.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.data.clean.CleanStep;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the sources of the JDK that runs the test, where it has them. */
class JdkSourcesTest {
  private static final Path SOURCES = Path.of(System.getProperty("java.home"), "lib", "src.zip");

  @TempDir Path folder;

  @Test
  void preparesTheJdksOwnSources() {
    assumeTrue(Files.exists(SOURCES), "skipped: this JDK came without lib/src.zip");
    DataConfig config =
        new DataConfig(
            new Source.Zip(SOURCES, List.of("java.net.http/**/*.java"), List.of()),
            List.of(
                CleanStep.Normalise.CODE,
                new CleanStep.StripHeader(CleanStep.Header.LICENCE),
                new CleanStep.Drop(200, 0, true)),
            Deduplicate.EXACT,
            new Split(0.05, 0.05));
    try (Documents documents =
        Preparation.prepare(config, 1337, folder.resolve("docs"), 2, PreparationListener.NONE)) {
      Statistics statistics = documents.statistics();
      assertThat(statistics.records()).isGreaterThan(100);
      assertThat(statistics.dropped(DropReason.NOT_UTF8).records()).isZero();
      for (SplitName split : SplitName.values()) {
        long count = 0;
        long bytes = 0;
        for (Document document : documents.documents(split)) {
          count++;
          bytes += document.text().getBytes(StandardCharsets.UTF_8).length;
          assertThat(document.id()).startsWith("java.net.http/").endsWith(".java");
          assertThat(document.text()).doesNotContain("DO NOT ALTER OR REMOVE COPYRIGHT NOTICES");
        }
        assertThat(statistics.split(split)).isEqualTo(new Statistics.Count(count, bytes));
      }
      documents.ledger().check();
    }
  }
}
