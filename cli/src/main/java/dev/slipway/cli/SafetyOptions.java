package dev.slipway.cli;

import dev.slipway.platform.access.Limits;
import dev.slipway.platform.server.Safety;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What protects a service. */
final class SafetyOptions {
  @Option(
      names = "--keys",
      paramLabel = "FILE",
      description =
          "API keys, made with `slipway keys`; without it only this machine can be let in.")
  private @Nullable Path keys;

  @Option(
      names = "--requests-per-minute",
      defaultValue = "0",
      paramLabel = "N",
      description = "What each key may ask for that has no limit of its own; 0 for no limit.")
  private long requests;

  @Option(
      names = "--tokens-per-minute",
      defaultValue = "0",
      paramLabel = "N",
      description = "Likewise, of prompts and answers together.")
  private long tokens;

  @Option(
      names = "--no-tls",
      description =
          "Listen to other machines without TLS, where something before the service has it.")
  private boolean plain;

  Safety safety() {
    return Safety.NONE.withKeys(keys).withLimits(new Limits(requests, tokens)).withPlain(plain);
  }
}
