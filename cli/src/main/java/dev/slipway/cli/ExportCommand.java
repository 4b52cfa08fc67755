package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.cli.model.AdaptedModel;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.cli.run.RunFolders;
import dev.slipway.model.gguf.GgufFileType;
import dev.slipway.model.pretrained.Export;
import dev.slipway.model.pretrained.HuggingFaceFolder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.tune.TunedFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes a model as a GGUF file, which llama.cpp and what builds on it load, or as a folder"
            + " that Hugging Face's libraries open.")
final class ExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder, a run, a GGUF file; for huggingface an adapter as well.")
  private Path model = Path.of("");

  @Option(
      names = "--format",
      defaultValue = "gguf",
      paramLabel = "FORMAT",
      description = "gguf or huggingface (default: ${DEFAULT-VALUE}).")
  private String format = "gguf";

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "How numbers are stored: f32, f16 or bf16; in GGUF also q8_0 or q4_k_m (default: f16 in"
              + " GGUF, else as they are).")
  private @Nullable String type;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "The file, or the folder, to write.")
  private Path out = Path.of("");

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "For huggingface: an adapter in PEFT's format, or its run, to merge.")
  private @Nullable Path adapter;

  @Option(
      names = "--unmerged",
      description = "For huggingface: put the adapter beside the model, in adapter/.")
  private boolean unmerged;

  @Option(
      names = "--max-shard-size",
      defaultValue = "5GB",
      paramLabel = "SIZE",
      description = "For huggingface: the largest file of weights (default: ${DEFAULT-VALUE}).")
  private String maxShardSize = "5GB";

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    return switch (format) {
      case "gguf" -> gguf();
      case "huggingface" -> huggingFace();
      default ->
          throw new SlipwayException(
              Exit.USAGE,
              "export.unknown-format",
              "the format is " + format + ", expected gguf or huggingface",
              "write --format gguf or --format huggingface");
    };
  }

  private int gguf() {
    if (adapter != null || unmerged) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.adapter",
          "a GGUF file is made of a whole model, and --adapter or --unmerged came",
          "merge the adapter first with `slipway merge`");
    }
    GgufFileType stored = type(type == null ? "f16" : type);
    Display display = Display.standard();
    display.phase("export");
    Export.gguf(
        PretrainedPath.whole(model),
        stored,
        ModelPath.name(model),
        out,
        (tensors, all) -> display.progress(tensors + " of " + all + " tensors"));
    long bytes = size(out);
    output.print(
        Json.object()
            .put("file", out.toString())
            .put("type", stored.spelling())
            .put("bytes", bytes),
        () -> out + "  " + stored.spelling() + "  " + Units.bytes(bytes) + "\n");
    return 0;
  }

  private int huggingFace() {
    HuggingFaceFolder.Options options =
        new HuggingFaceFolder.Options(
            type == null ? null : HuggingFaceFolder.type(type), shardBytes());
    AdaptedModel from = AdaptedModel.of(model, adapter);
    if (unmerged && from.adapter() == null) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.missing-file",
          model + " is no adapter, and --unmerged came, expected one to put beside the model",
          "leave --unmerged out, or name one with --adapter");
    }
    RunFolders.create(out);
    Display.standard().phase("export");
    try {
      if (from.adapter() == null) {
        HuggingFaceFolder.write(from.base(), out, options);
      } else {
        TunedFolder.export(from.base(), from.adapter(), out, options, !unmerged);
      }
    } catch (RuntimeException e) {
      RunFolders.discard(out);
      throw e;
    }
    long bytes = 0;
    int files = 0;
    try (Stream<Path> all = Files.walk(out)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        bytes += size(file);
        files++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String told = Json.read(out.resolve("config.json")).path("dtype").asString("");
    int count = files;
    long sum = bytes;
    output.print(
        Json.object()
            .put("folder", out.toString())
            .put("type", told)
            .put("files", files)
            .put("bytes", bytes),
        () -> out + "  " + told + "  " + count + " files, " + Units.bytes(sum) + "\n");
    return 0;
  }

  private long shardBytes() {
    long bytes;
    try {
      bytes = ByteSize.parse(maxShardSize).bytes();
    } catch (IllegalArgumentException e) {
      throw shardSize(e);
    }
    if (bytes == 0) {
      throw shardSize(null);
    }
    return bytes;
  }

  private SlipwayException shardSize(@Nullable Exception cause) {
    return new SlipwayException(
        Exit.USAGE,
        "export.shard-size",
        "--max-shard-size is " + maxShardSize + ", expected a size such as 500MB or 5GB",
        "write a number and a unit",
        cause);
  }

  private static GgufFileType type(String type) {
    for (GgufFileType each : GgufFileType.values()) {
      if (each.spelling().equalsIgnoreCase(type)) {
        return each;
      }
    }
    throw new SlipwayException(
        Exit.USAGE,
        "export.unknown-type",
        "the type is "
            + type
            + ", expected one of "
            + Arrays.stream(GgufFileType.values())
                .map(GgufFileType::spelling)
                .collect(Collectors.joining(", ")),
        "write --type with one of these");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
