package dev.slipway.cli.display;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.EngineUnavailable;
import java.io.PrintStream;
import tools.jackson.databind.node.ObjectNode;

/** How a problem is told: one line for what a person can mend, a stack trace for a bug only. */
public final class Problems {
  private Problems() {}

  /**
   * Tells it on standard error, with {@code json} on standard output, too; gives the exit status.
   */
  public static int tell(Throwable thrown, boolean json) {
    return switch (thrown) {
      case SlipwayException problem -> tell(problem, json);
      case EngineUnavailable engine -> tell(sentence(engine), json);
      case NoClassDefFoundError missing
          when missing.getCause() instanceof ClassNotFoundException absent ->
          tell(
              new SlipwayException(
                  Exit.RESOURCE,
                  "launcher.classes",
                  "the class "
                      + absent.getMessage()
                      + " is in no jar of the class path, expected all that the build fetched",
                  "run `./slipway build`, which fetches what is gone"),
              json);
      case OutOfMemoryError memory ->
          tell(
              new SlipwayException(
                  Exit.RESOURCE,
                  "memory.heap",
                  "the Java heap is full (" + memory.getMessage() + ")",
                  "set SLIPWAY_JAVA_OPTS=-XX:MaxRAMPercentage=60, or use less data"),
              json);
      case RuntimeException memory when Engine.isOutOfMemory(memory) ->
          tell(
              new SlipwayException(
                  Exit.RESOURCE,
                  "memory.tensors",
                  "the tensors did not fit into memory (" + firstLine(memory) + ")",
                  "use a smaller batch, context or model, or close other programs"),
              json);
      default -> {
        Display.endLine(System.err);
        System.err.println(
            "error[bug]: this is a bug in Slipway; please report it with the lines below and the command that you ran");
        thrown.printStackTrace(System.err);
        yield Exit.BUG.status();
      }
    };
  }

  private static SlipwayException sentence(EngineUnavailable engine) {
    String another = "SLIPWAY_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=FOLDER";
    return new SlipwayException(
        Exit.RESOURCE,
        "engine.libraries",
        "the native libraries of libtorch can't be loaded ("
            + engine.getMessage()
            + "), expected those of "
            + EngineUnavailable.platform(),
        switch (engine.reason()) {
          case MISSING ->
              "run `./slipway build -Djavacpp.platform="
                  + EngineUnavailable.platform()
                  + "`, which fetches them";
          case NO_FOLDER ->
              "make .javacpp/cache in your home folder, where they are unpacked, writable, or set "
                  + another;
          case REFUSED ->
              "check that .javacpp/cache in your home folder, where they are unpacked, has 800 MB of room, can be read and may hold programs, delete it if it is damaged, or set "
                  + another;
        },
        engine);
  }

  private static String firstLine(Throwable thrown) {
    return String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
  }

  private static int tell(SlipwayException problem, boolean json) {
    PrintStream err = System.err;
    Display.endLine(err);
    err.println(problem.line());
    problem.details().forEach(line -> err.println("  " + line));
    if (json) {
      ObjectNode error = Json.object();
      ObjectNode body = error.putObject("error");
      body.put("code", problem.code());
      body.put("message", String.valueOf(problem.getMessage()));
      body.put("exit", problem.exit().status());
      if (!problem.details().isEmpty()) {
        problem.details().forEach(body.putArray("details")::add);
      }
      System.out.println(Json.MAPPER.writeValueAsString(error));
    }
    return problem.exit().status();
  }
}
