package dev.slipway.cli.process;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Puts the real standard error back. The launcher starts the JVM with file descriptor 2 going
 * through a filter that drops one warning which the JVM prints before any line of ours, and the
 * real one as descriptor 3.
 */
public final class StandardError {
  private StandardError() {}

  /**
   * {@code dup2(3, 2); close(3)}: from here on native code and the JVM itself write to the real
   * one, too.
   */
  @SuppressWarnings("restricted") // two calls of the C library, with constants
  public static void restore() {
    if (Integer.getInteger("slipway.stderr") == null) {
      return;
    }
    int real = Integer.getInteger("slipway.stderr");
    Linker linker = Linker.nativeLinker();
    try {
      MethodHandle dup2 =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("dup2"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      MethodHandle close =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("close"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int replaced = (int) dup2.invokeExact(real, 2);
      if (replaced == 2) {
        int closed = (int) close.invokeExact(real);
        if (closed != 0) {
          throw new IllegalStateException("descriptor " + real + " could not be closed");
        }
      }
    } catch (Throwable e) { // a method handle declares nothing narrower
      throw new IllegalStateException("standard error could not be put back", e);
    }
    System.setErr(
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
  }
}
