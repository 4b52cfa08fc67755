package dev.slipway.train;

import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Kills a training process at random moments, lets it go on each time, and compares its end with
 * that of an undisturbed run: the bytes of the parameters, and every step's loss and learning rate
 * in the events.
 */
final class KillProgram {
  private final Path folder;
  private final long steps;
  private final Random random;
  private final Consumer<String> out;

  /**
   * @param steps of a run
   * @param seed of the moments
   * @param out told how it goes
   */
  KillProgram(Path folder, long steps, long seed, Consumer<String> out) {
    this.folder = folder;
    this.steps = steps;
    this.random = new Random(seed);
    this.out = out;
  }

  /**
   * @return how many of the kills were in runs that ended as the undisturbed one
   */
  int run(int kills) throws IOException, InterruptedException {
    KillRun.prepare(folder.resolve("shards"));
    Path undisturbed = folder.resolve("undisturbed");
    long started = System.nanoTime();
    Process process = start(undisturbed);
    while (process.isAlive() && !Files.exists(undisturbed.resolve("events.jsonl"))) {
      Thread.sleep(5); // another process writes: only looking tells
    }
    double startup = (System.nanoTime() - started) / 1e9;
    finish(process);
    double whole = (System.nanoTime() - started) / 1e9;
    out.accept(
        String.format(Locale.ROOT, "undisturbed: %.1f s, %.1f s of it to start", whole, startup));
    // From before the first step on; short enough that one run bears many kills.
    double shortest = 0.8 * startup;
    double longest = startup + (whole - startup) / 4;
    int done = 0;
    int right = 0;
    for (int run = 1; done < kills; run++) {
      Path disturbed = folder.resolve("run-" + run);
      int killed = disturb(disturbed, kills - done, shortest, longest);
      done += killed;
      boolean same = same(undisturbed, disturbed);
      right += same ? killed : 0;
      out.accept(
          "run " + run + ": killed " + killed + " times, " + (same ? "same bytes" : "DIFFERENT"));
    }
    return right;
  }

  private int disturb(Path run, int most, double shortest, double longest)
      throws IOException, InterruptedException {
    int killed = 0;
    while (killed < most) {
      Process process = start(run);
      long pause = (long) (1000 * (shortest + (longest - shortest) * random.nextDouble()));
      if (process.waitFor(pause, TimeUnit.MILLISECONDS)) {
        finish(process);
        return killed;
      }
      process.destroyForcibly().waitFor();
      killed++;
    }
    finish(start(run));
    return killed;
  }

  private Process start(Path run) throws IOException {
    Files.createDirectories(run);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The same JVM flags as this one's, so that modules and native libraries are found alike.
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--add-modules")
          || flag.startsWith("--enable-native-access")
          || flag.startsWith("-Dorg.bytedeco")) {
        command.add(flag);
      }
    }
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-cp",
            classPath(),
            KillRun.class.getName(),
            folder.resolve("shards").toString(),
            run.toString(),
            Long.toString(steps)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(run.resolve("log.txt").toFile()))
        .start();
  }

  /** Surefire starts this JVM with one jar that names the rest in a property. */
  private static String classPath() {
    return System.getProperty(
        "surefire.test.class.path", System.getProperty("java.class.path") + File.pathSeparator);
  }

  private void finish(Process process) throws InterruptedException {
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "the run ended with "
              + process.exitValue()
              + "; its words are in log.txt under "
              + folder);
    }
  }

  private static boolean same(Path one, Path other) throws IOException {
    return Hashing.sha256(one.resolve("final.bin"))
            .equals(Hashing.sha256(other.resolve("final.bin")))
        && steps(one).equals(steps(other));
  }

  private static List<String> steps(Path run) throws IOException {
    return Files.readAllLines(run.resolve("events.jsonl")).stream()
        .map(line -> Json.parse(line, "events.jsonl"))
        .filter(event -> List.of("step", "evaluated").contains(event.get("event").asString()))
        .map(KillProgram::essence)
        .toList();
  }

  private static String essence(JsonNode event) {
    return event.get("event")
        + " "
        + event.get("step")
        + " "
        + event.get("loss")
        + " "
        + event.path("learning_rate")
        + " "
        + event.path("grad_norm")
        + " "
        + event.path("total_targets");
  }
}
