package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Serves a model: a language model by OpenAI's completions interfaces and a page in the browser, an encoder by"
            + " /v1/embeddings, a cross-encoder by /v1/rerank, a reward model by /v1/score, a model of any other task,"
            + " also a published BERT or RoBERTa with its head, by /v1/predict.")
final class ServeCommand implements Callable<Integer> {
  /** Of a request's body where pictures and sounds are sent. */
  private static final int LARGEST_INPUT = 32 << 20;

  @Parameters(paramLabel = "MODEL|RUN", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      paramLabel = "ADDRESS",
      description = "What to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      defaultValue = "8080",
      paramLabel = "N",
      description = "0 takes a free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--queue",
      defaultValue = "64",
      paramLabel = "N",
      description =
          "Requests that may wait; a further one is answered 429 (default: ${DEFAULT-VALUE}).")
  private int queue;

  @Mixin private ServedOptions served = new ServedOptions();

  @Option(
      names = "--feedback",
      paramLabel = "FILE",
      description =
          "Takes ratings and corrections of answers by /v1/feedback into a file of JSON lines, with what was asked.")
  private @Nullable Path feedback;

  @Option(
      names = "--traces",
      paramLabel = "URL",
      description =
          "Where OpenTelemetry's traces go by OTLP over HTTP, such as http://localhost:4318; by default what"
              + " OTEL_EXPORTER_OTLP_ENDPOINT names.")
  private @Nullable URI traces;

  @Mixin private SafetyOptions safety = new SafetyOptions();
  @Mixin private DtypeOption dtype = new DtypeOption();
  @Mixin private SpeculateOption speculate = new SpeculateOption();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws InterruptedException {
    return serve(
        model,
        served,
        dtype,
        speculate,
        ServeOptions.DEFAULT
            .withHost(host)
            .withPort(port)
            .withQueue(queue)
            .withSafety(safety.safety())
            .withFeedback(feedback)
            .withTraces(collector()),
        Display.standard(),
        output);
  }

  private @Nullable URI collector() {
    String named = System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    URI url = traces != null ? traces : named == null || named.isBlank() ? null : URI.create(named);
    if (url != null
        && (url.getHost() == null || !String.valueOf(url.getScheme()).startsWith("http"))) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          "the collector of traces is '" + url + "', expected an http or https address",
          "write it as http://localhost:4318");
    }
    return url;
  }

  /** Serves until the process is told to end, then drains. */
  static int serve(Path folder, String name, ServeOptions options, Display display, Output output)
      throws InterruptedException {
    return serve(
        folder,
        ServedOptions.named(name),
        new DtypeOption(),
        new SpeculateOption(),
        options,
        display,
        output);
  }

  private static int serve(
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
              + " --quantize, --speculate and --feedback",
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
    List<Pages> pages = new ArrayList<>(List.of(new LivePage()));
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
      switch (kind) {
        case TASK -> display.detail("curl    " + predicting(server, folder));
        case ENCODER -> display.detail("curl    " + embedding(server));
        case REWARD -> display.detail("curl    " + scoring(server));
        case CROSS_ENCODER -> display.detail("curl    " + ranking(server));
        case DECODER -> {
          String key = server.sessionKey();
          // Behind the #, which browsers send nowhere.
          display.detail("page    " + server.address() + (key == null ? "" : "/#key=" + key));
          display.detail("curl    " + completing(server, name));
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
    return "curl "
        + server.address()
        + "/v1/score -H 'Content-Type: application/json' -d '{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"},"
        + "{\"role\":\"assistant\",\"content\":\"Hello! How can I help?\"}]}'";
  }

  private static String embedding(ModelServer server) {
    return "curl "
        + server.address()
        + "/v1/embeddings -H 'Content-Type: application/json' -d '{\"input\":\"a ramp for ships\"}'";
  }

  private static String ranking(ModelServer server) {
    return "curl "
        + server.address()
        + "/v1/rerank -H 'Content-Type: application/json' -d '{\"query\":\"where ships are built\","
        + "\"documents\":[\"a recipe for bread\",\"a ramp for ships\"]}'";
  }

  private static String completing(ModelServer server, String name) {
    return "curl "
        + server.address()
        + "/v1/completions -H 'Content-Type: application/json' -d '{\"model\":\""
        + name
        + "\",\"prompt\":\"public static int max(int a, int b) {\",\"max_tokens\":40}'";
  }

  /** With the example of an input that the model's own features give. */
  private static String predicting(ModelServer server, Path folder) {
    return "curl "
        + server.address()
        + "/v1/predict -H 'Content-Type: application/json' -d '"
        + Json.line(Json.object().set("input", TaskFolder.open(folder).example()))
        + "'";
  }
}
