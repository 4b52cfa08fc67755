package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.platform.audit.AuditVerifier;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Looks after the audit log that `serve --audit` writes.")
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out);
    return 0;
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description =
          "Tells whether a log is as it was written, and if not, the first line that is wrong.")
  int verify(
      @Parameters(paramLabel = "FILE", description = "The log.") Path file,
      @Option(
              names = "--anchor",
              paramLabel = "HASH",
              description =
                  "The hash of a line that was noted elsewhere: shows whether the end was cut off, where the file FILE.anchor"
                      + " was, too.")
          @Nullable String anchor,
      @Mixin Output output) {
    AuditVerifier.Intact intact = AuditVerifier.verify(file, anchor);
    output.print(
        Json.object()
            .put("lines", intact.lines())
            .put("head", intact.head())
            .put("torn_bytes", intact.tornBytes()),
        () ->
            intact.lines()
                + " lines, as they were written; the last has the hash "
                + intact.head()
                + "\n"
                + (intact.tornBytes() == 0
                    ? ""
                    : "behind it are "
                        + intact.tornBytes()
                        + " bytes of a line that is being written, or was when its process was"
                        + " killed\n"));
    return 0;
  }
}
