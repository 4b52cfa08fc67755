package dev.slipway.cli.run;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.process.Leftovers;
import dev.slipway.cli.process.Shutdown;
import dev.slipway.plan.MachineProfile;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One process's work on a run: holds its lock, and turns Ctrl-C into a checkpoint and a clean end.
 */
final class RunSession {
  private RunSession() {}

  /**
   * Begins a run in a new folder, whose lock it holds meanwhile. Of one that fails before it has a
   * recipe nothing stays.
   */
  static <T> T begin(Path folder, String command, Supplier<T> work) {
    try (RunLock _ = acquire(folder, command)) {
      Path recipe = folder.resolve("recipe.yaml");
      if (Files.exists(recipe)) {
        throw new SlipwayException(
            Exit.USAGE,
            "run.folder-not-empty",
            folder + " was taken by another run in the meantime",
            "name another with --out");
      }
      try {
        return work.get();
      } catch (RuntimeException e) {
        if (!Files.exists(recipe)) {
          RunFolders.discard(folder.resolve(RunLock.FILE));
          RunFolders.discard(folder);
        }
        throw e;
      }
    }
  }

  /** The lock of a new folder, which is taken away where there is no room for it. */
  private static RunLock acquire(Path folder, String command) {
    try {
      return RunLock.acquire(folder, command);
    } catch (SlipwayException e) {
      if (e.code().equals("file.disk-full")) {
        RunFolders.discard(folder.resolve(RunLock.FILE));
        RunFolders.discard(folder);
      }
      throw e;
    }
  }

  /** Plans a language model's recipe and carries it out in a new folder. */
  static RunOutcome begin(Recipe recipe, Path folder, String command, Display display) {
    return begin(
        folder,
        command,
        () -> {
          Planned planned = Planning.plan(recipe, display);
          planned.write(new RunPaths(folder));
          return carryOut(planned, folder, display);
        });
  }

  /** Goes on with a run. */
  static RunOutcome resume(Path folder, String command, Display display) {
    try (RunLock _ = RunLock.acquire(folder, command)) {
      Planned planned = Planned.read(new RunPaths(folder));
      display.title("Slipway · " + planned.recipe().name() + ", resumed");
      return carryOut(planned, folder, display);
    }
  }

  /** FLOP/s that the machine reaches in matrix products of the recipe's precision. */
  static double peak(Recipe recipe, MachineProfile machine) {
    return 1e9
        * switch (recipe.train().precision().value()) {
          case BF16 -> machine.bf16Gflops();
          case FP32 -> machine.fp32Gflops();
        };
  }

  private static RunOutcome carryOut(Planned planned, Path folder, Display display) {
    Recipe recipe = planned.recipe();
    RunListener listener =
        new RunDisplay(
            display,
            recipe.budget().pricePerHour(),
            planned.forecast().flopsPerToken(),
            "tok",
            peak(recipe, planned.machine()));
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
    return stoppable(
        folder,
        listener,
        (following, stop) ->
            new Pipeline(planned, new RunPaths(folder), following, stop, advice).run());
  }

  /** Work that Ctrl-C ends cleanly. */
  @FunctionalInterface
  interface Stoppable<T> {
    /**
     * @param listener is told of the work
     * @param stop asked between steps of training
     */
    T run(RunListener listener, BooleanSupplier stop);
  }

  /** Does work in a run's folder so that Ctrl-C makes a checkpoint and a clean end. */
  static <T> T stoppable(Path folder, RunListener listener, Stoppable<T> work) {
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
    try {
      RunListener following =
          event -> {
            if (event instanceof RunEvent.PhaseStarted(Phase phase)) {
              training.set(phase == Phase.TRAIN);
            }
            if (stop.get() && !training.get()) {
              throw interrupted(folder, null);
            }
            if (event instanceof RunEvent.PhaseStarted(Phase phase)
                && (phase == Phase.TRAIN || phase == Phase.EVALUATE)) {
              Leftovers.giveBack();
            }
            listener.on(event);
          };
      return work.run(following, stop::get);
    } catch (RuntimeException e) {
      // An interrupt ends a stage by whatever its files or threads throw then.
      if (stop.get()
          && !(e instanceof SlipwayException told && told.code().equals("run.interrupted"))) {
        throw interrupted(folder, e);
      }
      throw e;
    } finally {
      Shutdown.clear();
      // What is closed from here on must not be interrupted.
      var _ = Thread.interrupted();
    }
  }

  private static SlipwayException interrupted(Path folder, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.INTERRUPTED,
        "run.interrupted",
        "stopped; nothing half-written is left",
        "go on with `slipway resume " + folder + "`",
        cause);
  }
}
