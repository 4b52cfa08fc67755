package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.service.SafetyOptions;
import dev.slipway.cli.service.ServedOptions;
import dev.slipway.cli.service.Service;
import dev.slipway.cli.service.SpeculateOption;
import dev.slipway.platform.server.ServeOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Serves a model: a language model by OpenAI's completions interfaces and a page in the browser, an encoder by"
            + " /v1/embeddings, a cross-encoder by /v1/rerank, a reward model by /v1/score, a model of any other task,"
            + " also a published BERT or RoBERTa with its head, by /v1/predict.")
final class ServeCommand implements Callable<Integer> {
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
    return Service.run(
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
    if (traces == null && (named == null || named.isBlank())) {
      return null;
    }
    URI url = traces != null ? traces : uri(named);
    if (url == null
        || url.getHost() == null
        || !String.valueOf(url.getScheme()).startsWith("http")) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          "the collector of traces is '"
              + (traces != null ? traces : named)
              + "', expected an http or https address",
          "write it as http://localhost:4318");
    }
    return url;
  }

  private static @Nullable URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
