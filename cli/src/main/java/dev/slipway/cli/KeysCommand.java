package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Durations;
import dev.slipway.cli.display.Output;
import dev.slipway.platform.access.ApiKey;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description =
        "API keys of a service: makes, lists and revokes them. A service that runs takes up what changes.")
final class KeysCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out);
    return 0;
  }

  /** Where the keys are. */
  static final class Place {
    @Option(
        names = "--keys",
        defaultValue = "slipway-keys.json",
        paramLabel = "FILE",
        description =
            "The file of keys, which holds their hashes only (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("");

    KeyFile open() {
      return new KeyFile(file);
    }
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a key and prints it, this one time.")
  int create(
      @Parameters(paramLabel = "NAME", description = "Who it is for.") String name,
      @Option(
              names = "--scope",
              split = ",",
              defaultValue = "infer",
              paramLabel = "SCOPE",
              description =
                  "What it may do, of infer, admin and metrics, with commas between (default: ${DEFAULT-VALUE}).")
          List<String> scopes,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              description = "After how long, such as 90d, it opens nothing any more.")
          @Nullable String expires,
      @Option(
              names = "--requests-per-minute",
              defaultValue = "0",
              paramLabel = "N",
              description = "0 for what the service allows every key.")
          long requests,
      @Option(
              names = "--tokens-per-minute",
              defaultValue = "0",
              paramLabel = "N",
              description = "Of prompts and answers together; 0 likewise.")
          long tokens,
      @Mixin Place place,
      @Mixin Output output) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    KeyFile.Created created =
        place
            .open()
            .create(
                name,
                scopes.stream().map(Scope::of).distinct().toList(),
                now,
                expires == null ? null : now.plus(duration(expires)),
                new Limits(requests, tokens));
    output.print(
        Json.object().put("name", name).put("key", created.secret()),
        () -> created.secret() + "\n");
    return 0;
  }

  private static Duration duration(String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          Exit.USAGE,
          "keys.expires",
          "--expires is '" + text + "', expected a time such as 90d, 12h or 30m",
          "give another",
          e);
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Every key: its name, beginning, scopes and state.")
  int list(@Mixin Place place, @Mixin Output output) {
    Instant now = Instant.now();
    List<ApiKey> keys = place.open().read();
    ArrayNode document = Json.array();
    for (ApiKey key : keys) {
      ObjectNode one = (ObjectNode) Json.tree(key);
      one.remove("hash");
      document.add(one.put("status", key.status(now)));
    }
    output.print(document, () -> text(keys, now));
    return 0;
  }

  private static String text(List<ApiKey> keys, Instant now) {
    String line = "%-24s %-16s %-8s %-21s %-21s %-21s %9s %9s%n";
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            line,
            "NAME",
            "KEY",
            "STATUS",
            "SCOPES",
            "CREATED",
            "EXPIRES",
            "REQ/MIN",
            "TOK/MIN"));
    for (ApiKey key : keys) {
      text.append(
          String.format(
              Locale.ROOT,
              line,
              key.name(),
              key.hint() + "…",
              key.status(now),
              String.join(",", key.scopes()),
              key.created(),
              key.expires() == null ? "never" : key.expires(),
              key.requestsPerMinute() == 0 ? "" : key.requestsPerMinute(),
              key.tokensPerMinute() == 0 ? "" : key.tokensPerMinute()));
    }
    return text.toString();
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Takes a key's right away, within a second also where a service runs.")
  int revoke(
      @Parameters(paramLabel = "NAME", description = "Whose key it is.") String name,
      @Mixin Place place,
      @Mixin Output output) {
    place.open().revoke(name, Instant.now().truncatedTo(ChronoUnit.SECONDS));
    output.print(
        Json.object().put("name", name).put("status", "revoked"),
        () -> name + " opens nothing any more\n");
    return 0;
  }
}
