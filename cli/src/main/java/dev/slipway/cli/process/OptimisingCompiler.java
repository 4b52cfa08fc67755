package dev.slipway.cli.process;

import dev.slipway.tensor.Engine;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lets the JVM's second compiler give way to the service on Linux, where a thread has a nice value
 * of its own: as a service begins it would take a core for a second to optimise what is run once,
 * and later from tokens. Kernels are machine code of our own there and do not wait for it; where
 * they are not, it is left as it is.
 */
public final class OptimisingCompiler {
  private static final System.Logger LOG = System.getLogger(OptimisingCompiler.class.getName());
  private static final Path TASKS = Path.of("/proc/self/task");

  /** As Linux cuts the names of threads off. */
  private static final String NAME = "C2 CompilerThre";

  private static final int PRIO_PROCESS = 0;
  private static final int NICE = 10;

  private OptimisingCompiler() {}

  @SuppressWarnings("restricted") // a call of the C library, with constants
  public static void yields() {
    if (!Files.isDirectory(TASKS) || !Engine.hasFastBfloat16()) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> address = linker.defaultLookup().find("setpriority");
    if (address.isEmpty()) {
      return;
    }
    MethodHandle call =
        linker.downcallHandle(
            address.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    try {
      for (int thread : threads()) {
        int _ = (int) call.invokeExact(PRIO_PROCESS, thread, NICE); // refused, it is as it was
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the compiler's threads can't be told apart", e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a method handle declares nothing narrower
      throw new IllegalStateException("setpriority failed", e);
    }
  }

  /** The system's numbers of the compiler's threads. */
  static List<Integer> threads() throws IOException {
    try (Stream<Path> tasks = Files.list(TASKS)) {
      return tasks
          .filter(task -> name(task).equals(NAME))
          .map(task -> Integer.parseInt(String.valueOf(task.getFileName())))
          .toList();
    }
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return ""; // it has ended meanwhile
    }
  }
}
