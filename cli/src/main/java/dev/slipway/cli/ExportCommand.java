package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gguf.GgufFileType;
import dev.slipway.model.pretrained.Export;
import dev.slipway.model.pretrained.PretrainedPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Writes a model as a GGUF file, which llama.cpp and what builds on it load.")
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @Option(
      names = "--format",
      defaultValue = "gguf",
      paramLabel = "FORMAT",
      description = "gguf (default: ${DEFAULT-VALUE}).")
  private String format = "gguf";

  @Option(
      names = "--type",
      defaultValue = "f16",
      paramLabel = "TYPE",
      description =
          "How numbers are stored: f32, f16, bf16, q8_0 or q4_k_m (default: ${DEFAULT-VALUE}).")
  private String type = "f16";

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "What to write.")
  private Path out = Path.of("");

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    if (!format.equals("gguf")) {
      throw new SlipwayException(
          Exit.USAGE,
          "export.unknown-format",
          "the format is " + format + ", expected gguf",
          "write --format gguf");
    }
    GgufFileType stored = type();
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

  private GgufFileType type() {
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
