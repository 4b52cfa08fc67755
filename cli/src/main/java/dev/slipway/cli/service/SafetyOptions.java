package dev.slipway.cli.service;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.server.Safety;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What protects a service. */
public final class SafetyOptions {
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

  @Option(
      names = "--tls-cert",
      paramLabel = "PEM",
      description =
          "The service's certificate and those that vouch for it; taken up anew when it changes.")
  private @Nullable Path certificates;

  @Option(names = "--tls-key", paramLabel = "PEM", description = "Its private key.")
  private @Nullable Path key;

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description = "Tells every request and its answer in this file; see `slipway audit verify`.")
  private @Nullable Path audit;

  @Option(
      names = "--audit-content",
      description = "Tells prompts and answers there too, with personal data masked.")
  private boolean content;

  /** What was asked for, after a check that its parts belong together. */
  public Safety safety() {
    if ((certificates == null) != (key == null)) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          "of --tls-cert and --tls-key only one was given",
          "give both, or neither");
    }
    if (content && audit == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          "--audit-content was given without --audit",
          "name the audit log's file with --audit");
    }
    if (keys == null && (requests != 0 || tokens != 0)) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          "a limit a minute was given without --keys, and holds for each key",
          "make keys with `slipway keys create NAME` and give their file with --keys");
    }
    Safety.TlsFiles tls =
        certificates == null || key == null ? null : new Safety.TlsFiles(certificates, key);
    return Safety.NONE
        .withTls(tls)
        .withAudit(audit, content)
        .withKeys(keys)
        .withLimits(new Limits(requests, tokens))
        .withPlain(plain);
  }
}
