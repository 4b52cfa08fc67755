package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.plan.MemoryFit;
import dev.slipway.plan.MemoryModel;
import dev.slipway.platform.runs.RunLock;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Pipeline;
import dev.slipway.recipe.run.Planned;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.recipe.run.RunListener;
import dev.slipway.recipe.run.RunOutcome;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.tensor.Engine;
import dev.slipway.train.MemoryAdvice;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * One process's work on a run: holds its lock, and turns Ctrl-C into a checkpoint and a clean end.
 */
final class RunSession {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private RunSession() {}

  /** A folder for a new run, named after its recipe and the time, below the runs' home. */
  static Path newFolder(Path home, Recipe recipe) {
    return home.resolve(recipe.name() + "-" + STAMP.format(LocalDateTime.now()));
  }

  /** Makes the folder of a new run; one that holds something already is refused. */
  static Path create(Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> entries = Files.list(folder)) {
          if (entries.findAny().isPresent()) {
            throw new SlipwayException(
                Exit.USAGE,
                "run.folder-not-empty",
                folder + " is not empty, expected a new or empty folder",
                Files.exists(folder.resolve("recipe.yaml"))
                    ? "go on with it by `slipway resume " + folder + "`, or name another with --out"
                    : "name another with --out");
          }
        }
      }
      return Files.createDirectories(folder);
    } catch (AccessDeniedException e) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "run.no-permission",
          folder + " can't be made: no permission for " + e.getFile(),
          "name a folder that you may write to with --out or --runs",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "run.folder",
          folder + " can't be made (" + e.getMessage() + ")",
          "name another with --out",
          e);
    }
  }

  /** Carries a resolved recipe out in a folder, or goes on with it. */
  static RunOutcome carryOut(Planned planned, Path folder, String command, Display display) {
    Recipe recipe = planned.recipe();
    RunListener listener =
        new RunDisplay(
            display,
            recipe.budget().pricePerHour(),
            planned.forecast().flopsPerToken(),
            1e9
                * switch (recipe.train().precision().value()) {
                  case BF16 -> planned.machine().bf16Gflops();
                  case FP32 -> planned.machine().fp32Gflops();
                });
    MemoryAdvice advice =
        config ->
            MemoryFit.remedy(
                    planned.forecast().shape(),
                    MemoryModel.MEASURED,
                    planned.forecast().tokens(),
                    planned.forecast().memory().total() * 9 / 10)
                .map(remedy -> "set " + remedy.setting())
                .orElse("choose a smaller model.gpt.size");
    Engine.setThreads(recipe.train().threads().value());
    AtomicBoolean stop = new AtomicBoolean();
    Thread worker = Thread.currentThread();
    AtomicBoolean training = new AtomicBoolean();
    // Training ends by itself after a step and a checkpoint; every other phase is interrupted.
    Shutdown.onSignal(
        () -> {
          stop.set(true);
          if (!training.get()) {
            worker.interrupt();
          }
        });
    try (RunLock _ = RunLock.acquire(folder, command)) {
      RunListener following =
          event -> {
            if (event instanceof RunEvent.PhaseStarted(Phase phase)) {
              training.set(phase == Phase.TRAIN);
            }
            if (stop.get() && !training.get()) {
              throw interrupted(folder);
            }
            listener.on(event);
          };
      return new Pipeline(planned, new RunPaths(folder), following, stop::get, advice).run();
    } catch (SlipwayException e) {
      if (stop.get() && e.exit() != Exit.INTERRUPTED) {
        throw interrupted(folder);
      }
      throw e;
    } finally {
      Shutdown.clear();
    }
  }

  private static SlipwayException interrupted(Path folder) {
    return new SlipwayException(
        Exit.INTERRUPTED,
        "run.interrupted",
        "stopped; nothing half-written is left",
        "go on with `slipway resume " + folder + "`");
  }
}
