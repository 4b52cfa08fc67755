package dev.slipway.cli.service;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.model.AdaptedModel;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.cli.model.RewardModels;
import dev.slipway.cli.process.Hangup;
import dev.slipway.cli.process.OldGeneration;
import dev.slipway.cli.process.Shutdown;
import dev.slipway.infer.CrossEncoder;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.platform.console.ConsolePage;
import dev.slipway.platform.console.LivePage;
import dev.slipway.platform.engine.CrossEncoderEngine;
import dev.slipway.platform.engine.EncoderEngine;
import dev.slipway.platform.server.ModelServer;
import dev.slipway.platform.server.Pages;
import dev.slipway.platform.server.Servable;
import dev.slipway.platform.server.ServeOptions;
import dev.slipway.task.TaskFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves a folder by what it holds: opens it as the engine of its kind, and tells how to ask it.
 */
public final class Service {
  /** Of a request's body where pictures and sounds are sent. */
  private static final int LARGEST_INPUT = 32 << 20;

  private Service() {}

  /** Serves until the process is told to end, then drains; gives the exit status. */
  public static int run(
      Path folder, String name, ServeOptions options, Display display, Output output)
      throws InterruptedException {
    return run(
        folder,
        ServedOptions.named(name),
        new DtypeOption(),
        new SpeculateOption(),
        options,
        display,
        output);
  }

  /** As above, with all that a command line may say. */
  public static int run(
      Path model,
      ServedOptions served,
      DtypeOption dtype,
      SpeculateOption speculate,
      ServeOptions options,
      Display display,
      Output output)
      throws InterruptedException {
    Path folder = ModelPath.folder(model);
    display.phase("serve");
    display.progress("loading " + folder);
    Kind kind = kind(folder);
    if (kind != Kind.DECODER
        && (!served.isPlain()
            || !(kind == Kind.REWARD ? dtype.isWhole() : dtype.isPlain())
            || speculate.isAsked()
            || options.feedback() != null)) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          folder
              + " is no language model, expected none of --model, --adapter, --adapter-root, --split, --dtype,"
              + " --quantize, --kv-cache-dtype, --kv-cache-tokens, --speculate and --feedback",
          "leave them out");
    }
    Servable servable =
        switch (kind) {
          case TASK ->
              new Servable.Predictor(served.name(model), () -> PredictorEngine.open(folder));
          case ENCODER ->
              new Servable.Encoder(served.name(model), () -> EncoderEngine.open(folder));
          case REWARD ->
              new Servable.RewardModel(
                  served.name(model),
                  () -> RewardModelEngine.open(AdaptedModel.of(model, null), dtype.type()));
          case CROSS_ENCODER ->
              new Servable.CrossEncoder(served.name(model), () -> CrossEncoderEngine.open(folder));
          case DECODER -> served.models(model, dtype, speculate);
        };
    String name = servable.byDefault();
    List<Pages> pages = new ArrayList<>(List.of(new LivePage(kind == Kind.DECODER)));
    if (kind == Kind.DECODER) {
      pages.add(new ConsolePage());
    }
    ServeOptions given = kind == Kind.TASK ? options.withMaxBodyBytes(LARGEST_INPUT) : options;
    try (ModelServer server = ModelServer.start(given, servable, pages)) {
      Shutdown.onSignal(server::stop);
      server.awaitReady();
      OldGeneration.isCollected();
      Hangup.calls(server::reload);
      display.done(name + " answers at " + server.address());
      display.blank();
      String curl =
          "curl    curl "
              + (options.safety().keys() == null ? "" : "-H \"Authorization: Bearer $KEY\" ");
      switch (kind) {
        case TASK -> display.detail(curl + predicting(server, folder));
        case ENCODER -> display.detail(curl + embedding(server));
        case REWARD -> display.detail(curl + scoring(server));
        case CROSS_ENCODER -> display.detail(curl + ranking(server));
        case DECODER -> {
          String key = server.sessionKey();
          // Behind the #, which browsers send nowhere.
          display.detail("page    " + server.address() + (key == null ? "" : "/#key=" + key));
          display.detail(curl + completing(server, name));
        }
      }
      display.detail("stop    Ctrl-C");
      ObjectNode told = Json.object().put("address", server.address().toString());
      told.put("model", name);
      if (server.sessionKey() != null) {
        told.put("key", server.sessionKey());
      }
      output.print(told, () -> "");
      server.awaitStop();
      return 0;
    }
  }

  /** What a folder holds. */
  private enum Kind {
    TASK,
    ENCODER,
    REWARD,
    CROSS_ENCODER,
    DECODER
  }

  private static Kind kind(Path folder) {
    if (TaskFolder.is(folder)) {
      return Kind.TASK;
    }
    // One label is a pair's score, unless the folder says that it is a text's number.
    if (CrossEncoder.is(folder) && !EncoderFolder.saysRegression(folder)) {
      return Kind.CROSS_ENCODER;
    }
    if (TaskFolder.isPublished(folder)) {
      return Kind.TASK;
    }
    if (Files.exists(folder.resolve("modules.json")) || EncoderFolder.isEncoder(folder)) {
      return Kind.ENCODER;
    }
    return RewardModels.is(folder) ? Kind.REWARD : Kind.DECODER;
  }

  private static String scoring(ModelServer server) {
    return server.address()
        + "/v1/score -H 'Content-Type: application/json' -d '{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"},"
        + "{\"role\":\"assistant\",\"content\":\"Hello! How can I help?\"}]}'";
  }

  private static String embedding(ModelServer server) {
    return server.address()
        + "/v1/embeddings -H 'Content-Type: application/json' -d '{\"input\":\"a ramp for ships\"}'";
  }

  private static String ranking(ModelServer server) {
    return server.address()
        + "/v1/rerank -H 'Content-Type: application/json' -d '{\"query\":\"where ships are built\","
        + "\"documents\":[\"a recipe for bread\",\"a ramp for ships\"]}'";
  }

  private static String completing(ModelServer server, String name) {
    return server.address()
        + "/v1/completions -H 'Content-Type: application/json' -d '{\"model\":\""
        + name
        + "\",\"prompt\":\"public static int max(int a, int b) {\",\"max_tokens\":40}'";
  }

  /** With the example of an input that the model's own features give. */
  private static String predicting(ModelServer server, Path folder) {
    return server.address()
        + "/v1/predict -H 'Content-Type: application/json' -d '"
        + Json.line(Json.object().set("input", TaskFolder.open(folder).example()))
        + "'";
  }
}
