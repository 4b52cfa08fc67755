package dev.slipway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Broken files are refused with a sentence, and crash nothing: those that once did, and some
 * thousands of new ones. {@code bench/fuzz.sh} makes as many as one likes.
 *
 * <p>{@code -Dslipway.fuzz.files} of each kind, {@code -Dslipway.fuzz.seconds} in their place,
 * {@code -Dslipway.fuzz.seed}, and {@code -Dslipway.fuzz.folder}, where the file at work lies when
 * the whole process dies of it.
 */
class FuzzTest {
  private static final long FILES = Long.getLong("slipway.fuzz.files", 1500);
  private static final long SECONDS = Long.getLong("slipway.fuzz.seconds", 0);
  private static final long SEED = Long.getLong("slipway.fuzz.seed", 1);

  /**
   * Nothing of these sizes takes longer unless a bound is missing. Looked at only where somebody
   * asked for many files: a test must not depend on what else a machine has to do.
   */
  private static final long LONGEST =
      SECONDS > 0 || System.getProperty("slipway.fuzz.files") != null
          ? 60_000_000_000L
          : Long.MAX_VALUE;

  @TempDir private Path temp;

  private static byte[] resource(String name) {
    try (InputStream in = Objects.requireNonNull(FuzzTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<byte[]> seeds(Target target) {
    List<byte[]> seeds = new ArrayList<>();
    for (String seed : target.seeds()) {
      seeds.add(resource(target.folder() + "/" + seed));
    }
    return seeds;
  }

  @ParameterizedTest
  @EnumSource
  void whatIsValidOpens(Target target) throws IOException {
    for (byte[] seed : seeds(target)) {
      Path file = Files.write(file(target), seed);
      // A vocabulary alone is no model, and says so.
      assertThat(fault(target, file)).isEmpty();
    }
    Path first = Files.write(file(target), seeds(target).getFirst());
    assertThat(target.open(first)).isPositive();
  }

  /** Files that once broke something, as {@code regressions.txt} has them in hexadecimal digits. */
  @ParameterizedTest
  @EnumSource
  void whatOnceBrokeSomethingIsRefused(Target target) throws IOException {
    for (String line : new String(resource("regressions.txt"), "UTF-8").lines().toList()) {
      String[] parts = line.split(" ", 2);
      if (parts[0].equals(target.folder())) {
        Path file = Files.write(file(target), HexFormat.of().parseHex(parts[1]));
        assertThat(fault(target, file)).as(line).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsBrokenIsRefused(Target target) throws IOException {
    List<byte[]> seeds = seeds(target);
    TreeMap<String, String> faults = new TreeMap<>();
    long until = SECONDS == 0 ? Long.MAX_VALUE : System.nanoTime() + SECONDS * 1_000_000_000L / 3;
    long files = SECONDS == 0 ? FILES : Long.MAX_VALUE;
    Path file = file(target);
    long done = 0;
    for (; done < files && (SECONDS == 0 || System.nanoTime() < until); done++) {
      byte[] bytes = Mutation.file(seeds, SEED, done);
      Files.deleteIfExists(file); // ext4 flushes what is written over
      Files.write(file, bytes);
      String fault = fault(target, file);
      if (!fault.isEmpty()) {
        faults.putIfAbsent(fault, target.folder() + " " + HexFormat.of().formatHex(bytes));
      }
    }
    System.out.printf("%s: %,d files from seed %d%n", target.folder(), done, SEED);
    assertThat(faults).as("lines for regressions.txt").isEmpty();
    assertThat(done).isPositive();
  }

  private Path file(Target target) throws IOException {
    String folder = System.getProperty("slipway.fuzz.folder");
    Path parent = folder == null ? temp : Files.createDirectories(Path.of(folder));
    return parent.resolve(target.seeds()[0]);
  }

  /** What went wrong, where it went wrong; empty when the file was taken or refused. */
  private static String fault(Target target, Path file) throws IOException {
    long start = System.nanoTime();
    try {
      long unused = target.open(file);
    } catch (SlipwayException e) {
      assertThat(e.getMessage()).isNotBlank();
    } catch (RuntimeException | Error e) {
      StackTraceElement[] trace = e.getStackTrace();
      StringBuilder where = new StringBuilder(e.getClass().getName());
      for (int i = 0; i < Math.min(4, trace.length); i++) {
        where
            .append(" at ")
            .append(trace[i].getClassName())
            .append(':')
            .append(trace[i].getLineNumber());
      }
      return where.append(" (").append(e.getMessage()).append(')').toString();
    }
    long took = System.nanoTime() - start;
    return took > LONGEST ? "took " + took / 1_000_000_000L + " s" : "";
  }
}
