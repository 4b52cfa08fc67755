package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.run.RunFolders;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.tune.PeftFolder;
import dev.slipway.tune.TunedFolder;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description = "Writes a model and an adapter as one whole model, in Hugging Face layout.")
final class MergeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ADAPTER", description = "An adapter in PEFT's format, or its run.")
  private Path adapter = Path.of("");

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description = "The model that it belongs to (default: the one that the adapter names).")
  private @Nullable Path base;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the merged model.")
  private Path out = Path.of("");

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Path folder = PretrainedPath.folder(adapter);
    Path model = PretrainedPath.whole(base == null ? Path.of(PeftFolder.base(folder)) : base);
    RunFolders.create(out);
    try {
      TunedFolder.merge(model, folder, out);
    } catch (RuntimeException e) {
      RunFolders.discard(out);
      throw e;
    }
    output.print(Json.object().put("model", out.toString()), () -> out + System.lineSeparator());
    return 0;
  }
}
